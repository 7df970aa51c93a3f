/**
 * A Keras model as TensorFlow.js runs it: a layers model in the words of Keras 2, of its own layers where they compute as
 * Keras does, else of operations of ours (`kerasOperations.ts`). What neither knows is refused.
 */
import type { TfjsWeights } from '../importedModel.ts'
import type { KerasLayer } from './kerasConfig.ts'
import type { Config } from './kerasWords.ts'
import { activationName } from './kerasConfigValues.ts'
import type { KerasGraph, KerasNode } from './kerasGraph.ts'
import { maskSources } from './kerasMasks.ts'
import { operationClass, writeOperation, type KerasOperation } from './kerasOperation.ts'
import { activationOf, NoOperation, operationOf, readsMask } from './kerasOperations.ts'
import { describe, type LayerWeights } from './kerasWeights.ts'
import type { Tensor } from '../../../io/hdf5/hdf5.ts'

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

/**
 * @param inputDims sizes of the input after the batch; null where any will do
 * @returns the model, or which layer TensorFlow.js cannot run
 */
export function kerasTopology(
  graph: KerasGraph,
  major: number,
  inputDims: readonly (number | null)[] = graph.inputDims,
): TfjsModel | { readonly refusal: string } {
  try {
    const writer = new TopologyWriter(graph, major)
    const { input, output, layers, weights } = writer.write(inputDims)
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

/** A layer of the topology; of several in a row, each reads the one before. */
interface Written {
  readonly className: string
  readonly config: Config
  readonly weights: LayerWeights
}

class TopologyWriter {
  readonly #graph: KerasGraph
  readonly #major: number
  readonly #masks: ReturnType<typeof maskSources>
  readonly #used = new Set<string>()
  readonly #names = new Map<KerasNode, string>()
  /** Of the layers that make masks, by the Masking. */
  readonly #maskNames = new Map<KerasNode, string>()
  readonly #layers: unknown[] = []
  readonly #weights: [name: string, tensor: Tensor][] = []

  constructor(graph: KerasGraph, major: number) {
    this.#graph = graph
    this.#major = major
    this.#masks = maskSources(graph)
    for (const node of graph.nodes) this.#names.set(node, this.#unique(node.name))
  }

  write(inputDims: readonly (number | null)[]) {
    const { input, output, nodes } = this.#graph
    for (const node of nodes) {
      if (node === input) {
        const name = this.#names.get(node)!
        this.#layers.push({
          class_name: 'InputLayer',
          name,
          config: { name, batch_input_shape: [null, ...inputDims], dtype: 'float32' },
          inbound_nodes: [],
        })
      } else this.#node(node)
    }
    return {
      input: this.#names.get(input)!,
      output: this.#names.get(output)!,
      layers: this.#layers,
      weights: this.#weights,
    }
  }

  #node(node: KerasNode): void {
    const name = this.#names.get(node)!
    const reads = node.inputs.map((input) => this.#names.get(input)!)
    const mask = this.#maskOf(node)
    const chain = rewrite(node, this.#major, mask !== undefined)
    let inputs = mask === undefined ? reads : [...reads, mask]
    for (const [i, written] of chain.entries()) {
      const own = i === chain.length - 1 ? name : this.#unique(`${name}/${i + 1}`)
      this.#add(own, written, inputs)
      inputs = [own]
    }
  }

  /** @returns the name of the layer that makes the mask which reaches the node, where the node reads it */
  #maskOf(node: KerasNode): string | undefined {
    const [source] = node.inputs.map((input) => this.#masks.get(input))
    const others = node.inputs.some((input) => this.#masks.has(input))
    if (!others || ignoresMask(node)) return undefined
    if (!readsMask.has(node.layer.className) || source === undefined || source === 'mixed') {
      throw notRun(node.layer, 'reads a mask, as only recurrent and average-pooling layers may')
    }
    let name = this.#maskNames.get(source)
    if (name === undefined) {
      name = this.#unique(`${this.#names.get(source)!}/mask`)
      this.#maskNames.set(source, name)
      const value = operationOf(source, this.#major)?.operation
      if (value?.kind !== 'blank') throw new RangeError(`${describe(source.layer)} makes no mask`)
      const operation: KerasOperation = { kind: 'mask', value: value.value }
      this.#add(
        name,
        operationLayer(operation, new Map()),
        source.inputs.map((input) => this.#names.get(input)!),
      )
    }
    return name
  }

  #add(name: string, { className, config, weights }: Written, inputs: readonly string[]): void {
    const seen = new Set<string>()
    const different = inputs.map((input) => {
      if (!seen.has(input)) seen.add(input)
      else return this.#copy(input)
      return input
    })
    for (const [role, tensor] of weights) this.#weights.push([`${name}/${role}`, tensor])
    this.#layers.push({
      class_name: className,
      name,
      config: { ...config, name },
      inbound_nodes: [different.map((input) => [input, 0, 0, {}])],
    })
  }

  /** TensorFlow.js counts a layer that reads a tensor twice as two readers, and frees the tensor before others read it. */
  #copy(input: string): string {
    const name = this.#unique(`${input}/copy`)
    this.#add(name, operationLayer({ kind: 'copy' }, new Map()), [input])
    return name
  }

  #unique(wanted: string): string {
    const allowed = wanted.replace(/[^A-Za-z0-9._/-]/g, '_').replace(/^[^A-Za-z0-9]/, 'layer$&')
    let name = allowed
    for (let i = 1; this.#used.has(name); i++) name = `${allowed}_${i}`
    this.#used.add(name)
    return name
  }
}

function operationLayer(operation: KerasOperation, weights: LayerWeights): Written {
  const parameters = [...weights].map(([role, { shape }]) => [role, shape] as const)
  return { className: operationClass, config: { ...writeOperation({ operation, parameters }) }, weights }
}

/** A mask changes nothing of what these make of their numbers. */
function ignoresMask({ layer }: KerasNode): boolean {
  const { className } = layer
  return !readsMask.has(className) && !masked.has(className)
}

/** These would read a mask, too. */
const masked: ReadonlySet<string> = new Set([
  'Attention',
  'AdditiveAttention',
  'MultiHeadAttention',
  'GroupedQueryAttention',
  'GroupQueryAttention',
  'Softmax',
  'RNN',
  'ConvLSTM1D',
])

/** The layers that are to compute what the node does: one of TensorFlow.js, an operation of ours, their activation. */
function rewrite({ layer, weights, inputs, name }: KerasNode, major: number, withMask: boolean): Written[] {
  let reason = 'is no layer of it'
  if (!withMask) {
    try {
      const { className, config, activation } = writeConfig(layer, major)
      const own = { className, config, weights }
      return activation === undefined ? [own] : [own, operationLayer(activation, new Map())]
    } catch (error) {
      if (!(error instanceof NotRun)) throw error
      reason = error.message
    }
  }
  try {
    const made = operationOf({ layer, weights, inputs, name }, major)
    if (made === undefined) throw notRun(layer, reason)
    const own = operationLayer(made.operation, made.weights)
    if (made.activation === 'linear') return [own]
    const operation: KerasOperation = { kind: 'activate', function: made.activation, axis: -1 }
    return [own, operationLayer(operation, new Map())]
  } catch (error) {
    if (!(error instanceof NoOperation)) throw error
    throw notRun(layer, error.message)
  }
}

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
/** TensorFlow.js gives other numbers, or fails, where the channels of a sequence are first. */
const alongSequence = (rule: Rule): Rule => ({
  ...rule,
  only: { ...rule.only, data_format: ['channels_last', null] },
})
const globalPooling: Rule = {
  keys: ['data_format'],
  only: { keepdims: [false], data_format: ['channels_last', null] },
}
const merging: Rule = { keys: [] }
const rules: Readonly<Record<string, Rule>> = {
  Conv1D: alongSequence(convolution),
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
  Softmax: { keys: ['axis'], only: { axis: [-1] } },
  MaxPooling1D: alongSequence(pooling),
  MaxPooling2D: pooling,
  AveragePooling1D: alongSequence(pooling),
  AveragePooling2D: pooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalAveragePooling1D: globalPooling,
  GlobalMaxPooling2D: { ...globalPooling, only: { keepdims: [false] } },
  GlobalAveragePooling2D: { ...globalPooling, only: { keepdims: [false] } },
  Flatten: { keys: ['data_format'], only: { data_format: ['channels_first'] } },
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
}

const runActivations = new Set([
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'gelu_new',
  'sigmoid',
  'hard_sigmoid',
  'tanh',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'mish',
])

interface WrittenConfig {
  readonly className: string
  readonly config: Config
  /** An activation that TensorFlow.js has not, for a layer behind. */
  readonly activation?: KerasOperation
}

/** @throws NotRun with the reason, in words that follow the layer's name */
function writeConfig(layer: KerasLayer, major: number): WrittenConfig {
  const { className, config } = layer
  const rule = rules[className]
  if (rule === undefined || layer.model !== undefined) throw new NotRun('is no layer of it')
  for (const [key, values] of Object.entries(rule.only ?? {})) {
    const value = config[key]
    if (value === undefined || values.some((allowed) => JSON.stringify(allowed) === JSON.stringify(value)))
      continue
    throw new NotRun(`has ${key} ${JSON.stringify(value)}`)
  }
  const written: Record<string, unknown> = {}
  for (const key of rule.keys) {
    const value = config[key]
    if (value !== undefined && value !== null) written[key] = value
  }
  // Keras 3 renamed it; version 2.3 and later write axes as lists.
  if (className === 'LeakyReLU') written['alpha'] = config['alpha'] ?? config['negative_slope'] ?? 0.3
  const axis = written['axis']
  if (className === 'BatchNormalization' && Array.isArray(axis))
    written['axis'] = axis.length === 1 ? (axis[0] as unknown) : -1
  if (!rule.keys.includes('activation')) return { className, config: written }
  const own = ownActivation(config['activation'], major)
  if (own !== undefined) return { className, config: { ...written, activation: own } }
  try {
    const operation = {
      kind: 'activate',
      function: activationOf(config['activation'], major),
      axis: -1,
    } as const
    return { className, config: { ...written, activation: 'linear' }, activation: operation }
  } catch (error) {
    if (error instanceof NoOperation) throw new NotRun(error.message)
    throw error
  }
}

/** @returns the activation by its name in TensorFlow.js, where that computes the same */
function ownActivation(value: unknown, major: number): string | undefined {
  const name = activationName(value)
  const own = name === 'silu' ? 'swish' : name
  // Keras 3 changed what hard_sigmoid is.
  if (own === undefined || !runActivations.has(own) || (own === 'hard_sigmoid' && major >= 3))
    return undefined
  return own
}

function notRun(layer: KerasLayer, reason: string): NotRun {
  return new NotRun(`${describe(layer)} ${reason}`)
}
