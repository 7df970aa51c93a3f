/**
 * Which columns of a count matrix say something: they differ from the composition of the sequences that the sites lie in by
 * more than so few sites do by chance, and by enough to matter. The rest is noise, whichever motif it happens to resemble.
 */
import { baseCount } from '../sequence/alphabet.ts'
import { informativeBits, type Matrix } from '../sequence/matrix.ts'

/**
 * Of the columns taken for informative, the share that may be so by chance. Measured on true sites of 15 factors (150
 * matrices) and on 1,800 of shuffled peaks, benchmarks/motifNull.ts: at 0.05 many a true motif of five sites has no
 * column left, at 0.5 up to 2 % of the shuffled ones match something.
 */
const falseColumns = 0.2

export interface ColumnInformation {
  /** Relative entropy to the composition, less what so few counts have by chance; at least 0. */
  readonly bits: number
  readonly informative: boolean
}

/**
 * A likelihood-ratio test of each column (G, three degrees of freedom), at a false discovery rate over the columns
 * (Benjamini and Hochberg 1995); its bits less the bias of an estimate from n counts, 3 / (2 n ln 2) (Miller 1955, as in
 * Schneider et al., J. Mol. Biol. 188:415, 1986).
 * @param counts [width][4]; a row may sum to less than others
 * @param composition [4], of the sequences that the sites lie in; each above 0
 */
export function columnInformation(counts: Matrix, composition: readonly number[]): ColumnInformation[] {
  const degrees = baseCount - 1
  const columns = counts.map((row) => {
    const n = row.reduce((sum, count) => sum + count, 0)
    if (n === 0) return { bits: 0, pValue: 1 }
    const nats = row.reduce(
      (sum, count, base) => (count > 0 ? sum + (count / n) * Math.log(count / n / composition[base]!) : sum),
      0,
    )
    return {
      bits: Math.max(0, (nats - degrees / (2 * n)) / Math.LN2),
      pValue: chiSquareTail(2 * n * nats),
    }
  })
  const ascending = columns.map(({ pValue }) => pValue).sort((a, b) => a - b)
  const passing = ascending.findLastIndex((p, i) => p <= (falseColumns * (i + 1)) / ascending.length)
  const level = ascending[passing] ?? -1
  return columns.map(({ bits, pValue }) => ({
    bits,
    informative: pValue <= level && bits >= informativeBits,
  }))
}

/** Shares of the four bases in sequences, each base counted once more than it occurs. */
export function compositionOf(sequences: Iterable<Uint8Array>): number[] {
  const counts = new Array<number>(baseCount).fill(1)
  for (const codes of sequences) for (const code of codes) if (code < baseCount) counts[code]!++
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / total)
}

/** P(X >= x) of a chi-square variable with three degrees of freedom: 1 - P(3/2, x/2) by its series; 0 where below 1e-16. */
function chiSquareTail(x: number): number {
  const half = x / 2
  if (half <= 0) return 1
  if (half > 40) return 0
  let term = half ** 1.5 * Math.exp(-half) * (4 / (3 * Math.sqrt(Math.PI))) // 1 / Γ(5/2)
  let sum = 0
  for (let k = 1; term > 1e-17; k++) {
    sum += term
    term *= half / (k + 1.5)
  }
  return Math.max(0, 1 - sum)
}
