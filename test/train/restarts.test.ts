/** Patience at chance and new attempts, on a network whose first weights cannot learn from one seed. */
import { beforeAll, describe, expect, it } from 'vitest'
import { silentReporter, type Reporter } from '../../src/base/reporter.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Network } from '../../src/model/network/network.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import {
  restartDefaults,
  seedOfAttempt,
  trainWithRestarts,
  type RestartOptions,
} from '../../src/train/restarts.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { plantedMotifSet } from './toySet.ts'

const set = plantedMotifSet(800, 30)
const layers = [{ conv1d: { filters: 16, 'kernel-size': 9, activation: 'relu' } }, 'global-max-pool']
const failing = 11
const options: RestartOptions = {
  ...restartDefaults,
  name: 'toy',
  seed: failing,
  batchSize: 32,
  learningRate: 0.01,
  patience: 2,
  restarts: 2,
}

function initialise(seed: number): Network {
  return initialiseNetwork(resolveArchitecture(layers, 1), 30, ['bound'], seed)
}

/** Its rectifiers never open, so nothing reaches its filters: it scores all sequences alike. */
function dead(seed: number): Network {
  const network = initialise(seed)
  return {
    ...network,
    layers: network.layers.map((layer) =>
      layer.kind === 'conv1d' ? { ...layer, bias: layer.bias.map(() => -100) } : layer,
    ),
  }
}

let runtime: TensorFlowRuntime
beforeAll(async () => {
  runtime = await loadTensorFlow('tfjs-wasm')
})

function train(
  first: (seed: number) => Network,
  changes: Partial<RestartOptions> = {},
  reporter: Reporter = silentReporter,
) {
  return trainWithRestarts(first, set, { ...options, ...changes }, tfjsTraining(runtime), reporter)
}

describe('trainWithRestarts', () => {
  it('begins again from a seed of its own stream where the first leaves the network at chance, and says so', async () => {
    const told: string[] = []
    const { seed, learnt, attempts, history, network } = await train(
      (from) => (from === failing ? dead(from) : initialise(from)),
      {},
      { ...silentReporter, info: (message) => told.push(message) },
    )
    const second = seedOfAttempt(failing, 1)
    expect({ seed, learnt }).toEqual({ seed: second, learnt: true })
    expect(attempts.map(({ seed, learnt }) => ({ seed, learnt }))).toEqual([
      { seed: failing, learnt: false },
      { seed: second, learnt: true },
    ])
    expect(attempts[1]!.history).toEqual(history)
    expect(history.at(-1)!.validAuroc).toBeGreaterThan(0.9)
    expect(told).toEqual([
      `train toy: still at chance on the validation split; restart 1 of at most 2, from seed ${second}`,
    ])
    // As a training from that seed alone.
    const alone = await train(initialise, { seed: second })
    expect(alone.network).toEqual(network)
  })

  it('waits twice as long at chance as afterwards', async () => {
    const stuck = await train(dead, { restarts: 0 })
    expect(stuck.history).toHaveLength(stuck.bestEpoch + 4)
    expect(stuck.history.every(({ learnt }) => learnt === false)).toBe(true)
    const learning = await train(initialise, { learningRate: 0.05 })
    expect(learning.attempts).toHaveLength(1)
    const since = learning.history.findIndex(({ learnt }) => learnt) + 1
    expect(learning.history).toHaveLength(Math.min(20, Math.max(since, learning.bestEpoch) + 2))
  })

  it('keeps the attempt with the lowest validation loss where all stay at chance', async () => {
    const { learnt, attempts, validLoss, seed } = await train(dead)
    expect(learnt).toBe(false)
    expect(attempts.map((attempt) => attempt.seed)).toEqual([0, 1, 2].map((i) => seedOfAttempt(failing, i)))
    const losses = attempts.map((attempt) => attempt.validLoss!)
    expect(validLoss).toBe(Math.min(...losses))
    expect(seed).toBe(attempts[losses.indexOf(validLoss!)]!.seed)
  })

  it('does not begin again where nothing says that the network has learnt nothing', async () => {
    const noValidation = { ...set, splits: set.splits.map((split) => (split === 1 ? 0 : split)) }
    const { attempts, learnt } = await trainWithRestarts(
      dead,
      noValidation,
      { ...options, patience: 0, epochs: 1 },
      tfjsTraining(runtime),
      silentReporter,
    )
    expect(learnt).toBeNull()
    expect(attempts).toHaveLength(1)
  })
})

describe('seedOfAttempt', () => {
  it('is the seed of the run, then other ones that a table of 32-bit integers holds', () => {
    const seeds = Array.from({ length: 100 }, (_, attempt) => seedOfAttempt(1, attempt))
    expect(seeds[0]).toBe(1)
    expect(new Set(seeds).size).toBe(100)
    for (const seed of seeds) expect(seed).toBeLessThan(2 ** 31)
  })
})
