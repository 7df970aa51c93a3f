/** Alignments: exact small cases, and invariants of placements and counts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'
import { alignPatterns, reverseAlignment, type Alignment } from '../../src/motif/align.ts'

describe('alignPatterns', () => {
  it('lays fragments on the whole and counts kept bases only', () => {
    const alignment = alignPatterns(['CACGTG', 'ACGTG', 'CAC-TG', 'CACNTG', 'CACG'], [2, 1, 1, 1, 1], false)
    expect(alignment.members.map(({ offset }) => offset)).toEqual([0, 1, 0, 0, 0])
    expect(alignment.nsites).toBe(6)
    expect(alignment.pfm).toEqual([
      [0, 5, 0, 0],
      [6, 0, 0, 0],
      [0, 6, 0, 0],
      [0, 0, 4, 0],
      [0, 0, 0, 5],
      [0, 0, 5, 0],
    ])
  })

  it('finds the strand', () => {
    const alignment = alignPatterns(['TGACGATA', 'TATCGTCA', 'CGATA', 'TATCG'], [1, 1, 1, 1], true)
    expect(alignment.members).toEqual([
      { strand: '+', offset: 0 },
      { strand: '-', offset: 0 },
      { strand: '+', offset: 3 },
      { strand: '-', offset: 3 },
    ])
  })

  it('cuts off edge columns that fewer than a tenth of the members keep', () => {
    const patterns = ['GATTACA', 'GATTACA----T', 'CC--GATTACA']
    const alignment = alignPatterns(patterns, [28, 1, 1], false)
    expect(alignment.pfm.length).toBe(7)
    expect(alignment.members.map(({ offset }) => offset)).toEqual([0, 0, -4])
    expect(alignPatterns(patterns, [8, 1, 1], false).pfm.length).toBe(16)
  })

  it('counts each kept base where its member says it lies', () => {
    const core = fc.array(
      fc.record({
        from: fc.integer({ min: 0, max: 4 }),
        to: fc.integer({ min: 8, max: 14 }),
        gaps: fc.array(fc.nat(13), { maxLength: 4 }),
        reverse: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    )
    fc.assert(
      fc.property(core, (members) => {
        const patterns = members.map(({ from, to, gaps, reverse }) => {
          const letters = Array.from('GGATTACAGCCTGA'.slice(from, to))
          for (const gap of gaps) if (gap > 0 && gap < letters.length - 1) letters[gap] = '-'
          return reverse ? reverseComplementPattern(letters.join('')) : letters.join('')
        })
        const alignment = alignPatterns(
          patterns,
          patterns.map(() => 1),
          true,
        )
        expect(alignment.pfm).toEqual(countsOf(alignment, patterns))
        const reversed = reverseAlignment(alignment, patterns)
        expect(reversed.pfm).toEqual(countsOf(reversed, patterns))
        for (const row of alignment.pfm)
          expect(row.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(patterns.length)
      }),
    )
  })
})

/** Counts anew from strands and offsets alone. */
function countsOf(alignment: Alignment, patterns: readonly string[]): number[][] {
  const counts = alignment.pfm.map(() => [0, 0, 0, 0])
  for (const [i, { strand, offset }] of alignment.members.entries()) {
    const text = strand === '+' ? patterns[i]! : reverseComplementPattern(patterns[i]!)
    for (const [column, letter] of Array.from(text).entries()) {
      const row = counts[column + offset]
      if (row && 'ACGT'.includes(letter)) row['ACGT'.indexOf(letter)]!++
    }
  }
  return counts
}
