/** Rows of the scorecard: what a method is worth over all sequences, from what it is worth in each. */
import { medianOf, quantileOf } from '../../base/quantiles.ts'
import type { Row } from '../../store/tables.ts'

/** What the scores of the sequences do not tell of a method. */
export interface MethodFacts {
  readonly targetId: string | null
  readonly seedCorrelation: number | null
  /** Largest absolute one. */
  readonly incompleteness: number | null
  /** Of each sequence. */
  readonly seconds: readonly number[]
}

/** @param scores of one model and method, not empty */
export function scorecardRow(
  scores: readonly Row<'attribution_scores'>[],
  { targetId, seedCorrelation, incompleteness, seconds }: MethodFacts,
): Row<'scorecard'> {
  const { model_id, method } = scores[0]!
  // A sequence for which no top is enough has a longer one than any.
  const lengths = scores.map(({ sufficient_length: length }) => length ?? Infinity)
  const quartile = (share: number): number | null => {
    const value = quantileOf(lengths, share)
    return Number.isFinite(value) ? value : null
  }
  const planted = scores.filter((row) => row.planted !== null)
  const sum = (column: 'planted' | 'chosen' | 'hits'): number =>
    planted.reduce((total, row) => total + row[column]!, 0)
  const [meant, chosen, hits] = [sum('planted'), sum('chosen'), sum('hits')]
  const known = planted.length > 0
  return {
    model_id,
    method,
    sequences: scores.length,
    sufficient_q1: quartile(0.25),
    sufficient_median: quartile(0.5),
    sufficient_q3: quartile(0.75),
    never: share(scores, (row) => row.sufficient_length === null),
    kept_score: medianOf(scores.map((row) => row.kept_score)),
    kept_share: share(scores, (row) => row.kept_holds),
    insertion_area: meanOf(scores, 'insertion_area'),
    deletion_area: meanOf(scores, 'deletion_area'),
    planted_sequences: planted.length,
    precision: known && chosen > 0 ? hits / chosen : null,
    recall: known ? hits / meant : null,
    f1: known ? (2 * hits) / (chosen + meant) : null,
    average_precision: meanOf(planted, 'average_precision'),
    target_id: targetId,
    divergence_sufficient: medianIn(scores, 'divergence_sufficient'),
    divergence_sufficient_both: medianIn(scores, 'divergence_sufficient_both'),
    divergence_equal: medianIn(scores, 'divergence_equal'),
    divergence_equal_both: medianIn(scores, 'divergence_equal_both'),
    seed_correlation: seedCorrelation,
    incompleteness,
    seconds: seconds.length === 0 ? null : medianOf(seconds),
  }
}

type Scores = readonly Row<'attribution_scores'>[]
type NumberColumn = {
  [K in keyof Row<'attribution_scores'>]: Row<'attribution_scores'>[K] extends number | null ? K : never
}[keyof Row<'attribution_scores'>]

function share(rows: Scores, holds: (row: Scores[number]) => boolean): number {
  return rows.filter(holds).length / rows.length
}

function valuesIn(rows: Scores, column: NumberColumn): number[] {
  return rows.map((row) => row[column]).filter((value) => value !== null)
}

function medianIn(rows: Scores, column: NumberColumn): number | null {
  const values = valuesIn(rows, column)
  return values.length === 0 ? null : medianOf(values)
}

function meanOf(rows: Scores, column: NumberColumn): number | null {
  const values = valuesIn(rows, column)
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
