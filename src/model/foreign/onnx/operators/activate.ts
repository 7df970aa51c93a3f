/** Activation functions, whether they are operators of their own or written out in several. */
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import {
  complementaryErrorFunction,
  functionsOfOneValue,
  isIncreasing,
} from '../../../network/activationFunctions.ts'
import type { ActivationFunction } from '../../../network/network.ts'
import { leakyLayer } from '../../madeLayers.ts'
import { type Activation, flattenAt, nameOf, settled, type Value, withLayer } from '../onnxActivation.ts'
import { axisOf, floatAttribute, intAttribute } from '../onnxDims.ts'
import { addLayer, Refusal, spend } from '../onnxPoint.ts'
import { combined, unary, withMade } from '../onnxPointwise.ts'
import { perChannel } from './channelwise.ts'
import { constantAt, type Context, gateOf, onlyValue, type Operator, scalar } from './operator.ts'
import { oneStrand } from './strands.ts'

/** 1 where a comparison with a constant holds, else 0. */
export function compare(holds: (value: number, bound: number) => boolean): Operator {
  return (context, x) => {
    const bound = onlyValue(context.inputs[1])
    if (bound === undefined) throw new Refusal('compares with what is another for every number')
    return unary(gateOf(context) ?? x, (value) => (holds(value, bound) ? 1 : 0))
  }
}

function leaky(given: Activation, slope: Constant): Activation {
  const { activation: x, values } = perChannel(settled(given), slope)
  // Its two normalisations.
  spend(x.point.budget, 8 * values.length)
  return withLayer(x, leakyLayer(values))
}

/** A rule for an activation function that is an operator of its own. */
export function activation(name: ActivationFunction): (context: Context, x: Activation) => Value {
  return (context, x) => {
    const f = name === 'softmax' ? undefined : functionsOfOneValue[name]
    const gate = gateOf(context)
    if (gate !== undefined && f !== undefined) return unary(gate, f)
    // Where it grows with its input, the larger strand stays the larger one.
    if (x.join === 'maximum' && isIncreasing(name)) {
      return { ...x, point: addLayer(x.point, { kind: 'activation', function: name }), made: undefined }
    }
    const result = withLayer(x, { kind: 'activation', function: name })
    return f === undefined ? result : withMade(result, x, f)
  }
}

export function clip(context: Context, x: Activation): Value {
  const { node, inputs } = context
  const lowest = constantAt(inputs, 1)?.values[0] ?? node.attributes.get('min')?.f ?? -Infinity
  const highest = constantAt(inputs, 2)?.values[0] ?? node.attributes.get('max')?.f ?? Infinity
  if (highest < 3.4e38 || (lowest !== 0 && lowest > -3.4e38))
    throw new Refusal(`cuts values to ${lowest} … ${highest}`)
  return lowest === 0 ? activation('relu')(context, x) : x
}

export function softmax({ node, opset }: Context, given: Activation): Activation {
  const rank = given.dims.length
  const axis = axisOf(intAttribute(node, 'axis', opset < 13 ? 1 : -1), rank)
  const axes = opset < 13 ? given.dims.map((_, i) => i).slice(axis) : [axis]
  const over = axes.flatMap((i) => given.factors[i] ?? [])
  const x = over.includes('position') && over.includes('channel') ? flattenAt(given, axis) : given
  const found = axes.flatMap((i) => x.factors[i] ?? [])
  if (found.some((factor) => factor !== 'channel'))
    throw new Refusal(`is over the ${nameOf(found.find((factor) => factor !== 'channel')!)}`, true)
  if (found.length === 0 && x.point.shape.at(-1)! > 1) throw new Refusal('is over no channels', true)
  return withLayer(x, { kind: 'activation', function: 'softmax' })
}

export function elu(context: Context, x: Activation): Value {
  if (floatAttribute(context.node, 'alpha', 1) !== 1) throw new Refusal('has an alpha other than 1')
  return activation('elu')(context, x)
}

export function leakyRelu({ node }: Context, x: Activation): Value {
  return leaky(x, scalar(floatAttribute(node, 'alpha', 0.01)))
}

export function pRelu({ inputs }: Context, x: Activation): Value {
  const slope = constantAt(inputs, 1)
  if (slope === undefined) throw new Refusal('has no slopes')
  return leaky(x, slope)
}

export function gelu(context: Context, x: Activation): Value {
  const approximate = context.node.attributes.get('approximate')?.s ?? 'none'
  if (approximate !== 'none' && approximate !== 'tanh')
    throw new Refusal(`is the approximation '${approximate}'`)
  return activation(approximate === 'tanh' ? 'gelu-tanh' : 'gelu')(context, x)
}

export function logSoftmax(context: Context, x: Activation): Value {
  return { ...softmax(context, x), logarithm: true }
}

export function log(context: Context, x: Activation): Value {
  const value = gateOf(context) ?? settled(x)
  const known = unary(value, Math.log)
  if (known.kind === 'activation' || value.kind === 'gate') return known
  return { ...settled(x), logarithm: true, made: undefined }
}

export function erf(context: Context, x: Activation): Value {
  return unary(gateOf(context) ?? x, (value) => 1 - complementaryErrorFunction(value))
}

export function reciprocal(context: Context, x: Activation): Value {
  return unary(gateOf(context) ?? x, (value) => 1 / value)
}

export function power(context: Context, x: Activation): Value {
  const exponent = onlyValue(context.inputs[1])
  if (exponent === undefined) throw new Refusal('has another exponent for every number')
  return exponent === 1 ? x : unary(gateOf(context) ?? x, (value) => value ** exponent)
}

export function where({ inputs }: Context): Value {
  const parts = inputs.map((input) => {
    if (input?.kind !== 'activation' && input?.kind !== 'gate') throw new Refusal('chooses between constants')
    return input
  })
  // As PyTorch's Softplus, which is x itself from 20 on.
  const chosen = combined(parts, (condition, yes, no) => (condition === 0 ? no : yes))
  if (chosen === undefined) throw new Refusal('chooses between functions of different values')
  return chosen
}

/** A rectifier, or the larger one of both strands. */
export function maximum(context: Context, x: Activation): Value {
  const { inputs } = context
  const [a, b] = inputs
  if (inputs.length !== 2 || a === undefined || b === undefined) throw new Refusal('is of several branches')
  const floor = onlyValue(a) ?? onlyValue(b)
  if (floor === 0) return activation('relu')(context, x)
  if (a.kind !== 'activation' || b.kind !== 'activation') throw new Refusal('is of constants')
  const strand = oneStrand(context)
  if (strand === undefined) throw new Refusal('is of several branches')
  return { ...strand, join: 'maximum' }
}
