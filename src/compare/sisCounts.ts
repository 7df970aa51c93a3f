/** How many SIS each model has, and how long they are. */
import { ascending, valueOf, type SisPositions } from './rows.ts'

export interface SisCounts {
  readonly model_id: number
  /** Sequences with at least one SIS. */
  readonly sequences: number
  readonly sis: number
  /** Empty subsets: all masked already gives the decision. They count as SIS but have no length. */
  readonly vacuous: number
  readonly mean_size: number
  readonly median_size: number
  /** Sequences by how many SIS they have: [1] of them with one SIS, [2] with two, … */
  readonly by_count: readonly number[]
  /** SIS by length: [k] of them keep k bases; [0] are vacuous. */
  readonly by_size: readonly number[]
}

/** @returns by model, ascending; mean and median are NaN where every SIS is vacuous */
export function sisCounts(sis: Iterable<SisPositions>): SisCounts[] {
  const models = new Map<number, { perSequence: Map<number, number>; sizes: number[] }>()
  for (const { model_id, sequence_id, positions } of sis) {
    const model = valueOf(models, model_id, () => ({ perSequence: new Map<number, number>(), sizes: [] }))
    model.perSequence.set(sequence_id, (model.perSequence.get(sequence_id) ?? 0) + 1)
    model.sizes.push(positions.length)
  }
  return ascending(models.keys()).map((model_id) => {
    const { perSequence, sizes } = models.get(model_id)!
    const lengths = ascending(sizes.filter((size) => size > 0))
    return {
      model_id,
      sequences: perSequence.size,
      sis: sizes.length,
      vacuous: sizes.length - lengths.length,
      mean_size: lengths.reduce((sum, size) => sum + size, 0) / lengths.length,
      median_size: median(lengths),
      by_count: histogram(perSequence.values()),
      by_size: histogram(sizes),
    }
  })
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  if (sorted.length === 0) return NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function histogram(values: Iterable<number>): number[] {
  const counts: number[] = []
  for (const value of values) {
    while (counts.length <= value) counts.push(0)
    counts[value]!++
  }
  return counts
}
