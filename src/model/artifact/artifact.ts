/**
 * The model artifact: one directory with `model.json`, which says what the model is and where from, and the model itself:
 * `model.onnx` for a network or any ONNX graph, `model.tfjs.json` for what TensorFlow.js runs, `saved_model/`.
 */
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { asReadError } from '../../io/files/fileErrors.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { baseCount, baseLetters } from '../../sequence/alphabet.ts'
import { splitNames } from '../../sequence/sequenceSet.ts'
import type { Architecture } from '../network/architecture.ts'
import { layersSchema, writeLayers } from '../network/architectureSchema.ts'
import {
  descriptionFileName,
  hashOf,
  modelFileName,
  readExecutable,
  readHashed,
  writeExecutable,
} from './executableFiles.ts'
import {
  channelOrders,
  cutFunctions,
  modelFormats,
  outputTransforms,
  type BlackBox,
  type Executable,
} from '../foreign/importedModel.ts'
import { strandChoices, type Network } from '../network/network.ts'
import { readOwnOnnx } from '../formats/ownOnnx/ownOnnxReader.ts'
import { writeOnnx } from '../formats/ownOnnx/ownOnnxWriter.ts'
import { totalParameters } from '../network/shapes.ts'
import { toolVersion } from '../../base/toolVersion.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')
const count = z.int().min(0)
const area = z.number().min(0).max(1).nullable()

const attemptSchema = z.strictObject({
  seed: z.int(),
  epochs: count,
  bestEpoch: count,
  validLoss: z.number().nullable(),
  /** Whether the validation split showed it to be better than chance; null where it could not. */
  learnt: z.boolean().nullable(),
})

const trainingSchema = z.strictObject({
  /** SHA-256 of the data that it was trained on. */
  dataHash: sha256,
  backend: z.string(),
  /** Of the attempt whose weights these are. */
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
      learnt: z.boolean().nullable().default(null),
    }),
  ),
  /** All of them, in order. Files of versions that did not start again do not say. */
  attempts: z.array(attemptSchema).default([]),
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

/** What a model is to us: a network whose layers we know, or what a runtime runs as it is. */
const forms = ['network', 'onnx', 'tfjs-layers', 'tfjs-graph', 'saved-model'] as const satisfies readonly (
  'network' | Executable['kind']
)[]

const blackBoxSchema = z.strictObject({
  /** Why the fast engines cannot explain it. */
  refusal: z.string(),
  input: z.strictObject({
    name: z.string(),
    dims: z.array(z.int().positive()),
    order: z.enum(channelOrders),
    alphabet: z.string(),
    length: z.int().positive(),
    batch: z.int().positive().nullable(),
  }),
  output: z.strictObject({
    name: z.string(),
    /** Files of versions that cut nothing off do not say. */
    cut: z
      .strictObject({
        function: z.enum(cutFunctions),
        tensor: z.string(),
        width: z.int().positive().nullable(),
      })
      .nullable()
      .default(null),
    transform: z.enum(outputTransforms),
  }),
})

const sourceSchema = z.strictObject({
  format: z.enum(modelFormats),
  /** As the user named it. */
  file: z.string(),
  /** SHA-256 of the file, or of the list of files and their SHA-256 where it is a directory. */
  hash: sha256,
})

const descriptionSchema = z.strictObject({
  format: z.literal('sis model 1'),
  toolVersion: z.string(),
  name: z.string(),
  inputLength: z.int().positive(),
  alphabet: z.literal(baseLetters),
  /** What a masked base becomes unless the user says otherwise: numbers for A, C, G, T. */
  background: z.array(z.number()).length(baseCount),
  /** Artifacts of versions that knew networks only do not say. */
  form: z.enum(forms).default('network'),
  /** Null where `form` is not `network`. */
  architecture: z
    .strictObject({
      name: z.string(),
      /** As written in a config, from the input to the outputs. */
      layers: z
        .array(z.unknown())
        .refine((layers) => layersSchema.safeParse(layers).success, 'is not a list of layers'),
      /** Files of versions that knew the forward strand only do not say. */
      strands: z.enum(strandChoices).default('forward'),
    })
    .nullable(),
  /** Null where `form` is `network`. */
  blackBox: blackBoxSchema.nullable().default(null),
  /** Null where the model was trained by this tool. */
  source: sourceSchema.nullable().default(null),
  outputs: z.array(z.string()).min(1),
  /** Null where the layers are not known. */
  parameters: count.nullable(),
  /** Null where the model was not trained by this tool. */
  training: trainingSchema.nullable(),
  /** One entry a split and output that has labels. */
  metrics: z.array(metricsSchema),
  /** SHA-256 of the model's file, or of the list of its files and their SHA-256. */
  modelHash: sha256,
})

export type ModelDescription = z.output<typeof descriptionSchema>
export type AttemptSummary = z.output<typeof attemptSchema>
type TrainingSummary = z.output<typeof trainingSchema>
type ModelMetrics = z.output<typeof metricsSchema>
export type ModelSource = z.output<typeof sourceSchema>

/** What the model itself does not tell. */
interface Details {
  readonly name: string
  readonly training: TrainingSummary | null
  readonly metrics: readonly ModelMetrics[]
  readonly background: readonly number[] // [4]
  readonly source?: ModelSource | null
}

export interface ModelDetails extends Details {
  readonly architecture: Architecture
}

export interface BlackBoxDetails extends Omit<Details, 'training'> {
  /** Why the fast engines cannot explain it. */
  readonly refusal: string
}

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
    ...commonOf(details),
    inputLength: network.inputLength,
    form: 'network',
    architecture: { ...details.architecture, layers: writeLayers(details.architecture.layers) },
    outputs: network.outputs,
    parameters: totalParameters(network.layers, [network.inputLength, baseCount]),
    training: details.training,
    modelHash: hashOf(bytes),
  })
  makeDirectory(directory)
  await writeFileAtomically(join(directory, modelFileName), bytes)
  await writeDescription(directory, description)
  return description
}

/** As `saveModel`, for what a runtime runs as it is; nothing of it lies outside the directory. */
export async function saveBlackBox(
  directory: string,
  { executable, input, output }: BlackBox,
  details: BlackBoxDetails,
): Promise<ModelDescription> {
  makeDirectory(directory)
  const modelHash = await writeExecutable(directory, executable)
  const description = descriptionSchema.parse({
    ...commonOf(details),
    inputLength: input.length,
    form: executable.kind,
    architecture: null,
    blackBox: {
      refusal: details.refusal,
      input: { ...input, batch: input.batch ?? null },
      output: {
        name: output.name,
        cut: output.cut === undefined ? null : { ...output.cut, width: output.cut.width ?? null },
        transform: output.transform,
      },
    },
    outputs: output.outputs,
    parameters: null,
    training: null,
    modelHash,
  })
  await writeDescription(directory, description)
  return description
}

function commonOf({ name, background, metrics, source = null }: Omit<Details, 'training'>): object {
  return {
    format: 'sis model 1',
    toolVersion: toolVersion(),
    name,
    alphabet: baseLetters,
    background,
    metrics,
    source,
  }
}

async function writeDescription(directory: string, description: ModelDescription): Promise<void> {
  await writeFileAtomically(join(directory, descriptionFileName), `${JSON.stringify(description, null, 2)}\n`)
}

/**
 * Copies an artifact into another directory, where it has another name; what was there before is replaced.
 * @throws DataError as `loadModelDescription`
 */
export async function copyModel(from: string, to: string, name: string): Promise<void> {
  const description = await loadModelDescription(from)
  await rm(to, { recursive: true, force: true })
  makeDirectory(to)
  for (const file of await readdir(from)) {
    if (file !== descriptionFileName) await cp(join(from, file), join(to, file), { recursive: true })
  }
  await writeDescription(to, { ...description, name })
}

/** @throws DataError where model.json is missing, is no JSON or does not describe a model */
export async function loadModelDescription(directory: string): Promise<ModelDescription> {
  const file = join(directory, descriptionFileName)
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asReadError(error, file)
    throw new DataError('is not JSON', { file }, { cause: error })
  }
  const result = descriptionSchema.safeParse(json)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new DataError(`does not describe a model: ${[...path, message].join(': ')}`, { file })
}

/**
 * The network of an artifact, without dropout.
 * @param description one whose form is `network`
 * @throws DataError as `readOwnOnnx`, and where the description says otherwise which strands it reads
 */
export async function loadNetwork(directory: string, description: ModelDescription): Promise<Network> {
  const file = join(directory, modelFileName)
  if (description.architecture === null) {
    throw new TypeError(`${directory} holds a model of the form ${description.form}, not a network`)
  }
  const network = readOwnOnnx(await readHashed(file, description.modelHash), file)
  const { strands } = description.architecture
  if (network.strands !== strands) {
    throw new DataError(
      `reads strands '${network.strands}', but ${descriptionFileName} beside it says '${strands}'; correct architecture.strands there`,
      { file },
    )
  }
  return network
}

/**
 * What a runtime needs to run the model of an artifact.
 * @param description one whose form is not `network`
 * @throws DataError where the files are not those that were described
 */
export async function loadBlackBox(directory: string, description: ModelDescription): Promise<BlackBox> {
  const { form, blackBox, outputs } = description
  if (form === 'network' || blackBox === null) {
    throw new DataError('says too little of a model that is no network; import it again', {
      file: join(directory, descriptionFileName),
    })
  }
  const { batch, ...input } = blackBox.input
  return {
    executable: await readExecutable(directory, form, description.modelHash),
    input: { ...input, batch: batch ?? undefined },
    output: {
      ...blackBox.output,
      cut:
        blackBox.output.cut === null
          ? undefined
          : { ...blackBox.output.cut, width: blackBox.output.cut.width ?? undefined },
      outputs,
    },
  }
}
