/** Steps of the ONNX graph are those of TensorFlow.js, on every layer. */
import { beforeAll, describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { activationFunctions, type Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { evaluate } from '../../src/train/evaluate.ts'
import { onnxTraining } from '../../src/train/onnxTraining.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { trainDefaults, trainNetwork } from '../../src/train/train.ts'
import { openTrainingRuntime } from '../../src/train/trainingRuntimes.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { trialLength, trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'
import { batchesOf, comparableWeights, largestDifference, stepSettings, takeSteps } from './steps.ts'
import { plantedMotifSet } from './toySet.ts'

let tfjs: TensorFlowRuntime
beforeAll(async () => {
  tfjs = await loadTensorFlow('tfjs-wasm')
})

const onnx = onnxTraining({ device: 'cpu', threads: 2 })

async function expectSameSteps(network: Network): Promise<void> {
  for (const steps of [1, 3]) await expectSame(network, steps)
}

async function expectSame(network: Network, steps: number): Promise<void> {
  const batches = batchesOf(network, steps)
  const expected = await takeSteps(tfjsTraining(tfjs), network, batches)
  const found = await takeSteps(onnx, network, batches)
  const weights = comparableWeights(expected.network.layers, steps)
  expect(largestDifference(weights, comparableWeights(network.layers, steps))).toBeGreaterThan(1e-3)
  expect(largestDifference(comparableWeights(found.network.layers, steps), weights)).toBeLessThan(1e-5)
  const predictor = await createTfjsPredictor(tfjs, found.network, { background: stepSettings.background })
  const { codes, rows } = batches[0]!
  expect(largestDifference([found.logits], [await predictor.predict(codes, rows)])).toBeLessThan(1e-5)
  await predictor.close()
  for (const [i, loss] of found.losses.entries()) expect(loss).toBeCloseTo(expected.losses[i]!, 5)
}

describe('steps of training on ONNX Runtime are those of TensorFlow.js', () => {
  it.each(trialNames)('%s', (name) => {
    const network = trialNetwork(name)
    return expectSameSteps({ ...network, layers: network.layers.slice(0, -1) })
  })

  it.each(activationFunctions)('%s along the sequence', (name) =>
    expectSameSteps(
      randomNetwork(
        [
          { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
          { kind: 'activation', function: name },
          { kind: 'conv1d', filters: 6, kernelSize: 3, padding: 'same', dilation: 1 },
          { kind: 'globalAveragePool' },
          { kind: 'dense', units: 2 },
        ],
        trialLength,
        4,
      ),
    ),
  )
})

describe('training on ONNX Runtime', () => {
  const set = plantedMotifSet(600, 30)
  const layers = [
    { conv1d: { filters: 12, 'kernel-size': 7, activation: 'relu' } },
    { 'max-pool1d': { size: 3 } },
    { dropout: 0.1 },
    { conv1d: { filters: 8, 'kernel-size': 3, activation: 'relu' } },
    'global-max-pool',
    { dense: { units: 8, activation: 'relu' } },
  ]
  const first = initialiseNetwork(resolveArchitecture(layers, 1), 30, ['bound'], 3)
  const options = { ...trainDefaults, name: 'toy', batchSize: 32, learningRate: 0.01, epochs: 8 }

  it('learns a planted motif', async () => {
    const { network } = await trainNetwork(first, set, options, onnx, silentReporter)
    const predictor = await createOnnxPredictor(network)
    const { metrics } = await evaluate(predictor, set)
    await predictor.close()
    for (const { auroc } of metrics) expect(auroc).toBeGreaterThan(0.95)
  })

  it('gives the same weights for a seed, on any number of threads', async () => {
    const trained = []
    for (const threads of [1, 2, 2]) {
      const runtime = onnxTraining({ device: 'cpu', threads })
      const { network } = await trainNetwork(first, set, { ...options, epochs: 2 }, runtime, silentReporter)
      trained.push(network.layers)
    }
    expect(trained[1]).toEqual(trained[0])
    expect(trained[2]).toEqual(trained[0])
  })

  it('is chosen for networks whose convolutions the kernel of codes does not read', async () => {
    const backendOf = async (hidden: string | readonly unknown[]): Promise<string> =>
      (await openTrainingRuntime('auto', resolveArchitecture(hidden, 1), 1)).backend
    for (const hidden of ['residual', 'basset', layers])
      expect(await backendOf(hidden)).toContain('onnxruntime')
    for (const hidden of ['cnn', 'deepbind', 'fc']) expect(await backendOf(hidden)).toContain('tfjs')
  })
})
