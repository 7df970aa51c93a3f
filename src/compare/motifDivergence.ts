/**
 * How far a rationale (the bases that an explanation keeps) is from a known motif: the alignment score of Carter, Mueller,
 * Jain and Gifford (AISTATS 2019), a Kullback–Leibler divergence in nats over all positions of the sequence. Lower is nearer.
 */
import { baseCount } from '../sequence/alphabet.ts'

/** What a zero of the motif becomes before its columns are made to add up to 1 again. */
const leastProbability = 1e-6
const even = 1 / baseCount

/** A known motif, readied for many rationales: log2 and ln of its probabilities. */
export interface DivergenceMotif {
  readonly width: number
  readonly probabilities: Float64Array // [width, 4]
}

/** @param ppm [width][4], rows sum to 1 */
export function divergenceMotif(ppm: readonly (readonly number[])[]): DivergenceMotif {
  const probabilities = new Float64Array(ppm.length * baseCount)
  for (const [column, row] of ppm.entries()) {
    const raised = row.map((p) => (p === 0 ? leastProbability : p))
    const sum = raised.reduce((total, p) => total + p, 0)
    for (const [base, p] of raised.entries()) probabilities[column * baseCount + base] = p / sum
  }
  return { width: ppm.length, probabilities }
}

/** The same motif on the other strand. */
export function reverseMotif({ width, probabilities }: DivergenceMotif): DivergenceMotif {
  return { width, probabilities: probabilities.slice().reverse() }
}

/**
 * The rationale is one-hot where a base is kept and even where it is masked; so is what lies beside the motif. The motif
 * lies where the sum of log2(row · row) is largest, the first of equals.
 * @param codes [L]
 * @param kept positions, 0-based
 * @returns Σ KL(rationale ‖ motif) over the L positions; undefined where the motif is longer than the sequence
 */
export function motifDivergence(
  codes: Uint8Array,
  kept: Iterable<number>,
  { width, probabilities }: DivergenceMotif,
): number | undefined {
  const length = codes.length
  if (width > length) return undefined
  const base = new Int8Array(length).fill(-1)
  let count = 0
  for (const at of kept) {
    if (codes[at]! >= baseCount) continue
    base[at] = codes[at]!
    count++
  }
  // A masked row against any column is 1/4: only kept bases tell the starts apart.
  const log2Even = Math.log2(even)
  let [best, start] = [-Infinity, 0]
  for (let s = 0; s + width <= length; s++) {
    let sum = 0
    for (let column = 0; column < width; column++) {
      const b = base[s + column]!
      sum += b < 0 ? log2Even : Math.log2(probabilities[column * baseCount + b]!)
    }
    if (sum > best) [best, start] = [sum, s]
  }
  let divergence = count * -Math.log(even)
  for (let column = 0; column < width; column++) {
    const b = base[start + column]!
    if (b >= 0) {
      divergence += -Math.log(probabilities[column * baseCount + b]!) + Math.log(even)
      continue
    }
    for (let other = 0; other < baseCount; other++) {
      divergence += even * Math.log(even / probabilities[column * baseCount + other]!)
    }
  }
  return divergence
}
