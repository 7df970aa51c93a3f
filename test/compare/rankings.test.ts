/** Rankings of bases against planted ones and against each other, by hand. */
import { describe, expect, it } from 'vitest'
import {
  averagePrecision,
  jaccard,
  meanRanks,
  rankCorrelation,
  rankingOf,
} from '../../src/compare/rankings.ts'

describe('rankingOf', () => {
  it('has those first that speak for the decision, equal ones from left to right', () => {
    expect([...rankingOf([0, 2, -1, 2], '>=')]).toEqual([1, 3, 0, 2])
    expect([...rankingOf([0, 2, -1, 2], '<=')]).toEqual([2, 0, 1, 3])
  })
})

describe('averagePrecision', () => {
  it('is the mean precision at the planted bases', () => {
    // Found at ranks 1, 3 and 4 of 5.
    expect(averagePrecision([5, 4, 3, 2, 1], new Set([0, 2, 3]))).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12)
  })

  it('takes bases that are worth the same together, wherever they lie', () => {
    // Two of the first three, then one of the last two: 2 × 2/3 and 3/5.
    const expected = (2 * (2 / 3) + 3 / 5) / 3
    expect(averagePrecision([1, 1, 1, 0, 0], new Set([0, 1, 3]))).toBeCloseTo(expected, 12)
    expect(averagePrecision([1, 1, 1, 0, 0], new Set([1, 2, 4]))).toBeCloseTo(expected, 12)
    expect(averagePrecision([0, 0, 0, 0], new Set([2]))).toBe(0.25)
  })
})

function correlation(a: readonly number[], b: readonly number[]): number | undefined {
  return rankCorrelation(meanRanks(a), meanRanks(b))
}

describe('rankCorrelation', () => {
  it('is that of the ranks, whatever the values', () => {
    expect(correlation([1, 2, 3, 4], [1, 10, 100, 1000])).toBe(1)
    expect(correlation([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1)
    // Ranks 0 1 2 3 against 1 0 3 2: 1 - 6 · 4 / (4 · 15).
    expect(correlation([1, 2, 3, 4], [2, 1, 4, 3])).toBeCloseTo(0.6, 12)
  })

  it('shares ranks among equal values, and is nothing where all are', () => {
    // Ranks 0.5 0.5 2 against 0 1 2: 1.5 / √(1.5 · 2).
    expect(correlation([7, 7, 9], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 12)
    expect(correlation([7, 7, 7], [1, 2, 3])).toBeUndefined()
  })
})

describe('jaccard', () => {
  it('is what two sets share of what is in either', () => {
    expect(jaccard(new Set([1, 2, 3]), new Set([2, 3, 4]))).toBe(0.5)
    expect(jaccard(new Set(), new Set())).toBe(1)
    expect(jaccard(new Set([1]), new Set())).toBe(0)
  })
})
