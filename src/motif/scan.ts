/**
 * Scans sequences with a motif: log-odds of every window on both strands, with exact p-values. Weights are rounded to
 * hundredths of a bit once; a window's score is the sum of the rounded weights, and its p-value the exact chance of at least
 * that sum in a random window of the background, by the dynamic program of Staden (CABIOS 5:89, 1989) that FIMO and MOODS use.
 *
 *     const motif = scanMotif(ppm, { nsites })
 *     const least = leastScore(motif, 1e-4) // undefined: no window is that rare
 *     const sequence = scanSequence(codes) // once for all motifs
 *     bestHit(motif, sequence, least) // → { start, strand, score } | undefined
 *     eachHit(motif, sequence, least, (start, strand, score) => …)
 *     pValueOf(motif, score); bitsOf(score)
 */
import { baseCount, uniformBackground } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { reverseComplementMatrix } from './motif.ts'

/** Scores are whole numbers of this many to a bit: the p-value of a window is that of a score half a unit a column away at most. */
const unitsPerBit = 100

/** FIMO's default, in sites, shared out as the background says. */
const defaultPseudocount = 0.1

/** A matrix of probabilities that does not say how many sites it comes from: MEME's assumption. */
const assumedSites = 20

/** Bases that one look-up judges: 4^7 bounds of both strands stay in a core's second cache. */
const coreWidth = 7
const coreCount = baseCount ** coreWidth

/** Which core of letters a place has, where one of them is masked or unknown: its bound is below every score. */
const noCore = coreCount
const belowAll = -(2 ** 31)
/** Lost by a base that is not known; a few of them do not wrap around. */
const unscorable = 2 ** 30
/** Room for every code of a sequence, 0 to 5. */
const codeStride = 8

export interface ScanOptions {
  /** Sites that the matrix was counted from; the fewer, the more the pseudocount weighs. 20 unless given. */
  readonly nsites?: number | undefined
  /** Of A C G T in the sequences that are scanned; each above 0. Uniform unless given. */
  readonly background?: readonly number[] | undefined
  /** In sites; above 0. 0.1 unless given, as in FIMO. */
  readonly pseudocount?: number | undefined
}

/**
 * A motif as one strand of a sequence is scanned with it. A window's score is judged from above: what its core can reach at
 * best, less what each other column loses to its best base, those that lose most first, until it cannot count any more.
 */
interface StrandScores {
  /** First column of the core. */
  readonly core: number
  /** The most that a window with these bases in its core can score, [4^7 + 1]; empty where the motif is narrower. */
  readonly bounds: Int32Array
  /** The columns outside of the core, in the order in which they are looked at. */
  readonly columns: Int32Array
  /** By how much each code falls short of the column's best; masked and unknown by more than there is. [columns * 8] */
  readonly losses: Int32Array
}

/** What windows are scored with. */
export interface WindowScores {
  readonly width: number
  readonly forward: StrandScores
  readonly reverse: StrandScores
  /** The lowest and highest score of a window. */
  readonly lowest: number
  readonly highest: number
}

/** A motif made ready for scanning: `scanMotif`. */
export interface ScanMotif extends WindowScores {
  /** P(score of a random window >= lowest + i), [highest - lowest + 1]. */
  readonly tail: Float64Array
}

/** A sequence made ready for scanning: `scanSequence`. */
export interface ScanSequence {
  readonly codes: Uint8Array // [L]
  /** Number of the seven bases that begin at each place, or `noCore`; Uint16Array [L]. */
  readonly cores: Uint16Array
}

export type Strand = '+' | '-'

export interface Hit {
  /** Where the window begins in the sequence as given, 0-based, whichever the strand. */
  readonly start: number
  /** Of the motif on the sequence. */
  readonly strand: Strand
  /** In hundredths of a bit: `bitsOf`, `pValueOf`. */
  readonly score: number
}

/**
 * @param ppm probabilities of A C G T, [width][4]
 * @throws RangeError for no columns, a background or a pseudocount that is not above 0
 */
export function scanMotif(
  ppm: Matrix,
  {
    nsites = assumedSites,
    background = uniformBackground,
    pseudocount = defaultPseudocount,
  }: ScanOptions = {},
): ScanMotif {
  if (ppm.length === 0) throw new RangeError('a motif without columns cannot be scanned with')
  if (!(pseudocount > 0)) throw new RangeError(`the pseudocount is ${pseudocount}; it must be above 0`)
  if (!background.every((share) => share > 0)) {
    throw new RangeError(`the background is ${background.join(' ')}; each share must be above 0`)
  }
  const scores = ppm.map((row) =>
    row.map((p, base) => {
      const smoothed = (p * nsites + background[base]! * pseudocount) / (nsites + pseudocount)
      return Math.round(unitsPerBit * Math.log2(smoothed / background[base]!))
    }),
  )
  const lowest = scores.reduce((sum, row) => sum + Math.min(...row), 0)
  const highest = scores.reduce((sum, row) => sum + Math.max(...row), 0)
  return {
    width: ppm.length,
    forward: strandScores(scores, background),
    reverse: strandScores(reverseComplementMatrix(scores), background),
    lowest,
    highest,
    tail: tailOf(scores, background, highest - lowest),
  }
}

function strandScores(scores: Matrix, background: readonly number[]): StrandScores {
  // What a random window loses there: the core is where that is most, and turns most windows away.
  const falls = scores.map((row) => {
    const mean = row.reduce((sum, score, base) => sum + score * background[base]!, 0)
    return Math.max(...row) - mean
  })
  const bounded = scores.length >= coreWidth
  let core = 0
  let most = -Infinity
  for (let at = 0; at + coreWidth <= scores.length; at++) {
    const fall = falls.slice(at, at + coreWidth).reduce((sum, value) => sum + value, 0)
    if (fall > most + 1e-9) [core, most] = [at, fall]
  }
  const columns = [...scores.keys()]
    .filter((column) => !bounded || column < core || column >= core + coreWidth)
    .sort((a, b) => falls[b]! - falls[a]! || a - b)
  const losses = new Int32Array(columns.length * codeStride).fill(unscorable)
  for (const [i, column] of columns.entries()) {
    const row = scores[column]!
    losses.set(
      row.map((score) => Math.max(...row) - score),
      i * codeStride,
    )
  }
  const bounds = bounded ? coreBounds(scores, core) : new Int32Array(0)
  return { core, bounds, columns: Int32Array.from(columns), losses }
}

function coreBounds(scores: Matrix, core: number): Int32Array {
  const rest = scores.reduce(
    (sum, row, column) => (column < core || column >= core + coreWidth ? sum + Math.max(...row) : sum),
    0,
  )
  let sums = Int32Array.of(rest)
  for (const row of scores.slice(core, core + coreWidth)) {
    const next = new Int32Array(sums.length * baseCount)
    for (let i = 0; i < next.length; i++) next[i] = sums[i >> 2]! + row[i & 3]!
    sums = next
  }
  // Shared, so that a thread costs no memory for each motif.
  const bounds = new Int32Array(new SharedArrayBuffer((coreCount + 1) * Int32Array.BYTES_PER_ELEMENT))
  bounds.set(sums)
  bounds[noCore] = belowAll
  return bounds
}

/** Summed from the rarest, so that small chances are as exact as large ones. */
function tailOf(scores: Matrix, background: readonly number[], span: number): Float64Array {
  let chances = new Float64Array(span + 1)
  let next = new Float64Array(span + 1)
  chances[0] = 1
  let reach = 0
  for (const row of scores) {
    const least = Math.min(...row)
    next.fill(0)
    for (const [base, score] of row.entries()) {
      const step = score - least
      const share = background[base]!
      for (let i = 0; i <= reach; i++) next[i + step]! += chances[i]! * share
    }
    reach += Math.max(...row) - least
    ;[chances, next] = [next, chances]
  }
  for (let i = span - 1; i >= 0; i--) chances[i]! += chances[i + 1]!
  return chances
}

/** @param codes Uint8Array [L], held, not copied; windows with a masked or unknown base are no hits, as in FIMO */
export function scanSequence(codes: Uint8Array): ScanSequence {
  const cores = new Uint16Array(codes.length).fill(noCore)
  let number = 0
  let known = 0
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    known = code < baseCount ? known + 1 : 0
    number = ((number << 2) | (code & 3)) & (coreCount - 1)
    if (known >= coreWidth) cores[i - coreWidth + 1] = number
  }
  return { codes, cores }
}

/** @returns the lowest score whose p-value is at most `p`; undefined where even the highest score is more frequent */
export function leastScore({ tail, lowest }: ScanMotif, p: number): number | undefined {
  if (!(tail.at(-1)! <= p)) return undefined
  let from = 0
  let to = tail.length - 1
  while (from < to) {
    const middle = (from + to) >> 1
    if (tail[middle]! <= p) to = middle
    else from = middle + 1
  }
  return lowest + from
}

/** @returns P(a random window of the background scores at least this on one strand) */
export function pValueOf({ tail, lowest, highest }: ScanMotif, score: number): number {
  if (score <= lowest) return 1
  return score > highest ? 0 : tail[score - lowest]!
}

/** A score as log-odds in bits. */
export function bitsOf(score: number): number {
  return score / unitsPerBit
}

/**
 * @param least the lowest score that counts, e.g. `leastScore(motif, 1e-4)`; any unless given
 * @returns the highest-scoring window; of equal ones the leftmost, of both strands there `+`; undefined where none counts
 */
export function bestHit(motif: ScanMotif, sequence: ScanSequence, least = motif.lowest): Hit | undefined {
  let best: Hit | undefined
  scan(motif, sequence, least, (start, strand, score) => {
    best = { start, strand, score }
    return score + 1
  })
  return best
}

/**
 * Every window that scores at least `least`, from left to right, `+` before `-` where both do.
 * @param least e.g. `leastScore(motif, 1e-4)`
 */
export function eachHit(
  motif: WindowScores,
  sequence: ScanSequence,
  least: number,
  onHit: (start: number, strand: Strand, score: number) => void,
): void {
  scan(motif, sequence, least, (start, strand, score) => {
    onHit(start, strand, score)
    return least
  })
}

/** @param onHit returns the lowest score that counts from here on */
function scan(
  { width, forward, reverse, highest }: WindowScores,
  { codes, cores }: ScanSequence,
  from: number,
  onHit: (start: number, strand: Strand, score: number) => number,
): void {
  let least = from
  const last = codes.length - width
  const bounded = forward.bounds.length > 0
  for (let start = 0; start <= last; start++) {
    const onForward = bounded ? forward.bounds[cores[start + forward.core]!]! : highest
    if (onForward >= least) {
      const score = scoreWithin(forward, codes, start, onForward, least)
      if (score >= least) least = onHit(start, '+', score)
    }
    const onReverse = bounded ? reverse.bounds[cores[start + reverse.core]!]! : highest
    if (onReverse >= least) {
      const score = scoreWithin(reverse, codes, start, onReverse, least)
      if (score >= least) least = onHit(start, '-', score)
    }
  }
}

/** @returns the window's score where it is at least `least`, else something below that */
function scoreWithin(
  { columns, losses }: StrandScores,
  codes: Uint8Array,
  start: number,
  bound: number,
  least: number,
): number {
  let score = bound
  for (let i = 0; i < columns.length && score >= least; i++) {
    score -= losses[i * codeStride + codes[start + columns[i]!]!]!
  }
  return score
}
