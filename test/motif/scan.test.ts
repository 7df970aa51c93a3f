/** Scanning with a motif: p-values by counting all windows, hits by trying all windows, palindromes, unknown bases. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'
import {
  bestHit,
  bitsOf,
  eachHit,
  leastScore,
  pValueOf,
  scanMotif,
  scanSequence,
  type Hit,
  type ScanMotif,
} from '../../src/motif/scan.ts'

const uniform = [0.25, 0.25, 0.25, 0.25]
const skewed = [0.35, 0.15, 0.1, 0.4]

/** Probabilities of whole counts, some 0. */
const matrices = (least: number, most: number) =>
  fc
    .array(fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }), { minLength: least, maxLength: most })
    .map((rows) =>
      rows.map((row) => {
        const sum = row.reduce((total, count) => total + count, 0)
        return sum === 0 ? uniform : row.map((count) => count / sum)
      }),
    )

/** In hundredths of a bit, from the definition; undefined where a base is not known. */
function plainScore(ppm: readonly (readonly number[])[], background: readonly number[], codes: Uint8Array) {
  let score = 0
  for (const [i, row] of ppm.entries()) {
    const base = codes[i]!
    if (base > 3) return undefined
    const smoothed = (row[base]! * 20 + background[base]! * 0.1) / 20.1
    score += Math.round(100 * Math.log2(smoothed / background[base]!))
  }
  return score
}

function hitsOf(motif: ScanMotif, codes: Uint8Array, least: number): Hit[] {
  const hits: Hit[] = []
  eachHit(motif, scanSequence(codes), least, (start, strand, score) => hits.push({ start, strand, score }))
  return hits
}

describe('p-values', () => {
  it('are the share of all words that score at least as much, as the background makes them', () => {
    fc.assert(
      fc.property(matrices(1, 5), fc.constantFrom(uniform, skewed), (ppm, background) => {
        const motif = scanMotif(ppm, { background })
        const words = Array.from({ length: 4 ** ppm.length }, (_, number) =>
          Uint8Array.from(ppm, (_row, i) => (number >> (2 * i)) & 3),
        ).map((codes) => ({
          score: plainScore(ppm, background, codes)!,
          chance: codes.reduce((product, base) => product * background[base]!, 1),
        }))
        for (const { score } of words) {
          const expected = words.reduce((sum, word) => (word.score >= score ? sum + word.chance : sum), 0)
          expect(pValueOf(motif, score)).toBeCloseTo(expected, 12)
        }
        expect(pValueOf(motif, motif.highest + 1)).toBe(0)
        expect(pValueOf(motif, motif.lowest - 5)).toBe(1)
      }),
      { numRuns: 30 },
    )
  })

  it('of the one best word of 30 bases is 4^-30, not 0', () => {
    const motif = scanMotif(Array.from({ length: 30 }, () => [1, 0, 0, 0]))
    expect(pValueOf(motif, motif.highest)).toBeCloseTo(4 ** -30, 30)
    expect(pValueOf(motif, motif.highest) / 4 ** -30).toBeCloseTo(1, 9)
  })

  it('decide the lowest score that counts', () => {
    const motif = scanMotif(Array.from({ length: 8 }, () => [0.7, 0.1, 0.1, 0.1]))
    const least = leastScore(motif, 1e-4)!
    expect(pValueOf(motif, least)).toBeLessThanOrEqual(1e-4)
    expect(pValueOf(motif, least - 1)).toBeGreaterThan(1e-4)
    expect(leastScore(motif, 1)).toBe(motif.lowest)
    expect(leastScore(motif, 4 ** -8 * 0.9)).toBeUndefined()
  })
})

describe('hits', () => {
  it('are all windows of both strands that score enough, and the best is the first of the highest', () => {
    const letters = fc.string({
      unit: fc.constantFrom('A', 'C', 'G', 'T', 'A', 'C', 'G', 'T', 'N'),
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        matrices(1, 12),
        letters,
        fc.constantFrom(uniform, skewed),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ppm, text, background, share) => {
          const motif = scanMotif(ppm, { background })
          const codes = encodeSequence(text)
          const least = Math.round(motif.lowest + share * (motif.highest - motif.lowest))
          const expected: Hit[] = []
          for (let start = 0; start + ppm.length <= codes.length; start++) {
            const window = codes.subarray(start, start + ppm.length)
            const forward = plainScore(ppm, background, window)
            if (forward === undefined) continue
            if (forward >= least) expected.push({ start, strand: '+', score: forward })
            const reverse = plainScore(ppm, background, reverseComplement(window))!
            if (reverse >= least) expected.push({ start, strand: '-', score: reverse })
          }
          expect(hitsOf(motif, codes, least)).toEqual(expected)
          const highest = Math.max(...expected.map(({ score }) => score))
          const best = expected.find(({ score }) => score === highest)
          expect(bestHit(motif, scanSequence(codes), least)).toEqual(best)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of a palindrome are found on both strands', () => {
    const ppm = Array.from('GGTACC', (letter) => Array.from('ACGT', (base) => Number(base === letter)))
    const motif = scanMotif(ppm)
    const hits = hitsOf(motif, encodeSequence('AAGGTACCAA'), motif.highest)
    expect(hits.map(({ start, strand }) => `${start}${strand}`)).toEqual(['2+', '2-'])
    expect(bitsOf(motif.highest)).toBeCloseTo(6 * Math.log2((20 + 0.025) / 20.1 / 0.25), 1)
  })

  it('are none in a sequence shorter than the motif', () => {
    const motif = scanMotif(Array.from({ length: 9 }, () => uniform))
    expect(bestHit(motif, scanSequence(encodeSequence('ACGT')))).toBeUndefined()
  })
})

describe('a motif that cannot be scanned with', () => {
  it('is refused', () => {
    expect(() => scanMotif([])).toThrow('without columns')
    expect(() => scanMotif([uniform], { pseudocount: 0 })).toThrow('pseudocount is 0')
    expect(() => scanMotif([uniform], { background: [0, 0.5, 0.25, 0.25] })).toThrow('each share')
  })
})
