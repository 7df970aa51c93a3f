/**
 * A model that somebody else trained, as its file gives it: a network where all of its layers are known, and always what
 * a runtime needs to run it as it is (a black box).
 */
import type { Network } from '../network/network.ts'

export const modelFormats = ['onnx', 'keras', 'tfjs-layers', 'tfjs-graph', 'saved-model', 'deepbind'] as const
export type ModelFormat = (typeof modelFormats)[number]

/** How the numbers of one sequence lie in memory: position by position (`NWC`) or channel by channel (`NCW`). */
export const channelOrders = ['NCW', 'NWC'] as const
export type ChannelOrder = (typeof channelOrders)[number]

/** How a model reads sequences. */
export interface InputForm {
  /** Name of the input tensor. */
  readonly name: string
  /** Sizes after the batch, e.g. [4, L], [L, 4], [L, 4, 1], [1, 4, L], [4 · L]. */
  readonly dims: readonly number[]
  readonly order: ChannelOrder
  /** The letters of the channels, a permutation of `baseLetters`. */
  readonly alphabet: string
  /** L */
  readonly length: number
  /** The only number of rows that it scores at once; undefined where it takes any. */
  readonly batch: number | undefined
}

/** What is done to the numbers that a model gives, to make scores of them. */
export const outputTransforms = ['none', 'sigmoid', 'logit', 'softmax', 'log', 'exp'] as const
export type OutputTransform = (typeof outputTransforms)[number]

/** Last activations that are cut off a model. */
export const cutFunctions = ['sigmoid', 'tanh', 'exp', 'softmax', 'log-softmax'] as const
export type CutFunction = (typeof cutFunctions)[number]

/**
 * A model's last activation, which its runtime need not compute: it gives the numbers before, and the scores are made of
 * them in float64. Runtimes round small scores in float32, each in its own way.
 */
export interface CutActivation {
  readonly function: CutFunction
  /** Name of the tensor before it; as many numbers as the scores, in the same order. */
  readonly tensor: string
  /** Numbers that a softmax is over; undefined where it is all of a row. */
  readonly width: number | undefined
}

/** Which numbers of a model are scores. */
export interface OutputForm {
  /** Name of the output tensor; its sizes after the batch are flattened. */
  readonly name: string
  /** A name for each of its numbers. */
  readonly outputs: readonly string[]
  /** What is cut off before the output tensor. */
  readonly cut?: CutActivation | undefined
  readonly transform: OutputTransform
}

/** What the user may say where a file does not tell, or tells otherwise. */
export interface ImportOptions {
  /** L, for models that take any length. */
  readonly length?: number | undefined
  readonly order?: ChannelOrder | undefined
  /** Letters of the channels; `baseLetters` unless given. */
  readonly alphabet?: string | undefined
  /** The output tensor, by name or index, where there are several. */
  readonly outputTensor?: string | number | undefined
  readonly outputNames?: readonly string[] | undefined
  readonly transform?: OutputTransform | undefined
}

/** Weights of TensorFlow.js: one manifest entry each, their bytes one after the other. */
export interface TfjsWeights {
  readonly specs: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly dtype: string
    readonly quantization?: unknown
  }[]
  readonly data: Uint8Array
}

/** What a runtime needs to run a model as it is. */
export type Executable =
  | { readonly kind: 'onnx'; readonly bytes: Uint8Array }
  | { readonly kind: 'tfjs-layers' | 'tfjs-graph'; readonly topology: unknown; readonly weights: TfjsWeights }
  | { readonly kind: 'saved-model'; readonly directory: string }

/** A model that a runtime runs as it is. */
export interface BlackBox {
  readonly executable: Executable
  readonly input: InputForm
  readonly output: OutputForm
}

export interface ImportedModel {
  readonly format: ModelFormat
  /**
   * The same function in our own form (input [n, L, 4] in the order of `baseLetters`, transform included), or why there
   * is none, for people: which layer or operator is in the way.
   */
  readonly network: Network | { readonly refusal: string }
  /** Undefined where the file holds parameters only (DeepBind): then there is a network. */
  readonly blackBox: BlackBox | undefined
  /** What the user has to know of its scores, in sentences without an end. */
  readonly notes?: readonly string[]
  /** The activation near its end that the black box has to leave to its runtime, for people; where there is one. */
  readonly leftInside?: string | undefined
}
