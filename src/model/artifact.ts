/** The model artifact: one directory with `model.onnx` and `model.json`, which says what the model is and where from. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError } from '../base/errors.ts'
import { writeFileAtomically } from '../io/atomicWrite.ts'
import { asReadError } from '../io/fileErrors.ts'
import { makeDirectory } from '../io/makeDirectory.ts'
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import { splitNames } from '../sequence/sequenceSet.ts'
import type { Architecture } from './architecture.ts'
import { layersSchema, writeLayers } from './architectureSchema.ts'
import { strandChoices, type Network } from './network.ts'
import { readOnnxNetwork } from './onnxReader.ts'
import { writeOnnx } from './onnxWriter.ts'
import { totalParameters } from './shapes.ts'
import { toolVersion } from './toolVersion.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')
const count = z.int().min(0)
const area = z.number().min(0).max(1).nullable()

const trainingSchema = z.strictObject({
  /** SHA-256 of the data that it was trained on. */
  dataHash: sha256,
  backend: z.string(),
  seed: z.int(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The epoch (1-based) whose weights these are. */
  bestEpoch: count,
  history: z.array(
    z.strictObject({
      epoch: count,
      trainLoss: z.number(),
      validLoss: z.number().nullable(),
      validAuroc: area,
    }),
  ),
})

/** Anything else that an evaluation knows (its curves) is left out. */
const metricsSchema = z.object({
  split: z.enum(splitNames),
  output: z.string(),
  positives: count,
  negatives: count,
  auroc: area,
  auprc: area,
  accuracy: z.number(),
  logLoss: z.number(),
})

const descriptionSchema = z.strictObject({
  format: z.literal('sis model 1'),
  toolVersion: z.string(),
  name: z.string(),
  inputLength: z.int().positive(),
  alphabet: z.literal(baseLetters),
  /** What a masked base becomes unless the user says otherwise: numbers for A, C, G, T. */
  background: z.array(z.number()).length(baseCount),
  architecture: z.strictObject({
    name: z.string(),
    /** As written in a config, from the input to the outputs. */
    layers: z
      .array(z.unknown())
      .refine((layers) => layersSchema.safeParse(layers).success, 'is not a list of layers'),
    /** Files of versions that knew the forward strand only do not say. */
    strands: z.enum(strandChoices).default('forward'),
  }),
  outputs: z.array(z.string()).min(1),
  parameters: count,
  /** Null where the model was not trained by this tool. */
  training: trainingSchema.nullable(),
  /** One entry a split and output that has labels. */
  metrics: z.array(metricsSchema),
  /** SHA-256 of model.onnx. */
  modelHash: sha256,
})

export type ModelDescription = z.output<typeof descriptionSchema>
export type TrainingSummary = z.output<typeof trainingSchema>
export type ModelMetrics = z.output<typeof metricsSchema>

/** What the network itself does not tell. */
export interface ModelDetails {
  readonly name: string
  readonly training: TrainingSummary | null
  readonly metrics: readonly ModelMetrics[]
  readonly architecture: Architecture
  readonly background: readonly number[] // [4]
}

export const modelFileName = 'model.onnx'
export const descriptionFileName = 'model.json'

/**
 * Writes the artifact into a directory, made where it is missing. Each file appears whole or not at all; model.json comes
 * last and holds the hash of model.onnx, so that two files which do not belong together are found out on loading.
 * @throws DataError where the disk is full or the place not writable
 */
export async function saveModel(
  directory: string,
  network: Network,
  details: ModelDetails,
): Promise<ModelDescription> {
  const bytes = writeOnnx(network)
  const description = descriptionSchema.parse({
    format: 'sis model 1',
    toolVersion: toolVersion(),
    name: details.name,
    inputLength: network.inputLength,
    alphabet: baseLetters,
    background: details.background,
    architecture: { ...details.architecture, layers: writeLayers(details.architecture.layers) },
    outputs: network.outputs,
    parameters: totalParameters(network.layers, [network.inputLength, baseCount]),
    training: details.training,
    metrics: details.metrics,
    modelHash: hashOf(bytes),
  })
  makeDirectory(directory)
  await writeFileAtomically(join(directory, modelFileName), bytes)
  await writeFileAtomically(join(directory, descriptionFileName), `${JSON.stringify(description, null, 2)}\n`)
  return description
}

/** @throws DataError where model.json is missing, is no JSON or does not describe a model */
export async function loadModelDescription(directory: string): Promise<ModelDescription> {
  const file = join(directory, descriptionFileName)
  const text = (await readBytes(file)).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new DataError('is not JSON', { file }, { cause: error })
  }
  const result = descriptionSchema.safeParse(json)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new DataError(`does not describe a model: ${[...path, message].join(': ')}`, { file })
}

/**
 * @param description of the same directory
 * @returns the bytes of model.onnx; throws DataError where they are not those that were described
 */
export async function loadModelBytes(directory: string, description: ModelDescription): Promise<Uint8Array> {
  const file = join(directory, modelFileName)
  const bytes = await readBytes(file)
  if (hashOf(bytes) !== description.modelHash) {
    throw new DataError(
      `is not the model that ${descriptionFileName} beside it describes (other SHA-256); train it again or copy both files`,
      { file },
    )
  }
  return bytes
}

/**
 * The network of an artifact, without dropout.
 * @throws DataError as `readOnnxNetwork`, and where the description says otherwise which strands it reads
 */
export async function loadNetwork(directory: string, description: ModelDescription): Promise<Network> {
  const file = join(directory, modelFileName)
  const network = readOnnxNetwork(await loadModelBytes(directory, description), file)
  const { strands } = description.architecture
  if (network.strands !== strands) {
    throw new DataError(
      `reads strands '${network.strands}', but ${descriptionFileName} beside it says '${strands}'; correct architecture.strands there`,
      { file },
    )
  }
  return network
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw asReadError(error, file)
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
