/** Networks that benchmarks explain: the architectures of the goals, with random weights or trained once and kept. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../src/base/random.ts'
import { resolveArchitecture } from '../src/model/network/architecture.ts'
import { loadModelDescription, loadNetwork, saveModel } from '../src/model/artifact/artifact.ts'
import { initialiseNetwork } from '../src/model/network/initialise.ts'
import { mapWeights, type WeightedLayer } from '../src/model/network/mapWeights.ts'
import type { DenseLayer, Network } from '../src/model/network/network.ts'
import { createOnnxPredictor } from '../src/predict/onnx/onnxPredictor.ts'
import { masked, uniformBackground } from '../src/sequence/alphabet.ts'
import { trainDefaults, trainNetwork } from '../src/train/train.ts'
import { evaluate } from '../src/train/evaluate.ts'
import { openTrainingRuntime } from '../src/train/trainingRuntimes.ts'
import type { Reporter } from '../src/base/reporter.ts'
import { ctcfSequences, randomSequences, realData } from './sequences.ts'
import { hashFile } from '../src/io/files/hashFile.ts'

type Layers = string | readonly unknown[]

/** Basset (Kelley, Snoek, Rinn, Genome Research 2016) at its own width, one dense layer of 1,000. */
export const bassetLayers: Layers = [
  ...[
    { filters: 300, width: 19, pool: 3 },
    { filters: 200, width: 11, pool: 4 },
    { filters: 200, width: 7, pool: 4 },
  ].flatMap(({ filters, width, pool }) => [
    { conv1d: { filters, 'kernel-size': width } },
    'batch-norm',
    { activation: 'relu' },
    { 'max-pool1d': { size: pool, padding: 'same' } },
  ]),
  'flatten',
  { dense: { units: 1000, activation: 'relu' } },
]

/** The body of BPNet (Avsec et al., Nature Genetics 2021): every position sees 2,000 others. */
export const dilatedLayers: Layers = [
  { conv1d: { filters: 64, 'kernel-size': 21, activation: 'relu' } },
  ...Array.from({ length: 9 }, (_, i) => ({
    residual: [{ conv1d: { filters: 64, 'kernel-size': 3, dilation: 2 ** (i + 1), activation: 'relu' } }],
  })),
  'global-average-pool',
]

/** The body of ChromBPNet (Pampari et al. 2023): wider and shorter by a layer, padding left out. */
export const chromBpnetLayers: Layers = [
  { conv1d: { filters: 512, 'kernel-size': 21, activation: 'relu' } },
  ...Array.from({ length: 8 }, (_, i) => ({
    residual: [{ conv1d: { filters: 512, 'kernel-size': 3, dilation: 2 ** (i + 1), activation: 'relu' } }],
  })),
  'global-average-pool',
]

export const twoDenseLayers: Layers = [
  'flatten',
  { dense: { units: 512, activation: 'relu' } },
  { dense: { units: 512, activation: 'relu' } },
]

/**
 * Random weights, biases and batch normalisation. The last layer is scaled so that random sequences, from whole to all
 * masked, have logits of mean 0 and deviation 1: deep random stacks else end in a sigmoid that is 1 or 0 for everything,
 * where all is a tie.
 */
export async function randomNetwork(layers: Layers, length: number, seed = 1): Promise<Network> {
  const drawn = initialiseNetwork(resolveArchitecture(layers, 1), length, ['bound'], seed)
  const random = new Random(seed, 'biases')
  const network = { ...drawn, layers: mapWeights(drawn.layers, (layer) => withBiases(layer, random)) }
  const last = network.layers.at(-2) as DenseLayer
  const logits = await scoresOf(
    { ...network, layers: network.layers.slice(0, -1) },
    randomSequences(length, 64, seed).map((codes, i) =>
      codes.map((base) => (random.uniform() < i / 63 ? masked : base)),
    ),
  )
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length
  const deviation = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length)
  const scaled: DenseLayer = {
    ...last,
    kernel: last.kernel.map((weight) => weight / deviation),
    bias: last.bias.map((bias) => (bias - mean) / deviation),
  }
  return { ...network, layers: [...network.layers.slice(0, -2), scaled, network.layers.at(-1)!] }
}

function withBiases(layer: WeightedLayer, random: Random): WeightedLayer {
  if (layer.kind !== 'batchNorm') return { ...layer, bias: layer.bias.map(() => 0.1 * random.normal()) }
  return {
    ...layer,
    gamma: layer.gamma.map(() => 0.5 + random.uniform()),
    beta: layer.beta.map(() => 0.2 * random.normal()),
    mean: layer.mean.map(() => 0.2 * random.normal()),
    variance: layer.variance.map(() => 0.5 + random.uniform()),
  }
}

/** @returns scores of the first output: Float32Array [n] */
export async function scoresOf(network: Network, sequences: readonly Uint8Array[]): Promise<Float32Array> {
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    batchSize: 64,
  })
  try {
    const codes = new Uint8Array(sequences.length * network.inputLength)
    for (const [i, sequence] of sequences.entries()) codes.set(sequence, i * network.inputLength)
    const scores = await predictor.predict(codes, sequences.length)
    const { length: outputs } = network.outputs
    return scores.filter((_, i) => i % outputs === 0)
  } finally {
    await predictor.close()
  }
}

export interface TrainedModel {
  readonly network: Network
  /** The artifact, where commands find it. */
  readonly directory: string
  /** Area under the ROC curve on the 1,000 sequences held out. */
  readonly auroc: number
}

/**
 * A named architecture trained on the CTCF peaks. It is trained once and kept under the system's temporary directory by
 * the hash of data and settings, so that every run of the benchmarks explains the same weights.
 */
export async function trainedModel(
  architectureName: string,
  epochs: number,
  reporter: Reporter,
): Promise<TrainedModel> {
  const dataHash = await hashFile(realData('ctcf-labelled-101bp', 'test.fa'))
  const settings = { ...trainDefaults, epochs, patience: 0 }
  const key = createHash('sha256')
    .update(JSON.stringify([architectureName, settings, dataHash]))
    .digest('hex')
  const directory = join(tmpdir(), 'sis-bench', `${architectureName}-${key.slice(0, 12)}`)
  if (!existsSync(join(directory, 'model.json'))) {
    await trainAndSave(architectureName, settings, dataHash, directory, reporter)
  }
  const description = await loadModelDescription(directory)
  const network = await loadNetwork(directory, description)
  return { network, directory, auroc: description.metrics.find(({ split }) => split === 'valid')!.auroc! }
}

async function trainAndSave(
  architectureName: string,
  settings: Omit<Parameters<typeof trainNetwork>[2], 'name'>,
  dataHash: string,
  directory: string,
  reporter: Reporter,
): Promise<void> {
  const set = await ctcfSequences()
  const architecture = resolveArchitecture(architectureName, 1)
  const runtime = await openTrainingRuntime('auto', architecture, availableParallelism())
  reporter.info(`training ${architectureName} on ${set.count} sequences, once (${runtime.backend})`)
  const { network, history, bestEpoch } = await trainNetwork(
    initialiseNetwork(architecture, set.length, set.labelNames, settings.seed),
    set,
    { name: architectureName, ...settings },
    runtime,
    reporter,
  )
  const predictor = await createOnnxPredictor(network, {
    background: settings.background,
  })
  const { metrics } = await evaluate(predictor, set).finally(() => predictor.close())
  const { seed, epochs, patience, batchSize, learningRate, classWeights, background } = settings
  await saveModel(directory, network, {
    name: architectureName,
    architecture,
    background,
    training: {
      dataHash,
      backend: runtime.backend,
      seed,
      options: { epochs, patience, batchSize, learningRate, classWeights },
      bestEpoch,
      history: [...history],
      attempts: [],
    },
    metrics,
  })
}
