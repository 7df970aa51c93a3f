/** What DBSCAN's two parameters are where the user gives none: both from the patterns themselves. */
import { Random } from '../base/random.ts'
import { EditDistances } from './editDistance.ts'
import { neighbourLimit } from './neighbours.ts'
import type { UniquePatterns } from './uniquePatterns.ts'

/** The natural logarithm of n (Birant and Kut, Data Knowl. Eng. 60:208, 2007), never below 3. */
export function defaultMinSamples(patterns: number): number {
  return Math.max(3, Math.round(Math.log(Math.max(1, patterns))))
}

/**
 * Most edits between neighbours. Clusters are seeds of motifs: what they leave is adopted where it lies on a motif's site, and
 * motifs that are the same are made one; two motifs in one cluster stay so. On the parts of nets trained on 14 ChIP-seq sets
 * 3 edits, and a quarter of the columns, separate CTCF from ZNF143 and NFY from the GC box; 5 chain the former.
 */
const mostEdits = 3
/** Patterns that chance is learnt from. */
const sampleSize = 300

export interface DbscanParameters {
  readonly eps: number
  readonly minSamples: number
}

/**
 * Neighbours must not be a matter of chance: patterns are compared with shuffled ones (the same letters in random order), and
 * within eps such a stranger has on average at most half of `minSamples` neighbours, hence is hardly ever a core. eps is
 * the largest such distance up to 3; where there is none, it is 1 and `minSamples` twice what a stranger has.
 * @param given what the user gave; it is kept
 */
export function dbscanParameters(
  { patterns, weights }: UniquePatterns,
  reverseComplements: boolean,
  given: {
    readonly eps?: number | undefined
    readonly minSamples?: number | undefined
    /** A default `minSamples` is no less than this. */
    readonly leastSamples?: number | undefined
    readonly mostOfLength?: number | undefined
  },
): DbscanParameters {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const asked = given.minSamples ?? Math.max(defaultMinSamples(total), given.leastSamples ?? 0)
  if (given.eps !== undefined && given.minSamples !== undefined) return { eps: given.eps, minSamples: asked }
  const random = new Random(0, 'eps')
  const sample = Array.from({ length: sampleSize }, () => random.weighted(weights))
  const shuffled = sample.map((i) => random.shuffle(Array.from(patterns[i]!)).join(''))
  const compared = [...sample.map((i) => patterns[i]!), ...shuffled]
  const distances = new EditDistances(compared, reverseComplements)
  const most = given.eps === undefined ? mostEdits : Math.floor(given.eps)
  const within = new Float64Array(most + 1)
  for (let i = 0; i < sampleSize; i++) {
    for (let j = sampleSize; j < compared.length; j++) {
      const columns = Math.min(compared[i]!.length, compared[j]!.length)
      const limit = neighbourLimit(columns, most, given.mostOfLength)
      const apart = distances.upTo(i, j, limit)
      if (apart <= limit) within[apart]! += total / sampleSize ** 2
    }
  }
  for (let edits = 1; edits <= most; edits++) within[edits]! += within[edits - 1]!
  let eps = most
  while (given.eps === undefined && eps > 1 && within[eps]! > asked / 2) eps--
  const minSamples = given.minSamples ?? Math.max(asked, Math.ceil(2 * within[eps]!))
  return { eps: given.eps ?? eps, minSamples }
}
