/** Architectures by name and by list: what they mean, and what is said of a list that means nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError } from '../../src/base/errors.ts'
import { architectureNames, resolveArchitecture } from '../../src/model/network/architecture.ts'
import { parseLayers, writeLayers } from '../../src/model/network/architectureSchema.ts'
import { inferShapes } from '../../src/model/network/shapes.ts'

const examples = resolve(import.meta.dirname, '../../pipelines/architectures')
const head = [
  { kind: 'dense', units: 2 },
  { kind: 'activation', function: 'sigmoid' },
]

function complaint(layers: unknown): string {
  try {
    resolveArchitecture(layers as unknown[], 1)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  throw new Error('no complaint')
}

describe('resolveArchitecture', () => {
  it('knows the CNN of the paper', () => {
    expect(resolveArchitecture('cnn', 2)).toEqual({
      name: 'cnn',
      layers: [
        { kind: 'conv1d', filters: 128, kernelSize: 24, padding: 'same', dilation: 1 },
        { kind: 'activation', function: 'relu' },
        { kind: 'globalMaxPool' },
        { kind: 'dense', units: 32 },
        { kind: 'activation', function: 'relu' },
        { kind: 'dropout', rate: 0.5 },
        ...head,
      ],
      strands: 'forward',
    })
  })

  it('reads both strands where DeepBind does, and where it is told to', () => {
    const strandsOf = (...given: Parameters<typeof resolveArchitecture>) =>
      resolveArchitecture(...given).strands
    expect(architectureNames.filter((name) => strandsOf(name, 1) === 'both')).toEqual(['deepbind'])
    expect(strandsOf('deepbind', 1, 'forward')).toBe('forward')
    expect(strandsOf('cnn', 1, 'both')).toBe('both')
    expect(strandsOf(['flatten'], 1)).toBe('forward')
    expect(strandsOf(['flatten'], 1, 'both')).toBe('both')
  })

  it('reads every kind of layer, with its defaults', () => {
    const layers = parse(`
      - conv1d: { filters: 8, kernel-size: 5 }
      - batch-norm
      - activation: elu
      - max-pool1d: { size: 3 }
      - residual: [{ conv1d: { filters: 8, kernel-size: 3, dilation: 2, padding: same, activation: gelu } }, dropout: 0.1]
      - residual: { layers: [{ conv1d: { filters: 6, kernel-size: 3, padding: [2, 0] } }], shortcut: [{ conv1d: { filters: 6, kernel-size: 1 } }] }
      - concat: [[], [{ activation: relu }, dropout: 0.2]]
      - split-channels: 2
      - average-pool1d: { size: 2, stride: 1, padding: same }
      - flatten
      - dense: { units: 4 }
      - batch-norm: { epsilon: 0.01 }
    `) as unknown[]
    expect(resolveArchitecture(layers, 2)).toEqual({
      name: 'custom',
      layers: [
        { kind: 'conv1d', filters: 8, kernelSize: 5, padding: 'same', dilation: 1 },
        { kind: 'batchNorm', epsilon: 0.001 },
        { kind: 'activation', function: 'elu' },
        { kind: 'maxPool1d', size: 3, stride: 3, padding: 'valid' },
        {
          kind: 'residual',
          layers: [
            { kind: 'conv1d', filters: 8, kernelSize: 3, padding: 'same', dilation: 2 },
            { kind: 'activation', function: 'gelu' },
            { kind: 'dropout', rate: 0.1 },
          ],
        },
        {
          kind: 'residual',
          layers: [{ kind: 'conv1d', filters: 6, kernelSize: 3, padding: [2, 0], dilation: 1 }],
          shortcut: [{ kind: 'conv1d', filters: 6, kernelSize: 1, padding: 'same', dilation: 1 }],
        },
        {
          kind: 'concat',
          branches: [
            [],
            [
              { kind: 'activation', function: 'relu' },
              { kind: 'dropout', rate: 0.2 },
            ],
          ],
        },
        { kind: 'splitChannels', groups: 2 },
        { kind: 'averagePool1d', size: 2, stride: 1, padding: 'same' },
        { kind: 'flatten' },
        { kind: 'dense', units: 4 },
        { kind: 'batchNorm', epsilon: 0.01 },
        ...head,
      ],
      strands: 'forward',
    })
    const read = parseLayers(layers)
    expect(parseLayers(writeLayers(read))).toEqual(read)
  })

  it.each(architectureNames)(
    '%s fits 40 and 101 bases, and its layers are written as they are read',
    (name) => {
      const { layers } = resolveArchitecture(name, 3)
      expect(inferShapes(layers, 101).at(-1)).toEqual([3])
      expect(inferShapes(layers, 40).at(-1)).toEqual([3])
      expect(parseLayers(writeLayers(layers))).toEqual(layers)
    },
  )

  it.each(readdirSync(examples))('the example %s fits 101 bases', (file) => {
    const { layers } = resolveArchitecture(parse(readFileSync(join(examples, file), 'utf8')) as unknown[], 1)
    expect(inferShapes(layers, 101).at(-1)).toEqual([1])
    expect(parseLayers(writeLayers(layers))).toEqual(layers)
  })
})

describe('an architecture that cannot be read names the layer and the key', () => {
  it('unknown name', () => {
    expect(() => resolveArchitecture('cnm', 1)).toThrow(/unknown architecture 'cnm'; use one of cnn, .*fc/)
    expect(() => resolveArchitecture('toString', 1)).toThrow(ConfigError)
  })

  it.each([
    [['flatten', { conv: { filters: 3 } }], /^layer 2 has the unknown kind 'conv'; use one of conv1d, /],
    [['constructor'], /^layer 1 has the unknown kind 'constructor'/],
    [
      [{ dense: { units: 3, bias: 2 } }],
      /^layer 1 \(dense\) has the unknown key 'bias'; use units, activation$/,
    ],
    [[{ flatten: { order: 'nwc' } }], /^layer 1 \(flatten\) has the unknown key 'order'; it has no options$/],
    [[{ conv1d: { filters: 3 } }], /^layer 1 \(conv1d\) needs the key 'kernel-size'$/],
    [['dense'], /^layer 1 \(dense\) needs the key 'units'$/],
    [[{ conv1d: { filters: 2.5, 'kernel-size': 4 } }], /^layer 1 \(conv1d\) 'filters' cannot be 2.5: /],
    [
      [{ conv1d: { filters: 2, 'kernel-size': 4, padding: 'full' } }],
      /'padding' cannot be "full":.*same.*valid/,
    ],
    [[{ dense: 12 }], /^layer 1 \(dense\) cannot be 12: /],
    [[{ activation: 'rely' }], /^layer 1 \(activation\) cannot be "rely": .*relu/],
    [[{ dropout: 1 }], /^layer 1 \(dropout\) cannot be 1: /],
    [['flatten', { residual: ['batch-norm', 'pool'] }], /^layer 2\.2 has the unknown kind 'pool'/],
    [['flatten', { residual: [{ dense: {} }] }], /^layer 2\.1 \(dense\) needs the key 'units'$/],
    [[{ residual: [] }], /^layer 1 \(residual\) has no layers$/],
    [[{ residual: 'dense' }], /^layer 1 \(residual\) cannot be "dense": use a list of layers, or/],
    [[{ residual: { layers: ['flatten'] } }], /^layer 1 \(residual\) cannot be .*: use a list of layers, or/],
    [
      [{ residual: { layers: ['flatten'], shortcut: ['flatten', 'pool'] } }],
      /^layer 1\.2 has the unknown kind 'pool'/,
    ],
    [[{ concat: [['flatten']] }], /^layer 1 \(concat\) cannot be .*: a concat joins at least two branches/],
    [[{ concat: 'flatten' }], /^layer 1 \(concat\) cannot be "flatten": use a list of branches/],
    [['flatten', { concat: [[], ['flatten', 'pool']] }], /^layer 2\.2\.2 has the unknown kind 'pool'/],
    [[{ 'max-pool1d': { size: 3, padding: [1] } }], /^layer 1 .*'padding' cannot be \[1\]: .*before, after/],
    [[{ 'max-pool1d': { size: 3, padding: [-1, 0] } }], /^layer 1 .*'padding' cannot be \[-1,0\]/],
    [[{ dense: { units: 1 }, dropout: 0.1 }], /^layer 1 must be a kind of layer/],
    [['pool', 'conv'], /^layer 1 has the unknown kind 'pool'.* \(and 1 more\)$/],
    [[3], /^layer 1 must be a kind of layer/],
    [[null], /^layer 1 must be a kind of layer/],
    [[], /^the architecture has no layers$/],
  ])('%j', (layers, message) => {
    expect(complaint(layers)).toMatch(message)
  })
})
