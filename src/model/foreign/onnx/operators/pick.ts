/** Operators that take some of the positions or channels, or all in another order. */
import { baseCount } from '../../../../sequence/alphabet.ts'
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import { orderUnlessSame } from '../../channelOrder.ts'
import { type Activation, dropAxis, factorSize, isFactor, settled, type Value } from '../onnxActivation.ts'
import { axisOf, intAttribute, sliceRanges } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { cropAlong, selectChannels } from '../onnxSteps.ts'
import { constantAt, type Context, onlyValue } from './operator.ts'

/** The channels (or units) of these numbers; a mere change of order costs nothing. */
function pick(x: Activation, axis: number, indices: readonly number[]): Activation {
  const size = x.dims[axis]!
  if (indices.some((i) => !(i >= 0 && i < size))) throw new Refusal('picks what is not there')
  if (indices.length === size && indices.every((place, i) => place === i)) return x
  if (isFactor(x, axis, 'position') && factorSize(x, 'position') > 1) {
    const [first, second] = indices as [number, number?]
    const step = second === undefined ? 1 : second - first
    if (indices.length === 0 || step < 1 || indices.some((place, i) => place !== first + i * step))
      throw new Refusal('picks positions in another order than they have')
    return cropAlong(x, axis, { start: first, step, count: indices.length })
  }
  if (!isFactor(x, axis, 'channel')) throw new Refusal('picks what is neither positions nor channels', true)
  const channels = x.point.shape.at(-1)!
  const order = Int32Array.from(indices, (i) => (x.order === undefined ? i : x.order[i]!))
  if (indices.length === channels && new Set(indices).size === channels) {
    return { ...x, order: orderUnlessSame(order), made: undefined }
  }
  return {
    ...selectChannels(x, order),
    dims: x.dims.with(axis, indices.length),
    factors: x.factors.with(axis, indices.length === 1 ? [] : ['channel']),
  }
}

export function slice({ node, inputs, roots }: Context, x: Activation): Value {
  const constants = inputs.map((input, i) =>
    i === 0 ? undefined : constantAt(inputs, i) && (input as Constant),
  )
  const ranges = sliceRanges(node, x.dims, constants)
  if (ranges === undefined) throw new Refusal('cuts what is not known before it runs')
  let result = x
  for (const { axis, start, step, count } of ranges) {
    const size = result.dims[axis]!
    if (count === size && step === 1) continue
    const places = Array.from({ length: count }, (_, i) => start + i * step)
    const isTurned = count === size && step === -1 && isFactor(result, axis, 'position')
    result = isTurned ? turnRound(result, roots) : pick(result, axis, places)
  }
  return result
}

/** The input turned round is the beginning of the other strand's chain, where A is T and C is G. */
function turnRound(x: Activation, { forward, reverse }: Context['roots']): Activation {
  if (settled(x).point !== forward) throw new Refusal('turns round something else than the input')
  const order = Int32Array.from(
    { length: baseCount },
    (_, c) => baseCount - 1 - (x.order === undefined ? c : x.order[c]!),
  )
  return { ...x, point: reverse, order: orderUnlessSame(order), made: undefined }
}

/** Parts along positions or channels, one output each. */
export function split({ node, inputs }: Context, x: Activation): readonly Value[] {
  const axis = axisOf(intAttribute(node, 'axis', 0), x.dims.length)
  const size = x.dims[axis]!
  const each = Math.ceil(size / node.outputs.length)
  const sizes = [
    ...(constantAt(inputs, 1)?.values ??
      node.attributes.get('split')?.ints ??
      node.outputs.map((_, i) => Math.min(each, size - i * each))),
  ]
  if (sizes.length !== node.outputs.length || sizes.reduce((sum, part) => sum + part, 0) !== size)
    throw new Refusal('makes parts of other sizes than what it reads')
  let start = 0
  return sizes.map((count) => {
    const places = Array.from({ length: count }, (_, i) => start + i)
    start += count
    return pick(x, axis, places)
  })
}

export function gather({ node, inputs }: Context, x: Activation): Value {
  const indices = constantAt(inputs, 1)
  if (indices === undefined || indices.dims.length > 1)
    throw new Refusal('picks what is not known before it runs')
  const axis = axisOf(intAttribute(node, 'axis', 0), x.dims.length)
  const places = [...indices.values].map((i) => axisOf(i, x.dims[axis]!))
  const picked = pick(x, axis, places)
  return indices.dims.length === 1 ? picked : dropAxis(picked, axis)
}

export function reverseSequence({ node, inputs, roots }: Context, x: Activation): Value {
  const axis = axisOf(intAttribute(node, 'time_axis', 0), x.dims.length)
  const size = x.dims[axis]!
  if (onlyValue(constantAt(inputs, 1)) !== size) throw new Refusal('turns round a part of each row')
  if (isFactor(x, axis, 'position')) return turnRound(x, roots)
  const places = Array.from({ length: size }, (_, i) => size - 1 - i)
  return pick(x, axis, places)
}
