/** TensorFlow.js models: layers models are Keras models, graph models are run as they are. */
import { ConfigError, DataError } from '../../../base/errors.ts'
import { isObject, type JsonObject } from '../../formats/json.ts'
import type { ImportedModel, ImportOptions } from '../importedModel.ts'
import { inputForm } from '../inputForm.ts'
import { importLayers, readTfjsLayers } from '../keras/kerasImport.ts'
import { outputNames } from '../outputNames.ts'
import { decodeTfjsWeights, readTfjsFiles, type TfjsFiles } from './tfjsFiles.ts'
import { cutLastNode } from './tfjsLastActivation.ts'
import { product } from '../../network/shapes.ts'

/**
 * @param path `model.json`, or the folder that it lies in with its weights
 * @throws DataError naming the file, and the layer that is unknown; ConfigError naming what the user has to say
 */
export async function importTfjs(path: string, options: ImportOptions): Promise<ImportedModel> {
  const files = await readTfjsFiles(path)
  const topology = files.json['modelTopology']
  if (isObject(topology) && Array.isArray(topology['node'])) return importGraph(files, files.file, options)
  const layers = readTfjsLayers(topology, decodeTfjsWeights(files.weights), files.file)
  return { format: 'tfjs-layers', ...importLayers(layers, options, files.file) }
}

/** A tensor at an end of a graph. */
export interface EndTensor {
  /** As whoever runs the graph names it. */
  readonly name: string
  /** The batch first; null where any size will do; undefined where nothing tells. */
  readonly dims: readonly (number | null)[] | undefined
  readonly isFloat: boolean
}

/** The input and output of a graph whose operators stay unread. */
export function graphEnds(
  inputs: readonly EndTensor[],
  outputs: readonly EndTensor[],
  options: ImportOptions,
  file: string,
): Pick<NonNullable<ImportedModel['blackBox']>, 'input' | 'output'> {
  const list = (tensors: readonly EndTensor[]) => tensors.map(({ name }, i) => `${i}: '${name}'`).join(', ')
  const [input, ...others] = inputs
  if (input === undefined) throw new DataError('names no input; export it with a signature', { file })
  if (others.length > 0) {
    throw new DataError(
      `has ${inputs.length} inputs (${list(inputs)}); sis explains models that read one sequence`,
      { file },
    )
  }
  if (!input.isFloat) throw new DataError(`its input '${input.name}' is not float32`, { file })
  if (input.dims === undefined) {
    throw new DataError(`does not tell the shape of its input '${input.name}'; export it with one`, { file })
  }
  const [batch, ...dims] = input.dims
  const { outputTensor, outputNames: names, transform = 'none' } = options
  const wanted =
    outputTensor === undefined
      ? outputs[0]
      : (outputs.find(({ name }) => name === String(outputTensor)) ?? outputs[Number(outputTensor)])
  if (wanted === undefined) {
    throw outputTensor === undefined
      ? new DataError('names no output; export it with a signature', { file })
      : new ConfigError(`output-tensor ${outputTensor}: the model ${file} has ${list(outputs)}`)
  }
  if (outputTensor === undefined && outputs.length > 1) {
    throw new ConfigError(
      `the model ${file} has ${outputs.length} outputs; choose one with output-tensor: ${list(outputs)}`,
    )
  }
  if (!wanted.isFloat) throw new DataError(`its output '${wanted.name}' is not float32`, { file })
  const sizes = wanted.dims?.slice(1)
  const count = sizes?.every((size) => size !== null) === true ? product(sizes) : undefined
  return {
    input: inputForm({ name: input.name, dims, batch: batch ?? undefined }, options, file),
    output: { name: wanted.name, outputs: outputNames(wanted.name, count, names), transform },
  }
}

function importGraph(files: TfjsFiles, file: string, options: ImportOptions): ImportedModel {
  const { json, weights } = files
  const topology = json['modelTopology'] as JsonObject
  for (const [name, { values }] of decodeTfjsWeights(weights)) {
    const strange = values.findIndex((value) => Number.isNaN(value))
    if (strange >= 0) throw new DataError(`the weight '${name}' holds NaN; train the model again`, { file })
  }
  const nodes = (topology['node'] as unknown[]).filter(isObject)
  const signature = isObject(json['signature'])
    ? json['signature']
    : isObject(json['userDefinedMetadata']) && isObject(json['userDefinedMetadata']['signature'])
      ? json['userDefinedMetadata']['signature']
      : {}
  const told = (key: string) =>
    isObject(signature[key]) ? Object.values(signature[key]).filter(isObject) : []
  const inputs = told('inputs').map(endOfSignature)
  const outputs = told('outputs').map(endOfSignature)
  const ends = graphEnds(
    inputs.length > 0 ? inputs : placeholders(nodes),
    outputs.length > 0 ? outputs : unread(nodes),
    options,
    file,
  )
  const { cut, leftInside } = cutLastNode(nodes, ends.output.name, nodeName)
  return {
    format: 'tfjs-graph',
    network: { refusal: 'the model is a graph of TensorFlow operators, not of layers' },
    blackBox: {
      executable: { kind: 'tfjs-graph', topology, weights },
      input: ends.input,
      output: { ...ends.output, cut },
    },
    leftInside,
  }
}

function endOfSignature(info: JsonObject): EndTensor {
  return {
    name: nodeName(info['name']),
    dims: dimsOf(info['tensorShape']),
    isFloat: info['dtype'] === 'DT_FLOAT' || info['dtype'] === 1,
  }
}

function placeholders(nodes: readonly JsonObject[]): EndTensor[] {
  return nodes
    .filter(({ op }) => op === 'Placeholder')
    .map(({ name, attr }) => {
      const attributes = isObject(attr) ? attr : {}
      const shape = isObject(attributes['shape']) ? attributes['shape']['shape'] : undefined
      const type = isObject(attributes['dtype']) ? attributes['dtype']['type'] : undefined
      return { name: nodeName(name), dims: dimsOf(shape), isFloat: type === 'DT_FLOAT' || type === 1 }
    })
}

/** What no other operator reads is an output. */
function unread(nodes: readonly JsonObject[]): EndTensor[] {
  const read = new Set(
    nodes.flatMap(({ input }) =>
      Array.isArray(input) ? (input as unknown[]).map((name) => nodeName(name)) : [],
    ),
  )
  return nodes
    .filter(
      ({ name, op }) => op !== 'Placeholder' && op !== 'Const' && op !== 'NoOp' && !read.has(nodeName(name)),
    )
    .map(({ name }) => ({ name: nodeName(name), dims: undefined, isFloat: true }))
}

/** `x:0` is what the node `x` gives first, `^x` waits for it. */
function nodeName(name: unknown): string {
  return typeof name === 'string' ? name.replace(/^\^/, '').replace(/:0$/, '') : ''
}

function dimsOf(shape: unknown): (number | null)[] | undefined {
  if (!isObject(shape) || shape['unknownRank'] === true) return undefined
  const { dim = [] } = shape
  if (!Array.isArray(dim)) return undefined
  return (dim as unknown[]).map((entry) => {
    const size = Number(isObject(entry) ? entry['size'] : NaN)
    return Number.isSafeInteger(size) && size > 0 ? size : null
  })
}
