/**
 * An SIS says what together is enough, so it may hold several sites. Its parts are runs of kept bases with no wide gap
 * between neighbours: what is clustered into motifs.
 */
import { patternOf } from '../sequence/pattern.ts'

export interface Part {
  /** Kept by the SIS, ascending, 0-based; not empty. A part of one base is a single base, and no site. */
  readonly positions: readonly number[]
  /** From the first to the last kept base. */
  readonly pattern: string
}

/**
 * @param codes Uint8Array [L], the sequence
 * @param positions kept by an SIS, ascending, 0-based
 * @param partGap most masked bases between neighbours of one part
 * @returns from left to right
 */
export function splitParts(codes: Uint8Array, positions: readonly number[], partGap: number): Part[] {
  const runs: number[][] = []
  for (const [i, position] of positions.entries()) {
    if (i === 0 || position - positions[i - 1]! - 1 > partGap) runs.push([])
    runs.at(-1)!.push(position)
  }
  return runs.map((run) => ({ positions: run, pattern: patternOf(codes, run) }))
}
