/**
 * What TensorFlow.js lacks of Keras' layers, or computes otherwise, as operations of our own: a layers model holds them as
 * layers of the class below, whose configuration is the operation. All sequences are [n, positions, channels] unless
 * `channelsFirst`.
 */

/** The class of such layers in a topology. */
export const operationClass = 'SisOperation'

/** Activation functions that have no number to set; those of Keras' names but for the last two. */
export const activationNames = [
  'celu',
  'elu',
  'exponential',
  'gelu',
  'glu',
  'hard_shrink',
  'hard_sigmoid',
  'hard_silu',
  'hard_tanh',
  'leaky_relu',
  'linear',
  'log_sigmoid',
  'log_softmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'silu',
  'soft_shrink',
  'softmax',
  'softplus',
  'softsign',
  'sparse_plus',
  'sparse_sigmoid',
  'sparsemax',
  'squareplus',
  'tanh',
  'tanh_shrink',
  /** gelu by its approximation with tanh. */
  'gelu_tanh',
  /** Until Keras 2: a fifth of x and a half, from 0 to 1. */
  'hard_sigmoid_2',
] as const
export type ActivationName = (typeof activationNames)[number]

export type RecurrentCell = 'lstm' | 'gru' | 'simple'

export interface Recurrence {
  readonly kind: 'recur'
  readonly cell: RecurrentCell
  readonly activation: ActivationName
  readonly recurrentActivation: ActivationName
  /** Of a GRU: the reset gate acts on what the state has been made of, not on the state. */
  readonly resetAfter: boolean
  /** What each position gives, not only the last. */
  readonly sequences: boolean
  readonly backwards: boolean
  /** What a position that the mask leaves out gives: zeros, or what the one before gave. */
  readonly zerosForMask: boolean
  /** How what both directions give is joined; null for one direction. */
  readonly merge: 'concat' | 'sum' | 'mul' | 'ave' | null
}

/** Reads one tensor, or as many as said; weights by the names in brackets. */
export type KerasOperation =
  /** The same numbers as another tensor. */
  | { readonly kind: 'copy' }
  /** To these sizes after the batch, one of which may be -1: what is left. */
  | { readonly kind: 'reshape'; readonly sizes: readonly number[] }
  | { readonly kind: 'crop' | 'pad'; readonly axis: 1 | 2; readonly before: number; readonly after: number }
  /** Each position `size` times. */
  | { readonly kind: 'repeat'; readonly size: number }
  /** The first input less the second. */
  | { readonly kind: 'subtract' }
  /** [kernel: size, channels / groups, filters; bias?: filters] */
  | (Windows & {
      readonly kind: 'convolve'
      readonly groups: number
      readonly padding: 'same' | 'valid' | 'causal'
    })
  /** [depthwise_kernel: size, channels, multiplier; pointwise_kernel?: 1, channels · multiplier, filters; bias?] */
  | (Windows & { readonly kind: 'convolveDepthwise'; readonly padding: 'same' | 'valid' | 'causal' })
  /** [kernel: size, filters, channels; bias?: filters] */
  | (Windows & { readonly kind: 'convolveTransposed'; readonly padding: 'same' | 'valid' })
  /** [kernel: positions, size · channels, filters; bias?: positions, filters] */
  | { readonly kind: 'convolveLocally'; readonly size: number; readonly stride: number }
  /** Weights of units along the last dimensions of the input. [kernel: inputs…, units…; bias?] */
  | { readonly kind: 'dense'; readonly inputs: number }
  /** [gamma?, beta?: channels] */
  | {
      readonly kind: 'normaliseGroups'
      readonly groups: number
      readonly axis: number
      readonly epsilon: number
    }
  /** `rms`: by the root of the mean square; `deviation`: by the deviation, the mean left in. [gamma?, beta?] */
  | {
      readonly kind: 'normalise'
      readonly axes: readonly number[]
      readonly epsilon: number
      readonly by: 'mean and deviation' | 'deviation' | 'rms'
    }
  | { readonly kind: 'normaliseLength'; readonly axes: readonly number[] }
  /** By the numbers of the training data. [mean, variance: broadcast over the input] */
  | { readonly kind: 'standardise'; readonly invert: boolean }
  | { readonly kind: 'activate'; readonly function: ActivationName; readonly axis: number }
  /** 0 below the threshold, at most `most`; below the threshold `slope` times what lies above it. */
  | {
      readonly kind: 'rectify'
      readonly slope: number
      readonly threshold: number
      readonly most: number | null
    }
  | { readonly kind: 'elu'; readonly alpha: number }
  /** Zeros where all channels have the value. */
  | { readonly kind: 'blank'; readonly value: number }
  /** [n, positions]: 0 where all channels have the value, else 1. */
  | { readonly kind: 'mask'; readonly value: number }
  /** Of a tensor, or of one and its mask. [kernel, recurrent_kernel, bias?, each behind forward/ and backward/ in both directions] */
  | Recurrence
  /** Of query, value and, if it is another, key. [scale?, concat_score_weight?] */
  | { readonly kind: 'attend'; readonly score: 'dot' | 'concat' | 'additive' }
  /** Likewise. [query/kernel: channels, heads, size; query/bias?, likewise key, value, gate?; output/kernel: heads, size, channels…] */
  | { readonly kind: 'attendByHeads'; readonly scale: number; readonly window: number | null }
  | {
      readonly kind: 'poolAdaptively'
      readonly maximum: boolean
      readonly size: number
      readonly channelsFirst: boolean
    }
  | {
      readonly kind: 'pool'
      readonly maximum: boolean
      readonly size: number
      readonly stride: number
      readonly padding: 'same' | 'valid'
      readonly channelsFirst: boolean
    }
  /** Of a tensor, or of one and its mask. */
  | {
      readonly kind: 'poolGlobally'
      readonly maximum: boolean
      readonly keepDimensions: boolean
      readonly channelsFirst: boolean
    }

interface Windows {
  readonly stride: number
  readonly dilation: number
  readonly channelsFirst: boolean
}

/** What a layer of `operationClass` is told, beside its name. */
export interface OperationLayer {
  readonly operation: KerasOperation
  /** Names and shapes of its weights. */
  readonly parameters: readonly (readonly [role: string, shape: readonly number[]])[]
}

/**
 * As the configuration of a layer. TensorFlow.js takes configurations for Python's and rewrites every word with an
 * underscore, so that there is one text, without any.
 */
export function writeOperation(layer: OperationLayer): { readonly definition: string } {
  return { definition: JSON.stringify(layer).replaceAll('_', '\\u005f') }
}

export function readOperation({ definition }: { readonly definition: string }): OperationLayer {
  return JSON.parse(definition) as OperationLayer
}
