/**
 * The entry of this room: a model of the user's own, whatever wrote it. Its format is told by its content (modelFormat), the
 * reader of that format reads it (src/model), and it is proved before anything relies on it (proveModel).
 */
import { ConfigError } from '../base/errors.ts'
import type { ModelDescription, ModelSource } from '../model/artifact/artifact.ts'
import type { ImportedModel, ImportOptions, ModelFormat } from '../model/foreign/importedModel.ts'
import { formatOf, hashOfModel, readText } from './modelFormat.ts'
import { loadModel, type Model, type PredictorSettings } from './modelPredictor.ts'
import { proveModel } from './proveModel.ts'

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
  const { model, notes } = await proveModel(imported, path, settings)
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
