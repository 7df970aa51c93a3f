/** The run's findings, a sentence each, for the summary. Plain text. */
import { skillWarning } from '../train/chance.ts'
import { counted, count, fixed, percent, score, shortenRuns } from '../base/format.ts'
import { nameClause } from '../motif/naming.ts'
import { noSisReason } from './parts.ts'
import type { ComparisonFacts, ModelFacts, ReportData } from './reportData.ts'

/** With many models, only the most striking pairs are told. */
const pairsTold = 4

export function headlines({ models, comparison }: ReportData): string[] {
  return [
    ...models.map(explainedSentence),
    ...models.flatMap(motifSentence),
    ...(comparison === undefined ? [] : comparisonSentences(comparison, models)),
    ...models.flatMap(truthSentence),
  ]
}

/** How τ was chosen, e.g. "τ = 0.93, the 0.9 quantile of the predictions of the test split". */
export function thresholdText(model: ModelFacts, quantileSplit: string): string {
  const value = `τ = ${score(model.threshold)}`
  if (model.quantile === null) return `${value}, as given`
  const of = quantileSplit === 'all' ? 'all predictions' : `the predictions of the ${quantileSplit} split`
  return `${value}, the ${model.quantile} quantile of ${of}`
}

/** Of a distribution given as counts by value. */
export function medianOf(counts: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0)
  let seen = 0
  for (const [value, n] of counts.entries()) {
    seen += n
    if (seen * 2 >= total && n > 0) return value
  }
  return Number.NaN
}

function explainedSentence({ name, subsets, metrics, skill }: ModelFacts): string {
  const test = metrics.find(({ split }) => split === 'test')
  const quality = test?.auroc == null ? '' : ` (test auROC ${fixed(test.auroc)})`
  const warning = skill === undefined || subsets.stored === 0 ? undefined : skillWarning(skill)
  if (subsets.stored === 0) return `${name}${quality} has no explained sequence: ${noSisReason(subsets)}.`
  return `${name}${quality}: ${counted(subsets.stored, 'SIS', 'SIS')} explain ${counted(subsets.explained, 'sequence')}; the median SIS keeps ${counted(medianOf(subsets.sizes), 'base')}.${warning === undefined ? '' : ` ${name} ${warning}.`}`
}

function motifSentence({ name, subsets, clustering }: ModelFacts): string[] {
  if (clustering === undefined || subsets.stored === 0) return []
  const largest = clustering.motifs[0]
  if (largest === undefined) return [`The SIS of ${name} form no cluster.`]
  const which = `${name}’s largest motif, ${shortenRuns(largest.consensus)} (${count(largest.size)} of ${count(clustering.parts)} parts)`
  return [`${which}, ${nameClause(largest)}.`]
}

function comparisonSentences(comparison: ComparisonFacts, models: readonly ModelFacts[]): string[] {
  const name = (modelId: number): string => models.find((model) => model.modelId === modelId)!.name
  const crossed = comparison.crossSufficiency
    .filter(({ modelId, otherModelId, tested }) => modelId !== otherModelId && tested > 0)
    .toSorted((a, b) => a.sufficient / a.tested - b.sufficient / b.tested)
    .slice(0, pairsTold)
    .map(
      ({ modelId, otherModelId, tested, sufficient }) =>
        `${percent(tested - sufficient, tested)} of ${name(modelId)}’s SIS are not sufficient for ${name(otherModelId)}.`,
    )
  const overlapping = comparison.overlaps
    .filter(({ sequences }) => sequences > 0)
    .toSorted((a, b) => a.mean - b.mean)
    .slice(0, pairsTold)
    .map(
      ({ modelId, otherModelId, sequences, mean }) =>
        `Where ${name(modelId)} and ${name(otherModelId)} both explain a sequence (${count(sequences)}), their SIS positions overlap with a mean Jaccard index of ${fixed(mean, 2)}.`,
    )
  return [...crossed, ...overlapping]
}

function truthSentence({ name, truth }: ModelFacts): string[] {
  if (truth === undefined) return []
  return [
    `Against the planted sites, ${name}’s SIS positions score F1 ${fixed(truth.f1, 2)} (precision ${fixed(truth.precision, 2)}, recall ${fixed(truth.recall, 2)}).`,
  ]
}
