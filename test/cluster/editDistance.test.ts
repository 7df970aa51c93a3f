/** Edit distances against another implementation, and the shortcuts against the distances. */
import fc from 'fast-check'
import { distance } from 'fastest-levenshtein'
import { describe, expect, it } from 'vitest'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'

const pattern = fc.string({ unit: fc.constantFrom('A', 'C', 'G', 'T', 'N', '-'), maxLength: 110 })

describe('EditDistances', () => {
  it('counts a gap as a letter', () => {
    const distances = new EditDistances(['AC-GT', 'ACGT', 'ACNGT', ''], false)
    expect(distances.between(0, 1)).toBe(1)
    expect(distances.between(0, 2)).toBe(1)
    expect(distances.between(1, 3)).toBe(4)
    expect(distances.between(3, 1)).toBe(4)
  })

  it('agrees with fastest-levenshtein, over one block of 32 rows and over many', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 2, maxLength: 4 }), (patterns) => {
        const oneStrand = new EditDistances(patterns, false)
        const bothStrands = new EditDistances(patterns, true)
        for (const [a, first] of patterns.entries()) {
          for (const [b, second] of patterns.entries()) {
            const forward = distance(first, second)
            const nearer = Math.min(forward, distance(first, reverseComplementPattern(second)))
            expect(oneStrand.between(a, b)).toBe(forward)
            expect(bothStrands.between(a, b)).toBe(nearer)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('stops early without changing the answer', () => {
    const alike = fc.tuple(
      pattern,
      fc.array(fc.tuple(fc.nat(109), fc.constantFrom('A', '-', '')), { maxLength: 9 }),
    )
    fc.assert(
      fc.property(
        alike,
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        ([text, edits], limit, bothStrands) => {
          let edited = text
          for (const [at, letter] of edits) edited = edited.slice(0, at) + letter + edited.slice(at + 1)
          const distances = new EditDistances([text, edited], bothStrands)
          expect(distances.upTo(0, 1, limit)).toBe(Math.min(limit + 1, distances.between(0, 1)))
        },
      ),
      { numRuns: 500 },
    )
  })
})
