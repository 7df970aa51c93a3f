/** Quantiles as NumPy has them. */
import { describe, expect, it } from 'vitest'
import { medianOf, quantileOf } from '../../src/base/quantiles.ts'

describe('quantileOf', () => {
  it('goes along the line between the two nearest values', () => {
    expect(quantileOf([4, 1, 3, 2], 0.25)).toBe(1.75)
    expect(quantileOf([5], 0.9)).toBe(5)
    expect(medianOf([3, 1, 2])).toBe(2)
    expect(medianOf([3, 1])).toBe(2)
  })

  it('is infinite where it lies among infinite values or next to one', () => {
    const values = [1, Infinity, 2, Infinity, Infinity]
    expect(quantileOf(values, 0.25)).toBe(2)
    expect(quantileOf(values, 0.4)).toBe(Infinity)
    expect(quantileOf(values, 0.9)).toBe(Infinity)
  })

  it('is not a number where there are no values', () => {
    expect(medianOf([])).toBeNaN()
  })
})
