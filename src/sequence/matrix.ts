/** Motifs as matrices, and how much a column of one says. */
import { uniformBackground } from './alphabet.ts'

/** One row a column of the motif, [width][4] in the order A C G T: counts (PFM) or probabilities (PPM). */
export type Matrix = readonly (readonly number[])[]

/** A column with fewer bits than this says nothing that matters, however sure they are. */
export const informativeBits = 0.25

/**
 * Information content of one column in bits: relative entropy to the background, 0 to 2 where that is uniform.
 * @param row probabilities of A C G T
 */
export function informationContent(
  row: readonly number[],
  background: readonly number[] = uniformBackground,
): number {
  return row.reduce((sum, p, base) => (p > 0 ? sum + p * Math.log2(p / background[base]!) : sum), 0)
}
