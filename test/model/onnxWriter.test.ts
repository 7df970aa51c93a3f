/** ONNX Runtime computes from our files what the network's definition says. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import {
  activationFunctions,
  strandChoices,
  type Layer,
  type Network,
  type Padding,
} from '../../src/model/network/network.ts'
import { inputName, outputName } from '../../src/model/formats/ownOnnx/ownOnnxGraph.ts'
import { readOwnOnnx } from '../../src/model/formats/ownOnnx/ownOnnxReader.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { outputShape, paddingOf, type Shape } from '../../src/model/network/shapes.ts'
import { openOnnxRunner } from '../../src/predict/onnx/onnxRunner.ts'
import { createSequencePredictor } from '../../src/predict/sequencePredictor.ts'
import { baseLetters, reverseComplement, uniformBackground } from '../../src/sequence/alphabet.ts'
import { randomCodes, randomNetwork, randomNetworks } from './randomNetworks.ts'
import { costlyExamples } from '../propertyExamples.ts'
import { referenceForward, referenceInput } from './referenceForward.ts'

const background = [0.3, 0.2, 0.1, 0.4]

/** @param sequences codes: Uint8Array [L] each */
async function onnxScores(
  network: Network,
  sequences: readonly Uint8Array[],
  background: readonly number[],
): Promise<number[]> {
  const { inputLength: length, outputs } = network
  // The file as others run it, its last activation inside.
  const predictor = await createSequencePredictor(
    await openOnnxRunner(writeOnnx(network), { threads: 1 }),
    {
      input: {
        name: inputName,
        dims: [4, length],
        order: 'NCW',
        alphabet: baseLetters,
        length,
        batch: undefined,
      },
      output: { name: outputName, outputs, transform: 'none' },
    },
    { background, batchSize: 4 },
  )
  const scores = await predictor.predict(
    Uint8Array.from(sequences.flatMap((codes) => [...codes])),
    sequences.length,
  )
  await predictor.close()
  return [...scores]
}

/** Codes of letters; `-` is masked. */
function encoded(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => 'ACGT-'.indexOf(letter))
}

/** @returns the largest difference between ONNX Runtime and the reference, relative where scores exceed 1 */
async function largestDifference(network: Network, rows: number, seed: number): Promise<number> {
  const sequences = Array.from({ length: rows }, (_, row) =>
    randomCodes(network.inputLength, seed * rows + row),
  )
  const scores = await onnxScores(network, sequences, background)
  const expected = sequences.flatMap((codes) => referenceForward(network, referenceInput(codes, background)))
  expect(scores.length).toBe(expected.length)
  return Math.max(...expected.map((score, i) => Math.abs(scores[i]! - score) / Math.max(1, Math.abs(score))))
}

/** The network as its file keeps it. */
function inferenceOnly(network: Network): Network {
  return { ...network, layers: kept(network.layers, [network.inputLength, 4]) }
}

function kept(layers: readonly Layer[], input: Shape): Layer[] {
  let shape = input
  return layers.flatMap((layer): Layer[] => {
    const before = shape
    shape = outputShape(layer, before, '')
    switch (layer.kind) {
      case 'dropout':
        return []
      case 'conv1d':
        return [
          {
            ...layer,
            padding: paddingAsRead(layer, before[0], (layer.kernelSize - 1) * layer.dilation + 1, 1),
          },
        ]
      case 'maxPool1d':
      case 'averagePool1d':
        return [{ ...layer, padding: paddingAsRead(layer, before[0], layer.size, layer.stride) }]
      case 'residual': {
        const shortcut = kept(layer.shortcut ?? [], before)
        return [
          { kind: 'residual', layers: kept(layer.layers, before), ...(shortcut.length > 0 && { shortcut }) },
        ]
      }
      case 'concat':
        return [{ ...layer, branches: layer.branches.map((branch) => kept(branch, before)) }]
      case 'activation':
      case 'batchNorm':
      case 'dense':
      case 'flatten':
      case 'globalAveragePool':
      case 'globalMaxPool':
      case 'crop1d':
      case 'zeroPad1d':
      case 'splitChannels':
        return [layer]
    }
  })
}

/** Named where a name says the same. */
function paddingAsRead(
  { padding }: { padding: Padding },
  length: number,
  span: number,
  stride: number,
): Padding {
  const [before, after] = paddingOf(length, span, stride, padding)
  if (before === 0 && after === 0) return 'valid'
  const same = paddingOf(length, span, stride, 'same')
  return before === same[0] && after === same[1] ? 'same' : [before, after]
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
  'conv1d, padding of any width': [conv({ padding: [3, 0] }), conv({ padding: [0, 9], dilation: 2 })],
  'max-pool1d, padding of any width': [conv({}), pool({ padding: [2, 1], stride: 2 })],
  'average-pool1d, padding of any width (not counted)': [conv({}), average({ padding: [0, 2] })],
  'residual with a shortcut': [
    { kind: 'residual', layers: [conv({}), conv({})], shortcut: [conv({ kernelSize: 1 })] },
  ],
  'residual in a residual with a shortcut': [
    {
      kind: 'residual',
      layers: [conv({}), { kind: 'residual', layers: [conv({})] }],
      shortcut: [{ kind: 'residual', layers: [conv({ filters: 4 })] }, conv({ kernelSize: 2 })],
    },
  ],
  'concat along the sequence': [
    { kind: 'concat', branches: [[conv({})], [conv({ filters: 3 }), pool({ size: 2, stride: 1 })]] },
  ],
  'concat with the input itself, twice': [
    { kind: 'concat', branches: [[], [conv({})], []] },
    { kind: 'concat', branches: [[conv({})], []] },
  ],
  'concat of pools': [
    conv({}),
    {
      kind: 'concat',
      branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'globalAveragePool' }], [{ kind: 'flatten' }]],
    },
  ],
  'split channels': [conv({}), { kind: 'splitChannels', groups: 3 }, pool({ padding: 'valid' })],
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

  it.each(Object.entries(cases))('%s, both strands', async (_, layers) => {
    const network = randomNetwork(layers, 17, 5, 'both')
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
        expect(writeOnnx(readOwnOnnx(bytes))).toEqual(bytes)
      }),
      { numRuns: costlyExamples(30) },
    )
  })
})

describe('a network that reads both strands', () => {
  it('scores by the strand that has the motif, and turns the background round with the bases', async () => {
    // G then A is 1, one of them 0, none of them -1.
    const kernel = new Float32Array(2 * 4)
    kernel[2] = 1
    kernel[4] = 1
    const conv1d = { filters: 1, kernelSize: 2, padding: 'valid', dilation: 1 } as const
    const network: Network = {
      inputLength: 4,
      layers: [{ kind: 'conv1d', ...conv1d, kernel, bias: Float32Array.of(-1) }, { kind: 'globalMaxPool' }],
      strands: 'both',
      outputs: ['GA'],
    }
    const scores = await onnxScores(network, ['CGAC', 'CTCC', 'CCCC', '----'].map(encoded), [0, 0, 0, 0.5])
    // The background is T on the forward strand, A on the reverse.
    expect(scores).toEqual([1, 1, 0, -0.5])
    expect(
      await onnxScores({ ...network, strands: 'forward' }, ['CTCC', '----'].map(encoded), [0, 0, 0, 0.5]),
    ).toEqual([-1, -1])
  })

  it('gives a sequence and its reverse complement the same score, bit for bit', async () => {
    const layers = resolveArchitecture('basset', 2).layers
    const network = randomNetwork(layers, 60, 7, 'both')
    const sequences = Array.from({ length: 9 }, (_, i) => randomCodes(60, i))
    const forward = await onnxScores(network, sequences, uniformBackground)
    expect(new Set(forward).size).toBe(forward.length)
    expect(await onnxScores(network, sequences.map(reverseComplement), uniformBackground)).toEqual(forward)
  })

  it('has a score that is not a number where either strand has', async () => {
    // Exponentials of T in front and of T behind overflow; their difference is then not a number.
    const kernel = new Float32Array(2 * 4 * 2)
    kernel[3 * 2] = 1e4
    kernel[3 * 2 + 1] = 1e4
    const layers: Network['layers'] = [
      { kind: 'flatten' },
      { kind: 'dense', units: 2, kernel, bias: new Float32Array(2) },
      { kind: 'activation', function: 'exp' },
      { kind: 'dense', units: 1, kernel: Float32Array.of(1, -1), bias: new Float32Array(1) },
    ]
    const network: Network = { inputLength: 2, layers, strands: 'both', outputs: ['difference'] }
    expect(await onnxScores(network, ['TC', 'GA', 'AC'].map(encoded), uniformBackground)).toEqual([
      NaN,
      NaN,
      0,
    ])
  })

  it('has the mean of both strands where no activation is left to follow it', async () => {
    const network = randomNetwork([conv({}), { kind: 'globalMaxPool' }], 17, 5, 'both')
    expect(await largestDifference({ ...network, strandJoin: 'mean-of-logits' }, 6, 1)).toBeLessThan(1e-5)
  })

  it('keeps its weights once', () => {
    const layers = [conv({ filters: 64, kernelSize: 24 }), { kind: 'globalMaxPool' } as const]
    const [forward, both] = (['forward', 'both'] as const).map(
      (strands) => writeOnnx(randomNetwork(layers, 101, 1, strands)).length,
    )
    expect(both! - forward!).toBeLessThan(1000)
  })
})

describe('readOwnOnnx', () => {
  it.each(Object.entries(cases))('reads back %s', (_, layers) => {
    for (const strands of strandChoices) {
      const network = randomNetwork(layers, 17, 5, strands)
      expect(readOwnOnnx(writeOnnx(network))).toEqual(inferenceOnly(network))
    }
  })
})
