/** Which positions the SIS of a model keep: for models that look at places rather than at motifs. */
import { kmeansPoints } from '../cluster/kmeans.ts'

export interface KeptPositions {
  readonly codes: Uint8Array // [L]
  /** Ascending, 0-based. */
  readonly positions: readonly number[]
}

/** @returns how many SIS keep each base at each position, [L][5] in the order A C G T and unknown */
export function positionProfile(sis: readonly KeptPositions[], length: number): number[][] {
  const counts = Array.from({ length }, () => [0, 0, 0, 0, 0])
  for (const { codes, positions } of sis) {
    for (const position of positions) counts[position]![Math.min(4, codes[position]!)]!++
  }
  return counts
}

/** @returns the fewest positions that hold half of all kept bases: few where a model looks at certain places */
export function halfPositions(profile: readonly (readonly number[])[]): number {
  const kept = profile.map((row) => row.reduce((sum, count) => sum + count, 0)).sort((a, b) => b - a)
  const total = kept.reduce((sum, count) => sum + count, 0)
  let sum = 0
  let positions = 0
  while (2 * sum < total) sum += kept[positions++]!
  return positions
}

/**
 * The SIS by the positions that they keep, whatever bases those are: k-means on the positions as directions (each SIS a
 * vector of length 1), k by the silhouette.
 * @returns the cluster of each SIS, 0 the largest
 */
export function positionClusters(
  sis: readonly Pick<KeptPositions, 'positions'>[],
  length: number,
  seed: number,
): Int32Array {
  const points = sis.map(({ positions }) => {
    const point = new Array<number>(length).fill(0)
    for (const position of positions) point[position] = 1 / Math.sqrt(positions.length)
    return point
  })
  return kmeansPoints(points, new Float64Array(sis.length).fill(1), { seed }).labels
}
