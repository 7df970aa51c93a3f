import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Network } from '../../src/model/network/network.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { encodeSequence, masked, unknown } from '../../src/sequence/alphabet.ts'

let runtime: TensorFlowRuntime
beforeAll(async () => {
  runtime = await loadTensorFlow('tfjs-wasm')
})

/** Scores a sequence of two bases with 1, 10, 100, 1000 for A, C, G, T in front, ten thousand times that behind. */
const weighing: Network = {
  inputLength: 2,
  strands: 'forward',
  layers: [
    { kind: 'flatten' },
    {
      kind: 'dense',
      units: 1,
      kernel: Float32Array.of(1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7),
      bias: Float32Array.of(0.5),
    },
  ],
  outputs: ['weight'],
}

describe('createTfjsPredictor', () => {
  it('reads bases in order, the background where masked, nothing where unknown', async () => {
    const predictor = await createTfjsPredictor(runtime, weighing, { background: [1, 0, 2, 0] })
    const codes = Uint8Array.of(
      ...encodeSequence('GT'),
      ...encodeSequence('AC'),
      masked,
      unknown,
      unknown,
      masked,
    )
    expect([...(await predictor.predict(codes, 4))]).toEqual(
      [1e7 + 100.5, 1e5 + 1.5, 201.5, 2.01e6 + 0.5].map(Math.fround),
    )
    await predictor.close()
  })

  it('gives a row the same score in any batch', async () => {
    const network = initialiseNetwork(resolveArchitecture('cnn-small', 2), 40, ['a', 'b'], 1)
    const random = new Random(3)
    const codes = new Uint8Array(70 * 40).map(() => random.below(6))
    const [whole, parts] = [
      await createTfjsPredictor(runtime, network),
      await createTfjsPredictor(runtime, network, { batchSize: 16 }),
    ]
    const scores = await whole.predict(codes, 70)
    expect(scores.length).toBe(140)
    expect(new Set(scores).size).toBeGreaterThan(130)
    expect(await parts.predict(codes, 70)).toEqual(scores)
    expect(await whole.predict(codes.subarray(69 * 40), 1)).toEqual(scores.slice(138))
    await whole.close()
    await parts.close()
  })

  it('keeps no tensors after a prediction, none at all after close', async () => {
    const before = runtime.tf.memory().numTensors
    const predictor = await createTfjsPredictor(runtime, weighing)
    await predictor.predict(encodeSequence('ACGT'), 2)
    const open = runtime.tf.memory().numTensors
    await predictor.predict(encodeSequence('ACGTAC'), 3)
    expect(runtime.tf.memory().numTensors).toBe(open)
    await predictor.close()
    expect(runtime.tf.memory().numTensors).toBe(before)
  })

  it('keeps to its backend, whatever is loaded since', async () => {
    const predictor = await createTfjsPredictor(runtime, weighing)
    const other = await createTfjsPredictor(await loadTensorFlow('tfjs-cpu'), weighing)
    const codes = encodeSequence('GT')
    for (const [asked, name] of [
      [predictor, 'wasm'],
      [other, 'cpu'],
      [predictor, 'wasm'],
    ] as const) {
      expect([...(await asked.predict(codes, 1))]).toEqual([Math.fround(1e7 + 100.5)])
      expect(runtime.tf.getBackend()).toBe(name)
    }
    await predictor.close()
    await other.close()
  })

  it('refuses cells that are not codes, or too few of them', async () => {
    const predictor = await createTfjsPredictor(runtime, weighing)
    await expect(predictor.predict(new Float32Array(2), 1)).rejects.toThrow(TypeError)
    await expect(predictor.predict(new Uint8Array(3), 2)).rejects.toThrow(RangeError)
    await predictor.close()
  })
})
