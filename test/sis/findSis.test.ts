import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSis } from '../../src/sis/findSis.ts'
import type { Ordering } from '../../src/sis/types.ts'
import { atLeast, atMost } from './toyPredictors.ts'

const ordering: Ordering = {
  features: Int32Array.of(0, 2, 1, 3),
  scores: Float32Array.of(1, 0.9, 0.7, 0.6),
}

describe('findSis', () => {
  it.each([
    [0.6, []],
    [0.65, [3]],
    [0.7, [3]],
    [0.8, [3, 1]],
    [0.99, [3, 1, 2]],
    [1.5, [3, 1, 2, 0]],
  ])('τ = %f keeps %j', (threshold, expected) => {
    expect([...findSis(ordering, 2, atLeast(threshold))!]).toEqual(expected)
  })

  it('finds none where f(x) is below τ, even if a subset is not', () => {
    expect(findSis(ordering, 0.5, atLeast(0.8))).toBeUndefined()
  })

  it('keeps the empty subset where everything masked is sufficient, whatever comes before (fault 1 of the reference)', () => {
    const dip = { features: Int32Array.of(0, 1), scores: Float32Array.of(0.1, 0.9) }
    expect([...findSis(dip, 1, atLeast(0.5))!]).toEqual([])
  })

  it('reads low-score decisions from the other side', () => {
    const rising = { features: Int32Array.of(1, 0, 2), scores: Float32Array.of(-3, -2, 0) }
    expect([...findSis(rising, -4, atMost(-2))!]).toEqual([2])
    expect([...findSis(rising, -4, atMost(-2.5))!]).toEqual([2, 0])
    expect(findSis(rising, -4, atMost(-5))).toBeUndefined()
  })

  it('compares in float32', () => {
    const tenths = { features: Int32Array.of(0, 1), scores: Float32Array.of(0.1, 0) }
    expect([...findSis(tenths, 1, atLeast(0.1))!]).toEqual([1])
    expect([...findSis(tenths, 1, atLeast(0.1 + 1e-12))!]).toEqual([1])
    expect([...findSis(tenths, 1, atLeast(0.1001))!]).toEqual([1, 0])
  })

  it('serves every τ from one ordering: the last suffix to give the decision, and no shorter one does', () => {
    const anyScore = fc.integer({ min: -5, max: 5 })
    fc.assert(
      fc.property(fc.array(anyScore, { maxLength: 12 }), anyScore, anyScore, (scores, full, threshold) => {
        const random = {
          features: Int32Array.from(scores, (_, i) => (i * 7) % 13),
          scores: Float32Array.from(scores),
        }
        const found = findSis(random, full, atLeast(threshold))
        if (full < threshold) return found === undefined
        // f(x_S) by the number of members of S, none first
        const bySize = [full, ...scores].reverse()
        const size = bySize.findIndex((score) => score >= threshold)
        expect([...found!]).toEqual([...random.features].reverse().slice(0, size))
        return true
      }),
    )
  })
})
