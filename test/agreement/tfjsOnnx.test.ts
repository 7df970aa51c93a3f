/** ONNX Runtime and TensorFlow.js run the same network alike: every kind of layer, within 1e-5. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { architectureNames, resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { isInstalled } from '../installed.ts'
import { trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'

const backends = (['tfjs-wasm', 'tfjs-node', 'tfjs-node-gpu'] as const).map((backend) => {
  const absent = backend !== 'tfjs-wasm' && !isInstalled(`@tensorflow/${backend}`)
  return { backend, absent, name: absent ? `${backend} (skipped: not installed)` : backend }
})

let runtime: TensorFlowRuntime

const background = [0.3, 0.2, 0.1, 0.4]

async function largestDifference(network: Network, rows: number): Promise<number> {
  const random = new Random(2, 'agreement')
  const codes = new Uint8Array(rows * network.inputLength).map(() => random.below(6)) // masked and unknown too
  const { outputs } = network
  const predictors = [
    await createOnnxPredictor(network, { background, batchSize: 32, threads: 1 }),
    await createTfjsPredictor(runtime, network, { background, batchSize: 32 }),
  ]
  const [onnx, tfjs] = await Promise.all(predictors.map((predictor) => predictor.predict(codes, rows)))
  await Promise.all(predictors.map((predictor) => predictor.close()))
  expect(onnx!.length).toBe(rows * outputs.length)
  expect(new Set(onnx).size).toBeGreaterThan(rows / 2)
  return Math.max(...onnx!.map((score, i) => Math.abs(score - tfjs![i]!)))
}

describe.each(backends)('ONNX Runtime and TensorFlow.js agree: $name', ({ backend, absent }) => {
  beforeAll(async () => {
    if (!absent) runtime = await loadTensorFlow(backend)
  })

  it.skipIf(absent).each(trialNames)('%s', async (name) => {
    expect(await largestDifference(trialNetwork(name), 33)).toBeLessThan(1e-5)
  })

  it.skipIf(absent).each(architectureNames)('architecture %s', async (name) => {
    const network = initialiseNetwork(resolveArchitecture(name, 2), 101, ['a', 'b'], 1)
    expect(await largestDifference(network, 9)).toBeLessThan(1e-5)
  })
})
