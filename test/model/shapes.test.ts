/** Shapes, padding, parameter counts and receptive fields against numbers worked out by hand, and Keras' own. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { resolveArchitecture, type LayerSpec } from '../../src/model/architecture.ts'
import { inferShapes, paddingOf, receptiveField, totalParameters } from '../../src/model/shapes.ts'

const conv: LayerSpec = { kind: 'conv1d', filters: 8, kernelSize: 5, padding: 'valid', dilation: 3 }
const pool: LayerSpec = { kind: 'maxPool1d', size: 3, stride: 2, padding: 'valid' }

describe('inferShapes', () => {
  it('follows the CNN of the paper', () => {
    expect(inferShapes(resolveArchitecture('cnn', 1).layers, 101)).toEqual([
      [101, 128],
      [101, 128],
      [128],
      [32],
      [32],
      [32],
      [1],
      [1],
    ])
  })

  it('counts the windows of valid and same padding', () => {
    expect(inferShapes([conv, pool, { kind: 'flatten' }], 20)).toEqual([[8, 8], [3, 8], [24]])
    expect(inferShapes([{ ...pool, padding: 'same' }], 20)).toEqual([[10, 4]])
    expect(inferShapes([{ ...conv, padding: 'same' }], 1)).toEqual([[1, 8]])
  })

  it.each<[LayerSpec[], string]>([
    [[conv], 'layer 1 (conv1d) spans 13 positions, but its input has 12'],
    [[{ ...pool, size: 13 }], 'layer 1 (maxPool1d) pools 13 positions, but its input has 12'],
    [[{ kind: 'dense', units: 3 }], 'layer 1 (dense) needs one row of units, but its input is [12, 4]'],
    [[{ kind: 'flatten' }, conv], 'layer 2 (conv1d) needs positions along the sequence'],
    [[{ kind: 'globalMaxPool' }, { kind: 'globalMaxPool' }], 'layer 2 (globalMaxPool) needs positions'],
    [
      [{ kind: 'residual', layers: [{ ...conv, padding: 'same' }] }],
      "layer 1 (residual) must keep its input's shape [12, 4], but its layers end with [12, 8]",
    ],
    [[{ kind: 'residual', layers: [{ kind: 'dropout', rate: 0 }, conv] }], 'layer 1.2 (conv1d) spans 13'],
  ])('says which layer does not fit: %j', (layers, message) => {
    const attempt = () => inferShapes(layers, 12)
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(message)
  })
})

describe('paddingOf', () => {
  it('puts the odd position at the end, as TensorFlow does', () => {
    expect(paddingOf(101, 24, 1, 'same')).toEqual([11, 12])
    expect(paddingOf(101, 5, 1, 'same')).toEqual([2, 2])
    expect(paddingOf(10, 3, 3, 'same')).toEqual([1, 1])
    expect(paddingOf(9, 3, 3, 'same')).toEqual([0, 0])
    expect(paddingOf(7, 2, 4, 'same')).toEqual([0, 0])
    expect(paddingOf(101, 24, 1, 'valid')).toEqual([0, 0])
  })

  it('makes room for ceil(length / stride) windows, each of which meets the sequence', () => {
    const size = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(size, size, size, (length, span, stride) => {
        const [before, after] = paddingOf(length, span, stride, 'same')
        const windows = Math.ceil(length / stride)
        expect((windows - 1) * stride + span).toBeLessThanOrEqual(before + length + after)
        expect([0, 1]).toContain(after - before)
        expect(before).toBeLessThan(span)
      }),
    )
  })
})

describe('totalParameters', () => {
  it('counts as Keras does', () => {
    // 24·4·128 + 128 convolution, 128·32 + 32 and 32 + 1 dense
    expect(totalParameters(resolveArchitecture('cnn', 1).layers, [101, 4])).toBe(12_416 + 4_128 + 33)
    // 404·512 + 512 and 512 + 1
    expect(totalParameters(resolveArchitecture('fc', 1).layers, [101, 4])).toBe(207_360 + 513)
    const norm: LayerSpec = { kind: 'batchNorm', epsilon: 0.001 }
    expect(totalParameters([{ kind: 'residual', layers: [norm, norm] }], [9, 4])).toBe(32)
  })
})

describe('receptiveField', () => {
  it('grows with kernels, dilation and strides', () => {
    expect(receptiveField(resolveArchitecture('cnn', 1).layers)).toBe(24)
    expect(receptiveField(resolveArchitecture('fc', 1).layers)).toBe(1)
    // 13 after the convolution, + 2 of the pool, + 12 positions of 2 bases each
    expect(receptiveField([conv, pool, conv])).toBe(13 + 2 + 24)
    expect(
      receptiveField([conv, { kind: 'residual', layers: [pool, conv] }, { kind: 'flatten' }, conv]),
    ).toBe(39)
    // 15, then 3-wide kernels at dilations 2, 4, 8
    expect(receptiveField(resolveArchitecture('residual', 1).layers)).toBe(15 + 4 + 8 + 16)
  })
})
