/** Products with a matrix of weights: Gemm and MatMul. */
import { inOurOrder } from '../../channelOrder.ts'
import { pointwiseLayer } from '../../madeLayers.ts'
import {
  type Activation,
  dropAxis,
  factorSize,
  flattenAt,
  isFactor,
  settled,
  type Value,
} from '../onnxActivation.ts'
import { floatAttribute, intAttribute } from '../onnxDims.ts'
import { addLayer, Refusal, spend } from '../onnxPoint.ts'
import { type Context, weightsAt } from './operator.ts'

export function gemm(context: Context, x: Activation): Value {
  const { node, inputs } = context
  if (inputs[0]?.kind !== 'activation') throw new Refusal('has weights on the left')
  if (intAttribute(node, 'transA', 0) !== 0) throw new Refusal('reads its input transposed')
  const weights = weightsAt(inputs, 1)
  if (weights?.dims.length !== 2 || x.dims.length !== 2) throw new Refusal('has no matrix of weights')
  const [alpha, beta] = [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)]
  const turned = intAttribute(node, 'transB', 0) !== 0
  const [rows, units] = (turned ? [...weights.dims].reverse() : weights.dims) as [number, number]
  spend(x.point.budget, rows * units)
  const kernel = new Float32Array(rows * units)
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < units; u++)
      kernel[i * units + u] = alpha * weights.values[turned ? u * rows + i : i * units + u]!
  }
  const given = weightsAt(inputs, 2)
  const bias = new Float32Array(units)
  if (given !== undefined) {
    if (given.values.length !== 1 && (given.values.length !== units || given.dims.at(-1) !== units)) {
      throw new Refusal('adds a matrix')
    }
    for (let u = 0; u < units; u++) bias[u] = beta * given.values[given.values.length === 1 ? 0 : u]!
  }
  return denseAt(x, kernel, rows, units, bias)
}

export function matrixProduct({ inputs }: Context, x: Activation): Value {
  if (inputs[0]?.kind !== 'activation') throw new Refusal('has weights on the left')
  const weights = weightsAt(inputs, 1)
  if (weights === undefined || weights.dims.length < 1 || weights.dims.length > 2)
    throw new Refusal('has no matrix of weights')
  const [rows, units = 1] = weights.dims as [number, number?]
  const result = denseAt(x, weights.values, rows, units, new Float32Array(units))
  return weights.dims.length === 2 ? result : dropAxis(result, result.dims.length - 1)
}

/**
 * A product over the last dimension: a dense layer where that holds all of a row, one at every position where it holds
 * the channels.
 * @param kernel Float32Array [rows, units]
 */
function denseAt(
  given: Activation,
  kernel: Float32Array,
  rows: number,
  units: number,
  bias: Float32Array,
): Activation {
  const axis = given.dims.length - 1
  if (given.dims[axis] !== rows)
    throw new Refusal(`has weights for ${rows} numbers where there are ${given.dims[axis] ?? 0}`, true)
  const along = settled(given).point.shape.length === 2 && factorSize(given, 'position') > 1
  const pointwise = along && isFactor(given, axis, 'channel')
  const x = pointwise ? given : flattenAt(given, axis)
  const point = addLayer(x.point, pointwiseLayer(pointwise, inOurOrder(kernel, x.order, units), bias))
  return {
    ...x,
    point,
    dims: x.dims.with(axis, units),
    factors: x.factors.with(axis, units === 1 ? [] : ['channel']),
    order: undefined,
    made: undefined,
  }
}
