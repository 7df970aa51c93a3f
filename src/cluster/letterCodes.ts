/** Patterns as numbers, one after the other in one array, read on either strand. */

const letters = 'ACGTN-'
export const letterCount = letters.length
const complementOf = Uint8Array.of(3, 2, 1, 0, 4, 5)

export class LetterCodes {
  readonly count: number
  /** Codes of the first pattern, then of the second, … */
  readonly codes: Uint8Array // [columns of all]
  /** Where each pattern begins, and where the last one ends. */
  readonly starts: Int32Array // [count + 1]
  /** Columns of the longest. */
  readonly longest: number

  constructor(patterns: readonly string[]) {
    this.count = patterns.length
    this.starts = new Int32Array(patterns.length + 1)
    for (const [i, { length }] of patterns.entries()) this.starts[i + 1] = this.starts[i]! + length
    this.codes = new Uint8Array(this.starts[patterns.length]!)
    for (const [i, pattern] of patterns.entries()) {
      const start = this.starts[i]!
      for (let at = 0; at < pattern.length; at++) this.codes[start + at] = letters.indexOf(pattern[at]!)
    }
    this.longest = patterns.reduce((most, { length }) => Math.max(most, length), 0)
  }

  columns(pattern: number): number {
    return this.starts[pattern + 1]! - this.starts[pattern]!
  }

  /** @returns the letter at a column of a pattern, or of its reverse complement */
  letter(pattern: number, reversed: boolean, column: number): number {
    return reversed
      ? complementOf[this.codes[this.starts[pattern + 1]! - 1 - column]!]!
      : this.codes[this.starts[pattern]! + column]!
  }
}

export function complementLetter(letter: number): number {
  return complementOf[letter]!
}
