/**
 * Edit distance between patterns (Levenshtein 1966; a gap is a letter), on one strand or the nearer of both, by Myers'
 * bit-vectors (J. ACM 46:395, 1999) in Hyyrö's blocks of 32 rows.
 */
import { complementLetter, LetterCodes, letterCount } from './letterCodes.ts'

/**
 * Distances between n patterns, each found when asked for: a matrix of 5,000 x 5,000 is not held. Asking row by row is
 * fastest, and so is `upTo` a limit. All pairs of 1,000 patterns of 99 columns (fully connected nets) on both strands
 * within 10 take 0.6 s on a busy core; the npm package fastest-levenshtein, which cannot stop early, takes 18 s there.
 */
export class EditDistances {
  readonly patterns: readonly string[] // [n]
  readonly reverseComplements: boolean
  readonly letters: LetterCodes
  readonly #counts: Int32Array // [n, 6], how often each letter occurs
  /** The counts, up to 6, each as so many ones of 32 bits, of the patterns and of their reverse complements. */
  readonly #signatures: Int32Array // [2, n]
  /** The pattern that was last asked about: where its letters are, forwards and reversed, and its bit-vectors. */
  #row = -1
  readonly #equal: Int32Array // [2, 6, blocks]
  readonly #increases: Int32Array // [blocks]
  readonly #decreases: Int32Array // [blocks]

  /** @param reverseComplements take the smaller of the distances to a pattern and to its reverse complement */
  constructor(patterns: readonly string[], reverseComplements: boolean) {
    this.patterns = patterns
    this.reverseComplements = reverseComplements
    this.letters = new LetterCodes(patterns)
    this.#counts = new Int32Array(patterns.length * letterCount)
    const { codes, starts, longest } = this.letters
    for (let i = 0; i < patterns.length; i++) {
      for (let at = starts[i]!; at < starts[i + 1]!; at++) this.#counts[i * letterCount + codes[at]!]!++
    }
    this.#signatures = new Int32Array(2 * patterns.length)
    for (let i = 0; i < patterns.length; i++) {
      for (let letter = 0; letter < letterCount; letter++) {
        const count = this.#counts[i * letterCount + letter]!
        this.#signatures[i]! |= signatureOf(letter, count)
        this.#signatures[patterns.length + i]! |= signatureOf(complementLetter(letter), count)
      }
    }
    const blocks = Math.max(1, Math.ceil(longest / 32))
    this.#equal = new Int32Array(2 * letterCount * blocks)
    this.#increases = new Int32Array(blocks)
    this.#decreases = new Int32Array(blocks)
  }

  get count(): number {
    return this.patterns.length
  }

  between(a: number, b: number): number {
    return this.upTo(a, b, Math.max(this.letters.columns(a), this.letters.columns(b)))
  }

  /** @returns the distance, or `limit + 1` where it is larger */
  upTo(a: number, b: number, limit: number): number {
    const forward = this.upToOnStrand(a, false, b, limit)
    if (!this.reverseComplements || forward === 0) return forward
    return this.upToOnStrand(a, true, b, forward - 1)
  }

  /**
   * From a pattern, or from its reverse complement, to another one; letter counts alone tell many pairs apart.
   * @returns the distance, or `limit + 1` where it is larger
   */
  upToOnStrand(a: number, reversed: boolean, b: number, limit: number): number {
    const columns = this.letters.columns(a)
    const mayDiffer = 2 * limit - Math.abs(columns - this.letters.columns(b))
    const signature = this.#signatures[reversed ? this.count + a : a]!
    if (bitsOf(signature ^ this.#signatures[b]!) > mayDiffer) return limit + 1
    if (columns <= 32) {
      if (this.#row !== a) this.#prepare(a)
      return this.#distanceOfOneBlock(a, reversed, b, limit)
    }
    if (this.#countsDiffer(a, reversed, b) > mayDiffer) return limit + 1
    if (this.#row !== a) this.#prepare(a)
    return this.#distance(a, reversed, b, limit)
  }

  /**
   * Letters by which the two differ in their counts, at least: one edit mends at most one missing and one superfluous
   * letter, hence more than `2 * limit`, less what the lengths differ by, are too many.
   */
  #countsDiffer(a: number, reversed: boolean, b: number): number {
    let differ = 0
    for (let letter = 0; letter < letterCount; letter++) {
      differ += Math.abs(
        this.#counts[a * letterCount + (reversed ? complementLetter(letter) : letter)]! -
          this.#counts[b * letterCount + letter]!,
      )
    }
    return differ
  }

  /** As `#distance`, of at most 32 rows. */
  #distanceOfOneBlock(a: number, reversed: boolean, b: number, limit: number): number {
    const { codes, starts } = this.letters
    const equal = this.#equal
    const strand = reversed ? letterCount : 0
    const first = starts[b]!
    const end = starts[b + 1]!
    let row = this.letters.columns(a) - (end - first)
    let distance = Math.abs(row)
    if (distance > limit) return limit + 1
    let up = -1
    let down = 0
    for (let column = first; column < end; column++, row++) {
      const match = equal[strand + codes[column]!]!
      const diagonal = (((match & up) + up) ^ up) | match | down
      if (row >= 0 && ((diagonal >>> row) & 1) === 0 && ++distance > limit) return limit + 1
      const right = ((down | ~(diagonal | up)) << 1) | 1
      const left = (up & diagonal) << 1
      up = left | ~(diagonal | right)
      down = right & diagonal
    }
    return distance
  }

  /**
   * Only the blocks that meet the band of cells within `limit` of the main diagonal are computed (Ukkonen 1985). Distances
   * never fall along a diagonal, so the count on the one that ends in the last cell ends the search once above `limit`.
   * @returns the distance, or `limit + 1` where it is larger
   */
  #distance(a: number, reversed: boolean, b: number, limit: number): number {
    const { codes, starts } = this.letters
    const rows = this.letters.columns(a)
    const first = starts[b]!
    const columns = starts[b + 1]! - first
    const shift = rows - columns
    let distance = Math.abs(shift)
    if (distance > limit) return limit + 1
    const equal = this.#equal
    const increases = this.#increases
    const decreases = this.#decreases
    const blocks = Math.ceil(rows / 32)
    const strand = reversed ? letterCount * blocks : 0
    increases.fill(-1, 0, blocks)
    decreases.fill(0, 0, blocks)
    for (let column = 0; column < columns; column++) {
      const row = column + shift
      const last = Math.min(blocks - 1, (column + limit) >> 5)
      let carryUp = 1
      let carryDown = 0
      const place = strand + codes[first + column]! * blocks
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
    const rows = this.letters.columns(a)
    const blocks = Math.ceil(rows / 32)
    this.#equal.fill(0)
    for (let row = 0; row < rows; row++) {
      const bit = 1 << (row & 31)
      const block = row >>> 5
      this.#equal[this.letters.letter(a, false, row) * blocks + block]! |= bit
      this.#equal[(letterCount + this.letters.letter(a, true, row)) * blocks + block]! |= bit
    }
    this.#row = a
  }
}

/** Bits of a signature that count a letter; a kept N is rare. */
const signatureBits = [6, 6, 6, 6, 2, 6]
const signatureStarts = [0, 6, 12, 18, 24, 26]

function signatureOf(letter: number, count: number): number {
  return ((1 << Math.min(count, signatureBits[letter]!)) - 1) << signatureStarts[letter]!
}

/** Ones among 32 bits, summed in parallel. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
