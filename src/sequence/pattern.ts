/** A pattern: an SIS as text, from its first to its last kept base, with a gap letter where a base is masked. */
import { baseLetters, complement, decodeSequence, encodeSequence, masked } from './alphabet.ts'

const gapLetter = '-'

/**
 * @param codes Uint8Array [L], the sequence
 * @param positions the kept positions, ascending, 0-based
 * @returns text of A C G T, N for a kept unknown base, `gap` for a masked one; empty where nothing is kept
 */
export function patternOf(codes: Uint8Array, positions: ArrayLike<number>, gap = gapLetter): string {
  if (positions.length === 0) return ''
  const first = positions[0]!
  const kept = new Uint8Array(positions[positions.length - 1]! - first + 1).fill(masked)
  for (let i = 0; i < positions.length; i++) kept[positions[i]! - first] = codes[positions[i]!]!
  return decodeSequence(kept, gap)
}

/** Codes of a pattern: masked for a gap, unknown for N. */
export function patternCodes(pattern: string): Uint8Array {
  const codes = encodeSequence(pattern.replaceAll(gapLetter, 'N'))
  for (let i = 0; i < codes.length; i++) if (pattern[i] === gapLetter) codes[i] = masked
  return codes
}

/** The same pattern read on the other strand; gaps and N stay what they are. */
export function reverseComplementPattern(pattern: string): string {
  let result = ''
  for (let i = pattern.length - 1; i >= 0; i--) {
    const code = baseLetters.indexOf(pattern[i]!)
    result += code < 0 ? pattern[i]! : baseLetters[complement(code)]!
  }
  return result
}
