/** What DBSCAN's two parameters are where the user gives none: both from the patterns themselves. */
import { Random } from '../base/random.ts'
import { EditDistances } from './editDistance.ts'
import type { UniquePatterns } from './uniquePatterns.ts'

/** The natural logarithm of n (Birant and Kut, Data Knowl. Eng. 60:208, 2007), never below 3. */
export function defaultMinSamples(patterns: number): number {
  return Math.max(3, Math.round(Math.log(Math.max(1, patterns))))
}

/** Patterns that the distances are learnt from; 300 settle a tail of 1 in 10,000 pairs. */
const sampleSize = 300
/** Share of the patterns that are to be cores. */
const coreShare = 0.9
/** Share of a pattern's length that may differ between neighbours. */
const mostOfLength = 0.4
/** Columns that no motif of a transcription factor exceeds by much; longer patterns allow no larger eps. */
const longestMotif = 25

/**
 * The smallest of three distances, but at least 1:
 * 1. Where the k-distance curve ends its flat part: the distance within which nine tenths of the patterns have
 *    `minSamples` different neighbours (the rule of Ester et al., a fixed share in place of an eye for the knee). Patterns
 *    of clear motifs lie close together, and a larger eps would only chain one motif to the next. Repeats are left out:
 *    with them, each frequent variant of one motif would be a cluster of its own at eps 1.
 * 2. Where neighbourhoods become a matter of chance: patterns are compared with shuffled ones (the same letters in random
 *    order), and within this distance such a stranger has on average fewer than half of `minSamples` neighbours,
 *    hence is hardly ever a core. It governs where much is noise.
 * 3. Two fifths of the median length, and of 25 columns at most: neighbours must share most of a motif. The long ragged
 *    patterns of fully connected nets, for which chance alone would allow dozens of edits, thus end as noise.
 */
export function defaultEps(unique: UniquePatterns, minSamples: number, reverseComplements: boolean): number {
  const { patterns, weights } = unique
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const random = new Random(0, 'eps')
  const sample = Array.from({ length: sampleSize }, () => random.weighted(weights))
  const shuffled = sample.map((i) => random.shuffle(Array.from(patterns[i]!)).join(''))
  const atMost = Math.floor(mostOfLength * Math.min(longestMotif, medianLength(unique, total)))
  const distances = new EditDistances([...patterns, ...shuffled], reverseComplements)

  const nearest = sample.map((i) => {
    const within = new Float64Array(atMost + 1)
    for (let j = 0; j < patterns.length; j++) {
      const apart = distances.upTo(i, j, atMost)
      if (apart <= atMost) within[apart]!++
    }
    return distanceAt(within, minSamples)
  })
  const flat = nearest.sort((a, b) => a - b)[Math.floor(coreShare * sampleSize)]!

  const strangers = new Float64Array(atMost + 1)
  for (const i of sample) {
    for (let j = 0; j < sampleSize; j++) {
      const apart = distances.upTo(i, patterns.length + j, atMost)
      if (apart <= atMost) strangers[apart]! += total / sampleSize ** 2
    }
  }
  return Math.max(1, Math.min(flat, distanceAt(strangers, minSamples / 2) - 1, atMost))
}

/** @returns the smallest distance within which there are `enough`; the number of distances where there are never */
function distanceAt(countByDistance: Float64Array, enough: number): number {
  let sum = 0
  const found = countByDistance.findIndex((count) => (sum += count) >= enough)
  return found < 0 ? countByDistance.length : found
}

function medianLength({ patterns, weights }: UniquePatterns, total: number): number {
  const order = [...patterns.keys()].sort((a, b) => patterns[a]!.length - patterns[b]!.length)
  let seen = 0
  for (const i of order) {
    seen += weights[i]!
    if (seen >= total / 2) return patterns[i]!.length
  }
  return 0
}
