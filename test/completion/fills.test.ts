/** What stands in the place of masked bases: drawn as its kind says, the same for the same seed, real bases alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  drawFills,
  fillKinds,
  freePositions,
  isComposition,
  type FillSources,
} from '../../src/completion/fills.ts'
import { encodeSequence, unknown } from '../../src/sequence/alphabet.ts'
import '../propertySeeds.ts'

const codes = encodeSequence('ACGTTGCANACGGTCATTAGCNTA')
const { length } = codes
const donors = Uint8Array.from([
  ...encodeSequence('C'.repeat(length)),
  ...encodeSequence(`${'G'.repeat(length - 2)}NN`),
])
const sources: FillSources = { seed: 1, donors, background: [0, 0.5, 0.5, 0] }

function gapsOf(kept: readonly number[], name = 'one') {
  return { name, codes, free: freePositions(length, kept) }
}

const rowsOf = (fills: Uint8Array): Uint8Array[] =>
  Array.from({ length: fills.length / length }, (_, row) => fills.subarray(row * length, (row + 1) * length))

describe('completions', () => {
  it.each(fillKinds)('%s: keep what is kept, are known bases elsewhere, and are the same again', (kind) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: length - 1 })), (kept) => {
        const gaps = gapsOf(kept)
        const fills = drawFills(kind, 5, gaps, sources)
        expect(fills).toEqual(drawFills(kind, 5, gaps, sources))
        for (const row of rowsOf(fills)) {
          for (const [at, code] of row.entries()) {
            if (kept.includes(at)) expect(code).toBe(codes[at])
            else expect(code).toBeLessThan(4)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it.each(fillKinds)('%s: are others for another seed, and for another sequence', (kind) => {
    const own = drawFills(kind, 20, gapsOf([3]), sources)
    expect(drawFills(kind, 20, gapsOf([3]), { ...sources, seed: 2 })).not.toEqual(own)
    expect(drawFills(kind, 20, gapsOf([3], 'two'), sources)).not.toEqual(own)
  })

  it('shuffled have the bases that are free, and not those that are kept', () => {
    const whole = encodeSequence('AAAACCGTCCGTTCGTCTGGTC')
    const free = freePositions(whole.length, [0, 1, 2, 3])
    const fills = drawFills('shuffled', 30, { name: 'x', codes: whole, free }, sources)
    const sorted = (bases: Uint8Array): number[] => [...bases].sort()
    for (let row = 0; row < 30; row++) {
      const filled = fills.subarray(row * whole.length, (row + 1) * whole.length)
      expect(sorted(filled.subarray(4))).toEqual(sorted(whole.subarray(4)))
      expect(filled.subarray(4)).not.toContain(0)
    }
    expect(new Set(rowsOf(fills).map(String)).size).toBeGreaterThan(20)
  })

  it('others are of one other sequence each, at the same places', () => {
    const fills = rowsOf(drawFills('others', 40, gapsOf([]), sources))
    const kinds = fills.map((row) => new Set(row))
    expect(kinds.every((bases) => bases.size === 1)).toBe(true)
    expect(new Set(kinds.map((bases) => [...bases][0]))).toEqual(new Set([1, 2]))
    expect(donors).toContain(unknown)
  })

  it('others need another sequence', () => {
    const none = { ...sources, donors: new Uint8Array(0) }
    expect(() => drawFills('others', 1, gapsOf([]), none)).toThrow(
      "sequence 'one': there is no other sequence that the model does not call",
    )
  })

  it('background draws by the shares of the background', () => {
    const fills = drawFills('background', 500, gapsOf([]), sources)
    const share = fills.reduce((sum, code) => sum + Number(code === 1), 0) / fills.length
    expect(new Set(fills)).toEqual(new Set([1, 2]))
    expect(share).toBeCloseTo(0.5, 1)
    expect(isComposition(sources.background)).toBe(true)
    expect(isComposition([0, 0, 0, 0])).toBe(false)
    expect(isComposition([1.5, -0.5, 0, 0])).toBe(false)
  })
})
