/** DBSCAN (Ester, Kriegel, Sander, Xu, KDD 1996) over neighbour lists, each point standing for `weight` equal ones. */
import { noise, numberBySize } from './clusterNumbers.ts'
import type { Neighbours } from './neighbours.ts'

export interface DbscanResult {
  /** Cluster of each point, 0 the largest; `noise` (-1) where it is in none. */
  readonly labels: Int32Array // [n]
  /** 1 where at least `minSamples` points, itself included, lie within eps. */
  readonly core: Uint8Array // [n]
}

/**
 * As scikit-learn does it: clusters grow one after the other, each from its first core point in the given order; a
 * border point belongs to the first cluster that reaches it.
 * @param weights how many equal points each point stands for [n]
 */
export function dbscan(neighbours: Neighbours, weights: ArrayLike<number>, minSamples: number): DbscanResult {
  const core = new Uint8Array(neighbours.count)
  for (let i = 0; i < neighbours.count; i++) {
    const near = neighbours.of(i)
    let weight = 0
    for (let j = 0; j < near.length; j++) weight += weights[near[j]!]!
    if (weight >= minSamples) core[i] = 1
  }
  const labels = new Int32Array(neighbours.count).fill(noise)
  let cluster = 0
  for (let start = 0; start < neighbours.count; start++) {
    if (core[start] === 0 || labels[start] !== noise) continue
    labels[start] = cluster
    const open = [start]
    for (let point = open.pop(); point !== undefined; point = open.pop()) {
      const near = neighbours.of(point)
      for (let j = 0; j < near.length; j++) {
        const neighbour = near[j]!
        if (labels[neighbour] !== noise) continue
        labels[neighbour] = cluster
        if (core[neighbour] === 1) open.push(neighbour)
      }
    }
    cluster++
  }
  return { labels: numberBySize(labels, weights), core }
}
