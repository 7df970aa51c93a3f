/** A few steps of training, by anything that trains: batches, and the weights that come of them. */
import { Random } from '../../src/base/random.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import type { Batch, TrainingRuntime } from '../../src/train/training.ts'

export const stepSettings = {
  weightDecay: 0.01,
  learningRate: 0.002,
  background: [0.4, 0.1, 0.2, 0.3],
  seed: 4,
}

/** @returns batches of other sizes; some labels are missing */
export function batchesOf({ inputLength: length, outputs }: Network, count: number): Batch[] {
  const random = new Random(8, 'batches')
  return Array.from({ length: count }, (_, i) => {
    const rows = 24 - i
    const weights = Float32Array.from({ length: rows * outputs.length }, () =>
      random.below(8) === 0 ? 0 : 0.5 + random.uniform(),
    )
    return {
      rows,
      codes: Uint8Array.from({ length: rows * length }, () => random.below(6)),
      labels: weights.map((weight) => (weight === 0 ? 0 : random.below(2))),
      weights,
      labelled: weights.reduce((sum, weight) => sum + Number(weight > 0), 0),
    }
  })
}

export interface Trained {
  readonly losses: readonly number[]
  readonly network: Network
  readonly logits: Float32Array
}

/** @param network ends with its logits */
export async function takeSteps(
  runtime: TrainingRuntime,
  network: Network,
  batches: readonly Batch[],
): Promise<Trained> {
  const { weightDecay, learningRate, background, seed } = stepSettings
  const dropout = new Random(seed, 'dropout')
  const training = await runtime.open(network, { background, weightDecay, dropout })
  const losses = []
  for (const batch of batches) losses.push(await training.step(batch, learningRate))
  const trained = { losses, network: training.read(), logits: await training.logits(batches[0]!.codes) }
  await training.close()
  return trained
}

/**
 * All weights and statistics, layer by layer. A bias in front of batch normalisation is left out: no gradient is owed to
 * it but what rounding leaves, of which Adam makes a step of full size in either direction. So are, after the first step,
 * running means, which follow such biases.
 */
export function comparableWeights(layers: readonly Layer[], steps: number): Float32Array[] {
  return layers.flatMap((layer, i) => {
    const isUseless = layers[i + 1]?.kind === 'batchNorm'
    switch (layer.kind) {
      case 'conv1d':
      case 'dense':
        return isUseless ? [layer.kernel] : [layer.kernel, layer.bias]
      case 'batchNorm':
        return [layer.gamma, layer.beta, layer.variance, ...(steps === 1 ? [layer.mean] : [])]
      case 'residual':
        return [layer.shortcut ?? [], layer.layers].flatMap((inner) => comparableWeights(inner, steps))
      case 'concat':
        return layer.branches.flatMap((branch) => comparableWeights(branch, steps))
      case 'activation':
      case 'maxPool1d':
      case 'averagePool1d':
      case 'crop1d':
      case 'zeroPad1d':
      case 'globalMaxPool':
      case 'globalAveragePool':
      case 'dropout':
      case 'flatten':
      case 'splitChannels':
        return []
    }
  })
}

export function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(
    ...a.map((values, i) =>
      values.reduce((most, value, j) => Math.max(most, Math.abs(value - b[i]![j]!)), 0),
    ),
  )
}
