/**
 * The network: layer graph and weights, framework-free; the one form that everything else (ONNX, TensorFlow.js, the
 * engine) is made from. Activations flow as NWC: [n, length, channels] until flattened or pooled, then [n, units].
 */

/** `gelu` is exact (by the error function), `gelu-tanh` its approximation of Hendrycks and Gimpel (2016). */
export const activationFunctions = [
  'linear',
  'relu',
  'elu',
  'gelu',
  'sigmoid',
  'tanh',
  'exp',
  'softmax',
  'silu',
  'softplus',
  'gelu-tanh',
] as const
export type ActivationFunction = (typeof activationFunctions)[number]
/**
 * `same`: as few positions as keep the length over the stride, the odd one at the end; or how many before and after. A
 * convolution reads zeros there, a pool nothing.
 */
export type Padding = 'same' | 'valid' | readonly [before: number, after: number]
export const strandChoices = ['forward', 'both'] as const
export type Strands = (typeof strandChoices)[number]
/**
 * What joins the scores of both strands: the larger one, their mean, or the last activation of the mean of the numbers
 * before it.
 */
export type StrandJoin = 'maximum' | 'mean' | 'mean-of-logits'

export interface Conv1dLayer {
  readonly kind: 'conv1d'
  readonly filters: number
  readonly kernelSize: number
  readonly padding: Padding
  readonly dilation: number
  readonly kernel: Float32Array // [kernelSize, channels, filters]
  readonly bias: Float32Array // [filters]
}

export interface DenseLayer {
  readonly kind: 'dense'
  readonly units: number
  readonly kernel: Float32Array // [inputs, units]
  readonly bias: Float32Array // [units]
}

export interface BatchNormLayer {
  readonly kind: 'batchNorm'
  readonly epsilon: number
  readonly gamma: Float32Array // [channels]
  readonly beta: Float32Array // [channels]
  readonly mean: Float32Array // [channels]
  readonly variance: Float32Array // [channels]
}

export interface ActivationLayer {
  readonly kind: 'activation'
  readonly function: ActivationFunction
}

export interface PoolLayer {
  readonly kind: 'maxPool1d' | 'averagePool1d'
  readonly size: number
  readonly stride: number
  readonly padding: Padding
}

/** Without so many positions at the beginning and at the end. */
export interface CropLayer {
  readonly kind: 'crop1d'
  readonly before: number
  readonly after: number
}

/** Zeros before the first position and after the last, which everything behind reads as numbers. */
export interface ZeroPadLayer {
  readonly kind: 'zeroPad1d'
  readonly before: number
  readonly after: number
}

export interface GlobalPoolLayer {
  readonly kind: 'globalMaxPool' | 'globalAveragePool'
}

export interface DropoutLayer {
  readonly kind: 'dropout'
  readonly rate: number
}

/** NWC order: index = position × channels + channel. */
export interface FlattenLayer {
  readonly kind: 'flatten'
}

/**
 * [length, channels] to [length × groups, channels / groups], in the order that the numbers have: each position becomes
 * `groups` positions. A pool behind it takes what lies in different channels of one position.
 */
export interface SplitChannelsLayer {
  readonly kind: 'splitChannels'
  readonly groups: number
}

/** shortcut(x) + layers(x), of one shape; without a shortcut, x + layers(x). */
export interface ResidualLayer {
  readonly kind: 'residual'
  readonly layers: readonly Layer[]
  readonly shortcut?: readonly Layer[] | undefined
}

/**
 * What at least two branches make of the same input, one after the other along the last dimension (channels or units);
 * along the sequence they are of one length. A branch without layers is the input itself.
 */
export interface ConcatLayer {
  readonly kind: 'concat'
  readonly branches: readonly (readonly Layer[])[]
}

export type Layer =
  | Conv1dLayer
  | DenseLayer
  | BatchNormLayer
  | ActivationLayer
  | PoolLayer
  | CropLayer
  | ZeroPadLayer
  | GlobalPoolLayer
  | DropoutLayer
  | FlattenLayer
  | SplitChannelsLayer
  | ResidualLayer
  | ConcatLayer

export interface Network {
  /** L; the input is [n, L, 4] in the order of `baseLetters`. */
  readonly inputLength: number
  readonly layers: readonly Layer[]
  /**
   * `both`: each score joins what the layers (the last activation included) give for the input and for its reverse
   * complement; unless `strandJoin` says otherwise it is the larger one, as in DeepBind (Alipanahi et al., Nature Biotechnology 2015). The reverse complement is that of
   * the input's numbers: turned round along the sequence and along the channels (A C G T become T G C A). So a masked
   * base's background is turned round too, and only where it is its own complement (A as T, C as G) is that the same
   * as masking the reverse complement.
   */
  readonly strands: Strands
  /** Of both strands; `maximum` unless given. */
  readonly strandJoin?: StrandJoin | undefined
  /** Names of the outputs, in the order of the last layer's units. */
  readonly outputs: readonly string[]
}
