/**
 * Which patterns may lie within so many edits of another one (Pass-Join: Li, Deng, Wang, Feng, PVLDB 5:253, 2011). Of a
 * pattern cut into one segment more than there may be edits, one segment is found untouched in the other pattern, and
 * not far from where it was.
 *
 * How far: counted from the left, with one edit allowed for each segment passed, the edits fall behind for the first time
 * at some segment k. It is untouched, exactly k edits lie left of it and at most `limit - k` right of it; so it lies at most
 * k columns from its place counted from the left end, and at most `limit - k` counted from the right end.
 */
import type { LetterCodes } from './letterCodes.ts'

export class SegmentIndex {
  readonly #letters: LetterCodes
  readonly #limitOf: (columns: number) => number
  /** Patterns added so far, of each length. */
  readonly #ofLength: readonly number[][]
  /** Bits of a hash that do not name its bucket. */
  readonly #shift: number
  /** Postings of all segments by hash: equal segments share a bucket, and few others do. */
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

    let segments = 0
    for (let i = 0; i < letters.count; i++) segments += this.#segmentsOf(letters.columns(i))
    const bits = Math.min(24, Math.max(4, Math.ceil(Math.log2(2 * segments + 1))))
    this.#shift = 32 - bits
    this.#bucketStart = new Int32Array((1 << bits) + 1)
    this.#bucketFilled = new Int32Array(1 << bits)
    for (let i = 0; i < letters.count; i++) this.#eachBucket(i, (bucket) => this.#bucketStart[bucket + 1]!++)
    for (let b = 0; b < 1 << bits; b++) this.#bucketStart[b + 1]! += this.#bucketStart[b]!
    this.#postings = new Int32Array(segments)
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

  /** Finds the buckets to look into; -1 where they hold no fewer than `all`. */
  #bucketsFor(columns: number, length: number, limit: number, all: number): number {
    const segments = this.#segmentsOf(length)
    if (segments === 0) return -1
    let found = 0
    let held = 0
    for (let segment = 0; segment <= limit; segment++) {
      const begin = Math.floor((segment * length) / segments)
      const size = Math.floor(((segment + 1) * length) / segments) - begin
      const fromRight = begin + columns - length
      const last = Math.min(columns - size, begin + segment, fromRight + limit - segment)
      for (let at = Math.max(0, begin - segment, fromRight - limit + segment); at <= last; at++) {
        const bucket = this.#bucketOf(length, segment, at, size)
        const filled = this.#bucketFilled[bucket]!
        if (filled === 0) continue
        held += filled
        if (held >= all) return -1
        if (found === this.#buckets.length) {
          const larger = new Int32Array(2 * found)
          larger.set(this.#buckets)
          this.#buckets = larger
        }
        this.#buckets[found++] = bucket
      }
    }
    return found
  }

  /** Segments that patterns of a length are cut into; 0 where they are too short for it. */
  #segmentsOf(columns: number): number {
    const segments = this.#limitOf(columns) + 1
    return segments > columns ? 0 : segments
  }

  #eachBucket(pattern: number, act: (bucket: number) => void): void {
    const columns = this.#letters.columns(pattern)
    const segments = this.#segmentsOf(columns)
    if (segments === 0) return
    this.#hash(pattern, false)
    for (let segment = 0; segment < segments; segment++) {
      const begin = Math.floor((segment * columns) / segments)
      const size = Math.floor(((segment + 1) * columns) / segments) - begin
      act(this.#bucketOf(columns, segment, begin, size))
    }
  }

  #hash(pattern: number, reversed: boolean): void {
    const columns = this.#letters.columns(pattern)
    for (let i = 0; i < columns; i++) {
      const letter = this.#letters.letter(pattern, reversed, i) + 1
      this.#beginnings[i + 1] = (Math.imul(this.#beginnings[i]!, hashBase) + letter) | 0
    }
  }

  /** Of `size` columns from `at` of the pattern hashed last, as a segment of patterns of `length` columns. */
  #bucketOf(length: number, segment: number, at: number, size: number): number {
    const before = Math.imul(this.#beginnings[at]!, this.#powers[size]!)
    let hash = (this.#beginnings[at + size]! - before) ^ Math.imul(length * 1024 + segment + 1, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> this.#shift
  }
}

/** Odd, so that no letter's part of the hash is lost. */
const hashBase = 0x01000193
