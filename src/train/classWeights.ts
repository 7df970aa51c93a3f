/** Class weights: how much a positive and a negative count in the loss. */
import type { SequenceSet } from '../sequence/sequenceSet.ts'

export const classWeightings = ['balanced', 'none'] as const
export type ClassWeighting = (typeof classWeightings)[number]

/**
 * `balanced` gives both classes of an output the same total: labels / (2 × labels of the class).
 * @param rows indices of the sequences to count
 * @returns Float32Array [T, 2]: of a negative, of a positive; both classes must be there
 */
export function classWeights(set: SequenceSet, rows: Uint32Array, weighting: ClassWeighting): Float32Array {
  const outputs = set.labelNames.length
  const weights = new Float32Array(outputs * 2).fill(1)
  if (weighting === 'none') return weights
  for (let output = 0; output < outputs; output++) {
    const counts: [negatives: number, positives: number] = [0, 0]
    for (const row of rows) {
      const label = set.labels[row * outputs + output]
      if (label === 0 || label === 1) counts[label]++
    }
    const total = counts[0] + counts[1]
    for (const label of [0, 1] as const) weights[output * 2 + label] = total / (2 * counts[label])
  }
  return weights
}
