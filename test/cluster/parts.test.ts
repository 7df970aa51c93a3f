/** Parts of SIS, and the gap that begins a new one, on gaps of known populations. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { learnPartGap } from '../../src/cluster/partGap.ts'
import { splitParts } from '../../src/cluster/parts.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'

describe('splitParts', () => {
  const codes = encodeSequence('AACAGCTGTTTTTTGATAAC')

  it('begins a new part where more bases are masked than the gap allows', () => {
    const positions = [2, 3, 4, 6, 7, 14, 15, 17]
    expect(splitParts(codes, positions, 1)).toEqual([
      { positions: [2, 3, 4, 6, 7], pattern: 'CAG-TG' },
      { positions: [14, 15, 17], pattern: 'GA-A' },
    ])
    expect(splitParts(codes, positions, 0).map(({ pattern }) => pattern)).toEqual(['CAG', 'TG', 'GA', 'A'])
    expect(splitParts(codes, positions, 6).map(({ pattern }) => pattern)).toEqual(['CAG-TG------GA-A'])
    expect(splitParts(codes, [], 3)).toEqual([])
  })

  it('loses no position, and leaves only wide gaps between parts', () => {
    const kept = fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { minLength: 1 })
    fc.assert(
      fc.property(kept, fc.integer({ min: 0, max: 19 }), (unsorted, gap) => {
        const positions = unsorted.toSorted((a, b) => a - b)
        const parts = splitParts(codes, positions, gap)
        expect(parts.flatMap((part) => part.positions)).toEqual(positions)
        for (const [i, part] of parts.entries()) {
          if (i > 0) expect(part.positions[0]! - parts[i - 1]!.positions.at(-1)! - 1).toBeGreaterThan(gap)
          for (const [k, position] of part.positions.entries()) {
            if (k > 0) expect(position - part.positions[k - 1]! - 1).toBeLessThanOrEqual(gap)
          }
        }
      }),
    )
  })
})

describe('learnPartGap', () => {
  const random = new Random(4, 'parts.test')
  /** Runs of kept bases, each next one after a geometric gap, `runs` of them anywhere in 200 bases. */
  const drawn = (runs: number, keep: number): number[] => {
    const starts = Array.from({ length: runs }, (_, i) => 100 * i + random.below(60))
    return starts.flatMap((start) => {
      const positions = [start]
      for (let k = 0; k < 5; k++) {
        let gap = 0
        while (random.uniform() > keep) gap++
        positions.push(positions.at(-1)! + 1 + gap)
      }
      return positions
    })
  }

  it('tells gaps within parts from those between them', () => {
    const sis = Array.from({ length: 200 }, () => drawn(2, 0.75))
    const { gap, within, gaps } = learnPartGap(sis, 200)
    expect(gaps).toBe(200 * 11)
    expect(within).toBeCloseTo(10 / 11, 1)
    expect(gap).toBeGreaterThanOrEqual(3)
    expect(gap).toBeLessThanOrEqual(6)
  })

  it('allows wider gaps where bases are kept more rarely', () => {
    const dense = learnPartGap(
      Array.from({ length: 200 }, () => drawn(2, 0.9)),
      200,
    )
    const sparse = learnPartGap(
      Array.from({ length: 200 }, () => drawn(2, 0.5)),
      200,
    )
    expect(sparse.gap).toBeGreaterThan(dense.gap)
  })

  it('tells a fixed distance between two runs from the gaps within them', () => {
    const sis = Array.from({ length: 100 }, (_, i) => [0, 1, 2, 3, 14, 15, 17, 18].map((p) => p + (i % 80)))
    const { gap } = learnPartGap(sis, 100)
    expect(gap).toBeGreaterThanOrEqual(1)
    expect(gap).toBeLessThan(10)
  })

  it('finds one population where there is one, and cuts nothing', () => {
    const sis = Array.from({ length: 200 }, () => drawn(1, 0.6))
    const widest = Math.max(...sis.flatMap((one) => one.slice(1).map((p, i) => p - one[i]! - 1)))
    const { gap, within } = learnPartGap(sis, 200)
    expect(within).toBeGreaterThan(0.99)
    expect(gap).toBeLessThanOrEqual(widest)
    expect(sis.filter((one) => one.some((p, i) => i > 0 && p - one[i - 1]! - 1 > gap)).length).toBeLessThan(5)
  })

  it('takes the usual gap where there are too few to learn from, and never one longer than the sequence', () => {
    expect(learnPartGap([[3, 4, 30]], 100)).toEqual({ gap: 5, within: 1, gaps: 2 })
    expect(learnPartGap([], 100)).toEqual({ gap: 5, within: 1, gaps: 0 })
    expect(learnPartGap([[0, 1]], 3).gap).toBe(1)
    expect(learnPartGap([[0]], 1).gap).toBe(0)
  })
})
