/** Dinucleotide shuffle: exact counts, fixed ends, and every rearrangement equally often. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { decodeSequence, encodeSequence, unknown } from '../../src/sequence/alphabet.ts'
import { dinucleotideShuffle } from '../../src/sequence/dinucleotideShuffle.ts'

const sequences = fc
  .uint8Array({ max: 4, maxLength: 120 })
  .map((codes) => codes.map((c) => (c === 4 ? unknown : c)))

function dinucleotides(codes: Uint8Array): number[] {
  const counts = new Array<number>(36).fill(0)
  for (let i = 1; i < codes.length; i++) counts[codes[i - 1]! * 6 + codes[i]!]!++
  return counts
}

/** Every distinct sequence with the same first letter and dinucleotide counts, by exhaustive search. */
function rearrangements(text: string): Set<string> {
  const found = new Set<string>()
  const letters = [...new Set(text)]
  const left = new Map<string, number>()
  for (let i = 1; i < text.length; i++) {
    const pair = text.slice(i - 1, i + 1)
    left.set(pair, (left.get(pair) ?? 0) + 1)
  }
  const extend = (prefix: string): void => {
    if (prefix.length === text.length) found.add(prefix)
    for (const letter of letters) {
      const pair = prefix.at(-1)! + letter
      const count = left.get(pair) ?? 0
      if (count === 0) continue
      left.set(pair, count - 1)
      extend(prefix + letter)
      left.set(pair, count)
    }
  }
  extend(text[0]!)
  return found
}

describe('dinucleotideShuffle', () => {
  it('keeps the dinucleotide counts, both ends and the input', () => {
    fc.assert(
      fc.property(sequences, fc.nat(), (codes, seed) => {
        const before = codes.slice()
        const shuffled = dinucleotideShuffle(codes, new Random(seed))
        expect(shuffled).toHaveLength(codes.length)
        expect(dinucleotides(shuffled)).toEqual(dinucleotides(codes))
        expect([shuffled[0], shuffled.at(-1)]).toEqual([codes[0], codes.at(-1)])
        expect(codes).toEqual(before)
        expect(shuffled).not.toBe(codes)
      }),
      { numRuns: 500 },
    )
  })

  it.each(['', 'A', 'AC', 'ACG', 'AAAAAAAA', 'ACGT', 'AAAACCCC', 'ACACACAC', 'NNNNACG'])(
    'returns %j, which has no other arrangement, as it is',
    (text) => {
      for (let seed = 0; seed < 20; seed++) {
        expect(decodeSequence(dinucleotideShuffle(encodeSequence(text), new Random(seed)))).toBe(text)
      }
    },
  )

  // The 0.999 quantile of chi-square with k degrees of freedom, by Wilson and Hilferty.
  const critical = (k: number) => k * (1 - 2 / (9 * k) + 3.09 * Math.sqrt(2 / (9 * k))) ** 3

  it.each(['AACAGATAAG', 'ACGTACGATCA', 'AAAACAAAGA', 'ANCANGNACN', 'GATTACAGATC'])(
    'draws every rearrangement of %s equally often',
    (text) => {
      const counts = new Map([...rearrangements(text)].map((sequence) => [sequence, 0]))
      expect(counts.size).toBeGreaterThan(3)
      const random = new Random(7, text)
      const expected = 200
      const codes = encodeSequence(text)
      for (let i = 0; i < expected * counts.size; i++) {
        const drawn = decodeSequence(dinucleotideShuffle(codes, random))
        counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
      }
      expect([...counts.keys()].sort()).toEqual([...rearrangements(text)].sort())
      let chiSquare = 0
      for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
      expect(chiSquare).toBeLessThan(critical(counts.size - 1))
    },
  )

  it('depends on the random stream alone', () => {
    const codes = encodeSequence('ACGATCGATTACGATCAGGACTTACAGGATC')
    const once = dinucleotideShuffle(codes, new Random(3, 'a'))
    expect(dinucleotideShuffle(codes, new Random(3, 'a'))).toEqual(once)
    expect(dinucleotideShuffle(codes, new Random(4, 'a'))).not.toEqual(once)
  })
})
