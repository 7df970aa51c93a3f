/** Patterns as counts of spaced base pairs. */
import { describe, expect, it } from 'vitest'
import { pairSpectrum } from '../../src/cluster/pairSpectrum.ts'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'

describe('pairSpectrum', () => {
  it('has length 1 and counts pairs of kept bases by their distance', () => {
    const counts = pairSpectrum('A-CN', false)
    expect(counts.flatMap((count, i) => (count > 0 ? [[i, count]] : []))).toEqual([[16 + 1, 1]])
    expect(Math.hypot(...pairSpectrum('CACGTG', false))).toBeCloseTo(1, 12)
    expect(pairSpectrum('A', false).every((count) => count === 0)).toBe(true)
  })

  it('is the same on both strands where asked', () => {
    for (const pattern of ['CACGTGA', 'CACG-GAC', 'AGATAA', 'GAT-AG', 'N--A']) {
      expect(pairSpectrum(reverseComplementPattern(pattern), true)).toEqual(pairSpectrum(pattern, true))
    }
    expect(pairSpectrum('GATA', false)).not.toEqual(pairSpectrum('TATC', false))
  })
})
