/** What a run says of its models, as text: the table of all, and one with its motifs, sets and pairs. */
import { count, counted, fixed, percent, score, shortenRuns, significance } from '../../base/format.ts'
import { lineLogo } from '../../motif/textLogo.ts'
import { medianOf, thresholdText } from '../../report/headlines.ts'
import type { LogicFacts } from '../../report/logicFacts.ts'
import { reachSentences } from '../../report/reachFacts.ts'
import { noSisReason } from '../../report/parts.ts'
import type { ModelFacts, MotifFacts, RunFacts } from '../../report/reportData.ts'
import { paintBases } from '../../terminal/palette.ts'
import type { Sheet } from '../../terminal/sheet.ts'
import { skillWarning } from '../../train/chance.ts'
import type { FalsePositives } from './falsePositives.ts'
import { motifSetText } from './motifColours.ts'

/** Columns of a logo in a table. */
const logoColumns = 28

export function modelsTable(
  sheet: Sheet,
  models: readonly ModelFacts[],
  falsePositives: readonly FalsePositives[],
): void {
  sheet.table({
    names: ['model', 'auROC', 'τ', 'SIS', 'sequences', 'bases', 'false positives'],
    numeric: ['auROC', 'τ', 'SIS', 'sequences', 'bases', 'false positives'],
    rows: models.map((model) => [
      model.name,
      fixed(aurocOf(model)),
      score(model.threshold),
      count(model.subsets.stored),
      count(model.subsets.explained),
      fixed(medianOf(model.subsets.sizes), 0),
      falsePositivesText(model, falsePositives),
    ]),
  })
  for (const model of models) warn(sheet, model)
}

function aurocOf({ metrics }: ModelFacts): number {
  return metrics.find(({ split }) => split === 'test')?.auroc ?? Number.NaN
}

function falsePositivesText({ modelId }: ModelFacts, all: readonly FalsePositives[]): string {
  const found = all.find((one) => one.modelId === modelId)
  return found === undefined ? '–' : `${count(found.negative)} (${percent(found.negative, found.labelled)})`
}

function warn(sheet: Sheet, { name, skill, subsets }: ModelFacts): void {
  const warning = skill === undefined ? undefined : skillWarning(skill)
  if (warning !== undefined) sheet.warning(`${name} ${warning}.`)
  if (subsets.stored === 0) sheet.paragraph(`${name} has no explained sequence: ${noSisReason(subsets)}.`)
}

/** All that is known of one. */
export function modelText(
  sheet: Sheet,
  model: ModelFacts,
  run: RunFacts,
  falsePositives: readonly FalsePositives[],
  limit: number,
): void {
  const { name, architecture, parameters, outputName, direction, background, scoreMasked, subsets } = model
  sheet.heading(name)
  sheet.facts([
    ['network', `${architecture}${parameters === null ? '' : `, ${counted(parameters, 'parameter')}`}`],
    ['output', outputName],
    ['decision', `score ${direction === '>=' ? '≥' : '≤'} ${thresholdText(model, run.quantileSplit)}`],
    [
      'background',
      `${background.map((share) => fixed(share, 2)).join(' ')}; all masked scores ${score(scoreMasked)}`,
    ],
    ...model.metrics
      .filter(({ auroc }) => auroc !== null)
      .map(({ split, auroc, auprc }) => [split, `auROC ${fixed(auroc)}, auPRC ${fixed(auprc)}`] as const),
    [
      'SIS',
      `${count(subsets.stored)} in ${counted(subsets.explained, 'sequence')}, median ${fixed(medianOf(subsets.sizes), 0)} bases; ${count(subsets.certified)} certified, ${count(subsets.recomputed)} recomputed`,
    ],
    ['false positives', falsePositivesText(model, falsePositives)],
    ...(model.truth === undefined
      ? []
      : [
          [
            'planted sites',
            `precision ${fixed(model.truth.precision, 2)}, recall ${fixed(model.truth.recall, 2)}, F1 ${fixed(model.truth.f1, 2)}`,
          ] as const,
        ]),
  ])
  if (model.reach !== undefined) {
    for (const sentence of reachSentences(name, model.reach)) sheet.paragraph(sentence)
  }
  warn(sheet, model)
  if (model.logic !== undefined) logicText(sheet, model.logic, limit)
  motifsTable(sheet, model, limit)
}

export function motifsTable(sheet: Sheet, { name, clustering, subsets }: ModelFacts, limit: number): void {
  if (clustering === undefined || subsets.stored === 0) return
  const { motifs } = clustering
  sheet.heading(`Motifs of ${name}`)
  if (motifs.length === 0) {
    sheet.paragraph('No parts of its SIS are alike enough to form a motif.')
    return
  }
  motifRows(sheet, motifs, ['share of SIS'], (motif) => [percent(motif.sis, subsets.stored)], limit)
}

/** Two lines a motif: letters and bars of the sites' logo. */
export function motifRows<Motif extends MotifFacts>(
  sheet: Sheet,
  motifs: readonly Motif[],
  shareNames: readonly string[],
  shares: (motif: Motif) => readonly string[],
  limit: number,
): void {
  const shown = motifs.slice(0, limit)
  const names = ['motif', 'known as', 'q', 'SIS', ...shareNames, 'sites']
  sheet.table({
    names,
    numeric: ['q', 'SIS', ...shareNames],
    rows: shown.flatMap((motif) => {
      const logo = lineLogo(motif.sitePpm, logoColumns)
      const cells = [motif.name, knownAs(motif), qOf(motif), count(motif.sis), ...shares(motif)]
      return [
        [...cells, logo.letters],
        [...cells.map(() => ''), logo.bars],
      ]
    }),
    paint: (cell, column) => (column === 'sites' ? paintBases(cell, sheet.paint) : cell),
  })
  if (motifs.length > shown.length) {
    sheet.quiet(`${counted(motifs.length - shown.length, 'smaller motif')} not shown (--limit).`)
  }
}

function knownAs({ naming, match }: MotifFacts): string {
  if (match === undefined) return '–'
  if (naming === 'vague') return 'too vague'
  return naming === 'named' ? match.targetName || match.targetId : '–'
}

function qOf({ naming, match }: MotifFacts): string {
  return match === undefined || naming !== 'named' ? '' : significance(match.qValue)
}

function logicText(sheet: Sheet, logic: LogicFacts, limit: number): void {
  sheet.heading('What the decision rests on')
  sheet.paragraph(logic.summary)
  if (logic.view === 'positions' || logic.sets.length === 0) return
  sheet.heading('Motifs that one SIS has together')
  sheet.table({
    names: ['motif set', 'SIS', 'share', 'nothing else'],
    numeric: ['SIS', 'share', 'nothing else'],
    rows: logic.sets
      .slice(0, limit)
      .map(({ motifs, sis, complete }) => [
        motifSetText(motifs),
        count(sis),
        percent(sis, logic.sis),
        percent(complete, sis),
      ]),
  })
  more(sheet, logic.setCount - Math.min(limit, logic.sets.length), 'set')
  if (logic.pairs.length === 0) return
  sheet.heading('Pairs of motifs in one SIS')
  sheet.table({
    names: ['pair', 'pairs', 'bases between', 'spacing', 'order', 'alone', 'both'],
    numeric: ['pairs', 'both'],
    rows: logic.pairs
      .slice(0, limit)
      .map((pair) => [
        pair.motifs.map(({ label }) => label).join(' … '),
        count(pair.pairs),
        `${fixed(pair.gapLeast, 0)} to ${fixed(pair.gapMost, 0)}, median ${fixed(pair.gapMedian, 0)}`,
        pair.spacing,
        `${pair.arrangement} p ${significance(pair.arrangementP)}`,
        `${score(pair.scores.a.median)}, ${score(pair.scores.b.median)}`,
        score(pair.scores.both.median),
      ]),
  })
  more(sheet, logic.pairCount - Math.min(limit, logic.pairs.length), 'pair')
}

function more(sheet: Sheet, hidden: number, noun: string): void {
  if (hidden > 0) sheet.quiet(`${counted(hidden, `more ${noun}`)} in the database (sis query).`)
}

/** What a motif is called beside its own name. */
export function calledText({ name, label, siteConsensus }: MotifFacts): string {
  return label === name ? shortenRuns(siteConsensus) : label
}
