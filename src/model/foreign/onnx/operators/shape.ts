/** Operators that only arrange numbers otherwise: their dimensions are cut, turned, added or dropped. */
import { product } from '../../../network/shapes.ts'
import {
  type Activation,
  rearranged,
  reshapeActivation,
  transposeActivation,
  unpadded,
  type Value,
} from '../onnxActivation.ts'
import { axesOf, axisOf, intAttribute, reshapedDims, shapeSlice, unsqueezedDims } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { constantAt, type Context } from './operator.ts'

export function dropout({ node, inputs, opset }: Context, x: Activation): Value {
  const training = constantAt(inputs, 2)
  if (training?.values[0]) throw new Refusal('is in training mode')
  if (opset < 7 && intAttribute(node, 'is_test', 0) === 0) throw new Refusal('is in training mode')
  return x
}

export function cast({ node }: Context, x: Activation): Value {
  const to = intAttribute(node, 'to', 0)
  if (to !== 1 && to !== 11) throw new Refusal('casts to a type of fewer digits than float32')
  return x
}

export function reshape({ node, inputs }: Context, x: Activation): Value {
  const target = constantAt(inputs, 1)?.values ?? node.attributes.get('shape')?.ints
  if (target === undefined) throw new Refusal('has a shape that is not known before it runs')
  const dims = reshapedDims(x.dims, target, intAttribute(node, 'allowzero', 0) !== 0)
  if (dims === undefined)
    throw new Refusal(`makes [${Array.from(target).join(', ')}] of what has other sizes`, true)
  return reshapeActivation(unpadded(x), dims)
}

export function squeeze({ node, inputs }: Context, x: Activation): Value {
  const axes = axesOf(node, constantAt(inputs, 1))?.map((axis) => axisOf(axis, x.dims.length))
  const gone = (i: number) => (axes === undefined ? x.dims[i] === 1 : axes.includes(i))
  if (x.dims.some((dim, i) => gone(i) && dim !== 1))
    throw new Refusal('squeezes a dimension that is not 1', true)
  return rearranged(x, (one) => ({
    ...one,
    dims: one.dims.filter((_, i) => !gone(i)),
    factors: one.factors.filter((_, i) => !gone(i)),
  }))
}

export function identity(_: Context, x: Activation): Value {
  return x
}

export function shape({ node }: Context, x: Activation): Value {
  return shapeSlice(node, x.dims)
}

export function size(_: Context, x: Activation): Value {
  return { kind: 'constant', dims: [], values: Float64Array.of(product(x.dims)) }
}

export function flatten({ node }: Context, x: Activation): Value {
  const axis = axisOf(intAttribute(node, 'axis', 1), x.dims.length)
  return reshapeActivation(unpadded(x), [product(x.dims.slice(0, axis)), product(x.dims.slice(axis))])
}

export function unsqueeze({ node, inputs }: Context, x: Activation): Value {
  const axes = axesOf(node, constantAt(inputs, 1))
  if (axes === undefined) throw new Refusal('has axes that are not known before it runs')
  const places = axes.map((axis) => axisOf(axis, x.dims.length + axes.length))
  return rearranged(x, (one) => {
    let next = 0
    const dims = unsqueezedDims(one.dims, axes)
    return { ...one, dims, factors: dims.map((_, i) => (places.includes(i) ? [] : one.factors[next++]!)) }
  })
}

export function transpose({ node }: Context, x: Activation): Value {
  const order = node.attributes.get('perm')?.ints ?? x.dims.map((_, i) => x.dims.length - 1 - i)
  return transposeActivation(x, order)
}

export function expand({ inputs }: Context, x: Activation): Value {
  const target = constantAt(inputs, 1)
  const same = target !== undefined && target.values.length <= x.dims.length
  const rank = x.dims.length - (target?.values.length ?? 0)
  if (!same || target.values.some((size, i) => size !== 1 && size !== x.dims[rank + i])) {
    throw new Refusal('repeats values')
  }
  return x
}
