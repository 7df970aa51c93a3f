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

  it('is rounded to a float32 where it lies between two scores', () => {
    // numpy: 0.1 + 0.9 × (0.3 − 0.1) = 0.28 in float64, which no float32 is.
    const threshold = quantileThreshold([0.1, 0.3], 0.9)
    expect(threshold).toBe(Math.fround(threshold))
    expect(threshold).toBeCloseTo(0.28, 7)
  })

  it('refuses what has no quantile', () => {
    expect(() => quantileThreshold([1], 90)).toThrow(ConfigError)
    expect(() => quantileThreshold([1], NaN)).toThrow(ConfigError)
    expect(() => quantileThreshold([])).toThrow(DataError)
    expect(() => quantileThreshold([1, NaN])).toThrow(DataError)
  })
})
