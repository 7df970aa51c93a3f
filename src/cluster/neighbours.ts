/** Who lies within eps of whom: an exact search that compares only what a shared segment says may be near. */
import type { EditDistances } from './editDistance.ts'
import { NeighbourRows } from './neighbourRows.ts'
import { SegmentIndex } from './segmentIndex.ts'

/**
 * @param eps largest edit distance between neighbours
 * @param mostOfLength neighbours differ by no more than this share of the columns of the shorter either, rounded down
 * @param progress is told the share of the work done
 */
export function neighboursWithin(
  distances: EditDistances,
  eps: number,
  mostOfLength = Infinity,
  progress?: (share: number) => void,
): NeighbourRows {
  const limitOf = (columns: number): number => neighbourLimit(columns, eps, mostOfLength)
  const strands = distances.reverseComplements ? [false, true] : [false]
  const index = new SegmentIndex(distances.letters, limitOf)
  const rows = new NeighbourRows(distances.count)
  const near = new Uint32Array(distances.count)
  const foundFor = new Int32Array(distances.count).fill(-1)
  for (let point = 0; point < distances.count; point++) {
    // Each is compared with those before it.
    if (point % 1024 === 0) progress?.((point / distances.count) ** 2)
    let found = 0
    for (const reversed of strands) {
      index.candidates(point, reversed, (other, limit) => {
        if (foundFor[other] === point) return
        if (distances.upToOnStrand(point, reversed, other, limit) > limit) return
        foundFor[other] = point
        near[found++] = other
      })
    }
    rows.push(near.subarray(0, found).sort())
    index.add(point)
  }
  return rows
}

/** @returns most edits between neighbours, the shorter of which has so many columns */
export function neighbourLimit(columns: number, eps: number, mostOfLength = Infinity): number {
  // A share such as 0.29 of 100 columns comes out as 28.999999999999996.
  return Math.floor(Math.min(eps, mostOfLength === Infinity ? eps : mostOfLength * columns + 1e-9))
}
