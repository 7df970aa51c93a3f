/**
 * Whether two motifs are the same within noise, by what their sites look like: of one motif a model may keep now these bases,
 * now those, and yet the sequences around them have the same.
 */
import { baseCount } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'

/** The sites of a motif and the columns around them. */
export interface SiteCounts {
  /** Counts of the sequences' bases, [columns][4]. */
  readonly counts: Matrix
  readonly nsites: number
}

/** How the second motif lies on the first, and how much the two differ there. */
export interface Likeness {
  /** '-' where the second one's reverse complement lies on the first. */
  readonly strand: '+' | '-'
  /** Column of the first on which the (so oriented) second one's first column lies. */
  readonly shift: number
  /** Bits that both have, of the pooled columns. */
  readonly shared: number
  /** Share of their mean information that pooling them loses, in [0, 1]. */
  readonly loss: number
  /** The largest difference in a column, in bits; at most 1. */
  readonly worst: number
}

export interface LikenessOptions {
  /** Columns that must lie on each other. */
  readonly overlap: number
  /** Whether the second one may be read on the other strand. */
  readonly reverseComplements: boolean
}

/**
 * The mean information of two columns is that of the pooled column plus their Jensen-Shannon divergence (Lin, IEEE Trans. Inf.
 * Theory 37:145, 1991), both counted equally. So what pooling loses is the divergence, less what so few counts differ by
 * chance, 3 (1/n + 1/m) / (8 ln 2), and the information of columns that have no counterpart. The two are laid on each
 * other where their pooled columns have most bits less that loss.
 * @param composition [4], of the sequences that the sites lie in
 */
export function likenessOf(
  a: SiteCounts,
  b: SiteCounts,
  composition: readonly number[],
  { overlap, reverseComplements }: LikenessOptions,
): Likeness {
  const first = new Columns(a, composition)
  const strands = [new Columns(b, composition)]
  if (reverseComplements) strands.push(new Columns(reverseSites(b), composition))
  let best: Likeness = { strand: '+', shift: 0, shared: 0, loss: 1, worst: 1 }
  let most = -Infinity
  for (const [index, second] of strands.entries()) {
    for (let shift = overlap - second.width; shift <= first.width - overlap; shift++) {
      const { pooled, lost, worst } = compare(first, second, shift)
      if (pooled - lost <= most + 1e-12) continue
      most = pooled - lost
      best = {
        strand: index === 0 ? '+' : '-',
        shift,
        shared: pooled,
        loss: pooled + lost === 0 ? 1 : lost / (pooled + lost),
        worst,
      }
    }
  }
  return best
}

/** Probabilities of the columns, and their bits over the composition. */
class Columns {
  readonly width: number
  readonly nsites: number
  readonly probabilities: Float64Array // [width, 4]
  readonly bits: Float64Array // [width]
  readonly totalBits: number
  readonly composition: readonly number[]

  constructor({ counts, nsites }: SiteCounts, composition: readonly number[]) {
    this.width = counts.length
    this.nsites = nsites
    this.composition = composition
    this.probabilities = new Float64Array(counts.length * baseCount)
    this.bits = new Float64Array(counts.length)
    for (const [column, row] of counts.entries()) {
      const n = row.reduce((sum, count) => sum + count, 0)
      for (let base = 0; base < baseCount; base++) {
        this.probabilities[column * baseCount + base] = (row[base]! + composition[base]!) / (n + 1)
      }
      this.bits[column] = Math.max(0, relativeEntropy(this.probabilities, column, composition) - bias(n))
    }
    this.totalBits = this.bits.reduce((sum, bits) => sum + bits, 0)
  }
}

function compare(a: Columns, b: Columns, shift: number): { pooled: number; lost: number; worst: number } {
  const from = Math.max(0, shift)
  const to = Math.min(a.width, shift + b.width)
  const byChance = (3 * (1 / a.nsites + 1 / b.nsites)) / (8 * Math.LN2)
  const both = new Float64Array(baseCount)
  let pooled = 0
  let lost = 0
  let worst = 0
  let covered = 0
  for (let column = from; column < to; column++) {
    const other = column - shift
    const mean = (a.bits[column]! + b.bits[other]!) / 2
    covered += mean
    for (let base = 0; base < baseCount; base++) {
      both[base] =
        (a.probabilities[column * baseCount + base]! + b.probabilities[other * baseCount + base]!) / 2
    }
    const together = relativeEntropy(both, 0, a.composition)
    const apart =
      (relativeEntropy(a.probabilities, column, a.composition) +
        relativeEntropy(b.probabilities, other, a.composition)) /
      2
    const divergence = Math.max(0, apart - together - byChance)
    // A column that says nothing on either side differs by nothing that matters.
    const loss = Math.min(divergence, mean)
    lost += loss
    pooled += mean - loss
    worst = Math.max(worst, loss)
  }
  const uncovered = (a.totalBits + b.totalBits) / 2 - covered
  return { pooled, lost: lost + uncovered, worst }
}

/** Of an estimate from n counts (Miller 1955). */
function bias(n: number): number {
  return n === 0 ? 0 : 3 / (2 * n * Math.LN2)
}

function relativeEntropy(
  probabilities: Float64Array,
  column: number,
  composition: readonly number[],
): number {
  let sum = 0
  for (let base = 0; base < baseCount; base++) {
    const p = probabilities[column * baseCount + base]!
    sum += p * Math.log2(p / composition[base]!)
  }
  return sum
}

/** The same sites read on the other strand. */
export function reverseSites({ counts, nsites }: SiteCounts): SiteCounts {
  return { counts: counts.map((row) => row.toReversed()).reverse(), nsites }
}
