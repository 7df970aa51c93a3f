/** DBSCAN (Ester, Kriegel, Sander, Xu, KDD 1996) over pairs of neighbours, each point standing for `weight` equal ones. */
import { noise, numberBySize } from './clusterNumbers.ts'
import type { Neighbours } from './neighbourRows.ts'

export interface DbscanResult {
  /** Cluster of each point, 0 the largest; `noise` (-1) where it is in none. */
  readonly labels: Int32Array // [n]
  /** 1 where at least `minSamples` points, itself included, lie within eps. */
  readonly core: Uint8Array // [n]
}

/**
 * As scikit-learn does it: clusters are counted by their first core points in the given order, and a border point belongs
 * to the first cluster that reaches it. Cores are joined pair by pair (Patwary et al., SC 2012), so each pair is read thrice
 * in order.
 * @param weights how many equal points each point stands for [n]; one of weight 0 is not there
 */
export function dbscan(neighbours: Neighbours, weights: ArrayLike<number>, minSamples: number): DbscanResult {
  const { count } = neighbours
  const core = corePoints(neighbours, weights, minSamples)
  const firstCore = joinCores(neighbours, core)
  const labels = new Int32Array(count).fill(count)
  for (let i = 0; i < count; i++) if (core[i] === 1) labels[i] = firstCore[i]!
  for (let i = 0; i < count; i++) {
    if (weights[i] === 0) continue
    const near = neighbours.before(i)
    for (let at = 0; at < near.length; at++) {
      const j = near[at]!
      if (core[i] === core[j] || weights[j] === 0) continue
      const [border, inner] = core[i] === 1 ? [j, i] : [i, j]
      labels[border] = Math.min(labels[border]!, firstCore[inner]!)
    }
  }
  for (let i = 0; i < count; i++) if (labels[i] === count) labels[i] = noise
  return { labels: numberBySize(labels, weights), core }
}

function corePoints(neighbours: Neighbours, weights: ArrayLike<number>, minSamples: number): Uint8Array {
  const within = Float64Array.from(weights)
  for (let i = 0; i < neighbours.count; i++) {
    const own = weights[i]!
    if (own === 0) continue
    const near = neighbours.before(i)
    let sum = 0
    for (let at = 0; at < near.length; at++) {
      const j = near[at]!
      sum += weights[j]!
      within[j]! += own
    }
    within[i]! += sum
  }
  return Uint8Array.from(within, (weight, i) => (weight >= minSamples && weights[i]! > 0 ? 1 : 0))
}

/** @returns of each core point the first one of its cluster [n]; of others nothing that counts */
function joinCores(neighbours: Neighbours, core: Uint8Array): Int32Array {
  // A tree each cluster, whose root is its first point.
  const parent = Int32Array.from(core, (_, i) => i)
  const rootOf = (point: number): number => {
    let at = point
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  for (let i = 0; i < neighbours.count; i++) {
    if (core[i] === 0) continue
    const near = neighbours.before(i)
    let root = i
    for (let at = 0; at < near.length; at++) {
      if (core[near[at]!] === 0) continue
      const other = rootOf(near[at]!)
      if (other === root) continue
      parent[Math.max(root, other)] = Math.min(root, other)
      root = Math.min(root, other)
    }
  }
  return parent.map((_, i) => rootOf(i))
}
