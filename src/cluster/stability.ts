/**
 * How firmly the data hold a cluster: half of them are clustered again and again, and a cluster that is there each time is
 * stable (Hennig, Comput. Stat. Data Anal. 52:258, 2007, there with bootstrap samples).
 */
import { Random } from '../base/random.ts'
import { noise } from './clusterNumbers.ts'

const resampleCount = 20

/** The unique patterns clustered again, each occurrence having been kept with probability one half. */
export interface Resample {
  /** Occurrences kept of each unique pattern. */
  readonly weights: Float64Array // [u]
  /** Cluster of each unique pattern, numbered in any way; `noise` where it is in none or none of it was kept. */
  readonly labels: Int32Array // [u]
}

/**
 * @param weights how often each point occurs [u]; draws depend on them and on the seed alone
 * @param cluster labels of the points with other weights, among them 0 [u]
 */
export function resamplesOf(
  weights: Float64Array,
  seed: number,
  cluster: (weights: Float64Array, resample: number) => Int32Array,
  progress?: (share: number) => void,
): Resample[] {
  return Array.from({ length: resampleCount }, (_, resample) => {
    progress?.(resample / resampleCount)
    const random = new Random(seed, 'stability', resample)
    const kept = weights.map((weight) => keptOf(weight, random))
    return { weights: kept, labels: cluster(kept, resample) }
  })
}

/**
 * Of a group of unique patterns: how much of it is found again, and nothing else with it. In each resample it is held to
 * those clusters that lie mostly in it, taken together, so that a group may be a union of clusters.
 * @param groups indexes of unique patterns, each in one group at most
 * @returns of each group the mean, over the resamples, of the Jaccard index of the two by kept weight, in [0, 1]
 */
export function stabilityOf(
  groups: readonly (readonly number[])[],
  resamples: readonly Resample[],
): number[] {
  const sums = new Float64Array(groups.length)
  for (const resample of resamples) {
    for (const [group, index] of jaccardIndexes(groups, resample).entries()) sums[group]! += index
  }
  return Array.from(sums, (sum) => sum / resamples.length)
}

function jaccardIndexes(groups: readonly (readonly number[])[], { weights, labels }: Resample): Float64Array {
  const clusterWeights = new Map<number, number>()
  for (const [i, label] of labels.entries()) {
    if (label !== noise) clusterWeights.set(label, (clusterWeights.get(label) ?? 0) + weights[i]!)
  }
  return Float64Array.from(groups, (members) => {
    const shared = new Map<number, number>()
    let all = 0
    for (const i of members) {
      all += weights[i]!
      if (labels[i] !== noise) shared.set(labels[i]!, (shared.get(labels[i]!) ?? 0) + weights[i]!)
    }
    let both = 0
    for (const [label, weight] of shared) {
      const whole = clusterWeights.get(label)!
      if (2 * weight <= whole) continue
      both += weight
      all += whole - weight
    }
    return all === 0 ? 0 : both / all
  })
}

/** Occurrences that are kept of so many, each with probability one half. */
function keptOf(weight: number, random: Random): number {
  let kept = 0
  for (let rest = weight; rest > 0; rest -= 32) {
    let coins = random.uint32()
    if (rest < 32) coins >>>= 32 - Math.ceil(rest)
    for (; coins !== 0; coins = (coins & (coins - 1)) >>> 0) kept++
  }
  return Math.min(kept, weight)
}
