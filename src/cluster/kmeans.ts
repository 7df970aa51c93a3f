/** k-means (ml-kmeans) of weighted points, k chosen by the silhouette where it is not given. */
import { kmeans } from 'ml-kmeans'
import { noise, numberBySize } from './clusterNumbers.ts'

const mostClusters = 8
/** Below this mean silhouette there is no substantial structure (Kaufman, Rousseeuw, Finding Groups in Data, 1990). */
const leastSilhouette = 0.25

export interface KmeansResult {
  /** Cluster of each point, 0 the largest. */
  readonly labels: Int32Array // [n]
  /** As given, or chosen. */
  readonly k: number
}

/**
 * @param points coordinates [n][d]; another order of the points may give other clusters
 * @param weights how often each point occurs, whole numbers [n]
 * @param options.k clusters; by default the number with the highest mean silhouette, of those from 2 to 8 that are at most
 *   the square root of the number of points; 1 where none reaches 0.25
 */
export function kmeansPoints(
  points: readonly number[][],
  weights: ArrayLike<number>,
  options: { readonly seed: number; readonly k?: number | undefined },
): KmeansResult {
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

/** @returns the cluster of each point, `noise` for points of weight 0, which are left out */
export function partition(
  points: readonly number[][],
  weights: ArrayLike<number>,
  k: number,
  seed: number,
): { labels: Int32Array; centroids: number[][] } {
  // ml-kmeans knows no weights: a point that occurs five times is five references to it.
  const owners = points.flatMap((_, i) => new Array<number>(weights[i]!).fill(i))
  const labels = new Int32Array(points.length).fill(noise)
  if (owners.length === 0) return { labels, centroids: [] }
  const { clusters, centroids } = kmeans(
    owners.map((owner) => points[owner]!),
    Math.min(k, owners.length),
    { initialization: 'kmeans++', seed },
  )
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
