/** TensorFlow SavedModels: their signature is read here, @tensorflow/tfjs-node runs them. */
import { join } from 'node:path'
import type { Type } from 'protobufjs/light.js'
import { DataError } from '../../base/errors.ts'
import { fileExists } from '../../io/files/fileHead.ts'
import type { ImportedModel, ImportOptions } from './importedModel.ts'
import { readBytes } from '../../io/files/readBytes.ts'
import { messageType, type Messages } from '../formats/onnx/protobufType.ts'
import { graphEnds, type EndTensor } from './tfjs/tfjsImport.ts'

/** The fields of tensorflow/core/protobuf/saved_model.proto and meta_graph.proto that say what a model reads and gives. */
const messages: Messages = {
  SavedModel: { metaGraphs: ['MetaGraphDef', 2, 'repeated'] },
  MetaGraphDef: { info: ['MetaInfoDef', 1], signatures: ['SignatureEntry', 5, 'repeated'] },
  MetaInfoDef: { tags: ['string', 4, 'repeated'] },
  SignatureEntry: { key: ['string', 1], value: ['SignatureDef', 2] },
  SignatureDef: { inputs: ['TensorEntry', 1, 'repeated'], outputs: ['TensorEntry', 2, 'repeated'] },
  TensorEntry: { key: ['string', 1], value: ['TensorInfo', 2] },
  TensorInfo: { name: ['string', 1], dtype: ['int32', 2], shape: ['TensorShape', 3] },
  TensorShape: { dim: ['Dim', 2, 'repeated'], unknownRank: ['bool', 3] },
  Dim: { size: ['int64', 1] },
}

interface TensorEntry {
  readonly key: string
  readonly value: {
    readonly dtype: number
    readonly shape: {
      readonly dim: readonly { readonly size: number }[]
      readonly unknownRank: boolean
    } | null
  } | null
}

interface MetaGraph {
  readonly info: { readonly tags: readonly string[] } | null
  readonly signatures: readonly {
    readonly key: string
    readonly value: {
      readonly inputs: readonly TensorEntry[]
      readonly outputs: readonly TensorEntry[]
    } | null
  }[]
}

const fileName = 'saved_model.pb'
const largestFile = 2 ** 31 - 1
const servingTag = 'serve'
const servingSignature = 'serving_default'
const float32 = 1

/** Built on first use: no module does work when it is imported. */
let savedModelType: Type | undefined

/**
 * @param directory that holds `saved_model.pb` and `variables/`
 * @throws DataError naming the file where it is damaged or has no signature to serve; ConfigError naming what the user has
 * to say
 */
export async function importSavedModel(directory: string, options: ImportOptions): Promise<ImportedModel> {
  const file = join(directory, fileName)
  if (!(await fileExists(file)))
    throw new DataError(`is no SavedModel: it has no ${fileName}`, { file: directory })
  const graphs = decode(await readBytes(file, largestFile), file)
  const graph = graphs.find(({ info }) => info?.tags.includes(servingTag) === true)
  if (graph === undefined) throw new DataError(`has no graph with the tag '${servingTag}'`, { file })
  const signature = graph.signatures.find(({ key }) => key === servingSignature)?.value
  if (signature === undefined || signature === null) {
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

function decode(bytes: Uint8Array, file: string): readonly MetaGraph[] {
  savedModelType ??= messageType(messages, 'SavedModel')
  try {
    const options = { longs: Number, defaults: true, arrays: true }
    const decoded = savedModelType.toObject(savedModelType.decode(bytes), options)
    return decoded['metaGraphs'] as MetaGraph[] // toObject fills in every field of the descriptor
  } catch (error) {
    throw new DataError('is not a SavedModel, or is cut short', { file }, { cause: error })
  }
}

function endOf({ key, value }: TensorEntry): EndTensor {
  const shape = value?.shape
  return {
    name: key,
    dims:
      shape === null || shape === undefined || shape.unknownRank
        ? undefined
        : shape.dim.map(({ size }) => (size > 0 ? size : null)),
    isFloat: value?.dtype === float32,
  }
}
