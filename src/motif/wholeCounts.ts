/** Counts for formats that have whole numbers only and readers that divide by each column's sum. */
import type { Matrix } from '../sequence/matrix.ts'

/**
 * Members that have no base in a column count there as the background says, as in `ppmOf`: a base that two of a hundred keep
 * is no sure base. What is broken is rounded by the largest remainder; equal ones in turn, so that no base gains.
 * @param pfm [width][4], no row sums to more than `nsites`
 * @returns [width][4], whole numbers; every row sums to `nsites`
 */
export function wholeCounts(pfm: Matrix, nsites: number, background: readonly number[]): number[][] {
  return pfm.map((row, column) => {
    const silent = nsites - row.reduce((sum, count) => sum + count, 0)
    const shares = background.map((share) => silent * share)
    const counts = row.map((count, base) => count + Math.floor(shares[base]!))
    const missing = nsites - counts.reduce((sum, count) => sum + count, 0)
    const remainder = (base: number): number => shares[base]! - Math.floor(shares[base]!)
    const turn = (base: number): number => (base + column) % row.length
    const byRemainder = [0, 1, 2, 3].sort((a, b) => remainder(b) - remainder(a) || turn(a) - turn(b))
    for (const base of byRemainder.slice(0, missing)) counts[base]!++
    return counts
  })
}
