/** How many SIS each model has, and how long they are. */
import { medianOf } from '../base/quantiles.ts'
import { ascending, valueOf, type SisPositions } from './rows.ts'

export interface SisCounts {
  readonly model_id: number
  /** Sequences with at least one SIS that keeps a base. */
  readonly sequences: number
  readonly sis: number
  /** Sequences whose SIS is empty: all masked already gives the decision. They count nowhere else. */
  readonly decided_by_background: number
  readonly mean_size: number
  readonly median_size: number
  /** Sequences by how many SIS they have: [1] of them with one SIS, [2] with two, … */
  readonly by_count: readonly number[]
  /** SIS by length: [k] of them keep k bases. */
  readonly by_size: readonly number[]
}

/** @returns by model, ascending; mean and median are NaN where every SIS is empty */
export function sisCounts(sis: Iterable<SisPositions>): SisCounts[] {
  const models = new Map<number, { perSequence: Map<number, number>; sizes: number[]; empty: Set<number> }>()
  for (const { model_id, sequence_id, positions } of sis) {
    const model = valueOf(models, model_id, () => ({
      perSequence: new Map<number, number>(),
      sizes: [],
      empty: new Set<number>(),
    }))
    if (positions.length === 0) {
      model.empty.add(sequence_id)
      continue
    }
    model.perSequence.set(sequence_id, (model.perSequence.get(sequence_id) ?? 0) + 1)
    model.sizes.push(positions.length)
  }
  return ascending(models.keys()).map((model_id) => {
    const { perSequence, sizes, empty } = models.get(model_id)!
    const lengths = ascending(sizes)
    return {
      model_id,
      sequences: perSequence.size,
      sis: sizes.length,
      decided_by_background: empty.size,
      mean_size: lengths.reduce((sum, size) => sum + size, 0) / lengths.length,
      median_size: medianOf(lengths),
      by_count: histogram(perSequence.values()),
      by_size: histogram(sizes),
    }
  })
}

function histogram(values: Iterable<number>): number[] {
  const counts: number[] = []
  for (const value of values) {
    while (counts.length <= value) counts.push(0)
    counts[value]!++
  }
  return counts
}
