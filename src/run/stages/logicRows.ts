/** What the parts of a model's SIS make together, as rows of the tables that hold it. */
import { medianOf } from '../../base/quantiles.ts'
import type { ModelLogic, MotifPair } from '../../logic/logicOfModel.ts'
import { setText, type ScoredPair } from '../../logic/summary.ts'
import type { Row, TableName } from '../../store/tables.ts'

type LogicTable = Extract<
  TableName,
  | 'model_logic'
  | 'part_scores'
  | 'motif_sets'
  | 'sis_sets'
  | 'motif_alternatives'
  | 'motif_pairs'
  | 'part_pairs'
  | 'pair_distances'
  | 'position_clusters'
  | 'position_profiles'
>

export const logicTables: readonly LogicTable[] = [
  'model_logic',
  'part_scores',
  'motif_sets',
  'sis_sets',
  'motif_alternatives',
  'motif_pairs',
  'part_pairs',
  'pair_distances',
  'position_clusters',
  'position_profiles',
]

export type LogicRows = { readonly [T in LogicTable]: Row<T>[] }

export function noLogicRows(): LogicRows {
  return {
    model_logic: [],
    part_scores: [],
    motif_sets: [],
    sis_sets: [],
    motif_alternatives: [],
    motif_pairs: [],
    part_pairs: [],
    pair_distances: [],
    position_clusters: [],
    position_profiles: [],
  }
}

export type PartRow = Row<'sis_parts'>

/** An SIS with its parts, from left to right. */
export interface PartedRows {
  readonly model_id: number
  readonly sequence_id: number
  readonly rank: number
  readonly parts: readonly PartRow[]
}

/** What names motifs: their own names, and those of the factors that they look like. */
export interface MotifNames {
  readonly nameOf: (motif: number) => string
  readonly labelOf: (motif: number) => string
}

/** Adds the sets of a model's SIS, and which of them stand for each other. */
export function addSets(
  rows: LogicRows,
  modelId: number,
  sis: readonly PartedRows[],
  logic: ModelLogic,
  { nameOf, labelOf }: MotifNames,
): void {
  const first = rows.motif_sets.length
  for (const { motifs, sis: count, share, sequences, complete } of logic.sets) {
    rows.motif_sets.push({
      set_id: rows.motif_sets.length,
      model_id: modelId,
      name: motifs.map(nameOf).join(' + '),
      label: motifs.length === 0 ? 'no motif' : setText(motifs.map(labelOf)),
      motifs,
      sis: count,
      share,
      sequences,
      complete,
    })
  }
  for (const [i, { model_id, sequence_id, rank, parts }] of sis.entries()) {
    rows.sis_sets.push({
      model_id,
      sequence_id,
      rank,
      set_id: first + logic.setOf[i]!,
      single_bases: parts.filter(({ size }) => size === 1).length,
      parts_in_no_motif: parts.filter(({ size, motif_id }) => size > 1 && motif_id === null).length,
    })
  }
  const explained = new Set(sis.map(({ sequence_id }) => sequence_id)).size
  for (const [alternative_id, { sets, sequences }] of logic.alternatives.entries()) {
    rows.motif_alternatives.push({
      model_id: modelId,
      alternative_id,
      sets: sets.map((set) => first + set),
      name: sets.map((set) => rows.motif_sets[first + set]!.label).join(' OR '),
      sequences,
      share: sequences / explained,
    })
  }
}

/**
 * Adds a pair of motifs and all its instances.
 * @param scores of both parts of each instance, all else masked
 */
export function addPair(
  rows: LogicRows,
  modelId: number,
  sis: readonly PartedRows[],
  pair: ScoredPair,
  scores: readonly number[],
): void {
  const pair_id = rows.motif_pairs.length
  const { motifs, instances, sequences, spacing } = pair
  const frequent = spacing.distances.reduce((best, other) => (other.observed > best.observed ? other : best))
  rows.motif_pairs.push({
    pair_id,
    model_id: modelId,
    motif_a: motifs[0],
    motif_b: motifs[1],
    pairs: instances.length,
    sequences,
    gap_least: spacing.distances[0]!.gap,
    gap_median: spacing.median,
    gap_most: spacing.distances.at(-1)!.gap,
    spacing: spacing.kind,
    spacing_gap: spacing.preferred[0]?.gap ?? null,
    spacing_p: frequent.pValue,
    period_p: spacing.periodPValue,
    close_p: spacing.closePValue,
    arrangement: pair.arrangement,
    arrangement_share: pair.arrangementShare,
    arrangement_p: pair.arrangementPValue,
    score_a: pair.scores.a,
    score_b: pair.scores.b,
    score_pair: pair.scores.pair,
    gain: pair.scores.gain,
  })
  for (const [i, { sis: index, part, otherPart, gap, arrangement }] of instances.entries()) {
    const { model_id, sequence_id, rank } = sis[index]!
    const of = { model_id, sequence_id, rank, part, other_part: otherPart, pair_id }
    rows.part_pairs.push({ ...of, gap, arrangement, score_pair: scores[i]! })
  }
  for (const { gap, observed, expected, pValue } of spacing.distances) {
    rows.pair_distances.push({ pair_id, gap, observed, expected, p_value: pValue })
  }
}

/** @returns the pair with the medians of its scores */
export function scoredPair(
  pair: MotifPair,
  scores: readonly { readonly a: number; readonly b: number; readonly pair: number }[],
  sign: 1 | -1,
): ScoredPair {
  return {
    ...pair,
    scores: {
      a: medianOf(scores.map(({ a }) => a)),
      b: medianOf(scores.map(({ b }) => b)),
      pair: medianOf(scores.map((one) => one.pair)),
      gain: medianOf(scores.map((one) => sign * one.pair - Math.max(sign * one.a, sign * one.b))),
    },
  }
}
