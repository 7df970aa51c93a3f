/** Training: Adam on the binary cross-entropy of sigmoid outputs, stopped early by the validation split. */
import { setImmediate } from 'node:timers/promises'
import { ConfigError, DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import type { Reporter } from '../base/reporter.ts'
import type { Network } from '../model/network/network.ts'
import { reverseComplement, uniformBackground } from '../sequence/alphabet.ts'
import { splitNames, type SequenceSet, type Split } from '../sequence/sequenceSet.ts'
import { measureSkill } from './chance.ts'
import { classWeights, type ClassWeighting } from './classWeights.ts'
import { binaryMetrics } from './metrics.ts'
import type { Batch, Training, TrainingRuntime } from './training.ts'

/** `constant`, or from the learning rate to 0 along half a cosine over all epochs (Loshchilov, Hutter, ICLR 2017). */
export const schedules = ['constant', 'cosine'] as const
type Schedule = (typeof schedules)[number]

export interface TrainOptions {
  /** Named in progress and errors. */
  readonly name: string
  readonly seed: number
  readonly epochs: number
  /**
   * Epochs without a lower validation loss after which training stops. They count from where the model is better than
   * chance; one that is not is given twice as many. 0 trains all epochs and keeps the last weights.
   */
  readonly patience: number
  readonly batchSize: number
  readonly learningRate: number
  readonly schedule: Schedule
  /** Weight decay: half of this times the sum of squares of all kernels is added to the loss. */
  readonly weightDecay: number
  readonly classWeights: ClassWeighting
  /**
   * Whether each epoch reads every sequence of the train split on a strand drawn at random. Means nothing to a network
   * that reads both strands.
   */
  readonly randomStrand: boolean
  /** What a masked base becomes. */
  readonly background: readonly number[]
  readonly signal?: AbortSignal | undefined
}

export const trainDefaults = {
  seed: 1,
  epochs: 20,
  patience: 4,
  batchSize: 128,
  learningRate: 0.001,
  schedule: 'constant',
  weightDecay: 0,
  classWeights: 'balanced',
  randomStrand: true,
  background: uniformBackground,
} as const satisfies Omit<TrainOptions, 'name'>

interface EpochRecord {
  /** 1-based. */
  readonly epoch: number
  /** Mean over the batches as they were trained, dropout included. */
  readonly trainLoss: number
  /** Null where there is no validation split. */
  readonly validLoss: number | null
  /** Mean over outputs; null where it is undefined. */
  readonly validAuroc: number | null
  /** Whether the interval of some output's validation auROC lies above 0.5; null where none is defined. */
  readonly learnt: boolean | null
}

export interface TrainedNetwork {
  readonly network: Network
  readonly history: readonly EpochRecord[]
  /** The epoch (1-based) whose weights these are. */
  readonly bestEpoch: number
  /** Of that epoch. */
  readonly validLoss: number | null
  /** Of that epoch. */
  readonly learnt: boolean | null
}

/**
 * Trains on the `train` split. The same seed and backend give the same weights.
 * @param network where training begins; its last layer is a sigmoid
 * @throws DataError where a split that is needed is empty or has one class only; ConfigError where the loss diverges
 */
export async function trainNetwork(
  network: Network,
  set: SequenceSet,
  options: TrainOptions,
  runtime: TrainingRuntime,
  reporter: Reporter,
): Promise<TrainedNetwork> {
  const sigmoid = network.layers.at(-1)
  if (sigmoid?.kind !== 'activation' || sigmoid.function !== 'sigmoid') {
    throw new ConfigError(`model '${options.name}' cannot be trained: its last layer must be a sigmoid`)
  }
  const examples = { train: labelledRows(set, 'train'), valid: labelledRows(set, 'valid') }
  checkExamples(network, set, examples, options)
  const weights = classWeights(set, examples.train, options.classWeights)

  const { background, weightDecay } = options
  const training = await runtime.open(
    { ...network, layers: network.layers.slice(0, -1) },
    { background, weightDecay, dropout: new Random(options.seed, 'dropout') },
  )
  const batchesAnEpoch = Math.ceil(examples.train.length / options.batchSize)
  const progress = reporter.task(`train ${options.name}`, batchesAnEpoch * options.epochs)
  const strand =
    options.randomStrand && network.strands === 'forward' ? new Random(options.seed, 'strand') : undefined
  const history: EpochRecord[] = []
  let best: Best = { network: training.read(), loss: Infinity, epoch: 0, learnt: null }
  let learntSince: number | undefined
  let stopped = ''
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const order = new Random(options.seed, 'shuffle', epoch).shuffle(examples.train.slice())
      let total = 0
      for (let batch = 0; batch < batchesAnEpoch; batch++) {
        await setImmediate() // lets signals and other work through
        options.signal?.throwIfAborted()
        const steps = (epoch - 1) * batchesAnEpoch + batch
        const learningRate = learningRateAt(options, steps / (batchesAnEpoch * options.epochs))
        const rows = order.subarray(batch * options.batchSize, (batch + 1) * options.batchSize)
        const packed = pack(set, rows, weights)
        if (strand !== undefined) turnAtRandom(packed, strand)
        const loss = await training.step(packed, learningRate)
        if (!Number.isFinite(loss)) throw diverged(options, `the loss is ${loss}`, epoch, batch + 1)
        total += loss * rows.length
        const done = (epoch - 1) * batchesAnEpoch + batch + 1
        const mean = total / Math.min((batch + 1) * options.batchSize, order.length)
        progress.update(done, noteOf({ ...lastValidation(history), epoch, trainLoss: mean }, options.epochs))
      }
      // A rectifier turns NaN into 0, so that weights may be lost while the loss looks well.
      if (!training.isFinite()) {
        throw diverged(options, 'weights are not finite', epoch, batchesAnEpoch)
      }
      const valid = await validate(training, set, examples.valid, weights, options.signal)
      const record = { epoch, trainLoss: total / order.length, ...valid }
      history.push(record)
      if (record.learnt !== false) learntSince ??= epoch
      if (options.patience === 0 || isBetter(record, best)) {
        best = { network: training.read(), loss: record.validLoss ?? Infinity, epoch, learnt: record.learnt }
      } else if (epoch - Math.max(best.epoch, learntSince ?? 0) >= patienceOf(options, learntSince)) {
        stopped = `stopped after epoch ${epoch}; `
        break
      }
    }
    const chosen = history[best.epoch - 1]
    progress.end(`${stopped}${chosen === undefined ? '' : `best ${noteOf(chosen, options.epochs)}`}`)
  } finally {
    await training.close()
  }
  return {
    network: { ...best.network, layers: [...best.network.layers, sigmoid] },
    history,
    bestEpoch: best.epoch,
    validLoss: Number.isFinite(best.loss) ? best.loss : null,
    learnt: best.learnt,
  }
}

interface Best {
  readonly network: Network
  readonly loss: number
  /** 0 where none was trained. */
  readonly epoch: number
  readonly learnt: boolean | null
}

/** An epoch that is better than chance comes before any that is not, whatever their losses. */
function isBetter({ validLoss, learnt }: EpochRecord, best: Best): boolean {
  if (validLoss === null || best.epoch === 0) return true
  if (learnt === true && best.learnt === false) return true
  return validLoss < best.loss && !(learnt === false && best.learnt === true)
}

/** At chance the loss may lie still for some epochs before it falls, so more of them are waited for. */
function patienceOf({ patience }: TrainOptions, learntSince: number | undefined): number {
  return learntSince === undefined ? 2 * patience : patience
}

/** @param done share of all steps */
function learningRateAt({ learningRate, schedule }: TrainOptions, done: number): number {
  return schedule === 'constant' ? learningRate : (learningRate * (1 + Math.cos(Math.PI * done))) / 2
}

function diverged({ name, learningRate }: TrainOptions, problem: string, epoch: number, batch: number) {
  return new ConfigError(
    `training '${name}' diverged: ${problem} in epoch ${epoch}, batch ${batch}; lower the learning rate (now ${learningRate})`,
  )
}

/** Indices of the sequences of a split that have any label. */
function labelledRows(set: SequenceSet, split: Split): Uint32Array {
  const outputs = set.labelNames.length
  const code = splitNames.indexOf(split)
  return new Uint32Array(set.count)
    .map((_, row) => row)
    .filter(
      (row) =>
        set.splits[row] === code &&
        !set.labels.subarray(row * outputs, (row + 1) * outputs).every((label) => Number.isNaN(label)),
    )
}

function checkExamples(
  network: Network,
  set: SequenceSet,
  examples: Record<'train' | 'valid', Uint32Array>,
  { name, patience }: TrainOptions,
): void {
  if (network.inputLength !== set.length) {
    throw new DataError(
      `model '${name}' reads ${network.inputLength} bases, but the sequences have ${set.length}`,
    )
  }
  if (network.outputs.length !== set.labelNames.length) {
    throw new ConfigError(
      `model '${name}' has ${network.outputs.length} outputs, but the sequences have ${set.labelNames.length} labels`,
    )
  }
  for (const row of [...examples.train, ...examples.valid]) {
    for (const [output, label] of set.labels
      .subarray(row * network.outputs.length, (row + 1) * network.outputs.length)
      .entries()) {
      if (label !== 0 && label !== 1 && !Number.isNaN(label)) {
        throw new DataError(
          `label '${set.labelNames[output]!}' is ${label}; training needs 0 or 1, or none`,
          { sequence: String(set.ids[row]) },
        )
      }
    }
  }
  for (const [output, label] of set.labelNames.entries()) {
    const values = examples.train.reduce((found, row) => found | classBit(set, row, output), 0)
    if (values !== 3) {
      const missing = (values & 1) === 0 ? 'positives' : 'negatives'
      throw new DataError(
        `the train split has no ${missing} of label '${label}'; check the labels and how sequences are split`,
      )
    }
  }
  if (examples.valid.length === 0 && patience > 0) {
    throw new DataError(
      'the valid split has no labelled sequences, so training cannot stop early; give it some, or set patience 0',
    )
  }
}

/** 1 for a positive, 2 for a negative, 0 for no label. */
function classBit(set: SequenceSet, row: number, output: number): number {
  const label = set.labels[row * set.labelNames.length + output]
  return label === 1 ? 1 : label === 0 ? 2 : 0
}

/** @param weights class weights: Float32Array [T, 2], negative and positive */
function pack(set: SequenceSet, rows: Uint32Array, classes: Float32Array): Batch {
  const { length } = set
  const outputs = set.labelNames.length
  const codes = new Uint8Array(rows.length * length)
  const labels = new Float32Array(rows.length * outputs)
  const weights = new Float32Array(rows.length * outputs)
  let labelled = 0
  for (const [i, row] of rows.entries()) {
    codes.set(set.codes.subarray(row * length, (row + 1) * length), i * length)
    for (let output = 0; output < outputs; output++) {
      const label = set.labels[row * outputs + output]!
      if (Number.isNaN(label)) continue
      labels[i * outputs + output] = label
      weights[i * outputs + output] = classes[output * 2 + label]!
      labelled++
    }
  }
  return { rows: rows.length, codes, labels, weights, labelled }
}

/** Half the sequences, drawn at random, become their reverse complements. */
function turnAtRandom({ rows, codes }: Batch, random: Random): void {
  const length = codes.length / rows
  for (let from = 0; from < codes.length; from += length) {
    if (random.below(2) === 0) continue
    codes.set(reverseComplement(codes.subarray(from, from + length)), from)
  }
}

const noValidation = { validLoss: null, validAuroc: null, learnt: null } as const

type Validation = Pick<EpochRecord, 'validLoss' | 'validAuroc' | 'learnt'>

/** The loss of training, without dropout, and the auROC, over the validation split. */
async function validate(
  training: Training,
  set: SequenceSet,
  rows: Uint32Array,
  classes: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Validation> {
  if (rows.length === 0) return noValidation
  const outputs = set.labelNames.length
  const logits = new Float32Array(rows.length * outputs)
  let total = 0
  let labelled = 0
  for (let from = 0; from < rows.length; from += validationBatch) {
    await setImmediate()
    signal?.throwIfAborted()
    const batch = pack(set, rows.subarray(from, from + validationBatch), classes)
    const z = await training.logits(batch.codes)
    logits.set(z, from * outputs)
    for (let i = 0; i < z.length; i++) {
      total += batch.weights[i]! * crossEntropy(z[i]!, batch.labels[i]!)
    }
    labelled += batch.labelled
  }
  return { validLoss: total / labelled, ...ranking(set, rows, logits) }
}

const validationBatch = 512

function crossEntropy(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)))
}

/** @param logits Float32Array [rows.length, T] */
function ranking(
  set: SequenceSet,
  rows: Uint32Array,
  logits: Float32Array,
): Pick<Validation, 'validAuroc' | 'learnt'> {
  const measures = set.labelNames.map((_, output, { length: outputs }) => {
    const labels = Float32Array.from(rows, (row) => set.labels[row * outputs + output]!)
    const scores = Float32Array.from(rows, (_, i) => logits[i * outputs + output]!)
    return measureSkill(binaryMetrics(scores, labels))
  })
  const defined = measures.filter((measure) => measure !== undefined)
  return {
    validAuroc:
      defined.length < measures.length
        ? null
        : defined.reduce((sum, { auroc }) => sum + auroc, 0) / defined.length,
    learnt: defined.length === 0 ? null : defined.some(({ skill }) => skill === 'better'),
  }
}

function lastValidation(history: readonly EpochRecord[]): Validation {
  return history.at(-1) ?? noValidation
}

function noteOf({ epoch, trainLoss, validLoss, validAuroc }: EpochRecord, epochs: number): string {
  const parts = [`epoch ${epoch}/${epochs}`, `loss ${trainLoss.toFixed(4)}`]
  if (validLoss !== null) parts.push(`valid ${validLoss.toFixed(4)}`)
  if (validAuroc !== null) parts.push(`auROC ${validAuroc.toFixed(4)}`)
  return parts.join(', ')
}
