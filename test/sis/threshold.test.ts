import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { decisionHolds } from '../../src/sis/decision.ts'
import { quantileThreshold } from '../../src/sis/threshold.ts'

describe('quantileThreshold', () => {
  // sorted 1 1 2 3 4 5 6 9; numpy's linear method reads it at q × 7
  it.each([
    [0, 1],
    [0.25, 1.75],
    [0.5, 3.5],
    [0.9, 6.9],
    [1, 9],
  ])('q = %f interpolates as numpy: %f', (q, expected) => {
    expect(quantileThreshold([3, 1, 4, 1, 5, 9, 2, 6], q)).toBeCloseTo(expected, 6)
  })

  it('takes the 90th percentile unless told otherwise', () => {
    const percents = Array.from({ length: 101 }, (_, i) => i)
    expect(quantileThreshold(percents)).toBe(90)
    expect(quantileThreshold(percents, 0.9, '<=')).toBe(10)
  })

  it('is the negated threshold of the negated scores for low-score decisions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (scores, q) => {
          const negated = quantileThreshold(
            scores.map((score) => -score),
            q,
          )
          return quantileThreshold(scores, q, '<=') === -negated
        },
      ),
    )
  })

  it('is a float32, so that a score at the threshold always gives the decision', () => {
    const scores = Float32Array.of(0.1, 0.3, 0.7)
    for (const q of [0, 0.5, 1]) {
      const threshold = quantileThreshold(scores, q)
      expect(scores).toContain(threshold)
      expect(decisionHolds({ direction: '>=', threshold }, threshold)).toBe(true)
    }
  })

  it('is a float32 between two scores, too', () => {
    // 0.1 and 0.7 are no float32 numbers: the nearest are above the one and below the other.
    expect(quantileThreshold([0, 1], 0.1)).toBe(0.10000000149011612)
    expect(quantileThreshold([0, 1], 0.7)).toBe(0.699999988079071)
    expect(quantileThreshold([0, 1], 0.3, '<=')).toBe(0.699999988079071)
  })

  it('refuses what has no quantile', () => {
    expect(() => quantileThreshold([1], 90)).toThrow(ConfigError)
    expect(() => quantileThreshold([1], NaN)).toThrow(ConfigError)
    expect(() => quantileThreshold([])).toThrow(DataError)
    expect(() => quantileThreshold([1, NaN])).toThrow(DataError)
  })
})

describe('decisionHolds', () => {
  it('compares in float32: a score that is τ as near as float32 comes gives the decision on either side', () => {
    for (const threshold of [0.1, 0.7, -0.1, -0.7]) {
      for (const direction of ['>=', '<='] as const) {
        expect(decisionHolds({ direction, threshold }, Math.fround(threshold))).toBe(true)
      }
    }
  })

  it('is false for NaN', () => {
    for (const direction of ['>=', '<='] as const) {
      expect(decisionHolds({ direction, threshold: 0 }, NaN)).toBe(false)
    }
  })
})
