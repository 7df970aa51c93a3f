/** What DBSCAN's two parameters are where the user gives none: both from the patterns themselves. */
import { Random } from '../base/random.ts'
import { EditDistances } from './editDistance.ts'
import type { UniquePatterns } from './uniquePatterns.ts'

export interface DbscanParameters {
  /** Largest edit distance between neighbours. */
  readonly eps: number
  readonly minSamples: number
}

/** The natural logarithm of n (Birant and Kut, Data Knowl. Eng. 60:208, 2007), never below 3. */
export function defaultMinSamples(patterns: number): number {
  return Math.max(3, Math.round(Math.log(Math.max(1, patterns))))
}

/** Patterns compared with shuffled ones to learn which distances arise by chance; 300 x 300 pairs settle the tail. */
const sampleSize = 300
/** Shares of a pattern's length that may differ between neighbours. */
const mostOfLength = 0.4
/** Columns that no motif of a transcription factor exceeds by much; longer patterns allow no larger eps. */
const longestMotif = 25

/**
 * The largest distance at which neighbourhoods are not yet a matter of chance: patterns are compared with shuffled ones
 * (the same letters, in random order), and eps is the largest distance at which such a stranger would have fewer than
 * half of `minSamples` neighbours among all n patterns, hence would hardly ever be a core. It is at least 1 and at most
 * two fifths of the median length, because of two short patterns nearly everything may differ by chance alone.
 */
export function defaultEps(unique: UniquePatterns, minSamples: number, reverseComplements: boolean): number {
  const { patterns, weights } = unique
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const random = new Random(0, 'eps')
  const sample = Array.from({ length: sampleSize }, () => patterns[random.weighted(weights)]!)
  const shuffled = sample.map((pattern) => random.shuffle(Array.from(pattern)).join(''))
  const distances = new EditDistances([...sample, ...shuffled], reverseComplements)
  const histogram: number[] = []
  for (let a = 0; a < sampleSize; a++) {
    for (let b = sampleSize; b < 2 * sampleSize; b++) {
      const apart = distances.between(a, b)
      histogram[apart] = (histogram[apart] ?? 0) + 1
    }
  }
  const atMost = Math.floor(mostOfLength * Math.min(longestMotif, medianLength(unique, total)))
  let eps = 0
  let pairs = 0
  while (eps <= atMost) {
    pairs += histogram[eps] ?? 0
    if ((pairs / sampleSize ** 2) * total >= minSamples / 2) break
    eps++
  }
  return Math.max(1, eps - 1)
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
