/** What operators do to activations, as layers: cut, scaled, added, side by side, pooled. */
import type { Layer, PoolLayer } from '../../network/network.ts'
import { paddingFrom } from '../../network/shapes.ts'
import { joinedOrder, orderUnlessSame, sameOrder } from '../channelOrder.ts'
import { affineLayer, everyNthLayer, pointwiseLayer } from '../madeLayers.ts'
import {
  type Activation,
  factorSize,
  flattenAt,
  isFactor,
  nameOf,
  settled,
  withLayer,
  withPositions,
  zerosAsPositions,
} from './onnxActivation.ts'
import { addLayer, commonPoint, Refusal, spend } from './onnxPoint.ts'
import { layersBetween } from '../../network/chains.ts'

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
  if (step > 1 && count > 1) point = addLayer(point, everyNthLayer(step))
  return withPositions(activation, axis, point)
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
    merged === undefined ? addLayer(point, affineLayer(scale, shift)) : addLayer(point.parent!, merged)
  return { ...activation, point: next, made: undefined }
}

/** x × factor */
export function scaledBy(activation: Activation, factor: number, alone = false): Activation {
  const channels = activation.point.shape.at(-1)!
  const scale = new Float64Array(channels).fill(factor)
  return affine(activation, scale, new Float64Array(channels), alone)
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
  if (stride > 1) next = addLayer(next, everyNthLayer(stride))
  return withPositions(activation, axis, next)
}

/** The sum of two chains; `shortcut` is the shorter one. */
export function addActivations(a: Activation, b: Activation): Activation {
  const [one, other] = alike(settled(a), settled(b))
  if (one.point === other.point) return scaledBy(one, 2)
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

/** Channels put in the order that the graph has them in: what is added to others needs their order. */
function inGraphOrder(activation: Activation): Activation {
  return activation.order === undefined ? activation : selectChannels(activation, activation.order)
}

/** These of our channels (or units), by a layer of ones. */
export function selectChannels(activation: Activation, places: Int32Array): Activation {
  const { point } = activation
  const [channels, units] = [point.shape.at(-1)!, places.length]
  spend(point.budget, channels * units)
  const kernel = new Float32Array(channels * units)
  for (const [i, place] of places.entries()) kernel[place * units + i] = 1
  const layer = pointwiseLayer(point.shape.length === 2, kernel, new Float32Array(units))
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
  const sizes = parts.map(({ point, order }) => ({ size: point.shape.at(-1)!, order }))
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  const order = joinedOrder(sizes)
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
    order: order && orderUnlessSame(order),
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
