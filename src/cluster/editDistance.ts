/** Edit distance between patterns (Levenshtein 1966; a gap is a letter), on one strand or the nearer of both. */
import { distance } from 'fastest-levenshtein'
import { reverseComplementPattern } from './pattern.ts'

const letters = 'ACGTN-'
const complementOf = [3, 2, 1, 0, 4, 5]

/** Distances between n patterns, each found when asked for: a matrix of 5,000 × 5,000 is not held. */
export class EditDistances {
  readonly patterns: readonly string[] // [n]
  readonly reverseComplements: boolean
  readonly #reversed: readonly string[]
  readonly #counts: Int16Array // [n, 6], how often each letter occurs

  /** @param reverseComplements take the smaller of the distances to a pattern and to its reverse complement */
  constructor(patterns: readonly string[], reverseComplements: boolean) {
    this.patterns = patterns
    this.reverseComplements = reverseComplements
    this.#reversed = reverseComplements ? patterns.map(reverseComplementPattern) : []
    this.#counts = new Int16Array(patterns.length * letters.length)
    for (const [i, pattern] of patterns.entries()) {
      for (const letter of pattern) this.#counts[i * letters.length + letters.indexOf(letter)]!++
    }
  }

  get count(): number {
    return this.patterns.length
  }

  between(a: number, b: number): number {
    const forward = distance(this.patterns[a]!, this.patterns[b]!)
    return this.reverseComplements
      ? Math.min(forward, distance(this.patterns[a]!, this.#reversed[b]!))
      : forward
  }

  /** Whether the distance is at most `limit`; most pairs are told apart by their letter counts alone. */
  within(a: number, b: number, limit: number): boolean {
    if (this.#bound(a, b, false) <= limit && distance(this.patterns[a]!, this.patterns[b]!) <= limit)
      return true
    return (
      this.reverseComplements &&
      this.#bound(a, b, true) <= limit &&
      distance(this.patterns[a]!, this.#reversed[b]!) <= limit
    )
  }

  /** What the letter counts alone prove: each edit mends at most one missing and one superfluous letter. */
  #bound(a: number, b: number, reversed: boolean): number {
    let missing = 0
    let superfluous = 0
    for (let letter = 0; letter < letters.length; letter++) {
      const difference =
        this.#counts[a * letters.length + letter]! -
        this.#counts[b * letters.length + (reversed ? complementOf[letter]! : letter)]!
      if (difference > 0) superfluous += difference
      else missing -= difference
    }
    return Math.max(missing, superfluous)
  }
}
