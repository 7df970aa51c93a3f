/**
 * Edit distance between patterns (Levenshtein 1966; a gap is a letter), on one strand or the nearer of both, by Myers'
 * bit-vectors (J. ACM 46:395, 1999) in Hyyrö's blocks of 32 rows.
 */
import { reverseComplementPattern } from '../sequence/pattern.ts'

const letters = 'ACGTN-'
const letterCount = letters.length
const complementOf = [3, 2, 1, 0, 4, 5]

/**
 * Distances between n patterns, each found when asked for: a matrix of 5,000 x 5,000 is not held. Asking row by row is
 * fastest, and so is `upTo` a limit. All pairs of 1,000 patterns of 99 columns (fully connected nets) on both strands
 * within 10 take 0.6 s on a busy core; the npm package fastest-levenshtein, which cannot stop early, takes 18 s there.
 */
export class EditDistances {
  readonly patterns: readonly string[] // [n]
  readonly reverseComplements: boolean
  /** Letter codes of each pattern, and of its reverse complement. */
  readonly #strands: readonly (readonly Uint8Array[])[]
  readonly #counts: Int16Array // [n, 6], how often each letter occurs
  /** The bit-vectors of the pattern that was last asked about, and where its letters are. */
  #row = -1
  #equal = new Int32Array(0) // [6, blocks]
  readonly #increases: Int32Array // [blocks]
  readonly #decreases: Int32Array // [blocks]

  /** @param reverseComplements take the smaller of the distances to a pattern and to its reverse complement */
  constructor(patterns: readonly string[], reverseComplements: boolean) {
    this.patterns = patterns
    this.reverseComplements = reverseComplements
    this.#strands = patterns.map((pattern) =>
      (reverseComplements ? [pattern, reverseComplementPattern(pattern)] : [pattern]).map(letterCodes),
    )
    this.#counts = new Int16Array(patterns.length * letterCount)
    for (const [i, [forward]] of this.#strands.entries()) {
      for (const letter of forward!) this.#counts[i * letterCount + letter]!++
    }
    const blocks = Math.ceil(patterns.reduce((most, { length }) => Math.max(most, length), 1) / 32)
    this.#increases = new Int32Array(blocks)
    this.#decreases = new Int32Array(blocks)
  }

  get count(): number {
    return this.patterns.length
  }

  between(a: number, b: number): number {
    return this.upTo(a, b, Math.max(this.patterns[a]!.length, this.patterns[b]!.length))
  }

  /** @returns the distance, or `limit + 1` where it is larger; letter counts alone tell many pairs apart */
  upTo(a: number, b: number, limit: number): number {
    let least = limit + 1
    const strands = this.#strands[b]!
    for (let strand = 0; strand < strands.length && least > 0; strand++) {
      if (this.#bound(a, b, strand === 1) < least) least = this.#distance(a, strands[strand]!, least - 1)
    }
    return least
  }

  /** What the letter counts prove: one edit mends at most one missing and one superfluous letter. */
  #bound(a: number, b: number, reversed: boolean): number {
    let missing = 0
    let superfluous = 0
    for (let letter = 0; letter < letterCount; letter++) {
      const difference =
        this.#counts[a * letterCount + letter]! -
        this.#counts[b * letterCount + (reversed ? complementOf[letter]! : letter)]!
      if (difference > 0) superfluous += difference
      else missing -= difference
    }
    return Math.max(missing, superfluous)
  }

  /**
   * Only the blocks that meet the band of cells within `limit` of the main diagonal are computed (Ukkonen 1985). Distances
   * never fall along a diagonal, so the count on the one that ends in the last cell ends the search once above `limit`.
   * @returns the distance, or `limit + 1` where it is larger
   */
  #distance(a: number, text: Uint8Array, limit: number): number {
    const rows = this.patterns[a]!.length
    const shift = rows - text.length
    let distance = Math.abs(shift)
    if (distance > limit) return limit + 1
    if (this.#row !== a) this.#prepare(a)
    const equal = this.#equal
    const increases = this.#increases
    const decreases = this.#decreases
    const blocks = Math.ceil(rows / 32)
    increases.fill(-1, 0, blocks)
    decreases.fill(0, 0, blocks)
    for (let column = 0; column < text.length; column++) {
      const row = column + shift
      const last = Math.min(blocks - 1, (column + limit) >> 5)
      let carryUp = 1
      let carryDown = 0
      const place = text[column]! * blocks
      for (let block = Math.max(0, column - limit) >> 5; block <= last; block++) {
        const up = increases[block]!
        const down = decreases[block]!
        let match = equal[place + block]!
        const vertical = match | down
        match |= carryDown
        const diagonal = (((match & up) + up) ^ up) | match
        let right = down | ~(diagonal | up)
        let left = up & diagonal
        if (row >= 0 && row >> 5 === block) distance += 1 - (((diagonal | down) >>> (row & 31)) & 1)
        const nextUp = right >>> 31
        const nextDown = left >>> 31
        right = (right << 1) | carryUp
        left = (left << 1) | carryDown
        increases[block] = left | ~(vertical | right)
        decreases[block] = right & vertical
        carryUp = nextUp
        carryDown = nextDown
      }
      if (distance > limit) return limit + 1
    }
    return distance
  }

  #prepare(a: number): void {
    const codes = this.#strands[a]![0]!
    const blocks = Math.ceil(codes.length / 32)
    this.#equal = new Int32Array(letterCount * blocks)
    for (let i = 0; i < codes.length; i++) this.#equal[codes[i]! * blocks + (i >>> 5)]! |= 1 << (i & 31)
    this.#row = a
  }
}

function letterCodes(pattern: string): Uint8Array {
  return Uint8Array.from(pattern, (letter) => letters.indexOf(letter))
}
