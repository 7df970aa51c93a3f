/**
 * What a tensor of an ONNX graph is: known before it runs, or an activation of a network that grows as the graph is
 * followed. An activation knows which of its dimensions is the batch, which runs along the sequence and which holds
 * channels; so turning, flattening and squeezing cost nothing, and the weights that come next are put in our order
 * (positions × channels).
 */
import type { Constant } from '../../formats/onnx/onnxTensor.ts'
import type { Layer, StrandJoin } from '../../network/network.ts'
import { sizeOf } from '../../network/shapes.ts'
import { flattenedOrder, orderUnlessSame } from '../channelOrder.ts'
import { addLayer, type Point, Refusal, spend } from './onnxPoint.ts'

export type Factor = 'batch' | 'position' | 'channel'

export interface Activation {
  readonly kind: 'activation'
  readonly point: Point
  /** Sizes as the graph has them; the batch is a number that no other size has. */
  readonly dims: readonly number[]
  /** What each dimension is made of, outermost first; factors of size 1 are not listed. */
  readonly factors: readonly (readonly Factor[])[]
  /** Which of our channels (or units) each channel of the graph is; undefined: the same. */
  readonly order: Int32Array | undefined // [channels]
  readonly batch: number
  /** Positions that Pad added and the next layer is to take as its padding. */
  readonly pad: { readonly before: number; readonly after: number; readonly value: number } | undefined
  /** What it is a function of, value by value. */
  readonly made: Made | undefined
  /** The graph has the logarithm of this. */
  readonly logarithm: boolean
  /** How it joins both strands; `point` ends the chain of the forward one. */
  readonly join: StrandJoin | undefined
}

interface Made {
  readonly from: Activation
  readonly f: (x: number) => number
  /** Where `f` is nothing but a product with this. */
  readonly factor?: number
}

/** In the middle of a function that is written out: no layer computes it, but perhaps what is made of it. */
export interface Gate {
  readonly kind: 'gate'
  readonly made: Made
}

/** The two strands side by side along a dimension of their own. */
export interface StrandPair {
  readonly kind: 'strands'
  readonly strand: Activation
  readonly axis: number
}

export type Value = Activation | Gate | StrandPair | Constant

export function factorSize(activation: Pick<Activation, 'point' | 'batch' | 'pad'>, factor: Factor): number {
  const { shape } = activation.point
  if (factor === 'batch') return activation.batch
  if (factor === 'channel') return shape.at(-1)!
  const { before, after } = activation.pad ?? { before: 0, after: 0 }
  return (shape.length === 2 ? shape[0] : 1) + before + after
}

export function nameOf(factor: Factor): string {
  return factor === 'batch' ? 'batch' : factor === 'position' ? 'positions' : 'channels'
}

/** Whether a dimension is exactly this factor (or 1, where the factor is of size 1 and so not listed). */
export function isFactor(activation: Activation, axis: number, factor: Factor): boolean {
  const found = activation.factors[axis]
  if (found === undefined) return false
  return factorSize(activation, factor) === 1 ? found.length === 0 : found.length === 1 && found[0] === factor
}

/** Numbers of one row. */
export function rowSize({ point }: Activation): number {
  return sizeOf(point.shape)
}

/** @throws Refusal where something still waits for the layer that takes it up */
export function settled(activation: Activation): Activation {
  if (activation.pad !== undefined) throw new Refusal('reads what Pad made with another value than 0')
  if (activation.logarithm) throw new Refusal('reads a logarithm')
  if (activation.join !== undefined) throw new Refusal('reads what joins both strands')
  return activation
}

/** @returns the activation with its dimensions cut anew */
export function reshapeActivation(activation: Activation, dims: readonly number[]): Activation {
  const rest = activation.factors.flat()
  const factors = dims.map((dim) => {
    const taken: Factor[] = []
    for (let size = 1; size < dim;) {
      const factor = rest.shift()
      if (factor === undefined) throw new Refusal('has other sizes than what it reads', true)
      size *= factorSize(activation, factor)
      if (size > dim) throw new Refusal(`cuts the ${nameOf(factor)} in pieces`, true)
      taken.push(factor)
    }
    return taken
  })
  return { ...activation, dims, factors, made: undefined }
}

export function transposeActivation(activation: Activation, order: readonly number[]): Activation {
  return rearranged(activation, (one) => ({
    ...one,
    dims: order.map((axis) => one.dims[axis]!),
    factors: order.map((axis) => one.factors[axis]!),
  }))
}

/** A function of one value is one of the same values in another arrangement; so far back it is followed. */
const stepsRearranged = 8

/** Other dimensions, and the same of what it is a function of: exporters turn both sides of a product, each by itself. */
export function rearranged(
  activation: Activation,
  arrange: (one: Activation) => Activation,
  steps = stepsRearranged,
): Activation {
  const { made } = activation
  const follows = made !== undefined && steps > 0 && String(made.from.dims) === String(activation.dims)
  return {
    ...arrange(activation),
    made: follows ? { ...made, from: rearranged(made.from, arrange, steps - 1) } : undefined,
  }
}

/** The activation at a point that has another number of positions, which lie along an axis of its dimensions. */
export function withPositions(activation: Activation, axis: number, point: Point): Activation {
  const positions = point.shape[0]
  return {
    ...activation,
    point,
    dims: activation.dims.with(axis, positions),
    factors: activation.factors.with(axis, positions === 1 ? [] : ['position']),
    made: undefined,
  }
}

/** The activation after one more layer that keeps its dimensions. */
export function withLayer(activation: Activation, layer: Layer): Activation {
  return { ...settled(activation), point: addLayer(activation.point, layer), made: undefined }
}

/** Zeros that Pad put before and after as positions of their own, for what does not take them as its padding. */
export function zerosAsPositions(activation: Activation): Activation {
  const { pad } = activation
  if (pad?.value !== 0) return activation
  const point = addLayer(activation.point, { kind: 'zeroPad1d', before: pad.before, after: pad.after })
  return { ...activation, point, pad: undefined, made: undefined }
}

/**
 * One row of units, in one dimension: the layers `flatten` and what was along the sequence before.
 * @param axis of the dimension that holds all but the batch
 */
export function flattenAt(activation: Activation, axis: number): Activation {
  const { point, factors, order, dims } = settled(activation)
  const [length, channels] = point.shape
  if (channels === undefined) return activation
  const here = factors[axis] ?? []
  const elsewhere = factors.flatMap((list, i) => (i === axis ? [] : list))
  if (here.includes('batch') || elsewhere.some((factor) => factor !== 'batch')) {
    throw new Refusal('reads positions and channels as one, and does not have them in one dimension', true)
  }
  const flat = addLayer(point, { kind: 'flatten' })
  spend(point.budget, length * channels)
  const units = flattenedOrder(length, channels, here[0] !== 'channel', order)
  return {
    ...activation,
    point: flat,
    factors: factors.map((list, i) => (i !== axis ? list : dims[i] === 1 ? [] : ['channel' as const])),
    order: units && orderUnlessSame(units),
    made: undefined,
  }
}

export function dropAxis(x: Activation, axis: number): Activation {
  return { ...x, dims: x.dims.toSpliced(axis, 1), factors: x.factors.toSpliced(axis, 1), made: undefined }
}

export function unpadded(x: Activation): Activation {
  if (x.pad !== undefined) settled(x)
  return x
}
