/** One number for each channel: normalisation, sums, differences, products and quotients with constants. */
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import { inOurOrder } from '../../channelOrder.ts'
import {
  type Activation,
  flattenAt,
  isFactor,
  reshapeActivation,
  settled,
  type Value,
  withLayer,
} from '../onnxActivation.ts'
import { floatAttribute, intAttribute } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { combined, near, unary, withMade } from '../onnxPointwise.ts'
import { addActivations, affine, scaledBy } from '../onnxSteps.ts'
import { asActivation, type Context, gateOf, onlyValue, scalar, weightsAt } from './operator.ts'
import { oneStrand, twiceTheMean } from './strands.ts'

export function batchNormalization({ node, inputs, opset }: Context, given: Activation): Value {
  if (intAttribute(node, 'training_mode', 0) !== 0) throw new Refusal('is in training mode')
  if (opset < 9 && intAttribute(node, 'spatial', 1) === 0) throw new Refusal('is not per channel')
  if (opset < 7 && intAttribute(node, 'is_test', 0) === 0) throw new Refusal('is in training mode')
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => weightsAt(inputs, i)?.values)
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) {
    throw new Refusal('lacks weights')
  }
  const x = isFactor(settled(given), 1, 'channel') ? given : flattenAt(given, 1)
  const channels = x.point.shape.at(-1)!
  if ([gamma, beta, mean, variance].some((values) => values.length !== channels)) {
    throw new Refusal(`has ${gamma.length} weights for ${channels} channels`, true)
  }
  return withLayer(x, {
    kind: 'batchNorm',
    epsilon: floatAttribute(node, 'epsilon', 1e-5),
    gamma: inOurOrder(gamma, x.order),
    beta: inOurOrder(beta, x.order),
    mean: inOurOrder(mean, x.order),
    variance: inOurOrder(variance, x.order),
  })
}

/** a + sign × b */
function sum(context: Context, sign: 1 | -1): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  const strand = sign === 1 ? oneStrand(context) : undefined
  if (strand !== undefined) return twiceTheMean({ ...strand, join: 'mean' })
  if (a.kind === 'activation' && b.kind === 'activation') {
    if (sign === 1) return addActivations(a, b)
    return addActivations(a, scaledBy(b, -1))
  }
  const written = writtenOut(a, b, (one, other) => one + sign * other)
  if (written !== undefined) return written
  if (a.kind === 'activation' && b.kind === 'constant') return addTo(a, b, 1, sign, context.alone(0))
  if (a.kind === 'constant' && b.kind === 'activation') return addTo(b, a, sign, 1, context.alone(1))
  throw new Refusal('adds constants that it does not know')
}

/** xSign × x + constantSign × constant */
function addTo(
  x: Activation,
  constant: Constant,
  xSign: 1 | -1,
  constantSign: 1 | -1,
  alone: boolean,
): Activation {
  const { activation: next, values } = perChannel(x, constant)
  if (xSign === 1 && values.every((value) => value === 0)) return next
  const scale = new Float64Array(values.length).fill(xSign)
  const shift = values.map((value) => value * constantSign)
  const result = affine(next, scale, shift, alone)
  const value = onlyValue(constant)
  return value === undefined ? result : withMade(result, x, (y) => xSign * y + constantSign * value)
}

export function multiply(context: Context): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  const written = writtenOut(a, b, (one, other) => one * other)
  if (written !== undefined) return written
  if (a.kind === 'activation' && b.kind === 'constant') return timesConstant(context, a, b, 0)
  if (a.kind === 'constant' && b.kind === 'activation') return timesConstant(context, b, a, 1)
  throw new Refusal('multiplies two branches')
}

export function divide(context: Context): Value {
  const [a, b] = context.inputs
  if (a !== undefined && b !== undefined) {
    const written = writtenOut(a, b, (one, other) => one / other)
    if (written !== undefined) return written
  }
  if (b?.kind === 'activation' && a?.kind === 'constant') {
    const value = onlyValue(a)
    if (value !== undefined) return unary(b, (y) => value / y)
  }
  if (b?.kind !== 'constant') throw new Refusal('divides by what the network computes')
  const inverse: Constant = { ...b, values: Float64Array.from(b.values, (value) => 1 / value) }
  return timesConstant(context, asActivation(a), inverse, 0)
}

function timesConstant(context: Context, x: Activation, constant: Constant, input: number): Activation {
  const value = onlyValue(constant)
  const { activation: next, values } = perChannel(x, constant)
  if (value === undefined) return affine(next, values, new Float64Array(values.length), context.alone(input))
  if (value === 1) return next
  const [source, before] = x.made?.factor === undefined ? [x, 1] : [x.made.from, x.made.factor]
  const factor = before * value
  if (near(factor, 1) && String(source.dims) === String(next.dims)) return source
  const result = affine(next, values, new Float64Array(values.length), context.alone(input))
  return { ...result, made: { from: source, f: (y) => factor * y, factor } }
}

/** A sum, product or quotient of functions of one value, where one of them at least is written out or both are activations. */
function writtenOut(a: Value, b: Value, f: (a: number, b: number) => number): Value | undefined {
  if (a.kind === 'strands' || b.kind === 'strands') return undefined
  if (a.kind === 'constant' || b.kind === 'constant') {
    const [gate, value] = a.kind === 'constant' ? [b, onlyValue(a)] : [a, onlyValue(b)]
    if (gate.kind !== 'gate') return undefined
    if (value === undefined)
      throw new Refusal('reads a function that is written out, and is another for every number')
    return unary(gate, a.kind === 'constant' ? (x) => f(value, x) : (x) => f(x, value))
  }
  const result = combined([a, b], f)
  if (result === undefined && (a.kind === 'gate' || b.kind === 'gate'))
    throw new Refusal('joins functions of different values')
  return result
}

/** @returns the activation with dimensions that the constant fits, and the constant's value for each of our channels */
export function perChannel(
  given: Activation,
  constant: Constant,
): { activation: Activation; values: Float64Array } {
  const missing = constant.dims.length - given.dims.length
  const x =
    missing > 0 ? reshapeActivation(given, [...new Array<number>(missing).fill(1), ...given.dims]) : given
  const dims = [...new Array<number>(Math.max(0, -missing)).fill(1), ...constant.dims]
  const axes = dims.flatMap((dim, i) => (dim === 1 ? [] : [i]))
  if (axes.some((axis) => dims[axis] !== x.dims[axis])) throw new Refusal('repeats values', true)
  const value = onlyValue(constant)
  if (value !== undefined) {
    return { activation: x, values: new Float64Array(settled(x).point.shape.at(-1)!).fill(value) }
  }
  const [axis] = axes
  if (axis === undefined || axes.length > 1) throw new Refusal('has another constant for every position')
  const whole = isFactor(x, axis, 'channel') ? x : flattenAt(x, axis)
  const values = new Float64Array(constant.values.length)
  for (let i = 0; i < values.length; i++)
    values[whole.order === undefined ? i : whole.order[i]!] = constant.values[i]!
  return { activation: whole, values }
}

export function add(context: Context): Value {
  return sum(context, 1)
}

export function subtract(context: Context): Value {
  return sum(context, -1)
}

export function negate(context: Context, x: Activation): Value {
  const gate = gateOf(context)
  return gate === undefined ? timesConstant(context, x, scalar(-1), 0) : unary(gate, (value) => -value)
}

export function total(context: Context): Value {
  const strand = oneStrand(context)
  if (strand !== undefined) return twiceTheMean({ ...strand, join: 'mean' })
  return context.inputs.map(asActivation).reduce(addActivations)
}

export function mean(context: Context): Value {
  const strand = oneStrand(context)
  if (strand !== undefined) return { ...strand, join: 'mean' }
  const parts = context.inputs.map(asActivation)
  const share = scalar(1 / parts.length)
  return timesConstant({ ...context, alone: () => true }, parts.reduce(addActivations), share, 0)
}
