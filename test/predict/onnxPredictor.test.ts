/** The ONNX Runtime predictor: the same row gives the same score wherever it stands, and bad models are told. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import {
  activationFunctions,
  strandChoices,
  type ActivationFunction,
  type Network,
  type Strands,
} from '../../src/model/network/network.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { createOnnxPredictor, type OnnxPredictorOptions } from '../../src/predict/onnx/onnxPredictor.ts'
import { openOnnxRunner } from '../../src/predict/onnx/onnxRunner.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { referenceForward, referenceInput } from '../model/referenceForward.ts'

const length = 61
const outputs = ['first', 'second']
const options: OnnxPredictorOptions = {
  background: [0.25, 0.25, 0.25, 0.25],
  batchSize: 64,
  threads: 2,
}
const networkOf = (name: string) => initialiseNetwork(resolveArchitecture(name, 2), length, outputs, 11)

/** score 0 = A + 2 C + 3 G + 4 T of the only base; score 1 = 1. */
const letterNetwork: Network = {
  inputLength: 1,
  strands: 'forward',
  outputs: ['letter', 'one'],
  layers: [
    { kind: 'flatten' },
    {
      kind: 'dense',
      units: 2,
      kernel: Float32Array.of(1, 0, 2, 0, 3, 0, 4, 0),
      bias: Float32Array.of(0, 1),
    },
  ],
}

describe.each(['cnn', 'deepbind', 'fc', 'basset', 'residual'])('a row of %s', (name) => {
  const rowCount = 150
  const random = new Random(5)
  const codes = Uint8Array.from({ length: rowCount * length }, () => random.below(6))
  let predictor: Predictor
  let scores: Float32Array

  beforeAll(async () => {
    predictor = await createOnnxPredictor(networkOf(name), options)
    scores = await predictor.predict(codes, rowCount)
  })
  afterAll(() => predictor.close())

  it('scores the same, bit for bit, in any batch and place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: rowCount - 1 }), { minLength: 1, maxLength: rowCount }),
        async (rows) => {
          const picked = new Uint8Array(rows.length * length)
          for (const [i, row] of rows.entries()) {
            picked.set(codes.subarray(row * length, (row + 1) * length), i * length)
          }
          const found = await predictor.predict(picked, rows.length)
          expect(found).toEqual(
            Float32Array.from(rows.flatMap((row) => [scores[2 * row]!, scores[2 * row + 1]!])),
          )
        },
      ),
      { numRuns: 25 },
    )
  })

  it('scores the same when calls overlap', async () => {
    const half = (rowCount / 2) * length
    const both = await Promise.all([
      predictor.predict(codes.subarray(0, half), rowCount / 2),
      predictor.predict(codes.subarray(half), rowCount / 2),
    ])
    expect(Float32Array.from(both.flatMap((part) => [...part]))).toEqual(scores)
  })
})

describe('a row of a network whose units are', () => {
  // Too few channels to fill the vectors of a processor: most rows begin and end within one.
  const layersOf = (name: ActivationFunction) => [
    { conv1d: { filters: 3, 'kernel-size': 4, padding: 'valid', activation: name } },
    { conv1d: { filters: 1, 'kernel-size': 2, padding: 'valid', activation: name } },
    'flatten',
  ]

  it.each(activationFunctions.filter((name) => name !== 'softmax'))(
    '%s scores the same in batches of other sizes',
    async (name) => {
      const rows = 700
      const random = new Random(9)
      const codes = Uint8Array.from({ length: rows * 20 }, () => random.below(6))
      const network = initialiseNetwork(resolveArchitecture(layersOf(name), 2), 20, outputs, 3)
      const found = []
      for (const batchSize of [1, 64, 99, 700]) {
        const predictor = await createOnnxPredictor(network, { batchSize, threads: 2 })
        expect(predictor.batchSize).toBe(batchSize)
        found.push(await predictor.predict(codes, rows))
        await predictor.close()
      }
      for (const scores of found) expect(scores).toEqual(found[0])
    },
  )
})

describe('createOnnxPredictor', () => {
  it('reads codes: a base, masked as the background, unknown as zero', async () => {
    const predictor = await createOnnxPredictor(letterNetwork, {
      background: [0.5, 0.25, 0.125, 0.125],
    })
    const scores = await predictor.predict(Uint8Array.of(0, 1, 2, 3, 4, 5), 6)
    await predictor.close()
    expect([...scores]).toEqual([1, 1, 2, 1, 3, 1, 4, 1, 0.5 + 0.5 + 0.375 + 0.5, 1, 0, 1])
  })

  it('scores no rows, one row and many batches', async () => {
    const predictor = await createOnnxPredictor(letterNetwork, {
      ...options,
      batchSize: 7,
    })
    expect((await predictor.predict(new Uint8Array(0), 0)).length).toBe(0)
    const codes = Uint8Array.from({ length: 1000 }, (_, i) => i % 4)
    const scores = await predictor.predict(codes, 1000)
    expect(scores).toEqual(Float32Array.from([...codes].flatMap((code) => [code + 1, 1])))
    expect(await predictor.predict(codes.subarray(2), 1)).toEqual(Float32Array.of(3, 1))
    await predictor.close()
  })

  it('says what it is', async () => {
    const predictor = await createOnnxPredictor(networkOf('fc'), options)
    expect(predictor.backend).toMatch(/^onnxruntime-node \d+\.\d+\.\d+, cpu, 2 threads$/)
    expect([predictor.width, predictor.batchSize, predictor.outputs]).toEqual([length, 64, outputs])
    await predictor.close()
  })

  it('refuses what is no model', async () => {
    const bytes = writeOnnx(networkOf('fc'))
    await expect(openOnnxRunner(bytes.subarray(0, 1000))).rejects.toThrow(DataError)
    await expect(openOnnxRunner(bytes.subarray(0, 1000))).rejects.toThrow(
      /^ONNX Runtime cannot load the model: [^\n]+$/,
    )
  })
})

/** One base, and as many outputs as it takes: logits, whatever the base, then the activation. */
function constantNetwork(logits: readonly number[], name: ActivationFunction, strands: Strands): Network {
  return {
    inputLength: 1,
    strands,
    outputs: logits.map((_, i) => `output ${i}`),
    layers: [
      { kind: 'flatten' },
      {
        kind: 'dense',
        units: logits.length,
        kernel: new Float32Array(4 * logits.length),
        bias: Float32Array.from(logits),
      },
      { kind: 'activation', function: name },
    ],
  }
}

describe('the last activation', () => {
  // Where float32 exponentials of runtimes have lost their digits, or all of them.
  const logits = [-100, -40, -18, -17, -16.5, -16, -14, -8, -3, -1e-3, 0, 1e-6, 0.5, 3, 16, 40, 80]

  it.each(activationFunctions)('%s is the float32 nearest to the float64 value', async (name) => {
    for (const strands of strandChoices) {
      const network = constantNetwork(logits, name, strands)
      const predictor = await createOnnxPredictor(network, options)
      const scores = await predictor.predict(Uint8Array.of(2), 1)
      await predictor.close()
      const expected = referenceForward(network, referenceInput(Uint8Array.of(2), uniformBackground))
      for (const [i, score] of scores.entries()) {
        const rounded = Math.fround(expected[i]!)
        const where = `${name}(${logits[i]!}) is ${expected[i]!}`
        expect(score, where).toBe(rounded)
      }
    }
  })

  it('never falls where a sigmoid rises', async () => {
    const steps = Array.from({ length: 2000 }, (_, i) => -90 + i / 20)
    const predictor = await createOnnxPredictor(constantNetwork(steps, 'sigmoid', 'forward'), options)
    const scores = await predictor.predict(Uint8Array.of(0), 1)
    await predictor.close()
    for (let i = 1; i < scores.length; i++) expect(scores[i]).toBeGreaterThanOrEqual(scores[i - 1]!)
    expect(scores[0]).toBeGreaterThan(0)
  })

  it('of both strands is of each strand, the larger score counts', async () => {
    // Softmax of the strand's own numbers, not of the larger ones.
    const network: Network = {
      inputLength: 1,
      strands: 'both',
      outputs: ['a', 'b'],
      layers: [
        { kind: 'flatten' },
        {
          kind: 'dense',
          units: 2,
          kernel: Float32Array.of(0, -12, 0, 0, 0, 0, -3, 3),
          bias: new Float32Array(2),
        },
        { kind: 'activation', function: 'softmax' },
      ],
    }
    const predictor = await createOnnxPredictor(network, options)
    const scores = await predictor.predict(Uint8Array.of(0), 1)
    await predictor.close()
    // A: logits 0 and -12; T: -3 and 3.
    expect([...scores]).toEqual([Math.fround(1 / (1 + Math.exp(-12))), Math.fround(1 / (1 + Math.exp(-6)))])
  })

  it.each([undefined, 'maximum', 'mean', 'mean-of-logits'] as const)(
    'of both strands is joined as the network says: %s',
    async (strandJoin) => {
      const network: Network = {
        ...constantNetwork([0, 0], 'sigmoid', 'both'),
        ...(strandJoin && { strandJoin }),
        layers: [
          { kind: 'flatten' },
          {
            kind: 'dense',
            units: 2,
            kernel: Float32Array.of(-9, 2, 1, 0, 0, 3, -3, -14),
            bias: new Float32Array(2),
          },
          { kind: 'activation', function: 'sigmoid' },
        ],
      }
      const codes = Uint8Array.of(0, 1, 2, 3, 4)
      const expected = [...codes].flatMap((code) =>
        referenceForward(network, referenceInput(Uint8Array.of(code), uniformBackground)),
      )
      const predictors = [
        await createOnnxPredictor(network, options),
        await createTfjsPredictor(await loadTensorFlow('tfjs-wasm'), network),
      ]
      for (const predictor of predictors) {
        const scores = await predictor.predict(codes, codes.length)
        await predictor.close()
        expect([...scores]).toEqual(expected.map(Math.fround))
      }
    },
  )
})
