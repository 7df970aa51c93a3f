/** Motifs as matrices: counts (PFM), probabilities (PPM), log-odds (PWM), information content. */
import { baseCount, uniformBackground } from '../sequence/alphabet.ts'
import { informationContent, type Matrix } from '../sequence/matrix.ts'

/** Weight of the background in each row of a PPM, in members: it keeps log-odds finite and small motifs modest. */
export const defaultPseudocount = 1

/**
 * Counts to probabilities. A member that keeps no base in a column says nothing about it and contributes the background
 * there, so a column that few members keep has little information.
 * @param pfm counts of kept bases
 * @param nsites members; no row sums to more
 * @returns rows that sum to 1
 */
export function ppmOf(
  pfm: Matrix,
  nsites: number,
  background: readonly number[] = uniformBackground,
  pseudocount = defaultPseudocount,
): number[][] {
  return pfm.map((row) => {
    const silent = nsites - row.reduce((sum, count) => sum + count, 0)
    return row.map(
      (count, base) => (count + (silent + pseudocount) * background[base]!) / (nsites + pseudocount),
    )
  })
}

/** Probabilities to log-odds, in bits; minus infinity where a probability is 0. */
export function pwmOf(ppm: Matrix, background: readonly number[] = uniformBackground): number[][] {
  return ppm.map((row) => row.map((probability, base) => Math.log2(probability / background[base]!)))
}

/** Information content of each column in bits: relative entropy to the background, 0 to 2 where that is uniform. */
export function informationOf(ppm: Matrix, background: readonly number[] = uniformBackground): number[] {
  return ppm.map((row) => informationContent(row, background))
}

/** The motif on the other strand. */
export function reverseComplementMatrix(matrix: Matrix): number[][] {
  return matrix.map((row) => row.map((_, base) => row[baseCount - 1 - base]!)).reverse()
}
