/** TensorFlow SavedModels: their signature is read here, @tensorflow/tfjs-node runs them. */
import { join } from 'node:path'
import { DataError } from '../../base/errors.ts'
import { fileExists } from '../../io/files/fileHead.ts'
import { readBytes } from '../../io/files/readBytes.ts'
import type { BoundedReader } from '../formats/protobuf/boundedReader.ts'
import { readBounded } from '../formats/protobuf/boundedReader.ts'
import { message, text, varint } from '../formats/protobuf/wire.ts'
import type { ImportedModel, ImportOptions } from './importedModel.ts'
import { type EndTensor, graphEnds } from './tfjs/tfjsImport.ts'

/** What a model reads or gives by a name. */
interface TensorEntry {
  readonly key: string
  readonly dtype: number
  readonly dims: readonly number[]
  /** Undefined where the file says nothing of its shape. */
  readonly rank: 'known' | 'unknown' | undefined
}

interface Signature {
  readonly key: string
  readonly inputs: readonly TensorEntry[]
  readonly outputs: readonly TensorEntry[]
}

interface MetaGraph {
  readonly tags: readonly string[]
  readonly signatures: readonly Signature[]
}

const fileName = 'saved_model.pb'
const largestFile = 2 ** 31 - 1
const servingTag = 'serve'
const servingSignature = 'serving_default'
const float32 = 1

/**
 * @param directory that holds `saved_model.pb` and `variables/`
 * @throws DataError naming the file where it is damaged or has no signature to serve; ConfigError naming what the user has
 * to say
 */
export async function importSavedModel(directory: string, options: ImportOptions): Promise<ImportedModel> {
  const file = join(directory, fileName)
  if (!(await fileExists(file)))
    throw new DataError(`is no SavedModel: it has no ${fileName}`, { file: directory })
  const bytes = await readBytes(file, largestFile)
  const graphs = readBounded(file, 'a SavedModel', (reader) => new SignatureReader(reader).model(bytes))
  const graph = graphs.find(({ tags }) => tags.includes(servingTag))
  if (graph === undefined) throw new DataError(`has no graph with the tag '${servingTag}'`, { file })
  const signature = graph.signatures.find(({ key }) => key === servingSignature)
  if (signature === undefined) {
    const names = graph.signatures.map(({ key }) => `'${key}'`).join(', ')
    throw new DataError(
      `has no signature '${servingSignature}' (${names === '' ? 'none at all' : `only ${names}`}); export it with one, as model.export does`,
      { file },
    )
  }
  const ends = graphEnds(signature.inputs.map(endOf), signature.outputs.map(endOf), options, file)
  return {
    format: 'saved-model',
    network: { refusal: 'the model is a graph of TensorFlow operators, not of layers' },
    blackBox: { executable: { kind: 'saved-model', directory }, ...ends },
  }
}

/**
 * The fields of tensorflow/core/protobuf/saved_model.proto and meta_graph.proto that say what a model reads and gives; the
 * graph itself is passed over.
 */
class SignatureReader {
  readonly #reader: BoundedReader

  constructor(reader: BoundedReader) {
    this.#reader = reader
  }

  model(bytes: Uint8Array): MetaGraph[] {
    const graphs: MetaGraph[] = []
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 2) graphs.push(this.#metaGraph(message(field)))
    }
    return graphs
  }

  #metaGraph(bytes: Uint8Array): MetaGraph {
    const tags: string[] = []
    const signatures: Signature[] = []
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) {
        for (const part of this.#reader.fields(message(field))) if (part.number === 4) tags.push(text(part))
      } else if (field.number === 5) {
        const { key, value } = this.#entry(message(field))
        if (value !== undefined) signatures.push({ key, ...this.#signature(value) })
      }
    }
    return { tags, signatures }
  }

  #entry(bytes: Uint8Array): { key: string; value: Uint8Array | undefined } {
    let key = ''
    let value: Uint8Array | undefined
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) key = text(field)
      else if (field.number === 2) value = message(field)
    }
    return { key, value }
  }

  #signature(bytes: Uint8Array): Omit<Signature, 'key'> {
    const inputs: TensorEntry[] = []
    const outputs: TensorEntry[] = []
    for (const field of this.#reader.fields(bytes)) {
      if (field.number !== 1 && field.number !== 2) continue
      const { key, value = new Uint8Array() } = this.#entry(message(field))
      const list = field.number === 1 ? inputs : outputs
      list.push({ key, ...this.#tensor(value) })
    }
    return { inputs, outputs }
  }

  #tensor(bytes: Uint8Array): Omit<TensorEntry, 'key'> {
    const dims: number[] = []
    let dtype = 0
    let rank: TensorEntry['rank']
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 2) dtype = varint(field)
      else if (field.number === 3) {
        rank ??= 'known'
        for (const part of this.#reader.fields(message(field))) {
          if (part.number === 2) dims.push(this.#size(message(part)))
          else if (part.number === 3 && varint(part) !== 0) rank = 'unknown'
        }
      }
    }
    return { dtype, dims, rank }
  }

  #size(bytes: Uint8Array): number {
    let size = 0
    for (const field of this.#reader.fields(bytes)) if (field.number === 1) size = varint(field)
    return size
  }
}

function endOf({ key, dtype, dims, rank }: TensorEntry): EndTensor {
  return {
    name: key,
    dims: rank === 'known' ? dims.map((size) => (size > 0 ? size : null)) : undefined,
    isFloat: dtype === float32,
  }
}
