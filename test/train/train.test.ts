import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { silentReporter, type Reporter } from '../../src/base/reporter.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import {
  loadTensorFlow,
  type TensorFlow,
  type TensorFlowRuntime,
} from '../../src/predict/tfjs/tfjsRuntime.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'
import { evaluate } from '../../src/train/evaluate.ts'
import { trainDefaults, trainNetwork, type TrainOptions } from '../../src/train/train.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { plantedMotifSet } from './toySet.ts'

const toyCnn = [
  { conv1d: { filters: 16, 'kernel-size': 9, activation: 'relu' } },
  'global-max-pool',
  { dense: { units: 8, activation: 'relu' } },
  { dropout: 0.2 },
]
const set = plantedMotifSet(800, 30)
const options: TrainOptions = { ...trainDefaults, name: 'toy', batchSize: 32, learningRate: 0.01 }

function toyNetwork(layers: readonly unknown[] | string = toyCnn, outputs: readonly string[] = ['bound']) {
  return initialiseNetwork(resolveArchitecture(layers, outputs.length), 30, outputs, 3)
}

function weightsOf(layers: readonly Layer[]): number[][] {
  return layers.flatMap((layer) =>
    Object.values(layer).flatMap((value) => (value instanceof Float32Array ? [[...value]] : [])),
  )
}

let runtime: TensorFlowRuntime
beforeAll(async () => {
  runtime = await loadTensorFlow('tfjs-wasm')
})

function train(changes: Partial<TrainOptions> = {}, of: SequenceSet = set, network: Network = toyNetwork()) {
  return trainNetwork(network, of, { ...options, ...changes }, tfjsTraining(runtime), silentReporter)
}

describe('trainNetwork', () => {
  it('learns a planted motif', async () => {
    const { network, history, bestEpoch } = await train()
    expect(history.length).toBeGreaterThanOrEqual(bestEpoch)
    const predictor = await createTfjsPredictor(runtime, network)
    const { metrics } = await evaluate(predictor, set)
    await predictor.close()
    expect(metrics.map(({ split }) => split)).toEqual(['train', 'valid', 'test'])
    for (const { auroc } of metrics) expect(auroc).toBeGreaterThan(0.95)
  })

  it('gives the same weights for the same seed, other weights for another', async () => {
    const [first, second, other] = [
      await train({ epochs: 2 }),
      await train({ epochs: 2 }),
      await train({ epochs: 2, seed: 2 }),
    ]
    expect(weightsOf(second.network.layers)).toEqual(weightsOf(first.network.layers))
    expect(second.history).toEqual(first.history)
    expect(weightsOf(other.network.layers)).not.toEqual(weightsOf(first.network.layers))
  })

  it('returns the weights of the epoch with the lowest validation loss and stops after `patience` more', async () => {
    const { history, bestEpoch, network } = await train({ epochs: 30, patience: 2, learningRate: 0.05 })
    const losses = history.map(({ validLoss }) => validLoss!)
    expect(losses[bestEpoch - 1]).toBe(Math.min(...losses))
    expect(history.length).toBe(Math.min(30, bestEpoch + 2))
    const upToBest = await train({ epochs: bestEpoch, patience: 0, learningRate: 0.05 })
    expect(weightsOf(network.layers)).toEqual(weightsOf(upToBest.network.layers))
  })

  it('leaves unlabelled outputs out of the loss', async () => {
    const outputs = ['bound', 'other']
    const labels = new Float32Array(set.count * 2)
    for (let row = 0; row < set.count; row++) {
      labels[row * 2] = set.labels[row]!
      labels[row * 2 + 1] = row % 8 < 4 ? 1 - set.labels[row]! : NaN
    }
    const two: SequenceSet = { ...set, labels, labelNames: outputs }
    const { network, history } = await train({}, two, toyNetwork(toyCnn, outputs))
    for (const { trainLoss } of history) expect(trainLoss).toBeGreaterThan(0)
    const predictor = await createTfjsPredictor(runtime, network)
    const { metrics } = await evaluate(predictor, two)
    await predictor.close()
    expect(
      metrics.find(({ split, output }) => split === 'train' && output === 'other')?.auroc,
    ).toBeGreaterThan(0.95)
  })

  it('takes the steps that it takes from one-hot numbers', async () => {
    // The model scans codes itself only on backends that it knows.
    const products = Object.create(runtime.tf, { getBackend: { value: () => 'another' } }) as TensorFlow
    const changes = { ...options, epochs: 2, weightDecay: 0.001 }
    const scanned = await trainNetwork(toyNetwork(), set, changes, tfjsTraining(runtime), silentReporter)
    const multiplied = await trainNetwork(
      toyNetwork(),
      set,
      changes,
      tfjsTraining({ ...runtime, tf: products }),
      silentReporter,
    )
    const before = weightsOf(toyNetwork().layers).flat()
    const expected = weightsOf(multiplied.network.layers).flat()
    const distance = (a: readonly number[], b: readonly number[]) =>
      Math.hypot(...a.map((value, i) => value - b[i]!))
    const moved = distance(expected, before)
    expect(moved).toBeGreaterThan(0.5)
    expect(distance(weightsOf(scanned.network.layers).flat(), expected) / moved).toBeLessThan(1e-3)
    for (const [i, { trainLoss, validLoss }] of scanned.history.entries()) {
      expect(trainLoss).toBeCloseTo(multiplied.history[i]!.trainLoss, 5)
      expect(validLoss).toBeCloseTo(multiplied.history[i]!.validLoss!, 5)
    }
  })

  it('shrinks kernels with weight decay', async () => {
    const norm = (network: Network) =>
      network.layers.reduce(
        (sum, layer) => ('kernel' in layer ? layer.kernel.reduce((s, w) => s + w * w, sum) : sum),
        0,
      )
    const [free, decayed] = [await train({ epochs: 3 }), await train({ epochs: 3, weightDecay: 0.01 })]
    expect(norm(decayed.network)).toBeLessThan(norm(free.network) * 0.9)
  })

  it('trains batch normalisation, dilation and residual layers', async () => {
    const network = toyNetwork([
      { conv1d: { filters: 16, 'kernel-size': 7 } },
      'batch-norm',
      { activation: 'relu' },
      {
        residual: [
          { conv1d: { filters: 16, 'kernel-size': 3, dilation: 2 } },
          'batch-norm',
          { activation: 'gelu' },
        ],
      },
      'global-max-pool',
    ])
    const { history } = await train({ epochs: 8, patience: 0 }, set, network)
    expect(history.at(-1)!.validAuroc).toBeGreaterThan(0.9)
  })

  it('frees its tensors', async () => {
    await train({ epochs: 1 })
    const before = runtime.tf.memory().numTensors
    await train({ epochs: 2 })
    expect(runtime.tf.memory().numTensors).toBe(before)
  })

  it('reports every batch and where it stopped', async () => {
    const updates: [number, string | undefined][] = []
    let total: number | undefined
    let ending: string | undefined
    const reporter: Reporter = {
      ...silentReporter,
      task: (label, batches) => {
        expect(label).toBe('train toy')
        total = batches
        return { update: (done, note) => updates.push([done, note]), end: (note) => (ending = note) }
      },
    }
    await trainNetwork(toyNetwork(), set, { ...options, epochs: 2 }, tfjsTraining(runtime), reporter)
    expect(updates.map(([done]) => done)).toEqual(Array.from({ length: total! }, (_, i) => i + 1))
    expect(updates.at(-1)![1]).toMatch(/^epoch 2\/2, loss \d/)
    expect(ending).toMatch(/best epoch \d/)
  })

  it('stops when it is aborted', async () => {
    const controller = new AbortController()
    const reporter: Reporter = {
      ...silentReporter,
      task: () => ({ update: () => controller.abort(), end: () => undefined }),
    }
    const before = runtime.tf.memory().numTensors
    await expect(
      trainNetwork(
        toyNetwork(),
        set,
        { ...options, signal: controller.signal },
        tfjsTraining(runtime),
        reporter,
      ),
    ).rejects.toThrow(/abort/i)
    expect(runtime.tf.memory().numTensors).toBe(before)
  })
})

describe('trainNetwork refuses', () => {
  const withSplits = (split: (row: number) => number): SequenceSet => ({
    ...set,
    splits: set.splits.map((_, row) => split(row)),
  })

  it.each([
    ['positives', 0],
    ['negatives', 1],
  ])('a train split without %s', async (kind, label) => {
    const oneClass = withSplits((row) => (set.labels[row] === label ? 0 : 1))
    await expect(train({}, oneClass)).rejects.toThrow(`the train split has no ${kind} of label 'bound'`)
    await expect(train({}, oneClass)).rejects.toBeInstanceOf(DataError)
  })

  it('an empty validation split, unless it need not stop early', async () => {
    const trainOnly = withSplits(() => 0)
    await expect(train({}, trainOnly)).rejects.toThrow(/valid split has no labelled sequences/)
    const { history, bestEpoch } = await train({ patience: 0, epochs: 2 }, trainOnly)
    expect(history.map(({ validLoss }) => validLoss)).toEqual([null, null])
    expect(bestEpoch).toBe(2)
  })

  it('labels that are neither 0 nor 1', async () => {
    const graded = { ...set, labels: set.labels.map((label, row) => (row === 8 ? 0.5 : label)) }
    await expect(train({}, graded)).rejects.toThrow(/sequence '8'.*label 'bound' is 0.5/)
  })

  it('sequences of another length, and other numbers of outputs', async () => {
    await expect(train({}, plantedMotifSet(80, 40))).rejects.toThrow(/reads 30 bases.*have 40/)
    await expect(train({}, set, toyNetwork(toyCnn, ['a', 'b']))).rejects.toThrow(/2 outputs.*1 labels/)
  })

  it('a loss that diverges', async () => {
    const exploding = train({ learningRate: 1e30 })
    await expect(exploding).rejects.toBeInstanceOf(ConfigError)
    await expect(train({ learningRate: 1e30 })).rejects.toThrow(/'toy' diverged.*lower the learning rate/)
  })
})
