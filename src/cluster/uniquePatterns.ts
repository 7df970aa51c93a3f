/** Equal patterns counted once: what is clustered are unique patterns, weighted by how often they occur. */
import { reverseComplementPattern } from '../sequence/pattern.ts'

export interface WeightedPattern {
  readonly pattern: string
  /** How often it occurs; 1 where absent. */
  readonly weight?: number | undefined
}

/** u unique patterns of n given ones. */
export interface UniquePatterns {
  /** The most frequent first, then in the order of the alphabet: the same whatever order the patterns came in. */
  readonly patterns: readonly string[] // [u]
  readonly weights: Float64Array // [u]
  /** The unique pattern of each given one. */
  readonly index: Int32Array // [n]
  /** 1 where the given pattern is the reverse complement of its unique pattern. */
  readonly reversed: Uint8Array // [n]
}

/** @param reverseComplements count a pattern and its reverse complement as one (as whichever sorts first) */
export function uniquePatterns(
  given: readonly WeightedPattern[],
  reverseComplements: boolean,
): UniquePatterns {
  const reversed = new Uint8Array(given.length)
  const canonical = given.map(({ pattern }, i) => {
    if (!reverseComplements) return pattern
    const other = reverseComplementPattern(pattern)
    if (other >= pattern) return pattern
    reversed[i] = 1
    return other
  })
  const totals = new Map<string, number>()
  for (const [i, pattern] of canonical.entries()) {
    totals.set(pattern, (totals.get(pattern) ?? 0) + (given[i]!.weight ?? 1))
  }
  const patterns = [...totals.keys()].sort((a, b) => totals.get(b)! - totals.get(a)! || (a < b ? -1 : 1))
  const places = new Map(patterns.map((pattern, place) => [pattern, place]))
  return {
    patterns,
    weights: Float64Array.from(patterns, (pattern) => totals.get(pattern)!),
    index: Int32Array.from(canonical, (pattern) => places.get(pattern)!),
    reversed,
  }
}
