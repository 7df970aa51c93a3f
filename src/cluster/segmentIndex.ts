/**
 * Which patterns may lie within so many edits of another one, after Pass-Join (Li, Deng, Wang, Feng, PVLDB 5:253, 2011): of
 * a pattern cut into more segments than there may be edits, some are found untouched in the other pattern, and not far from
 * where they were. Here it is cut into two more, and the first two untouched ones are looked up together: of patterns of
 * 13 columns in 4 segments they are 6 or 7 letters, where one of 3 segments would be 4, and 30 times as many patterns share it.
 *
 * How far from where they were: let an insertion belong to the segment after it, or to the last one. Then left of the first
 * untouched segment, the i-th, there are at least i edits, between it and the next untouched one, the j-th, at least
 * j - i - 1, and each edit shifts what follows by at most one column.
 */
import type { LetterCodes } from './letterCodes.ts'

export class SegmentIndex {
  readonly #letters: LetterCodes
  readonly #limitOf: (columns: number) => number
  /** Patterns added so far, of each length. */
  readonly #ofLength: readonly number[][]
  /** Bits of a hash that do not name its bucket. */
  readonly #shift: number
  /** Postings of all pairs of segments by hash: equal ones share a bucket, and few others do. */
  readonly #bucketStart: Int32Array // [buckets + 1]
  readonly #bucketFilled: Int32Array // [buckets]
  readonly #postings: Int32Array
  /** Hashes of the beginnings of the pattern at hand, and powers of the base. */
  readonly #beginnings: Int32Array // [longest + 1]
  readonly #powers: Int32Array // [longest + 1]
  /** The last question that met a pattern. */
  readonly #met: Int32Array // [count]
  #question = 0
  #buckets = new Int32Array(64)

  /** @param limitOf most edits between a pattern of so many columns and a longer one; never falls */
  constructor(letters: LetterCodes, limitOf: (columns: number) => number) {
    this.#letters = letters
    this.#limitOf = limitOf
    this.#ofLength = Array.from({ length: letters.longest + 1 }, () => [])
    this.#beginnings = new Int32Array(letters.longest + 1)
    this.#powers = new Int32Array(letters.longest + 1).fill(1)
    for (let i = 0; i < letters.longest; i++) this.#powers[i + 1] = Math.imul(this.#powers[i]!, hashBase)
    this.#met = new Int32Array(letters.count)

    let pairs = 0
    for (let i = 0; i < letters.count; i++)
      pairs += (this.#segmentsOf(letters.columns(i)) * (this.#segmentsOf(letters.columns(i)) - 1)) / 2
    const bits = Math.min(24, Math.max(4, Math.ceil(Math.log2(2 * pairs + 1))))
    this.#shift = 32 - bits
    this.#bucketStart = new Int32Array((1 << bits) + 1)
    this.#bucketFilled = new Int32Array(1 << bits)
    for (let i = 0; i < letters.count; i++) this.#eachBucket(i, (bucket) => this.#bucketStart[bucket + 1]!++)
    for (let b = 0; b < 1 << bits; b++) this.#bucketStart[b + 1]! += this.#bucketStart[b]!
    this.#postings = new Int32Array(pairs)
  }

  add(pattern: number): void {
    this.#ofLength[this.#letters.columns(pattern)]!.push(pattern)
    this.#eachBucket(pattern, (bucket) => {
      this.#postings[this.#bucketStart[bucket]! + this.#bucketFilled[bucket]!++] = pattern
    })
  }

  /**
   * @param reversed ask for the reverse complement of the pattern
   * @param meet is given each pattern added so far that may be near, once, with the most edits allowed
   */
  candidates(pattern: number, reversed: boolean, meet: (candidate: number, limit: number) => void): void {
    const columns = this.#letters.columns(pattern)
    this.#hash(pattern, reversed)
    this.#question++
    const most = this.#limitOf(columns)
    const longest = Math.min(this.#letters.longest, columns + most)
    for (let length = Math.max(0, columns - most); length <= longest; length++) {
      const all = this.#ofLength[length]!
      const limit = this.#limitOf(Math.min(columns, length))
      if (all.length === 0 || Math.abs(columns - length) > limit) continue
      const buckets = this.#bucketsFor(columns, length, limit, all.length)
      if (buckets < 0) {
        // Too short to be cut, or cut into what is everywhere, as gaps are in the patterns of fully connected nets.
        for (let i = 0; i < all.length; i++) meet(all[i]!, limit)
        continue
      }
      for (let i = 0; i < buckets; i++) {
        const bucket = this.#buckets[i]!
        const start = this.#bucketStart[bucket]!
        const end = start + this.#bucketFilled[bucket]!
        for (let at = start; at < end; at++) {
          const candidate = this.#postings[at]!
          if (this.#met[candidate] === this.#question || this.#letters.columns(candidate) !== length) continue
          this.#met[candidate] = this.#question
          meet(candidate, limit)
        }
      }
    }
  }

  /** Finds the buckets to look into; -1 where that is no less work than to meet `all` patterns. */
  #bucketsFor(columns: number, length: number, limit: number, all: number): number {
    const segments = this.#segmentsOf(length)
    if (segments === 0) return -1
    const beyond = columns - length
    let found = 0
    let work = 0
    for (let i = 0; i <= limit; i++) {
      for (let shift = i === 0 ? 0 : -limit; shift <= (i === 0 ? 0 : limit); shift++) {
        const spare = limit - Math.max(i, Math.abs(shift))
        for (let j = i + 1; j <= i + 1 + spare; j++) {
          // Untouched neighbours stay together, and an untouched last segment stays last.
          let least = j === i + 1 ? shift : Math.max(shift, beyond) - spare
          let most = j === i + 1 ? shift : Math.min(shift, beyond) + spare
          if (j === segments - 1) {
            least = Math.max(least, beyond)
            most = Math.min(most, beyond)
          }
          for (let next = least; next <= most; next++) {
            if (Math.max(j - i - 1, Math.abs(next - shift)) + Math.abs(beyond - next) > spare) continue
            const bucket = this.#bucketOf(columns, length, segments, i, shift, j, next)
            if (bucket < 0) continue
            const filled = this.#bucketFilled[bucket]!
            work += filled + 1
            if (work >= all) return -1
            if (filled === 0) continue
            if (found === this.#buckets.length) {
              const larger = new Int32Array(2 * found)
              larger.set(this.#buckets)
              this.#buckets = larger
            }
            this.#buckets[found++] = bucket
          }
        }
      }
    }
    return found
  }

  /** Segments that patterns of a length are cut into; 0 where they are too short for it. */
  #segmentsOf(columns: number): number {
    const segments = this.#limitOf(columns) + 2
    return segments > columns ? 0 : segments
  }

  #eachBucket(pattern: number, act: (bucket: number) => void): void {
    const columns = this.#letters.columns(pattern)
    const segments = this.#segmentsOf(columns)
    if (segments === 0) return
    this.#hash(pattern, false)
    for (let j = 1; j < segments; j++) {
      for (let i = 0; i < j; i++) act(this.#bucketOf(columns, columns, segments, i, 0, j, 0))
    }
  }

  #hash(pattern: number, reversed: boolean): void {
    const columns = this.#letters.columns(pattern)
    for (let i = 0; i < columns; i++) {
      const letter = this.#letters.letter(pattern, reversed, i) + 1
      this.#beginnings[i + 1] = (Math.imul(this.#beginnings[i]!, hashBase) + letter) | 0
    }
  }

  /**
   * Of two segments of patterns of `length` columns, as they are found shifted in the pattern of so many columns that was
   * hashed last; -1 where they would lie outside it.
   */
  #bucketOf(
    columns: number,
    length: number,
    segments: number,
    i: number,
    shift: number,
    j: number,
    next: number,
  ): number {
    const begin = Math.floor((i * length) / segments) + shift
    const end = Math.floor(((i + 1) * length) / segments) + shift
    const nextBegin = Math.floor((j * length) / segments) + next
    const nextEnd = Math.floor(((j + 1) * length) / segments) + next
    if (begin < 0 || end > nextBegin || nextEnd > columns) return -1
    let hash = Math.imul(this.#between(begin, end), 0x9e3779b1) + this.#between(nextBegin, nextEnd)
    hash = (hash ^ (hash >>> 15)) + Math.imul((length * 128 + i) * 128 + j, 0x27d4eb2f)
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> this.#shift
  }

  #between(begin: number, end: number): number {
    return (this.#beginnings[end]! - Math.imul(this.#beginnings[begin]!, this.#powers[end - begin]!)) | 0
  }
}

/** Odd, so that no letter's part of the hash is lost. */
const hashBase = 0x01000193
