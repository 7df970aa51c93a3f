/** ONNX Runtime computes from our files what the network's definition says. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LayerSpec } from '../../src/model/architecture.ts'
import { activationFunctions, type Network } from '../../src/model/network.ts'
import { readOnnxNetwork } from '../../src/model/onnxReader.ts'
import { writeOnnx } from '../../src/model/onnxWriter.ts'
import { createOnnxPredictor } from '../../src/predict/onnxPredictor.ts'
import { randomCodes, randomNetwork, randomNetworks } from './randomNetworks.ts'
import { referenceForward, referenceInput } from './referenceForward.ts'

const background = [0.3, 0.2, 0.1, 0.4]

/** @returns the largest difference between ONNX Runtime and the reference, relative where scores exceed 1 */
async function largestDifference(network: Network, rows: number, seed: number): Promise<number> {
  const length = network.inputLength
  const codes = randomCodes(rows * length, seed)
  const predictor = await createOnnxPredictor(writeOnnx(network), {
    length,
    outputs: network.outputs,
    background,
    batchSize: 4,
    threads: 1,
  })
  const scores = await predictor.predict(codes, rows)
  await predictor.close()
  const expected = Array.from({ length: rows }, (_, row) =>
    referenceForward(network, referenceInput(codes.subarray(row * length, (row + 1) * length), background)),
  ).flat()
  expect(scores.length).toBe(expected.length)
  return Math.max(...expected.map((score, i) => Math.abs(scores[i]! - score) / Math.max(1, Math.abs(score))))
}

/** The network as its file keeps it. */
function inferenceOnly(network: Network): Network {
  const strip = (layers: Network['layers']): Network['layers'] =>
    layers
      .filter(({ kind }) => kind !== 'dropout')
      .map((layer) => (layer.kind === 'residual' ? { ...layer, layers: strip(layer.layers) } : layer))
  return { ...network, layers: strip(network.layers) }
}

const conv = (options: Partial<LayerSpec & { kind: 'conv1d' }>): LayerSpec => ({
  kind: 'conv1d',
  filters: 6,
  kernelSize: 5,
  padding: 'same',
  dilation: 1,
  ...options,
})
const pool = (options: Partial<LayerSpec & { kind: 'maxPool1d' }>): LayerSpec => ({
  kind: 'maxPool1d',
  size: 3,
  stride: 3,
  padding: 'same',
  ...options,
})
const average = (options: Partial<LayerSpec & { kind: 'averagePool1d' }>): LayerSpec => ({
  kind: 'averagePool1d',
  size: 3,
  stride: 3,
  padding: 'same',
  ...options,
})

const cases: Record<string, LayerSpec[]> = {
  'conv1d same, odd kernel': [conv({})],
  'conv1d same, even kernel (extra padding at the end)': [conv({ kernelSize: 4 })],
  'conv1d valid': [conv({ padding: 'valid' })],
  'conv1d dilated': [conv({ dilation: 3, kernelSize: 4 })],
  'conv1d dilated, valid': [conv({ dilation: 2, padding: 'valid' })],
  'conv1d, kernel longer than the sequence': [conv({ kernelSize: 40 })],
  'conv1d, 16 filters (blocked kernels)': [conv({ filters: 16 }), conv({ filters: 8 })],
  dense: [{ kind: 'flatten' }, { kind: 'dense', units: 7 }],
  'max-pool1d same': [conv({}), pool({})],
  'max-pool1d same, even size and stride 1': [conv({}), pool({ size: 4, stride: 1 })],
  'max-pool1d valid, overlapping': [conv({}), pool({ size: 4, stride: 2, padding: 'valid' })],
  'max-pool1d same, windows wider than the stride': [conv({}), pool({ size: 5, stride: 2 })],
  'average-pool1d same (padding not counted)': [conv({}), average({ size: 4, stride: 2 })],
  'average-pool1d valid': [conv({}), average({ padding: 'valid' })],
  'global-max-pool': [conv({}), { kind: 'globalMaxPool' }],
  'global-average-pool': [conv({}), { kind: 'globalAveragePool' }],
  'batch-norm along the sequence': [conv({}), { kind: 'batchNorm', epsilon: 0.001 }],
  'batch-norm of units': [
    { kind: 'flatten' },
    { kind: 'dense', units: 5 },
    { kind: 'batchNorm', epsilon: 0.01 },
  ],
  'flatten (position by position)': [conv({}), { kind: 'flatten' }, { kind: 'dense', units: 3 }],
  'flatten of what is flat': [
    conv({}),
    { kind: 'globalMaxPool' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3 },
  ],
  dropout: [conv({}), { kind: 'dropout', rate: 0.5 }],
  residual: [
    conv({}),
    { kind: 'residual', layers: [conv({}), { kind: 'activation', function: 'relu' }, conv({})] },
  ],
  'residual in a residual': [
    conv({}),
    { kind: 'residual', layers: [{ kind: 'residual', layers: [conv({ dilation: 2 })] }, conv({})] },
  ],
  'residual of units': [
    { kind: 'globalMaxPool' },
    {
      kind: 'residual',
      layers: [
        { kind: 'dense', units: 4 },
        { kind: 'activation', function: 'gelu' },
      ],
    },
  ],
  ...Object.fromEntries(
    activationFunctions.flatMap((name): [string, LayerSpec[]][] => [
      [`${name} along the sequence`, [conv({}), { kind: 'activation', function: name }]],
      [
        `${name} of units`,
        [{ kind: 'flatten' }, { kind: 'dense', units: 9 }, { kind: 'activation', function: name }],
      ],
    ]),
  ),
}

describe('ONNX Runtime agrees with the reference on', () => {
  it.each(Object.entries(cases))('%s', async (_, layers) => {
    const network = randomNetwork(layers, 17, 5)
    expect(await largestDifference(network, 6, 1)).toBeLessThan(1e-5)
  })

  it('a sequence of one base', async () => {
    const network = randomNetwork([conv({ kernelSize: 24 }), pool({}), { kind: 'globalMaxPool' }], 1, 5)
    expect(await largestDifference(network, 6, 1)).toBeLessThan(1e-5)
  })

  it('random stacks of layers, and reads them back bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(randomNetworks, fc.integer({ min: 0, max: 1e6 }), async (network, seed) => {
        expect(await largestDifference(network, 5, seed)).toBeLessThan(1e-5)
        const bytes = writeOnnx(network)
        expect(writeOnnx(readOnnxNetwork(bytes))).toEqual(bytes)
      }),
      { numRuns: 60 },
    )
  })
})

describe('readOnnxNetwork', () => {
  it.each(Object.entries(cases))('reads back %s', (_, layers) => {
    const network = randomNetwork(layers, 17, 5)
    expect(readOnnxNetwork(writeOnnx(network))).toEqual(inferenceOnly(network))
  })
})
