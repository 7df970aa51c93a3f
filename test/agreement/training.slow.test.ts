/** Steps of training are PyTorch's in float64: losses, weights and running statistics. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { Network } from '../../src/model/network/network.ts'
import { shapesAfter, type Shape } from '../../src/model/network/shapes.ts'
import { adam } from '../../src/model/gradient/trainingStep.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { onnxTraining } from '../../src/train/onnxTraining.ts'
import type { Batch } from '../../src/train/training.ts'
import { trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'
import { batchesOf, comparableWeights, largestDifference, stepSettings, takeSteps } from '../train/steps.ts'
import { describeAgainst } from './python.ts'
import { numbersText, TorchPeer, withWeights } from './torchNetwork.ts'

/** Of one network without dropout inside others: in the order in which its layers draw, NWC. */
function masksOf(network: Network, batches: readonly Batch[]): { values: string; dims: number[] }[][] {
  const random = new Random(stepSettings.seed, 'dropout')
  const shapes: Shape[] = [[network.inputLength, 4], ...shapesAfter(network.layers, [network.inputLength, 4])]
  return batches.map(({ rows }) =>
    network.layers.flatMap((layer, i) => {
      if (layer.kind !== 'dropout') return []
      const dims = [rows, ...shapes[i]!]
      const values = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () =>
        random.uniform() < layer.rate ? 0 : 1 / (1 - layer.rate),
      )
      return [{ values: numbersText(values), dims }]
    }),
  )
}

describeAgainst('torch', "PyTorch's steps of training", () => {
  let torch: TorchPeer
  beforeAll(async () => {
    torch = await TorchPeer.start(1)
  }, 60_000)
  afterAll(() => torch.end())

  it.each(trialNames)('%s', async (name) => {
    const trial = trialNetwork(name)
    const network = { ...trial, layers: trial.layers.slice(0, -1) }
    const { background, weightDecay, learningRate } = stepSettings
    for (const steps of [1, 3]) {
      const batches = batchesOf(network, steps)
      const masks = masksOf(network, batches)
      const found = await takeSteps(onnxTraining({ device: 'cpu', threads: 1 }), network, batches)
      await torch.use(network, false)
      const answer = (await torch.ask({
        command: 'train',
        type: 'float64',
        length: network.inputLength,
        learningRate,
        weightDecay,
        epsilon: adam.epsilon,
        steps: batches.map(({ codes, labels, weights, labelled }, i) => ({
          x: numbersText(oneHot(codes, network.inputLength, 'NCW', background)),
          labels: numbersText(labels),
          weights: numbersText(weights),
          labelled,
          masks: masks[i],
        })),
      })) as { losses: number[]; weights: string[]; statistics: string[] }
      for (const [i, loss] of answer.losses.entries()) expect(found.losses[i]).toBeCloseTo(loss, 5)
      const expected = comparableWeights(withWeights(network.layers, answer), steps)
      const weights = comparableWeights(found.network.layers, steps)
      expect(weights.length).toBeGreaterThan(1)
      expect(largestDifference(weights, expected)).toBeLessThan(1e-5)
    }
  })
})
