/**
 * What an ONNX graph computes, as layers: each tensor of the graph is either known before it runs, or an activation of a
 * network that grows as the graph is followed. An activation knows which of its dimensions is the batch, which runs along
 * the sequence and which holds channels; so turning, flattening and squeezing cost nothing, and the weights that come next
 * are put in our order (positions × channels).
 */
import { ConfigError } from '../../../base/errors.ts'
import type { Layer, PoolLayer, Padding, StrandJoin } from '../../network/network.ts'
import { outputShape, paddingOf, sizeOf, type Shape } from '../../network/shapes.ts'
import type { Constant } from '../../formats/onnx/onnxTensor.ts'

/** Why a graph is no network of ours, for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** The dimensions are not what the operator takes: perhaps the input was read in the wrong order. */
  readonly ofLayout: boolean

  constructor(message: string, ofLayout = false) {
    super(message)
    this.ofLayout = ofLayout
  }
}

/** The end of a chain of layers; chains that part share their beginning. */
export interface Point {
  readonly parent: Point | undefined
  readonly layer: Layer | undefined
  readonly shape: Shape
  readonly depth: number
  /** Layers up to here, those inside of others included. */
  readonly size: number
  readonly budget: Budget
}

/** Numbers that may still be made: a small file can name one large weight a million times. */
export interface Budget {
  left: number
}

export function spend(budget: Budget, numbers: number): void {
  budget.left -= numbers
  if (budget.left < 0) throw new Refusal('needs more memory as a network than any model of sequences')
}

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

export interface Made {
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

/** Chains that part and join again share nothing in a network: a graph of many such joints would grow without end. */
const mostLayers = 20_000

export function rootPoint(shape: Shape, budget: Budget): Point {
  return { parent: undefined, layer: undefined, shape, depth: 0, size: 0, budget }
}

export function addLayer(point: Point, layer: Layer): Point {
  let shape: Shape
  try {
    shape = outputShape(layer, point.shape, String(point.depth + 1))
  } catch (error) {
    if (error instanceof ConfigError) throw new Refusal(error.message)
    throw error
  }
  const size = point.size + layerCount(layer)
  if (size > mostLayers)
    throw new Refusal(`joins branches so often that a network has more than ${mostLayers} layers`)
  spend(point.budget, numbersOf(layer))
  return { parent: point, layer, shape, depth: point.depth + 1, size, budget: point.budget }
}

/** Numbers that a layer has of its own; branches were counted when they were made. */
function numbersOf(layer: Layer): number {
  if (layer.kind === 'conv1d' || layer.kind === 'dense') return layer.kernel.length + layer.bias.length
  return layer.kind === 'batchNorm' ? 4 * layer.gamma.length : 0
}

function layerCount(layer: Layer): number {
  const inner =
    layer.kind === 'residual'
      ? [layer.layers, layer.shortcut ?? []]
      : layer.kind === 'concat'
        ? layer.branches
        : []
  return inner.flat().reduce((total, one) => total + layerCount(one), 1)
}

/** @returns the last point that all chains share */
export function commonPoint(points: readonly Point[]): Point {
  return points.reduce((a, b) => {
    let [one, other] = [a, b]
    while (one !== other) {
      const later = one.depth >= other.depth ? one : other
      if (later.parent === undefined) throw new Refusal('joins a sequence with itself turned round')
      if (later === one) one = later.parent
      else other = later.parent
    }
    return one
  })
}

/** @returns the layers after `from`, in order */
export function layersBetween(from: Point, to: Point): Layer[] {
  const layers: Layer[] = []
  for (let point = to; point !== from; point = point.parent!) layers.push(point.layer!)
  return layers.reverse()
}

export function factorSize(activation: Pick<Activation, 'point' | 'batch' | 'pad'>, factor: Factor): number {
  const { shape } = activation.point
  if (factor === 'batch') return activation.batch
  if (factor === 'channel') return shape.at(-1)!
  const { before, after } = activation.pad ?? { before: 0, after: 0 }
  return (shape.length === 2 ? shape[0] : 1) + before + after
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

export function nameOf(factor: Factor): string {
  return factor === 'batch' ? 'batch' : factor === 'position' ? 'positions' : 'channels'
}

/** Whether a dimension is exactly this factor (or 1, where the factor is of size 1 and so not listed). */
export function isFactor(activation: Activation, axis: number, factor: Factor): boolean {
  const found = activation.factors[axis]
  if (found === undefined) return false
  return factorSize(activation, factor) === 1 ? found.length === 0 : found.length === 1 && found[0] === factor
}

/** The activation after one more layer that keeps its dimensions. */
export function withLayer(activation: Activation, layer: Layer): Activation {
  return { ...settled(activation), point: addLayer(activation.point, layer), made: undefined }
}

/** @throws Refusal where something still waits for the layer that takes it up */
export function settled(activation: Activation): Activation {
  if (activation.pad !== undefined) throw new Refusal('reads what Pad made with another value than 0')
  if (activation.logarithm) throw new Refusal('reads a logarithm')
  if (activation.join !== undefined) throw new Refusal('reads what joins both strands')
  return activation
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

/** Zeros that Pad put before and after as positions of their own, for what does not take them as its padding. */
export function zerosAsPositions(activation: Activation): Activation {
  const { pad } = activation
  if (pad?.value !== 0) return activation
  const point = addLayer(activation.point, { kind: 'zeroPad1d', before: pad.before, after: pad.after })
  return { ...activation, point, pad: undefined, made: undefined }
}

/** So many positions from `start` on, every `step`-th. */
export function cropAlong(
  given: Activation,
  axis: number,
  { start, step, count }: { readonly start: number; readonly step: number; readonly count: number },
): Activation {
  const activation = settled(zerosAsPositions(given))
  const { dims } = activation
  let { point } = activation
  const end = start + (count - 1) * step + 1
  const [before, after] = [start, dims[axis]! - end]
  if (before > 0 || after > 0) point = addLayer(point, { kind: 'crop1d', before, after })
  // Every step-th position of those.
  if (step > 1 && count > 1)
    point = addLayer(point, { kind: 'maxPool1d', size: 1, stride: step, padding: 'valid' })
  return withPositions(activation, axis, point)
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
  const places = new Int32Array(length * channels)
  const channelFirst = here[0] === 'channel'
  for (let position = 0; position < length; position++) {
    for (let c = 0; c < channels; c++) {
      const place = channelFirst ? c * length + position : position * channels + c
      places[place] = position * channels + (order === undefined ? c : order[c]!)
    }
  }
  return {
    ...activation,
    point: flat,
    factors: factors.map((list, i) => (i !== axis ? list : dims[i] === 1 ? [] : ['channel' as const])),
    order: orderUnlessSame(places),
    made: undefined,
  }
}

export function orderUnlessSame(order: Int32Array): Int32Array | undefined {
  return order.every((place, i) => place === i) ? undefined : order
}

export function sameOrder(a: Int32Array | undefined, b: Int32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((place, i) => place === b[i])
}

/** @returns values a channel in our order */
export function inOurOrder(values: Float32Array, order: Int32Array | undefined): Float32Array {
  if (order === undefined) return values
  const result = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) result[order[i]!] = values[i]!
  return result
}

/**
 * @param weights [inputs of the graph, units]
 * @returns [our inputs, units]
 */
export function rowsInOurOrder(
  weights: Float32Array,
  units: number,
  order: Int32Array | undefined,
): Float32Array {
  if (order === undefined) return weights
  const result = new Float32Array(weights.length)
  for (let row = 0; row < order.length; row++) {
    result.set(weights.subarray(row * units, (row + 1) * units), order[row]! * units)
  }
  return result
}

/** Padding in the words of a network: `same` and `valid` where they say the same. */
export function paddingFrom(
  before: number,
  after: number,
  length: number,
  span: number,
  stride: number,
): Padding {
  if (before === 0 && after === 0) return 'valid'
  const same = paddingOf(length, span, stride, 'same')
  const windows = Math.floor((length + before + after - span) / stride) + 1
  return same[0] === before && same[1] === after && windows === Math.ceil(length / stride)
    ? 'same'
    : [before, after]
}

/**
 * x × scale + shift, one pair a channel. Taken into the layer before where only this reads it: then a normalisation
 * written out, or a bias added after a product, is what it was meant to be.
 * @param scale Float32Array or Float64Array [our channels]
 * @param alone nothing else reads the activation
 */
export function affine(
  activation: Activation,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  alone: boolean,
): Activation {
  const { point } = settled(activation)
  const merged = alone ? mergedAffine(point.layer, scale, shift) : undefined
  const next =
    merged === undefined
      ? addLayer(point, {
          kind: 'batchNorm',
          epsilon: 0,
          gamma: Float32Array.from(scale),
          beta: Float32Array.from(shift),
          mean: new Float32Array(scale.length),
          variance: new Float32Array(scale.length).fill(1),
        })
      : addLayer(point.parent!, merged)
  return { ...activation, point: next, made: undefined }
}

function mergedAffine(
  layer: Layer | undefined,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
): Layer | undefined {
  if (layer?.kind === 'conv1d' || layer?.kind === 'dense') {
    const units = scale.length
    return {
      ...layer,
      kernel: layer.kernel.map((weight, i) => weight * scale[i % units]!),
      bias: layer.bias.map((bias, i) => bias * scale[i]! + shift[i]!),
    }
  }
  if (layer?.kind === 'batchNorm') {
    return {
      ...layer,
      gamma: layer.gamma.map((gamma, i) => gamma * scale[i]!),
      beta: layer.beta.map((beta, i) => beta * scale[i]! + shift[i]!),
    }
  }
  return undefined
}

/** The maximum of each window whose positions are not neighbours: of as many copies as it has, each cut off otherwise. */
export function dilatedMaxPool(
  activation: Activation,
  { size, stride, dilation }: { readonly size: number; readonly stride: number; readonly dilation: number },
  axis: number,
): Activation {
  const { point } = settled(activation)
  const branches = Array.from({ length: size }, (_, tap): Layer[] => [
    { kind: 'crop1d', before: tap * dilation, after: (size - 1 - tap) * dilation },
  ])
  let next = addLayer(point, { kind: 'concat', branches })
  next = addLayer(next, { kind: 'splitChannels', groups: size })
  next = addLayer(next, { kind: 'maxPool1d', size, stride: size, padding: 'valid' })
  if (stride > 1) next = addLayer(next, { kind: 'maxPool1d', size: 1, stride, padding: 'valid' })
  return withPositions(activation, axis, next)
}

/** The sum of two chains; `shortcut` is the shorter one. */
export function addActivations(a: Activation, b: Activation): Activation {
  const [one, other] = alike(settled(a), settled(b))
  if (one.point === other.point) {
    const channels = one.point.shape.at(-1)!
    return affine(one, new Float32Array(channels).fill(2), new Float32Array(channels), false)
  }
  if (!sameOrder(one.order, other.order)) return addActivations(inGraphOrder(one), inGraphOrder(other))
  const base = commonPoint([one.point, other.point])
  const [long, short] = [layersBetween(base, one.point), layersBetween(base, other.point)].sort(
    (x, y) => y.length - x.length,
  ) as [Layer[], Layer[]]
  const point = addLayer(base, {
    kind: 'residual',
    layers: long,
    ...(short.length > 0 && { shortcut: short }),
  })
  return { ...one, point, made: undefined }
}

/** Channels put in the order that the graph has them in, by a layer of ones: what is added to others needs their order. */
function inGraphOrder(activation: Activation): Activation {
  const { order, point } = activation
  if (order === undefined) return activation
  const units = order.length
  spend(point.budget, units * units)
  const kernel = new Float32Array(units * units)
  for (const [c, place] of order.entries()) kernel[place * units + c] = 1
  const weights = { kernel, bias: new Float32Array(units) }
  const layer: Layer =
    point.shape.length === 1
      ? { kind: 'dense', units, ...weights }
      : { kind: 'conv1d', filters: units, kernelSize: 1, padding: 'valid', dilation: 1, ...weights }
  return { ...withLayer(activation, layer), order: undefined }
}

/** Both with the same dimensions; of one of two forms of a single position the other is made. */
function alike(a: Activation, b: Activation): [Activation, Activation] {
  const same = a.dims.length === b.dims.length && a.dims.every((dim, i) => dim === b.dims[i])
  if (!same) throw new Refusal(`joins [${a.dims.join(', ')}] and [${b.dims.join(', ')}]`)
  const [one, other] = a.point.shape.length === b.point.shape.length ? [a, b] : [flatOfOne(a), flatOfOne(b)]
  const parallel = one.factors.every((list, i) => String(list) === String(other.factors[i]))
  if (!parallel) throw new Refusal('joins positions with channels', true)
  return [one, other]
}

function flatOfOne(activation: Activation): Activation {
  if (activation.point.shape.length === 1) return activation
  const axis = activation.factors.findIndex((list) => list.some((factor) => factor !== 'batch'))
  return flattenAt(activation, Math.max(axis, 0))
}

/** Chains side by side along a dimension of channels. */
export function concatActivations(activations: readonly Activation[], axis: number): Activation {
  const first = activations[0]!
  for (const { dims } of activations) {
    if (dims.length !== first.dims.length || dims.some((dim, i) => i !== axis && dim !== first.dims[i])) {
      throw new Refusal('joins tensors of different sizes')
    }
  }
  const along = activations.every((a) => a.point.shape.length === 2 && isFactor(a, axis, 'channel'))
  const parts = along
    ? activations.map(settled)
    : activations.map((activation) => flattenAt(activation, axis))
  for (const part of parts) {
    if (!isFactor(part, axis, 'channel')) throw new Refusal('joins along positions, not channels', true)
  }
  const sizes = parts.map(({ point }) => point.shape.at(-1)!)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const order = new Int32Array(total)
  let before = 0
  for (const [p, part] of parts.entries()) {
    for (let c = 0; c < sizes[p]!; c++)
      order[before + c] = before + (part.order === undefined ? c : part.order[c]!)
    before += sizes[p]!
  }
  const base = commonPoint(parts.map(({ point }) => point))
  const point = addLayer(base, {
    kind: 'concat',
    branches: parts.map((part) => layersBetween(base, part.point)),
  })
  const head = parts[0]!
  const elsewhere = parts.some((part) =>
    part.factors.some((list, i) => i !== axis && String(list) !== String(head.factors[i])),
  )
  if (elsewhere) throw new Refusal('joins positions with channels', true)
  return {
    ...head,
    point,
    dims: first.dims.with(axis, total),
    factors: head.factors.with(axis, total === 1 ? [] : ['channel']),
    order: orderUnlessSame(order),
    made: undefined,
  }
}

/** One value a channel, over all positions; the dimensions of the positions become 1 or go. */
export function poolGlobally(
  activation: Activation,
  kind: 'globalMaxPool' | 'globalAveragePool',
  axes: readonly number[],
  keep: boolean,
): Activation {
  const { point, factors, dims } = settled(activation)
  const pooled = axes.flatMap((axis) => factors[axis] ?? [])
  if (pooled.some((factor) => factor !== 'position'))
    throw new Refusal(`pools over the ${nameOf(pooled.find((factor) => factor !== 'position')!)}`, true)
  if (pooled.length === 0 && factorSize(activation, 'position') > 1)
    throw new Refusal('pools over no positions')
  const next = point.shape.length === 2 ? addLayer(point, { kind }) : point
  const remains = (_: unknown, i: number) => keep || !axes.includes(i)
  return {
    ...activation,
    point: next,
    dims: dims.map((dim, i) => (axes.includes(i) ? 1 : dim)).filter(remains),
    factors: factors.map((list, i) => (axes.includes(i) ? [] : list)).filter(remains),
    made: undefined,
  }
}

/** A pool along the sequence; one that reaches over all of it is a global pool. */
export function poolAlong(
  activation: Activation,
  pool: Omit<PoolLayer, 'padding'>,
  axis: number,
  before: number,
  after: number,
): Activation {
  const { point } = activation
  const length = factorSize({ ...activation, pad: undefined }, 'position')
  if (before === 0 && after === 0 && pool.size === length) {
    return poolGlobally(
      activation,
      pool.kind === 'maxPool1d' ? 'globalMaxPool' : 'globalAveragePool',
      [axis],
      true,
    )
  }
  const next = addLayer(point, {
    ...pool,
    padding: paddingFrom(before, after, length, pool.size, pool.stride),
  })
  return withPositions(activation, axis, next)
}

/** Numbers of one row. */
export function rowSize({ point }: Activation): number {
  return sizeOf(point.shape)
}
