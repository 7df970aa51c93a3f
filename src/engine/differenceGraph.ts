/**
 * A network as the differences engine runs it: linear operations, bends (maxima and activations) and one read-out of the
 * score. Normalisation is folded into weights, activations move behind maxima, trailing linear layers become one weighted
 * sum. Weights are float64 until they are laid out.
 */
import type { ActivationFunction } from '../model/network/network.ts'

/** What lies between operations: [length, channels]; flat values have one position. */
export interface GraphValue {
  readonly length: number
  readonly channels: number
}

/** A convolution, or a dense layer (of rows: as many taps as positions). */
export interface Product {
  readonly code: 'product'
  readonly input: number
  readonly output: number
  readonly taps: number
  readonly dilation: number
  /** Positions of zeros before the first. */
  readonly padding: number
  readonly kernel: Float64Array // [taps, input channels, output channels]
  readonly bias: Float64Array // [output channels]
}

/** Windows along the sequence; clipped at the ends. */
interface Windows {
  readonly size: number
  readonly stride: number
  readonly padding: number
}

/**
 * Average pooling, normalisation that no product takes in, or positions cut off (padding below 0) or put before and after
 * (windows without a position: the shift alone, which is 0 there).
 */
export interface Scale extends Windows {
  readonly code: 'scale'
  readonly input: number
  readonly output: number
  /** [channels], or [length, channels] after a flatten. */
  readonly scale: Float64Array
  readonly shift: Float64Array
}

/** A maximum over windows (of one position: none), then an activation. */
export interface Bend extends Windows {
  readonly code: 'bend'
  readonly input: number
  readonly output: number
  readonly activation: Exclude<ActivationFunction, 'softmax'>
}

interface Sum {
  readonly code: 'sum'
  readonly input: number
  readonly other: number
  readonly output: number
}

/** The same numbers in rows of another length: one row, or rows whose lengths are multiples of 4 on both sides. */
export interface Regroup {
  readonly code: 'regroup'
  readonly input: number
  readonly output: number
}

export type Operation = Product | Scale | Bend | Sum | Regroup

/** A weighted sum of a rectified product, and of the product's input too, if it is passed on (a residual layer). */
interface RectifiedRead {
  readonly code: 'rectified'
  readonly input: number
  /** The product. */
  readonly output: number
  readonly product: Product
  readonly passed: boolean
  readonly weights: Float64Array // [length, channels] of the product
  readonly bias: number
  readonly final: Exclude<ActivationFunction, 'softmax'>
}

/** The score before the final activation: a weighted sum of one value, or that value itself before a softmax. */
export type ReadOut =
  | {
      readonly code: 'read'
      readonly input: number
      readonly weights: Float64Array // [length, channels] of the input
      readonly bias: number
      readonly final: Exclude<ActivationFunction, 'softmax'>
    }
  | { readonly code: 'softmax'; readonly input: number; readonly output: number }
  | RectifiedRead

export interface DifferenceGraph {
  /** The first is the input. */
  readonly values: readonly GraphValue[]
  readonly operations: readonly Operation[]
  readonly readOut: ReadOut
}
