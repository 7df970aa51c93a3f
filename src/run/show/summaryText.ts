/** A whole run as text: where it comes from, its models, what they need, their motifs, and how they differ. */
import { count, counted, fixed, moment, percent } from '../../base/format.ts'
import type { ComparisonFacts, ModelFacts, SequenceFacts } from '../../report/reportData.ts'
import { reachSentences } from '../../report/reachFacts.ts'
import type { Sheet } from '../../terminal/sheet.ts'
import type { FalsePositives } from './falsePositives.ts'
import { modelsTable, motifRows, motifsTable } from './modelText.ts'
import { motifSetText } from './motifColours.ts'
import type { Shown } from './openShown.ts'

/** Sets told of each model in the summary. */
const setsTold = 3

export function summaryText(
  sheet: Sheet,
  { path, data, stale }: Pick<Shown, 'path' | 'data' | 'stale'>,
  falsePositives: readonly FalsePositives[],
  limit: number,
): void {
  const { run, sequences, models, comparison } = data
  sheet.heading(run.title)
  sheet.facts([
    ['data', run.dataSet],
    ['sequences', sequencesText(sequences)],
    ['finished', moment(run.finished)],
    ['state', stale === undefined ? 'up to date' : 'out of date'],
    ['directory', path],
  ])
  if (stale !== undefined) sheet.warning(stale)
  sheet.heading('Models')
  modelsTable(sheet, models, falsePositives)
  decisions(sheet, models)
  reachText(sheet, models)
  for (const model of models) motifsTable(sheet, model, limit)
  if (comparison !== undefined) comparisonText(sheet, comparison, models, limit)
  sheet.blank()
  sheet.quiet(
    `More: sis show ${path} --model NAME, --motif NAME, --sequence NAME; the page: ${path}/report.html`,
  )
}

function reachText(sheet: Sheet, models: readonly ModelFacts[]): void {
  const tried = models.flatMap(({ name, reach }) =>
    reach === undefined ? [] : [reachSentences(name, reach)],
  )
  if (tried.length === 0) return
  sheet.heading('How far sufficiency reaches')
  for (const sentences of tried) sheet.paragraph(sentences.join(' '))
}

function sequencesText({ groups, shortest, longest }: SequenceFacts): string {
  const splits = new Map<string, number>()
  for (const { split, count: n } of groups) splits.set(split, (splits.get(split) ?? 0) + n)
  const length = shortest === longest ? counted(longest, 'base') : `${shortest} to ${longest} bases`
  return `${[...splits].map(([split, n]) => `${count(n)} ${split}`).join(', ')}; ${length}`
}

function decisions(sheet: Sheet, models: readonly ModelFacts[]): void {
  const told = models.filter(({ logic }) => logic !== undefined)
  if (told.length === 0) return
  sheet.heading('What the decisions rest on')
  for (const { logic, subsets } of told) {
    sheet.paragraph(logic!.summary)
    if (logic!.view === 'positions' || subsets.stored === 0) continue
    for (const { motifs, sis } of logic!.sets.slice(0, setsTold)) {
      sheet.paragraph(`  ${motifSetText(motifs)}: ${count(sis)} SIS, ${percent(sis, logic!.sis)}`, '    ')
    }
    for (const { motifs, pairs, gapLeast, gapMost, spacing } of logic!.pairs.slice(0, setsTold)) {
      const [a, b] = motifs
      sheet.paragraph(
        `  ${a.label} … ${b.label}: ${counted(pairs, 'pair')}, ${fixed(gapLeast, 0)} to ${fixed(gapMost, 0)} bases between, spacing ${spacing}`,
        '    ',
      )
    }
  }
}

function comparisonText(
  sheet: Sheet,
  { clustering, crossSufficiency, overlaps }: ComparisonFacts,
  models: readonly ModelFacts[],
  limit: number,
): void {
  const name = (id: number): string => models.find(({ modelId }) => modelId === id)!.name
  if (clustering !== undefined && clustering.motifs.length > 0) {
    sheet.heading('Motifs of all models together')
    motifRows(
      sheet,
      clustering.motifs,
      models.map((model) => model.name),
      ({ shares }) =>
        shares.map(({ sis }, i) =>
          models[i]!.subsets.stored === 0 ? '–' : percent(sis, models[i]!.subsets.stored),
        ),
      limit,
    )
  }
  const crossed = crossSufficiency.filter(({ modelId, otherModelId }) => modelId !== otherModelId)
  if (crossed.length > 0) {
    sheet.heading('Are the SIS of one enough for the other?')
    sheet.table({
      names: ['SIS of', 'enough for', 'SIS', 'share'],
      numeric: ['SIS', 'share'],
      rows: crossed.map(({ modelId, otherModelId, sufficient, tested }) => [
        name(modelId),
        name(otherModelId),
        tested === 0 ? '–' : `${count(sufficient)} of ${count(tested)}`,
        percent(sufficient, tested),
      ]),
    })
  }
  const met = overlaps.filter(({ sequences }) => sequences > 0)
  if (met.length > 0) {
    sheet.heading('Do they look at the same bases?')
    sheet.table({
      names: ['models', 'sequences', 'mean Jaccard index', 'median'],
      numeric: ['sequences', 'mean Jaccard index', 'median'],
      rows: met.map(({ modelId, otherModelId, sequences, mean, median }) => [
        `${name(modelId)}, ${name(otherModelId)}`,
        count(sequences),
        fixed(mean, 2),
        fixed(median, 2),
      ]),
    })
  }
}
