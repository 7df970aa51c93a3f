/**
 * A Keras model as TensorFlow.js runs it: a layers model in the words of Keras 2, with only what TensorFlow.js computes as
 * Keras does. What it would overlook or compute otherwise is refused.
 */
import type { TfjsWeights } from './importedModel.ts'
import { isObject, type Config, type KerasLayer } from './kerasConfig.ts'
import { activationName, counts } from './kerasConfigValues.ts'
import type { KerasGraph, KerasNode } from './kerasGraph.ts'
import { describe } from './kerasWeights.ts'
import type { Tensor } from './hdf5.ts'

export interface TfjsModel {
  /** What `tf.loadLayersModel` takes as `modelTopology`. */
  readonly topology: unknown
  readonly weights: TfjsWeights
  /** Names of its layers; TensorFlow.js takes no others than of letters, digits and `. _ - /`. */
  readonly input: string
  readonly output: string
}

/** Thrown where TensorFlow.js would fail or compute something else; caught in this file. */
class NotRun extends Error {}

/** @returns the model, or which layer TensorFlow.js cannot run */
export function kerasTopology(graph: KerasGraph, major: number): TfjsModel | { readonly refusal: string } {
  try {
    const names = tfjsNames(graph)
    const weights: [name: string, tensor: Tensor][] = []
    const layers = graph.nodes.map((node) => writeNode(node, graph, names, major, weights))
    const [input, output] = [names.get(graph.input)!, names.get(graph.output)!]
    const topology = {
      class_name: 'Model',
      config: { name: 'model', layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
      keras_version: '2.15.0',
      backend: 'tensorflow',
    }
    return { topology, weights: packWeights(weights), input, output }
  } catch (error) {
    if (error instanceof NotRun) return { refusal: error.message }
    throw error
  }
}

function tfjsNames(graph: KerasGraph): Map<KerasNode, string> {
  const used = new Set<string>()
  return new Map(
    graph.nodes.map((node) => {
      const wanted = node.name.replace(/[^A-Za-z0-9._/-]/g, '_').replace(/^[^A-Za-z0-9]/, 'layer$&')
      let name = wanted
      for (let i = 1; used.has(name); i++) name = `${wanted}_${i}`
      used.add(name)
      return [node, name] as const
    }),
  )
}

/** Float32, little-endian, one after the other. */
export function packWeights(weights: readonly (readonly [name: string, tensor: Tensor])[]): TfjsWeights {
  const data = new Uint8Array(weights.reduce((sum, [, { values }]) => sum + values.byteLength, 0))
  const view = new DataView(data.buffer)
  let offset = 0
  for (const [, { values }] of weights) {
    for (const value of values) {
      view.setFloat32(offset, value, true)
      offset += 4
    }
  }
  return { specs: weights.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })), data }
}

function writeNode(
  node: KerasNode,
  graph: KerasGraph,
  names: ReadonlyMap<KerasNode, string>,
  major: number,
  weights: [name: string, tensor: Tensor][],
): unknown {
  const name = names.get(node)!
  if (node === graph.input) {
    return {
      class_name: 'InputLayer',
      name,
      config: { name, batch_input_shape: [null, ...graph.inputDims], dtype: 'float32' },
      inbound_nodes: [],
    }
  }
  const { className, config, tensors } = rewrite(node, major)
  for (const [role, tensor] of tensors) weights.push([`${name}/${role}`, tensor])
  return {
    class_name: className,
    name,
    config: { ...config, name },
    inbound_nodes: [node.inputs.map((input) => [names.get(input)!, 0, 0, {}])],
  }
}

interface Rewritten {
  readonly className: string
  readonly config: Config
  readonly tensors: readonly (readonly [role: string, tensor: Tensor])[]
}

function rewrite(node: KerasNode, major: number): Rewritten {
  const { layer } = node
  const tensors = [...node.weights]
  if (layer.className === 'Bidirectional') return bidirectional(node, major)
  if (layer.className === 'Conv1D' && layer.config['padding'] === 'causal') return causal(node, major)
  const written = writeConfig(layer, major)
  return { ...written, tensors }
}

function bidirectional({ layer, weights }: KerasNode, major: number): Rewritten {
  const { wrapped, config } = layer
  if (wrapped === undefined || !recurrent.has(wrapped.className))
    throw notRun(layer, 'wraps another layer than LSTM, GRU or SimpleRNN')
  const inner = writeConfig(wrapped, major)
  const name = 'layer'
  const tensors = [...weights].map(([role, tensor]) => [role.replace('/', `_${name}/`), tensor] as const)
  const mode = config['merge_mode'] ?? 'concat'
  if (typeof mode !== 'string' || !['concat', 'sum', 'mul', 'ave'].includes(mode)) {
    throw notRun(layer, `has merge_mode ${JSON.stringify(mode)}`)
  }
  return {
    className: 'Bidirectional',
    config: {
      merge_mode: mode,
      layer: { class_name: inner.className, config: { ...inner.config, name } },
    },
    tensors,
  }
}

/** TensorFlow.js has no causal padding; with as many zero taps after it, the same kernel is centred. */
function causal({ layer, weights }: KerasNode, major: number): Rewritten {
  const kernel = weights.get('kernel')
  const [rows, inputs, filters] = kernel?.shape ?? []
  if (kernel === undefined || rows === undefined || inputs === undefined || filters === undefined) {
    throw notRun(layer, 'has no kernel')
  }
  if (counts(layer.config['strides'] ?? 1, 1)?.[0] !== 1) throw notRun(layer, 'is causal and has strides')
  const values = new Float32Array((2 * rows - 1) * inputs * filters)
  values.set(kernel.values)
  const { className, config } = writeConfig({ ...layer, config: { ...layer.config, padding: 'same' } }, major)
  return {
    className,
    config: { ...config, kernel_size: [2 * rows - 1] },
    tensors: [...new Map(weights).set('kernel', { shape: [2 * rows - 1, inputs, filters], values })],
  }
}

const recurrent = new Set(['LSTM', 'GRU', 'SimpleRNN'])

/** What a layer's class needs of its configuration, and the values that TensorFlow.js would get wrong. */
interface Rule {
  readonly keys: readonly string[]
  /** The only value of a key that is computed as in Keras; absent counts as that. */
  readonly only?: Readonly<Record<string, readonly unknown[]>>
}

const convolution: Rule = {
  keys: [
    'filters',
    'kernel_size',
    'strides',
    'padding',
    'data_format',
    'dilation_rate',
    'use_bias',
    'activation',
  ],
  only: { groups: [1], padding: ['same', 'valid'] },
}
const pooling: Rule = {
  keys: ['pool_size', 'strides', 'padding', 'data_format'],
  only: { padding: ['same', 'valid'] },
}
const globalPooling: Rule = {
  keys: ['data_format'],
  only: { keepdims: [false], data_format: ['channels_last', null] },
}
const merging: Rule = { keys: [] }
const recurrence: Rule = {
  keys: ['units', 'activation', 'recurrent_activation', 'use_bias', 'return_sequences', 'go_backwards'],
  only: { reset_after: [false], time_major: [false] },
}

const rules: Readonly<Record<string, Rule>> = {
  Conv1D: convolution,
  Conv2D: convolution,
  Conv2DTranspose: {
    ...convolution,
    only: { ...convolution.only, dilation_rate: [1, [1, 1]], output_padding: [null] },
  },
  DepthwiseConv2D: {
    keys: [
      'kernel_size',
      'strides',
      'padding',
      'data_format',
      'dilation_rate',
      'depth_multiplier',
      'use_bias',
      'activation',
    ],
    only: { padding: ['same', 'valid'] },
  },
  SeparableConv2D: {
    keys: [...convolution.keys, 'depth_multiplier'],
    only: { padding: ['same', 'valid'] },
  },
  Dense: { keys: ['units', 'use_bias', 'activation'] },
  Activation: { keys: ['activation'] },
  BatchNormalization: { keys: ['axis', 'epsilon', 'center', 'scale'], only: { mode: [0, 2] } },
  LayerNormalization: { keys: ['axis', 'epsilon', 'center', 'scale'], only: { rms_scaling: [false] } },
  LeakyReLU: { keys: ['alpha'] },
  PReLU: { keys: ['shared_axes'] },
  ELU: { keys: ['alpha'], only: { alpha: [1] } },
  ReLU: { keys: ['max_value'], only: { negative_slope: [0, null], threshold: [0, null] } },
  ThresholdedReLU: { keys: ['theta'] },
  Softmax: { keys: ['axis'] },
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalAveragePooling1D: globalPooling,
  GlobalMaxPooling2D: { ...globalPooling, only: { keepdims: [false] } },
  GlobalAveragePooling2D: { ...globalPooling, only: { keepdims: [false] } },
  Flatten: { keys: ['data_format'] },
  Reshape: { keys: ['target_shape'] },
  Permute: { keys: ['dims'] },
  RepeatVector: { keys: ['n'] },
  ZeroPadding2D: { keys: ['padding', 'data_format'] },
  Cropping2D: { keys: ['cropping', 'data_format'] },
  UpSampling2D: { keys: ['size', 'data_format'], only: { interpolation: ['nearest'] } },
  Rescaling: { keys: ['scale', 'offset'] },
  Add: merging,
  Multiply: merging,
  Average: merging,
  Maximum: merging,
  Minimum: merging,
  Concatenate: { keys: ['axis'] },
  Dot: { keys: ['axes', 'normalize'] },
  LSTM: recurrence,
  GRU: recurrence,
  SimpleRNN: recurrence,
}

const runActivations = new Set([
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'sigmoid',
  'hard_sigmoid',
  'tanh',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'mish',
])

function writeConfig(layer: KerasLayer, major: number): { className: string; config: Config } {
  const { className, config } = layer
  const rule = rules[className]
  if (rule === undefined || layer.model !== undefined) throw notRun(layer, 'is no layer of it')
  for (const [key, values] of Object.entries(rule.only ?? {})) {
    const value = config[key]
    if (value === undefined || values.some((allowed) => JSON.stringify(allowed) === JSON.stringify(value)))
      continue
    throw notRun(layer, `has ${key} ${JSON.stringify(value)}`)
  }
  if (className === 'GRU' && major >= 3 && config['reset_after'] === undefined)
    throw notRun(layer, 'has reset_after true')
  const written: Record<string, unknown> = {}
  for (const key of rule.keys) {
    const value = config[key]
    if (value === undefined || value === null) continue
    written[key] = key.endsWith('activation') ? activation(layer, value, major) : value
  }
  if (recurrent.has(className)) {
    // Versions that did not write it had another default.
    written['recurrent_activation'] ??= major >= 3 ? 'sigmoid' : 'hard_sigmoid'
    if (className === 'SimpleRNN') delete written['recurrent_activation']
  }
  // Keras 3 renamed it; version 2.3 and later write axes as lists.
  if (className === 'LeakyReLU') written['alpha'] = config['alpha'] ?? config['negative_slope'] ?? 0.3
  const axis = written['axis']
  if (className === 'BatchNormalization' && Array.isArray(axis))
    written['axis'] = axis.length === 1 ? (axis[0] as unknown) : -1
  return { className, config: written }
}

function activation(layer: KerasLayer, value: unknown, major: number): string {
  const name = activationName(value)
  if (name === undefined) {
    throw notRun(
      layer,
      `has the activation ${isObject(value) ? String(value['class_name']) : JSON.stringify(value)}`,
    )
  }
  const own = name === 'silu' ? 'swish' : name
  // Keras 3 changed what hard_sigmoid is.
  if (!runActivations.has(own) || (own === 'hard_sigmoid' && major >= 3))
    throw notRun(layer, `has the activation '${name}'`)
  return own
}

function notRun(layer: KerasLayer, reason: string): NotRun {
  return new NotRun(`${describe(layer)} ${reason}`)
}
