/** A model of the user's own, whatever wrote it: told apart by content, read, and proved before anything relies on it. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigError, DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import { asReadError } from '../io/files/fileErrors.ts'
import { fileExists, isDirectory, readHead } from '../io/files/fileHead.ts'
import { hashFile } from '../io/files/hashFile.ts'
import type { ModelDescription, ModelSource } from '../model/artifact/artifact.ts'
import {
  descriptionFileName,
  filesIn,
  hashOfDirectory,
  hashOfFiles,
} from '../model/artifact/executableFiles.ts'
import type {
  BlackBox,
  ImportedModel,
  ImportOptions,
  ModelFormat,
  OutputForm,
} from '../model/foreign/importedModel.ts'
import { devicesOf } from '../predict/devices.ts'
import type { Predictor } from '../predict/predictor.ts'
import { baseCount, encodeSequence, masked, unknown } from '../sequence/alphabet.ts'
import { loadModel, type Model, openPredictor, type PredictorSettings } from './modelPredictor.ts'

export interface FileOptions extends ImportOptions {
  /** HDF5 file of the weights of a Keras JSON. */
  readonly weights?: string | undefined
}

export interface ModelOfFile {
  readonly model: Model
  /** Null for an artifact of a model that was trained here. */
  readonly source: ModelSource | null
  /** Of an artifact. */
  readonly description?: ModelDescription | undefined
  /** Of importance to the user, in sentences without an end. */
  readonly notes: readonly string[]
}

/**
 * Reads a model and proves it: a network has to score as the runtime scores the file.
 * @param path a model file, a SavedModel directory, or the directory of an artifact
 * @throws DataError naming the file, ConfigError naming what the user has to say
 */
export async function readModel(
  path: string,
  options: FileOptions,
  settings: PredictorSettings,
): Promise<ModelOfFile> {
  const format = await formatOf(path)
  if (format === 'artifact') {
    const { model, description } = await loadModel(path)
    return { model, source: description.source, description, notes: [] }
  }
  const imported = await importers[format](path, options)
  const source = { format, file: path, hash: await hashOfModel(path) }
  const { model, notes } = await prove(await proveCut(imported, path, settings), path, settings)
  return { model, notes: [...(imported.notes ?? []), ...notes], source }
}

/**
 * As `readModel`, for sequences of a length that the model need not have: it is told only to one that reads any length.
 * @returns the model, which may read another length
 */
export async function readModelFor(
  length: number,
  path: string,
  options: FileOptions,
  settings: PredictorSettings,
): Promise<ModelOfFile> {
  try {
    return await readModel(path, options, settings)
  } catch (error) {
    if (!(error instanceof ConfigError) || options.length !== undefined) throw error
    return readModel(path, { ...options, length }, settings)
  }
}

type Importer = (path: string, options: FileOptions) => Promise<ImportedModel>

const importTfjs: Importer = async (path, options) =>
  (await import('../model/foreign/tfjs/tfjsImport.ts')).importTfjs(path, options)

/** Loaded when they are needed: HDF5 and the like are large. */
const importers: Readonly<Record<ModelFormat, Importer>> = {
  onnx: async (path, options) =>
    (await import('../model/foreign/onnx/onnxImport.ts')).importOnnx(path, options),
  keras: async (path, options) =>
    (await import('../model/foreign/keras/kerasImport.ts')).importKeras(path, options),
  'tfjs-layers': importTfjs,
  'tfjs-graph': importTfjs,
  'saved-model': async (path, options) =>
    (await import('../model/foreign/savedModel.ts')).importSavedModel(path, options),
  deepbind: async (path, options) =>
    (await import('../model/foreign/deepbind.ts')).readDeepbind(await readText(path), path, options),
}

const hdf5Signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')
const zipSignature = Buffer.from('PK\x03\x04', 'latin1')
/** A model's JSON may hold its topology, never its weights; DeepBind's numbers are text. */
const largestText = 256 * 2 ** 20

/** @throws DataError where there is no such file, or a directory holds no model */
export async function formatOf(path: string): Promise<ModelFormat | 'artifact'> {
  if (await isDirectory(path)) {
    if (await fileExists(join(path, 'saved_model.pb'))) return 'saved-model'
    const description = join(path, descriptionFileName)
    if (!(await fileExists(description))) {
      throw new DataError(
        `holds no model: neither ${descriptionFileName} (sis, TensorFlow.js) nor saved_model.pb (TensorFlow)`,
        { file: path },
      )
    }
    return formatOfJson(description)
  }
  const head = Buffer.from(await readHead(path, 512))
  if (head.subarray(0, 8).equals(hdf5Signature)) return 'keras'
  if (head.subarray(0, 4).equals(zipSignature)) return 'keras'
  const text = head.toString('latin1').trimStart()
  if (text.startsWith('# deepbind')) return 'deepbind'
  if (!text.startsWith('{')) return 'onnx'
  const format = await formatOfJson(path)
  if (format === 'artifact') {
    throw new DataError(`describes a model of sis; name its directory, ${dirname(path)}`, { file: path })
  }
  return format
}

async function formatOfJson(file: string): Promise<ModelFormat | 'artifact'> {
  let json: unknown
  try {
    json = JSON.parse(await readText(file))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new DataError('is not JSON, nor any model that is known', { file }, { cause: error })
  }
  const keys = new Map(Object.entries(typeof json === 'object' && json !== null ? json : {}))
  if (keys.get('format') === 'sis model 1') return 'artifact'
  if (keys.get('format') === 'graph-model') return 'tfjs-graph'
  if (keys.get('format') === 'layers-model') return 'tfjs-layers'
  const topology: unknown = keys.get('modelTopology')
  if (topology !== undefined) {
    return typeof topology === 'object' && topology !== null && 'node' in topology
      ? 'tfjs-graph'
      : 'tfjs-layers'
  }
  if (keys.has('class_name') && keys.has('config')) return 'keras'
  throw new DataError(
    'is JSON, but neither the configuration of a Keras model nor a model.json of TensorFlow.js',
    { file },
  )
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > largestText) {
      throw new DataError(`has ${size} bytes, more than the text of any model; check the path`, { file })
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    throw asReadError(error, file)
  }
}

async function hashOfModel(path: string): Promise<string> {
  if (await isDirectory(path)) return hashOfDirectory(path)
  const files = await filesOfModel(path)
  return files.length === 1 ? hashFile(path) : hashOfFiles(dirname(path), files)
}

/** @returns the files that a model is made of, as far as their names tell: what may lie beside it, too */
export async function filesOfModel(path: string, weights?: string): Promise<string[]> {
  const more = weights === undefined ? [] : [weights]
  if (!(await fileExists(path))) return [path, ...more]
  if (await isDirectory(path)) return filesIn(path)
  const name = basename(path)
  const besides = (await readdir(dirname(path))).filter(
    (other) =>
      other !== name &&
      // Weights that ONNX keeps outside, shards of TensorFlow.js, weights that Keras saved beside its JSON.
      (other.startsWith(name) || (name.endsWith('.json') && /\.(bin|h5|hdf5)$/.test(other))),
  )
  return [path, ...besides.sort().map((other) => join(dirname(path), other)), ...more]
}

const trials = 32
/** Of each score, or of 1 where the score is less. */
const tolerance = 1e-4

/**
 * Holds the scores that are made of the numbers before the last activation to those of the runtime.
 * @returns the model, nothing cut off where they differ
 */
async function proveCut(
  imported: ImportedModel,
  file: string,
  settings: PredictorSettings,
): Promise<ImportedModel> {
  const { blackBox } = imported
  if (blackBox?.output.cut === undefined) return imported
  const { cut, ...output } = blackBox.output
  const uncut = {
    ...imported,
    blackBox: { ...blackBox, output },
    leftInside: `its last activation (${cut.function})`,
  }
  const device = deviceFor(blackBox, settings)
  const scoresOf = (form: OutputForm) =>
    trialBox({ ...blackBox, output: { ...form, transform: 'none' } }, file, device)
  try {
    const [made, expected] = [await scoresOf(blackBox.output), await scoresOf(output)]
    return largestGap(made.scores, expected.scores) <= tolerance ? imported : uncut
  } catch (error) {
    // What its runtime cannot run at all is told where the model is proved.
    if (error instanceof DataError) return uncut
    throw error
  }
}

/** A network runs on any device, what it was read from only on some. */
function deviceFor({ executable }: BlackBox, settings: PredictorSettings): PredictorSettings {
  const able = devicesOf[executable.kind].some((name) => name === settings.device)
  return able ? settings : { ...settings, device: 'auto' }
}

function trialBox(blackBox: BlackBox, file: string, settings: PredictorSettings): Promise<TrialScores> {
  return trialScores({ kind: 'black-box', blackBox, refusal: 'tried' }, file, settings)
}

async function prove(
  { network, blackBox, leftInside }: ImportedModel,
  file: string,
  settings: PredictorSettings,
): Promise<Pick<ModelOfFile, 'model' | 'notes'>> {
  if ('refusal' in network) {
    if (blackBox === undefined) throw new DataError(`cannot be run: ${network.refusal}`, { file })
    const model: Model = { kind: 'black-box', blackBox, refusal: network.refusal }
    const { scores, outputs } = await trialScores(model, file, settings)
    return {
      model: { ...model, blackBox: { ...blackBox, output: { ...blackBox.output, outputs } } },
      notes: [...notesOf(scores, outputs.length), ...roundingNotes(leftInside)],
    }
  }
  const model: Model = { kind: 'network', network }
  const { scores } = await trialScores(model, file, settings)
  const notes = notesOf(scores, network.outputs.length)
  if (blackBox === undefined) return { model, notes }
  let boxed: TrialScores
  try {
    boxed = await trialBox(blackBox, file, deviceFor(blackBox, settings))
  } catch (error) {
    // Seen: padding 'same' of dilated convolutions, which ONNX Runtime does not compute.
    if (!(error instanceof DataError)) throw error
    return { model, notes: [...notes, `not checked against its runtime, which fails: ${error.message}`] }
  }
  const gap = largestGap(scores, boxed.scores)
  if (gap <= tolerance) return { model, notes }
  // A graph that we misread is still explained, as what it is.
  const refusal = `read layer by layer it scores up to ${gap.toPrecision(2)} otherwise than its runtime does; please report it`
  return {
    model: {
      kind: 'black-box',
      blackBox: { ...blackBox, output: { ...blackBox.output, outputs: boxed.outputs } },
      refusal,
    },
    notes: [...notes, ...roundingNotes(leftInside)],
  }
}

function roundingNotes(leftInside: string | undefined): string[] {
  if (leftInside === undefined) return []
  return [
    `its runtime computes ${leftInside} in float32, close to the end, where it cannot be cut off: orderings of small scores may depend on how the runtime rounds; export the model with its numbers before that as output, and name the transform`,
  ]
}

interface TrialScores {
  readonly scores: Float32Array // [trials, outputs]
  readonly outputs: readonly string[]
}

async function trialScores(model: Model, file: string, settings: PredictorSettings): Promise<TrialScores> {
  const predictor = await openPredictor(model, settings).catch((error: unknown) => {
    // A runtime does not know the file.
    if (!(error instanceof DataError) || error.location.file !== undefined) throw error
    throw new DataError(error.message, { file }, { cause: error })
  })
  try {
    const scores = await predictor.predict(trialCodes(predictor.width), trials)
    const strange = scores.findIndex((score) => !Number.isFinite(score))
    if (strange >= 0) {
      throw new DataError(
        `gives the score ${scores[strange]!} for a random sequence; check the weights, the input order and the transform`,
        { file },
      )
    }
    return { scores, outputs: predictor.outputs }
  } finally {
    await predictor.close()
  }
}

/** Random bases; some masked and some unknown in every other row. */
function trialCodes(width: number): Uint8Array {
  const random = new Random(1, 'trial sequences')
  return Uint8Array.from({ length: trials * width }, (_, i) => {
    const code = random.below(baseCount)
    const kind = random.below(8)
    return Math.floor(i / width) % 2 === 0 || kind > 1 ? code : kind === 0 ? masked : unknown
  })
}

function largestGap(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!) / Math.max(1, Math.abs(x))), 0)
}

function notesOf(scores: Float32Array, outputs: number): string[] {
  const constant = Array.from({ length: outputs }, (_, t) => t).filter((t) => {
    for (let row = 1; row < trials; row++) if (scores[row * outputs + t] !== scores[t]) return false
    return true
  })
  return constant.length === 0
    ? []
    : [
        `output ${constant.join(', ')} gives ${trials} random sequences one score; check that the input order, the alphabet and the output are the model's`,
      ]
}

/** Scores that the model's author reports, to three digits. */
const reportedTolerance = 1e-3

/**
 * @param checks sequences and the scores that they should have
 * @throws DataError where a score is another, ConfigError where a check does not fit the model
 */
export async function checkScores(
  predictor: Predictor,
  checks: readonly { readonly sequence: string; readonly scores: readonly number[] }[],
  file: string,
): Promise<void> {
  for (const [i, { sequence, scores }] of checks.entries()) {
    if (sequence.length !== predictor.width || scores.length !== predictor.outputs.length) {
      throw new ConfigError(
        `check ${i + 1} of ${file}: the model reads ${predictor.width} bases and gives ${predictor.outputs.length} scores; the check has ${sequence.length} and ${scores.length}`,
      )
    }
    const found = await predictor.predict(encodeSequence(sequence), 1)
    const wrong = scores.findIndex(
      (score, t) => !(Math.abs(score - found[t]!) <= reportedTolerance * Math.max(1, Math.abs(score))),
    )
    if (wrong >= 0) {
      throw new DataError(
        `scores ${found[wrong]!.toPrecision(5)} where check ${i + 1} says ${scores[wrong]!} (output '${predictor.outputs[wrong]!}'); check input-order, alphabet, output-tensor and transform`,
        { file },
      )
    }
  }
}
