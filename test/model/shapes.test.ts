/** Shapes, padding, parameter counts and receptive fields against numbers worked out by hand, and Keras' own. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { inferShapes, paddingOf, receptiveField, totalParameters } from '../../src/model/network/shapes.ts'

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
    [
      [{ kind: 'residual', layers: [{ ...conv, padding: [6, 6] }], shortcut: [pool] }],
      'layer 1 (residual) adds its layers, which end with [12, 8], to its shortcut, which ends with [5, 4]',
    ],
    [
      [{ kind: 'residual', layers: [], shortcut: [conv] }],
      'layer 1.shortcut.1 (conv1d) spans 13 positions, but its input has 12',
    ],
    [[{ kind: 'concat', branches: [[]] }], 'layer 1 (concat) needs at least two branches'],
    [
      [{ kind: 'concat', branches: [[], [pool]] }],
      'layer 1 (concat) has branches of different lengths: they end with [12, 4], [5, 4]',
    ],
    [[{ kind: 'concat', branches: [[], [conv]] }], 'layer 1.2.1 (conv1d) spans 13'],
    [[{ ...conv, padding: [-1, 5] }], 'layer 1 (conv1d) pads [-1, 5]'],
    [[{ ...pool, padding: [0, 3] }], 'layer 1 (maxPool1d) pads as much as it pools'],
    [[{ kind: 'splitChannels', groups: 3 }], 'layer 1 (splitChannels) splits 4 channels into 3 groups'],
  ])('says which layer does not fit: %j', (layers, message) => {
    const attempt = () => inferShapes(layers, 12)
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(message)
  })
})

describe('inferShapes of branches', () => {
  const wide: LayerSpec = { ...conv, padding: [7, 5] }

  it('adds channels, and units', () => {
    expect(inferShapes([{ kind: 'concat', branches: [[wide], [], [wide, wide]] }], 12)).toEqual([[12, 20]])
    const pools: LayerSpec = {
      kind: 'concat',
      branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'flatten' }]],
    }
    expect(inferShapes([pools], 12)).toEqual([[52]])
  })

  it('has the shape of the shortcut, and positions of split channels', () => {
    expect(inferShapes([{ kind: 'residual', layers: [wide], shortcut: [wide] }], 12)).toEqual([[12, 8]])
    expect(inferShapes([{ kind: 'splitChannels', groups: 2 }], 12)).toEqual([[24, 2]])
  })

  it('counts windows with padding of any width', () => {
    expect(inferShapes([{ ...conv, padding: [1, 0] }], 12)).toEqual([[1, 8]])
    expect(inferShapes([{ ...pool, padding: [2, 1] }], 12)).toEqual([[7, 4]])
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
    expect(totalParameters([{ kind: 'residual', layers: [norm], shortcut: [norm] }], [9, 4])).toBe(32)
    expect(totalParameters([{ kind: 'concat', branches: [[norm], []] }, norm], [9, 4])).toBe(16 + 32)
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

  it('is that of the widest branch, and split channels see the same bases', () => {
    const narrow: LayerSpec = { ...conv, kernelSize: 2 }
    expect(receptiveField([{ kind: 'concat', branches: [[conv], [narrow], []] }, narrow])).toBe(13 + 3)
    expect(receptiveField([{ kind: 'residual', layers: [narrow], shortcut: [conv] }])).toBe(13)
    const split: LayerSpec = { kind: 'splitChannels', groups: 4 }
    // A whole position, two of them, and windows that begin within one.
    expect(receptiveField([conv, split, { ...pool, size: 4, stride: 4 }, narrow])).toBe(13 + 3)
    expect(receptiveField([conv, split, { ...pool, size: 8, stride: 4 }])).toBe(14)
    expect(receptiveField([conv, split, { ...pool, size: 2, stride: 1 }])).toBe(14)
  })
})
