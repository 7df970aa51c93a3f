/**
 * Layers of Keras as operations of our own, for what TensorFlow.js lacks or computes otherwise. Kept apart from
 * `kerasTopology.ts`, which takes TensorFlow.js' own layers where they are right.
 */
import { isObject } from '../../formats/json.ts'
import type { KerasLayer } from './kerasConfig.ts'
import type { Config } from './kerasWords.ts'
import { activationName, count, counts, integer, integers } from './kerasConfigValues.ts'
import type { KerasNode } from './kerasGraph.ts'
import {
  activationNames,
  type ActivationName,
  type KerasOperation,
  type Recurrence,
  type RecurrentCell,
} from './kerasOperation.ts'
import type { LayerWeights } from './kerasWeights.ts'
import type { Tensor } from '../../../io/hdf5/hdf5.ts'

/** An operation, its weights, and the activation that Keras has in the same layer. */
export interface OperationNode {
  readonly operation: KerasOperation
  readonly weights: LayerWeights
  readonly activation: ActivationName
}

/** Thrown where an operation would compute something else than Keras; for people. */
export class NoOperation extends Error {}

type Make = (node: KerasNode, major: number) => Made
interface Made {
  readonly operation: KerasOperation
  /** The layer's own, unless given. */
  readonly weights?: LayerWeights
  /** The key of the layer's activation, where it has one that the operation leaves to another. */
  readonly activation?: string
}

/**
 * @param major version of Keras that wrote the layer
 * @returns undefined where there is no such operation
 * @throws NoOperation saying what of the layer is not known
 */
export function operationOf(node: KerasNode, major: number): OperationNode | undefined {
  const { className, config } = node.layer
  const make = Object.hasOwn(makers, className) ? makers[className] : undefined
  if (make === undefined) return undefined
  const { operation, weights = node.weights, activation } = make(node, major)
  return {
    operation,
    weights,
    activation: activation === undefined ? 'linear' : activationOf(config[activation], major),
  }
}

/** Layers that read a mask, where one reaches them. */
export const readsMask: ReadonlySet<string> = new Set([
  'LSTM',
  'GRU',
  'SimpleRNN',
  'Bidirectional',
  'GlobalAveragePooling1D',
])

/**
 * @param value as the configuration has it
 * @throws NoOperation naming it, where it is not known
 */
export function activationOf(value: unknown, major: number): ActivationName {
  const name = activationName(value)
  if (name === undefined) {
    const what = isObject(value) ? String(value['class_name']) : JSON.stringify(value)
    throw new NoOperation(`has the activation ${what}`)
  }
  const own = (otherNames[name] ?? name) as ActivationName
  if (!activationNames.includes(own)) throw new NoOperation(`has the activation '${name}'`)
  // Keras 3 changed what it is.
  return own === 'hard_sigmoid' && major < 3 ? 'hard_sigmoid_2' : own
}

const otherNames: Readonly<Record<string, string>> = { swish: 'silu', hard_swish: 'hard_silu' }

/** As the makers below need them; each throws NoOperation. */
function isChannelsFirst({ data_format: format }: Config): boolean {
  return format === 'channels_first'
}

function single(config: Config, key: string, otherwise: number): number {
  const [value] = counts(config[key] ?? otherwise, 1) ?? []
  if (value === undefined) throw new NoOperation(`has ${key} ${JSON.stringify(config[key])}`)
  return value
}

function choice<T extends string>(config: Config, key: string, choices: readonly T[], otherwise: T): T {
  const value = config[key] ?? otherwise
  const found = choices.find((one) => one === value)
  if (found === undefined) throw new NoOperation(`has ${key} ${JSON.stringify(value)}`)
  return found
}

function number(config: Config, key: string, otherwise: number): number {
  const value = config[key] ?? otherwise
  // Keras writes some numbers as arrays of one.
  const plain = isObject(value) && isObject(value['config']) ? value['config']['value'] : value
  if (typeof plain !== 'number') throw new NoOperation(`has ${key} ${JSON.stringify(value)}`)
  return plain
}

function only(config: Config, key: string, ...values: readonly unknown[]): void {
  const value = config[key]
  if (value !== undefined && !values.includes(value))
    throw new NoOperation(`has ${key} ${JSON.stringify(value)}`)
}

function axesOf(config: Config): number[] {
  const value = config['axis'] ?? -1
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (!list.every((axis) => typeof axis === 'number')) {
    throw new NoOperation(`has axis ${JSON.stringify(value)}`)
  }
  return list
}

function pair(value: unknown, key: string): [number, number] {
  const one = integer(value)
  const two = one === undefined ? integers(value, 2) : [one, one]
  if (two === undefined) throw new NoOperation(`has ${key} ${JSON.stringify(value)}`)
  return [two[0]!, two[1]!]
}

const edges =
  (kind: 'crop' | 'pad', key: string): Make =>
  ({ layer: { config } }) => {
    const [before, after] = pair(config[key] ?? 1, key)
    return { operation: { kind, axis: isChannelsFirst(config) ? 2 : 1, before, after } }
  }

function windows(config: Config) {
  return {
    stride: single(config, 'strides', 1),
    dilation: single(config, 'dilation_rate', 1),
    channelsFirst: isChannelsFirst(config),
  }
}

const paddings = ['valid', 'same', 'causal'] as const

const depthwise: Make = ({ layer: { config } }) => ({
  operation: {
    kind: 'convolveDepthwise',
    ...windows(config),
    padding: choice(config, 'padding', paddings, 'valid'),
  },
  activation: 'activation',
})

const cells: Readonly<Record<string, RecurrentCell>> = { LSTM: 'lstm', GRU: 'gru', SimpleRNN: 'simple' }

function recurrence(
  { className, config }: KerasLayer,
  major: number,
  merge: Recurrence['merge'],
): KerasOperation {
  const cell = cells[className]
  if (cell === undefined) throw new NoOperation(`wraps ${className}, not LSTM, GRU or SimpleRNN`)
  only(config, 'stateful', false)
  only(config, 'time_major', false)
  const sequences = config['return_sequences'] === true
  return {
    kind: 'recur',
    cell,
    activation: activationOf(config['activation'] ?? 'tanh', major),
    // Versions that did not write it had another default.
    recurrentActivation: activationOf(
      config['recurrent_activation'] ?? (major >= 3 ? 'sigmoid' : 'hard_sigmoid'),
      major,
    ),
    resetAfter: cell === 'gru' && (config['reset_after'] ?? major >= 3) === true,
    sequences,
    backwards: config['go_backwards'] === true,
    zerosForMask: merge === null ? config['zero_output_for_mask'] === true : sequences,
    merge,
  }
}

const recurrent: Make = ({ layer }, major) => ({ operation: recurrence(layer, major, null) })

const bidirectional: Make = ({ layer: { config, wrapped } }, major) => {
  if (wrapped === undefined) throw new NoOperation('wraps a layer that cannot be read')
  const backward = config['backward_layer']
  if (isObject(backward) && isObject(backward['config'])) {
    const own = backward['config']
    for (const key of ['units', 'activation', 'recurrent_activation', 'use_bias', 'reset_after']) {
      if (JSON.stringify(own[key]) !== JSON.stringify(wrapped.config[key])) {
        throw new NoOperation(`reads backwards with another ${key} than forwards`)
      }
    }
  }
  const merge = choice(
    { merge_mode: 'merge_mode' in config ? config['merge_mode'] : 'concat' },
    'merge_mode',
    ['concat', 'sum', 'mul', 'ave'],
    'concat',
  )
  if (config['merge_mode'] === null)
    throw new NoOperation('has merge_mode null, so that it gives two tensors')
  return { operation: recurrence(wrapped, major, merge) }
}

const adaptive =
  (maximum: boolean): Make =>
  ({ layer: { config } }) => ({
    operation: {
      kind: 'poolAdaptively',
      maximum,
      size: single(config, 'output_size', 1),
      channelsFirst: isChannelsFirst(config),
    },
  })

const pooling =
  (maximum: boolean): Make =>
  ({ layer: { config } }) => {
    const size = single(config, 'pool_size', 2)
    return {
      operation: {
        kind: 'pool',
        maximum,
        size,
        stride: single(config, 'strides', size),
        padding: choice(config, 'padding', ['valid', 'same'], 'valid'),
        channelsFirst: isChannelsFirst(config),
      },
    }
  }

const global =
  (maximum: boolean): Make =>
  ({ layer: { config } }) => ({
    operation: {
      kind: 'poolGlobally',
      maximum,
      keepDimensions: config['keepdims'] === true,
      channelsFirst: isChannelsFirst(config),
    },
  })

function byHeads(node: KerasNode, size: unknown): Made {
  const { config } = node.layer
  const width = count(size)
  if (width === undefined) throw new NoOperation('does not tell the size of its heads')
  const axes = config['attention_axes']
  if (Array.isArray(axes) && axes.join() !== '1')
    throw new NoOperation(`has attention_axes ${JSON.stringify(axes)}`)
  const window = config['sliding_window'] ?? null
  return {
    operation: {
      kind: 'attendByHeads',
      scale: 1 / Math.sqrt(width),
      window: window === null ? null : single(config, 'sliding_window', 1),
    },
  }
}

const normalisation: Make = ({ layer: { config }, weights }) => ({
  operation: {
    kind: 'normalise',
    axes: axesOf(config),
    epsilon: number(config, 'epsilon', 1e-3),
    by: config['rms_scaling'] === true ? 'deviation' : 'mean and deviation',
  },
  weights,
})

/** Mean and variance from the configuration, or adapted; they lie along the dimensions that are kept. */
const standardisation: Make = ({ layer: { config }, weights }) => {
  const given = (key: 'mean' | 'variance'): Tensor => {
    const value = config[key]
    const adapted = weights.get(key)
    if (adapted !== undefined) return adapted
    const flat = Array.isArray(value) ? (value as unknown[]).flat(Infinity) : [value]
    if (!flat.every((x) => typeof x === 'number')) {
      throw new NoOperation(`has ${key} ${JSON.stringify(value)}`)
    }
    return { shape: [flat.length], values: Float32Array.from(flat) }
  }
  const kept = config['axis'] === null ? [] : axesOf(config)
  if (kept.length > 1 || (kept.length === 1 && kept[0] !== -1 && kept[0] !== 2)) {
    throw new NoOperation(`has axis ${JSON.stringify(config['axis'])}`)
  }
  return {
    operation: { kind: 'standardise', invert: config['invert'] === true },
    weights: new Map([
      ['mean', given('mean')],
      ['variance', given('variance')],
    ]),
  }
}

/** Contractions of the last dimensions of the input with the first of the kernel: what all dense layers are. */
const einsum: Make = ({ layer: { config } }) => {
  const equation = typeof config['equation'] === 'string' ? config['equation'].replace(/\s/g, '') : ''
  const parts = /^([a-z.]+),([a-z]+)->([a-z.]+)$/.exec(equation)
  const [input, kernel, output] = parts?.slice(1).map((part) => part.replace('...', '…')) ?? ['', '', '']
  for (let inputs = 1; inputs < kernel!.length; inputs++) {
    const [taken, made] = [kernel!.slice(0, inputs), kernel!.slice(inputs)]
    const places = input!.slice(0, -inputs)
    const letters = new Set(Array.from(`${places}${kernel}`))
    if (
      input === places + taken &&
      output === places + made &&
      letters.size === places.length + kernel!.length
    ) {
      // The bias lies along the last dimensions of the output, as it is added.
      const bias = config['bias_axes'] ?? ''
      if (typeof bias !== 'string' || !made.endsWith(bias)) break
      return { operation: { kind: 'dense', inputs }, activation: 'activation' }
    }
  }
  throw new NoOperation(`has the equation '${equation}'`)
}

const makers: Readonly<Record<string, Make>> = {
  // TensorFlow.js flattens no less than two dimensions, and leaves the size -1 open.
  Flatten: ({ layer: { config } }) => {
    only(config, 'data_format', 'channels_last', null)
    return { operation: { kind: 'reshape', sizes: [-1] } }
  },
  Reshape: ({ layer: { config } }) => {
    const sizes = config['target_shape']
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isSafeInteger(size))) {
      throw new NoOperation('has a target_shape that cannot be read')
    }
    return { operation: { kind: 'reshape', sizes: sizes as number[] } }
  },
  Cropping1D: edges('crop', 'cropping'),
  ZeroPadding1D: edges('pad', 'padding'),
  UpSampling1D: ({ layer: { config } }) => ({
    operation: { kind: 'repeat', size: single(config, 'size', 2) },
  }),
  Subtract: () => ({ operation: { kind: 'subtract' } }),
  Conv1D: ({ layer: { config } }) => ({
    operation: {
      kind: 'convolve',
      ...windows(config),
      groups: single(config, 'groups', 1),
      padding: choice(config, 'padding', paddings, 'valid'),
    },
    activation: 'activation',
  }),
  DepthwiseConv1D: depthwise,
  SeparableConv1D: depthwise,
  Conv1DTranspose: ({ layer: { config } }) => {
    only(config, 'output_padding', null)
    return {
      operation: {
        kind: 'convolveTransposed',
        ...windows(config),
        padding: choice(config, 'padding', ['valid', 'same'], 'valid'),
      },
      activation: 'activation',
    }
  },
  LocallyConnected1D: ({ layer: { config } }) => {
    only(config, 'implementation', 1)
    only(config, 'padding', 'valid')
    only(config, 'data_format', 'channels_last')
    return {
      operation: {
        kind: 'convolveLocally',
        size: single(config, 'kernel_size', 1),
        stride: single(config, 'strides', 1),
      },
      activation: 'activation',
    }
  },
  Dense: () => ({ operation: { kind: 'dense', inputs: 1 }, activation: 'activation' }),
  EinsumDense: einsum,
  GroupNormalization: ({ layer: { config } }) => ({
    operation: {
      kind: 'normaliseGroups',
      groups: number(config, 'groups', 32),
      axis: axesOf(config)[0]!,
      epsilon: number(config, 'epsilon', 1e-3),
    },
  }),
  LayerNormalization: normalisation,
  RMSNormalization: ({ layer: { config } }) => ({
    operation: {
      kind: 'normalise',
      axes: axesOf(config),
      epsilon: number(config, 'epsilon', 1e-6),
      by: 'rms',
    },
  }),
  UnitNormalization: ({ layer: { config } }) => ({
    operation: { kind: 'normaliseLength', axes: axesOf(config) },
  }),
  Normalization: standardisation,
  Activation: ({ layer: { config } }, major) => ({
    operation: { kind: 'activate', function: activationOf(config['activation'], major), axis: -1 },
  }),
  Softmax: ({ layer: { config } }) => {
    const axes = axesOf(config)
    if (axes.length > 1) throw new NoOperation(`has axis ${JSON.stringify(axes)}`)
    return { operation: { kind: 'activate', function: 'softmax', axis: axes[0]! } }
  },
  ReLU: ({ layer: { config } }) => ({
    operation: {
      kind: 'rectify',
      slope: number(config, 'negative_slope', 0),
      threshold: number(config, 'threshold', 0),
      most: (config['max_value'] ?? null) === null ? null : number(config, 'max_value', 0),
    },
  }),
  ELU: ({ layer: { config } }) => ({ operation: { kind: 'elu', alpha: number(config, 'alpha', 1) } }),
  Masking: ({ layer: { config } }) => ({
    operation: { kind: 'blank', value: number(config, 'mask_value', 0) },
  }),
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  Bidirectional: bidirectional,
  Attention: ({ layer: { config } }) => ({
    operation: { kind: 'attend', score: choice(config, 'score_mode', ['dot', 'concat'], 'dot') },
  }),
  AdditiveAttention: () => ({ operation: { kind: 'attend', score: 'additive' } }),
  MultiHeadAttention: (node) => byHeads(node, node.layer.config['key_dim']),
  GroupedQueryAttention: (node) => byHeads(node, node.layer.config['head_dim']),
  GroupQueryAttention: (node) => byHeads(node, node.layer.config['head_dim']),
  AveragePooling1D: pooling(false),
  MaxPooling1D: pooling(true),
  AdaptiveAveragePooling1D: adaptive(false),
  AdaptiveMaxPooling1D: adaptive(true),
  GlobalAveragePooling1D: global(false),
  GlobalMaxPooling1D: global(true),
}
