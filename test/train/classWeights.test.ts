import { describe, expect, it } from 'vitest'
import { classWeights } from '../../src/train/classWeights.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'

const set: SequenceSet = {
  count: 4,
  length: 1,
  ids: Int32Array.of(0, 1, 2, 3),
  codes: new Uint8Array(4),
  labels: Float32Array.of(1, 0, 0, NaN, 0, 1, 0, 1),
  labelNames: ['a', 'b'],
  splits: new Uint8Array(4),
}

describe('classWeights', () => {
  it('balances each output over the labels it has', () => {
    const weights = classWeights(set, Uint32Array.of(0, 1, 2, 3), 'balanced')
    expect(weights).toEqual(Float32Array.of(4 / 6, 4 / 2, 3 / 2, 3 / 4))
  })

  it('counts the given rows only', () => {
    expect(classWeights(set, Uint32Array.of(0, 2), 'balanced')).toEqual(Float32Array.of(1, 1, 1, 1))
  })

  it('is one for all without weighting', () => {
    expect(classWeights(set, Uint32Array.of(0, 1, 2, 3), 'none')).toEqual(Float32Array.of(1, 1, 1, 1))
  })
})
