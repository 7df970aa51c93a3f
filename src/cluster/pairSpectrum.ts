/**
 * Patterns as points: counts of spaced base pairs tell what is shared, wherever it lies and on either strand. Patterns have
 * no common frame before they are clustered.
 */
import { patternCodes } from '../sequence/pattern.ts'
import { baseCount } from '../sequence/alphabet.ts'

/** Pairs of kept bases further apart than this are not counted: neighbours of neighbours join what lies further. */
const farthestPair = 8
const pairKinds = baseCount * baseCount

/**
 * A gapped 2-mer spectrum: counts of the pairs (base, base, distance 1 to 8) of kept bases.
 * @param reverseComplements take a pair and its reverse complement for one, and so a pattern and its reverse complement
 * @returns [8 * 16], of Euclidean length 1 (0 where fewer than two bases are kept)
 */
export function pairSpectrum(pattern: string, reverseComplements: boolean): number[] {
  const codes = patternCodes(pattern)
  const counts = new Array<number>(farthestPair * pairKinds).fill(0)
  for (let i = 0; i < codes.length; i++) {
    if (codes[i]! >= baseCount) continue
    for (let apart = 1; apart <= farthestPair && i + apart < codes.length; apart++) {
      const first = codes[i]!
      const second = codes[i + apart]!
      if (second >= baseCount) continue
      const forward = first * baseCount + second
      const backward = (3 - second) * baseCount + (3 - first)
      counts[(apart - 1) * pairKinds + (reverseComplements ? Math.min(forward, backward) : forward)]!++
    }
  }
  const length = Math.hypot(...counts)
  return length === 0 ? counts : counts.map((count) => count / length)
}
