import { describe, expect, it } from 'vitest'
import { decisionHolds } from '../../src/sis/decision.ts'

describe('decisionHolds', () => {
  // As float32 0.7 is 0.69999999, below the 0.7 of a config file, and 0.1 is 0.1000000015, above that of one.
  it.each([
    ['>=', 0.7],
    ['<=', 0.1],
  ] as const)('of a score that is τ as a float32: score %s %f', (direction, threshold) => {
    const score = Math.fround(threshold)
    expect(direction === '>=' ? score < threshold : score > threshold).toBe(true)
    expect(decisionHolds({ direction, threshold }, score)).toBe(true)
  })

  it.each([
    ['>=', -1],
    ['<=', 1],
  ] as const)('not of the next float32 on the other side: score %s τ', (direction, step) => {
    const threshold = 0.7
    const bits = new Int32Array(Float32Array.of(threshold).buffer)
    bits[0]! += step
    const [score] = new Float32Array(bits.buffer)
    expect(decisionHolds({ direction, threshold }, score!)).toBe(false)
  })

  it('of NaN never', () => {
    expect(decisionHolds({ direction: '>=', threshold: -Infinity }, NaN)).toBe(false)
    expect(decisionHolds({ direction: '<=', threshold: Infinity }, NaN)).toBe(false)
  })
})
