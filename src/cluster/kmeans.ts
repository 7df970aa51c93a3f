/** k-means (ml-kmeans) over patterns as counts of spaced base pairs: what is shared, wherever it lies and on either strand. */
import { kmeans } from 'ml-kmeans'
import { noise, numberBySize } from './clusterNumbers.ts'
import { patternCodes } from '../sequence/pattern.ts'
import type { UniquePatterns } from './uniquePatterns.ts'
import { baseCount } from '../sequence/alphabet.ts'

/** Pairs of kept bases further apart than this are not counted: neighbours of neighbours join what lies further. */
const farthestPair = 8
const pairKinds = baseCount * baseCount
const mostClusters = 8
/** Below this mean silhouette there is no substantial structure (Kaufman, Rousseeuw, Finding Groups in Data, 1990). */
const leastSilhouette = 0.25

export interface KmeansResult {
  /** Cluster of each unique pattern, 0 the largest. */
  readonly labels: Int32Array // [u]
  /** As given, or chosen. */
  readonly k: number
}

/**
 * Patterns have no common frame before they are clustered, so each becomes the counts of its pairs (base, base, distance
 * 1 to 8) of kept bases, a gapped 2-mer spectrum scaled to length 1. With `reverseComplements` a pair and its reverse
 * complement are one feature, so a pattern and its reverse complement are one point.
 * @param options.k clusters; by default the number with the highest mean silhouette, of those from 2 to 8 that are at most
 *   the square root of the number of unique patterns; 1 where none reaches 0.25
 */
export function kmeansClusters(
  { patterns, weights }: UniquePatterns,
  options: { reverseComplements: boolean; seed: number; k?: number | undefined },
): KmeansResult {
  const points = patterns.map((pattern) => pairSpectrum(pattern, options.reverseComplements))
  const most = Math.min(
    points.length,
    options.k ?? Math.min(mostClusters, Math.floor(Math.sqrt(points.length))),
  )
  let best: { labels: Int32Array; k: number; silhouette: number } = {
    labels: new Int32Array(points.length),
    k: Math.min(1, most),
    silhouette: leastSilhouette,
  }
  for (let k = options.k === undefined ? 2 : most; k <= most && k > 1; k++) {
    const { labels, centroids } = partition(points, weights, k, options.seed)
    const silhouette = meanSilhouette(points, weights, labels, centroids)
    if (options.k !== undefined || silhouette > best.silhouette) best = { labels, k, silhouette }
  }
  return { labels: numberBySize(best.labels, weights), k: best.k }
}

/** @returns counts of kept base pairs by distance, [8 * 16], of Euclidean length 1 (0 where fewer than two are kept) */
export function pairSpectrum(pattern: string, reverseComplements: boolean): number[] {
  const codes = patternCodes(pattern)
  const counts = new Array<number>(farthestPair * pairKinds).fill(0)
  for (let i = 0; i < codes.length; i++) {
    if (codes[i]! >= baseCount) continue
    for (let apart = 1; apart <= farthestPair && i + apart < codes.length; apart++) {
      const first = codes[i]!
      const second = codes[i + apart]!
      if (second >= baseCount) continue
      const forward = first * baseCount + second
      const backward = (3 - second) * baseCount + (3 - first)
      counts[(apart - 1) * pairKinds + (reverseComplements ? Math.min(forward, backward) : forward)]!++
    }
  }
  const length = Math.hypot(...counts)
  return length === 0 ? counts : counts.map((count) => count / length)
}

function partition(
  points: readonly number[][],
  weights: ArrayLike<number>,
  k: number,
  seed: number,
): { labels: Int32Array; centroids: number[][] } {
  // ml-kmeans knows no weights: a pattern that occurs five times is five references to one point.
  const owners = points.flatMap((_, i) => new Array<number>(weights[i]!).fill(i))
  const { clusters, centroids } = kmeans(
    owners.map((owner) => points[owner]!),
    k,
    { initialization: 'kmeans++', seed },
  )
  const labels = new Int32Array(points.length).fill(noise)
  for (const [i, owner] of owners.entries()) labels[owner] = clusters[i]!
  return { labels, centroids }
}

/**
 * The simplified silhouette: how much nearer each point is to its own centroid than to the next; 0 for a point that is
 * alone in its cluster (Kaufman, Rousseeuw), or splitting off single patterns would always look best.
 */
function meanSilhouette(
  points: readonly number[][],
  weights: ArrayLike<number>,
  labels: Int32Array,
  centroids: readonly number[][],
): number {
  const members = new Int32Array(centroids.length)
  for (const label of labels) members[label]!++
  let sum = 0
  let total = 0
  for (const [i, point] of points.entries()) {
    total += weights[i]!
    if (members[labels[i]!] === 1) continue
    const apart = centroids.map((centroid) => euclideanDistance(centroid, point))
    const own = apart[labels[i]!]!
    const next = apart.reduce(
      (least, value, label) => (label === labels[i] ? least : Math.min(least, value)),
      Infinity,
    )
    const larger = Math.max(own, next)
    sum += larger === 0 ? 0 : (weights[i]! * (next - own)) / larger
  }
  return sum / total
}

function euclideanDistance(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis]! - b[axis]!) ** 2
  return Math.sqrt(sum)
}
