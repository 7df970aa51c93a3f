/** How far two models look at the same bases: overlap of their SIS positions in the sequences that both explain. */
import { ascending, countIn, unionPositions, type SisPositions } from './rows.ts'

export interface SisOverlap {
  readonly sequence_id: number
  readonly model_id: number
  /** model_id < other_model_id. */
  readonly other_model_id: number
  /** Positions in the union of the model's SIS. */
  readonly positions: number
  readonly other_positions: number
  readonly shared: number
  /** shared / positions in either, in [0, 1]. */
  readonly jaccard: number
}

/**
 * One row for each pair of models and each sequence that both explain by an SIS that is not vacuous.
 * @returns by sequence, then models, ascending
 */
export function sisOverlaps(sis: Iterable<SisPositions>): SisOverlap[] {
  const unions = unionPositions(sis)
  const models = ascending(unions.keys())
  const overlaps: SisOverlap[] = []
  for (const [i, model_id] of models.entries()) {
    for (const other_model_id of models.slice(i + 1)) {
      for (const [sequence_id, kept] of unions.get(model_id)!) {
        const otherKept = unions.get(other_model_id)!.get(sequence_id)
        if (otherKept === undefined) continue
        const shared = countIn(kept, otherKept)
        overlaps.push({
          sequence_id,
          model_id,
          other_model_id,
          positions: kept.size,
          other_positions: otherKept.size,
          shared,
          jaccard: shared / (kept.size + otherKept.size - shared),
        })
      }
    }
  }
  return overlaps.sort(
    (a, b) => a.sequence_id - b.sequence_id || a.model_id - b.model_id || a.other_model_id - b.other_model_id,
  )
}
