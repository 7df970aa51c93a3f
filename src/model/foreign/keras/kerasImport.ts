/** Keras models: `.h5` of Keras 1, 2 and 3, `.keras` of Keras 3, and a JSON of the layers with an HDF5 file of the weights. */
import { basename, dirname, join } from 'node:path'
import { DataError } from '../../../base/errors.ts'
import { fileExists } from '../../../io/files/fileHead.ts'
import { readBytes } from '../../../io/files/readBytes.ts'
import { Hdf5Reader, type Tensor } from '../../../io/hdf5/hdf5.ts'
import { isObject, largestJson, parseJson, parseText } from '../../formats/json.ts'
import { readZipEntries } from '../../../io/files/zipEntries.ts'
import type { Layer, Network } from '../../network/network.ts'
import type { BlackBox, ImportedModel, ImportOptions, InputForm, OutputForm } from '../importedModel.ts'
import { inputForm } from '../inputForm.ts'
import { outputNames } from '../outputNames.ts'
import { type KerasLayer, type KerasModel, readKerasConfig } from './kerasConfig.ts'
import { integers } from './kerasConfigValues.ts'
import { buildKerasGraph, type KerasGraph } from './kerasGraph.ts'
import { cutLastLayer, type CutLayers } from './kerasLastActivation.ts'
import { kerasNetwork } from './kerasNetwork.ts'
import { precisionNotes, refuseQuantised } from './kerasPrecision.ts'
import { kerasTopology, type TfjsModel } from './kerasTopology.ts'
import { kerasContents, type LayerWeights, readKerasWeights, readNamedWeights } from './kerasWeights.ts'

export interface KerasOptions extends ImportOptions {
  /** HDF5 file of the weights, where `file` is the JSON of the layers; looked for beside it unless given. */
  readonly weights?: string | undefined
}

/** A Keras model with all that its files hold, whatever it reads. */
interface KerasFile {
  readonly model: KerasModel
  readonly weights: ReadonlyMap<KerasLayer, LayerWeights>
  /** Of the version of Keras that wrote it. */
  readonly major: number
}

/** Keras stores without compressing; what claims to grow more than this is no model. */
const largestExpansion = 8

/** A model of more is not one of sequences. */
const largestFile = 2 ** 31 - 1

/**
 * @param file `.h5`, `.keras` or the JSON of the layers; told apart by content
 * @throws DataError naming the file, and the layer that is unknown or whose weights are missing or do not fit; ConfigError
 * naming what the user has to say
 */
export async function importKeras(file: string, options: KerasOptions): Promise<ImportedModel> {
  return { format: 'keras', ...importLayers(await readKerasFile(file, options.weights), options, file) }
}

/** The layers as a network and as what TensorFlow.js runs. */
export function importLayers(
  { model, weights, major }: KerasFile,
  options: ImportOptions,
  file: string,
): Omit<ImportedModel, 'format'> {
  const graph = buildKerasGraph(model, weights, options.outputTensor, file)
  const input = inputForm(
    { name: graph.input.name, dims: graph.inputDims, order: orderOf(graph) },
    options,
    file,
  )
  const nameOutputs = (count: number): readonly string[] =>
    outputNames(graph.outputName, count, options.outputNames)
  const plain = kerasNetwork(graph, input, nameOutputs, file)
  const network = 'refusal' in plain ? plain : transformed(plain, options.transform ?? 'none')
  const run = kerasTopology(graph, major, input.dims)
  const cut = 'refusal' in run ? undefined : cutLastLayer(run)
  const blackBox =
    'refusal' in run || cut === undefined ? undefined : blackBoxOf({ ...run, ...cut }, input, plain, options)
  if ('refusal' in network && 'refusal' in run) throw notRun(network.refusal, run.refusal, file)
  return { network, blackBox, notes: precisionNotes(graph), leftInside: cut?.leftInside }
}

function notRun(network: string, run: string, file: string): DataError {
  const same = network.startsWith(run.split(') ')[0]!)
  return new DataError(
    `${network}${same ? ', nor does TensorFlow.js run it' : `, and TensorFlow.js cannot run the model: its ${run}`}; export the model to ONNX and import that`,
    { file },
  )
}

function blackBoxOf(
  { topology, weights, input: inputName, output: outputName, cut }: TfjsModel & CutLayers,
  input: InputForm,
  network: Network | { readonly refusal: string },
  options: ImportOptions,
): BlackBox {
  const output: OutputForm = {
    name: outputName,
    outputs: 'refusal' in network ? (options.outputNames ?? []) : network.outputs,
    cut,
    transform: options.transform ?? 'none',
  }
  return {
    executable: { kind: 'tfjs-layers', topology, weights },
    input: { ...input, name: inputName },
    output,
  }
}

/** What a model of any input is to TensorFlow.js: for models that read no sequences. */
export function kerasExecutable(
  { model, weights, major }: KerasFile,
  { outputTensor }: ImportOptions,
  file: string,
): TfjsModel & { readonly inputDims: readonly (number | null)[] } {
  const graph = buildKerasGraph(model, weights, outputTensor, file)
  const run = kerasTopology(graph, major)
  if ('refusal' in run) {
    throw new DataError(`TensorFlow.js cannot run the model: its ${run.refusal}; export it to ONNX`, { file })
  }
  return { ...run, inputDims: graph.inputDims }
}

/** A flat input whose first layer makes a sequence of it tells the order. */
function orderOf({ inputDims, nodes }: KerasGraph): InputForm['order'] | undefined {
  const first = nodes[1]
  if (inputDims.length !== 1 || first?.layer.className !== 'Reshape') return undefined
  const written = first.layer.config['target_shape']
  const target = (Array.isArray(written) ? (written as unknown[]) : []).filter((size) => size !== 1)
  const sizes = integers(target, 2) ?? []
  if (sizes.length !== 2 || sizes[0] === sizes[1]) return undefined
  return sizes[1] === 4 ? 'NWC' : sizes[0] === 4 ? 'NCW' : undefined
}

/** With what is done to the outputs as the last layer. */
function transformed(
  network: Network,
  transform: NonNullable<ImportOptions['transform']>,
): Network | { readonly refusal: string } {
  const { layers } = network
  const last: Layer | undefined = layers.at(-1)
  const end = last?.kind === 'activation' ? last.function : undefined
  switch (transform) {
    case 'none':
      return network
    case 'sigmoid':
    case 'softmax':
    case 'exp':
      return { ...network, layers: [...layers, { kind: 'activation', function: transform }] }
    case 'logit':
    case 'log':
      if (end === (transform === 'logit' ? 'sigmoid' : 'exp'))
        return { ...network, layers: layers.slice(0, -1) }
      return {
        refusal: `the transform ${transform} is no layer of ours, and the model does not end with ${transform === 'logit' ? 'a sigmoid' : 'an exponential'} that it would undo`,
      }
  }
}

/** The layers that a TensorFlow.js model is made of, and their weights by name. */
export function readTfjsLayers(
  topology: unknown,
  tensors: ReadonlyMap<string, Tensor>,
  file: string,
): KerasFile {
  const inner = isObject(topology) && isObject(topology['model_config']) ? topology['model_config'] : topology
  const major = majorOf(versionIn(topology) ?? versionIn(inner) ?? 'tfjs')
  const model = readKerasConfig(inner, major, file)
  return { model, major, weights: readNamedWeights(model, tensors, file) }
}

/** Reads the layers and their weights, wherever they lie. */
export async function readKerasFile(file: string, weights?: string): Promise<KerasFile> {
  const bytes = await readBytes(file, largestFile)
  if (startsWith(bytes, '\x89HDF\r\n\x1a\n')) return readHdf5(bytes, file)
  if (startsWith(bytes, 'PK\x03\x04')) return readZip(bytes, file)
  if (!new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().startsWith('{')) {
    throw new DataError('is neither HDF5, a .keras file nor the JSON of a Keras model', { file })
  }
  const json = parseJson(bytes, file)
  const weightsFile = weights ?? (await findWeights(file))
  const weightBytes = await readBytes(weightsFile, largestFile)
  const reader = await Hdf5Reader.read(weightBytes, kerasContents, weightsFile)
  const major = majorOf(versionIn(json) ?? versionOf(reader))
  const model = readKerasConfig(json, major, file)
  refuseQuantised(model, file)
  const backend = backendOf(reader) ?? (isObject(json) ? textOf(json['backend']) : undefined)
  return { model, major, weights: readKerasWeights(model, reader, { major, backend }, weightsFile) }
}

async function readHdf5(bytes: Uint8Array, file: string): Promise<KerasFile> {
  const reader = await Hdf5Reader.read(bytes, kerasContents, file)
  const text = reader.text('', 'model_config')
  if (text === undefined) {
    const known = reader.texts('', 'layer_names') ?? reader.names('').filter((name) => /^_?layer/.test(name))
    throw new DataError(
      known.length > 0
        ? 'holds the weights of a Keras model, not its layers; name the JSON of the layers as the model, and this as its weights'
        : 'is HDF5, but no Keras model: it has no attribute model_config',
      { file },
    )
  }
  const json = parseText(text, file)
  const major = majorOf(versionOf(reader) ?? versionIn(json))
  const model = readKerasConfig(json, major, file)
  refuseQuantised(model, file)
  return {
    model,
    major,
    weights: readKerasWeights(model, reader, { major, backend: backendOf(reader) }, file),
  }
}

async function readZip(bytes: Uint8Array, file: string): Promise<KerasFile> {
  const largest = new Map([
    ['config.json', largestJson],
    ['model.weights.h5', Math.max(2 ** 26, largestExpansion * bytes.length)],
  ])
  const entries = readZipEntries(bytes, (name) => largest.get(name), file)
  const config = entries['config.json']
  if (config === undefined)
    throw new DataError('is a zip, but no Keras model: it has no config.json', { file })
  const weights = entries['model.weights.h5']
  if (weights === undefined) {
    throw new DataError(
      'has no model.weights.h5 in it; save the model in one piece (without max_shard_size)',
      { file },
    )
  }
  const model = readKerasConfig(parseJson(config, file), 3, file)
  refuseQuantised(model, file)
  const reader = await Hdf5Reader.read(weights, kerasContents, file)
  return {
    model,
    major: 3,
    weights: readKerasWeights(model, reader, { major: 3, backend: undefined }, file),
  }
}

async function findWeights(file: string): Promise<string> {
  const stem = basename(file).replace(/\.json$/, '')
  const names = [
    `${stem}.weights.h5`,
    `${stem}.h5`,
    'model.weights.h5',
    'weights.h5',
    `${stem}_weights.h5`,
    'model.h5',
  ]
  for (const name of names) {
    const path = join(dirname(file), name)
    if (await fileExists(path)) return path
  }
  throw new DataError(
    `is the layers of a Keras model without its weights, and beside it is none of ${[...new Set(names)].join(', ')}; name the HDF5 file of its weights`,
    { file },
  )
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return Buffer.from(bytes.subarray(0, signature.length)).toString('latin1') === signature
}

function versionOf(reader: Hdf5Reader): string | undefined {
  return reader.text('', 'keras_version') ?? reader.text('model_weights', 'keras_version')
}

function versionIn(json: unknown): string | undefined {
  return isObject(json) ? textOf(json['keras_version']) : undefined
}

function backendOf(reader: Hdf5Reader): string | undefined {
  return reader.text('', 'backend') ?? reader.text('model_weights', 'backend')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Versions before 1.2 did not write theirs; TensorFlow.js writes its own, in the words of Keras 2. */
function majorOf(version: string | undefined): number {
  if (version?.startsWith('tfjs') === true) return 2
  const major = Number(/^\d+/.exec(version ?? '')?.[0] ?? 1)
  return major < 1 ? 1 : major
}
