/** Two motifs in one SIS: how their sites lie to each other. */

/** Where a part's motif lies in its sequence. */
export interface MotifSite {
  readonly motif: number
  readonly strand: '+' | '-'
  /** 0-based, half-open; may reach beyond the sequence. */
  readonly start: number
  readonly end: number
}

/**
 * How the second motif lies as the first one reads, from left to right: `A> B>`, `A> <B`, `B> A>`, `<B A>`. Of two sites of
 * one motif, `A> A>`, `A> <A` or `<A A>`. A palindrome reads either way and has no arrow: `A B>` is A before B as B
 * reads; `A B` says nothing.
 */
export type Arrangement = string

/** The arrangements that two motifs can have, and how often each is where sites are placed at random. */
export function arrangementsOf(pair: PairKind): ReadonlyMap<Arrangement, number> {
  const { same, palindromes } = pair
  if (palindromes[0] && palindromes[1]) return new Map([[same ? 'A A' : 'A B', 1]])
  if (same) {
    return new Map([
      ['A> A>', 1 / 2],
      ['A> <A', 1 / 4],
      ['<A A>', 1 / 4],
    ])
  }
  if (palindromes[0]) {
    return new Map([
      ['A B>', 1 / 2],
      ['B> A', 1 / 2],
    ])
  }
  if (palindromes[1]) {
    return new Map([
      ['A> B', 1 / 2],
      ['B A>', 1 / 2],
    ])
  }
  return new Map(['A> B>', 'A> <B', 'B> A>', '<B A>'].map((arrangement) => [arrangement, 1 / 4]))
}

export interface PairKind {
  /** Both are of one motif. */
  readonly same: boolean
  /** Whether the first, and the second, is its own reverse complement. */
  readonly palindromes: readonly [boolean, boolean]
}

/** @returns one of `arrangementsOf` the pair */
export function arrangementOf(a: MotifSite, b: MotifSite, { same, palindromes }: PairKind): Arrangement {
  if (same) {
    const [left, right] = isBefore(a, b) ? [a, b] : [b, a]
    if (palindromes[0]) return 'A A'
    if (left.strand === right.strand) return 'A> A>'
    return left.strand === '+' ? 'A> <A' : '<A A>'
  }
  if (palindromes[0] && palindromes[1]) return 'A B'
  if (palindromes[0]) return isBefore(a, b) === (b.strand === '+') ? 'A B>' : 'B> A'
  const isBehind = isBefore(a, b) === (a.strand === '+')
  if (palindromes[1]) return isBehind ? 'A> B' : 'B A>'
  const arrow = a.strand === b.strand
  if (isBehind) return arrow ? 'A> B>' : 'A> <B'
  return arrow ? 'B> A>' : '<B A>'
}

/** Bases between two sites; negative where they overlap. */
export function gapBetween(a: MotifSite, b: MotifSite): number {
  return isBefore(a, b) ? b.start - a.end : a.start - b.end
}

function isBefore(a: MotifSite, b: MotifSite): boolean {
  return a.start + a.end <= b.start + b.end
}
