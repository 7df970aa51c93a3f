/** What wrote a model, told by its content, and the files that it is made of. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataError } from '../base/errors.ts'
import { asReadError } from '../io/files/fileErrors.ts'
import { fileExists, isDirectory, readHead } from '../io/files/fileHead.ts'
import { hashFile } from '../io/files/hashFile.ts'
import {
  descriptionFileName,
  filesIn,
  hashOfDirectory,
  hashOfFiles,
} from '../model/artifact/executableFiles.ts'
import type { ModelFormat } from '../model/foreign/importedModel.ts'

const hdf5Signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

const zipSignature = Buffer.from('PK\x03\x04', 'latin1')

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

/** A model's JSON may hold its topology, never its weights; DeepBind's numbers are text. */
const largestText = 256 * 2 ** 20

export async function readText(file: string): Promise<string> {
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

export async function hashOfModel(path: string): Promise<string> {
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
