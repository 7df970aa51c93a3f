/** Pools along the sequence, and over all of it. */
import {
  type Activation,
  factorSize,
  isFactor,
  settled,
  type Value,
  zerosAsPositions,
} from '../onnxActivation.ts'
import { axesOf, axisOf, intAttribute } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { dilatedMaxPool, poolAlong, poolGlobally, scaledBy } from '../onnxSteps.ts'
import { constantAt, type Context, type Operator } from './operator.ts'
import { joinPair, twiceTheMean } from './strands.ts'
import { countWindows, windowsOf } from './window.ts'

export function pool(context: Context, given: Activation): Value {
  const { node } = context
  const maximal = node.opType === 'MaxPool'
  const sizes = node.attributes.get('kernel_shape')?.ints ?? []
  if (sizes.length !== given.dims.length - 2) throw new Refusal('has another number of sizes than dimensions')
  const windows = windowsOf(node, given.dims, sizes)
  const waiting = given.pad
  if (waiting !== undefined && !(maximal && waiting.value <= -3.4e38)) {
    if (waiting.value !== 0) throw new Refusal(`follows Pad with the value ${waiting.value}`)
    return pool(context, zerosAsPositions(given))
  }
  const x = settled({ ...given, pad: undefined })
  const counted = intAttribute(node, 'count_include_pad', 0) !== 0
  const positionAxis = x.factors.findIndex((list) => list.includes('position'))
  if (factorSize(x, 'position') > 1 && (positionAxis < 2 || !isFactor(x, positionAxis, 'position'))) {
    throw new Refusal('does not have the positions in a dimension of their own', true)
  }
  const spatial = new Map(windows.map((window, i) => [i + 2, window]))
  for (const [axis, window] of spatial) {
    if (axis === positionAxis) continue
    const idle = window.size === 1 && window.stride === 1 && window.before === 0 && window.after === 0
    const alone = given.dims[axis] === 1 && countWindows(1, window) === 1 && window.before < window.size
    if (!idle && !(alone && (maximal || !counted || window.before + window.after === 0))) {
      throw new Refusal('pools over channels', true)
    }
  }
  const window = spatial.get(positionAxis)
  if (window === undefined) return x
  const length = given.dims[positionAxis]! - (waiting?.before ?? 0) - (waiting?.after ?? 0)
  const before = window.before + (waiting?.before ?? 0)
  const after = window.after + (waiting?.after ?? 0)
  let missing = 0
  if (window.before >= window.size || window.after >= window.size)
    throw new Refusal('pads as much as it pools')
  const { size, stride, dilation, span } = window
  if (intAttribute(node, 'ceil_mode', 0) !== 0) {
    const room = length + before + after - span
    let last = Math.ceil(room / stride) * stride
    // A window that would begin in the padding behind is left out.
    if (last >= length + before) last -= stride
    missing = Math.max(0, last - room)
  }
  if (dilation > 1 && size > 1) {
    if (!maximal) throw new Refusal('is dilated')
    if (before + after + missing > 0) throw new Refusal('is dilated and pads')
    return dilatedMaxPool(x, { size, stride, dilation }, positionAxis)
  }
  const kind = maximal ? 'maxPool1d' : 'averagePool1d'
  if (!maximal && counted && before + after > 0) {
    // Zeros that are counted are positions like others; what rounding up adds is not counted.
    const pad = { before, after, value: 0 }
    const padded = { ...x, dims: x.dims.with(positionAxis, length + before + after), pad }
    return poolAlong(zerosAsPositions(padded), { kind, size, stride }, positionAxis, 0, missing)
  }
  return poolAlong(x, { kind, size, stride }, positionAxis, before, after + missing)
}

function reduce(
  { node, inputs }: Context,
  x: Activation,
  kind: 'globalMaxPool' | 'globalAveragePool',
): Activation {
  const given = axesOf(node, constantAt(inputs, 1)) ?? []
  const none = given.length === 0
  if (none && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return x
  const axes = none ? x.dims.map((_, i) => i) : given.map((axis) => axisOf(axis, x.dims.length))
  return poolGlobally(x, kind, axes, intAttribute(node, 'keepdims', 1) !== 0)
}

export function poolAll(kind: 'globalMaxPool' | 'globalAveragePool'): Operator {
  return (_, x) => poolGlobally(x, kind, x.dims.map((_, i) => i).slice(2), true)
}

export function reduceMax(context: Context, x: Activation): Value {
  return joinPair(context, 'maximum') ?? reduce(context, x, 'globalMaxPool')
}

export function reduceMean(context: Context, x: Activation): Value {
  return joinPair(context, 'mean') ?? reduce(context, x, 'globalAveragePool')
}

export function reduceSum(context: Context, x: Activation): Value {
  const both = joinPair(context, 'mean')
  if (both !== undefined) return twiceTheMean(both)
  const positions = factorSize(x, 'position')
  const mean = reduce(context, x, 'globalAveragePool')
  return mean.point === x.point ? mean : scaledBy(mean, positions)
}
