/**
 * What each operator of ONNX does to an activation. An operator, or a way of using it, that no layer of ours does exactly
 * is refused, never approximated.
 */
import type { ParsedNode } from '../../../formats/onnx/onnxParse.ts'
import { complementaryErrorFunction } from '../../../network/activationFunctions.ts'
import {
  type Activation,
  dropAxis,
  factorSize,
  type Gate,
  isFactor,
  rearranged,
  reshapeActivation,
  settled,
  type StrandPair,
  transposeActivation,
  unpadded,
  type Value,
} from '../onnxActivation.ts'
import {
  axesOf,
  axisOf,
  floatAttribute,
  intAttribute,
  product,
  shapeSlice,
  unsqueezedDims,
} from '../onnxConstants.ts'
import { Refusal } from '../onnxPoint.ts'
import { combined, unary } from '../onnxPointwise.ts'
import { addActivations, affine, concatActivations, poolGlobally } from '../onnxSteps.ts'
import { activation, clip, compared, leaky, softmax } from './activate.ts'
import { batchNormalization, dividedBy, multiply, sum, times } from './channelwise.ts'
import { convolution } from './convolution.ts'
import { asActivation, constantAt, gateOf, onlyValue, type Operator, scalar } from './operator.ts'
import { pad } from './pad.ts'
import { pick, slice, split, turnRound } from './pick.ts'
import { pool, reduce } from './pool.ts'
import { gemm, matrixProduct } from './product.ts'
import { resize } from './resize.ts'
import { cast, dropout, reshape, squeeze } from './shape.ts'
import { joinPair, maximum, oneStrand, twiceTheMean } from './strands.ts'

export function knownOperator(node: ParsedNode): Operator | undefined {
  if (node.domain !== '' && !(node.domain === 'com.microsoft' && node.opType === 'Gelu')) return undefined
  return Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined
}

const operators: Readonly<Record<string, Operator>> = {
  Identity: (_, x) => x,
  Dropout: dropout,
  Cast: cast,
  Shape: ({ node }, x) => shapeSlice(node, x.dims),
  Size: (_, x) => ({ kind: 'constant', dims: [], values: Float64Array.of(product(x.dims)) }),
  Reshape: reshape,
  Flatten: ({ node }, x) => {
    const axis = axisOf(intAttribute(node, 'axis', 1), x.dims.length)
    return reshapeActivation(unpadded(x), [product(x.dims.slice(0, axis)), product(x.dims.slice(axis))])
  },
  Squeeze: squeeze,
  Unsqueeze: ({ node, inputs }, x) => {
    const axes = axesOf(node, constantAt(inputs, 1))
    if (axes === undefined) throw new Refusal('has axes that are not known before it runs')
    const places = axes.map((axis) => axisOf(axis, x.dims.length + axes.length))
    return rearranged(x, (one) => {
      let next = 0
      const dims = unsqueezedDims(one.dims, axes)
      return { ...one, dims, factors: dims.map((_, i) => (places.includes(i) ? [] : one.factors[next++]!)) }
    })
  },
  Transpose: ({ node }, x) =>
    transposeActivation(x, node.attributes.get('perm')?.ints ?? x.dims.map((_, i) => x.dims.length - 1 - i)),
  Expand: ({ inputs }, x) => {
    const target = constantAt(inputs, 1)
    const same = target !== undefined && target.values.length <= x.dims.length
    const rank = x.dims.length - (target?.values.length ?? 0)
    if (!same || target.values.some((size, i) => size !== 1 && size !== x.dims[rank + i])) {
      throw new Refusal('repeats values')
    }
    return x
  },
  Conv: convolution,
  Gemm: gemm,
  MatMul: matrixProduct,
  BatchNormalization: batchNormalization,
  MaxPool: pool,
  AveragePool: pool,
  Split: split,
  GlobalMaxPool: (_, x) => poolGlobally(x, 'globalMaxPool', x.dims.map((_, i) => i).slice(2), true),
  GlobalAveragePool: (_, x) => poolGlobally(x, 'globalAveragePool', x.dims.map((_, i) => i).slice(2), true),
  ReduceMax: (context, x) => joinPair(context, 'maximum') ?? reduce(context, x, 'globalMaxPool'),
  ReduceMean: (context, x) => joinPair(context, 'mean') ?? reduce(context, x, 'globalAveragePool'),
  ReduceSum: (context, x) => {
    const both = joinPair(context, 'mean')
    if (both !== undefined) return twiceTheMean(both)
    const positions = factorSize(x, 'position')
    const mean = reduce(context, x, 'globalAveragePool')
    const channels = mean.point.shape.at(-1)!
    if (mean.point === x.point) return mean
    return affine(mean, new Float64Array(channels).fill(positions), new Float64Array(channels), false)
  },
  Relu: activation('relu'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Exp: activation('exp'),
  Softplus: activation('softplus'),
  Elu: (context, x) => {
    if (floatAttribute(context.node, 'alpha', 1) !== 1) throw new Refusal('has an alpha other than 1')
    return activation('elu')(context, x)
  },
  LeakyRelu: ({ node }, x) => leaky(x, scalar(floatAttribute(node, 'alpha', 0.01))),
  PRelu: ({ inputs }, x) => {
    const slope = constantAt(inputs, 1)
    if (slope === undefined) throw new Refusal('has no slopes')
    return leaky(x, slope)
  },
  Resize: resize,
  Greater: (context, x) => compared(context, x, (value, bound) => value > bound),
  Less: (context, x) => compared(context, x, (value, bound) => value < bound),
  Where: ({ inputs }) => {
    const parts = inputs.map((input) => {
      if (input?.kind !== 'activation' && input?.kind !== 'gate')
        throw new Refusal('chooses between constants')
      return input
    })
    // As PyTorch's Softplus, which is x itself from 20 on.
    const chosen = combined(parts, (condition, yes, no) => (condition === 0 ? no : yes))
    if (chosen === undefined) throw new Refusal('chooses between functions of different values')
    return chosen
  },
  Gelu: (context, x) => {
    const approximate = context.node.attributes.get('approximate')?.s ?? 'none'
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new Refusal(`is the approximation '${approximate}'`)
    return activation(approximate === 'tanh' ? 'gelu-tanh' : 'gelu')(context, x)
  },
  Clip: clip,
  Softmax: softmax,
  LogSoftmax: (context, x) => ({ ...softmax(context, x), logarithm: true }),
  Log: (context, x) => {
    const value = gateOf(context) ?? settled(x)
    const known = unary(value, Math.log)
    if (known.kind === 'activation' || value.kind === 'gate') return known
    return { ...settled(x), logarithm: true, made: undefined }
  },
  Erf: (context, x) => unary(gateOf(context) ?? x, (value) => 1 - complementaryErrorFunction(value)),
  Reciprocal: (context, x) => unary(gateOf(context) ?? x, (value) => 1 / value),
  Pow: (context, x) => {
    const exponent = onlyValue(context.inputs[1])
    if (exponent === undefined) throw new Refusal('has another exponent for every number')
    return exponent === 1 ? x : unary(gateOf(context) ?? x, (value) => value ** exponent)
  },
  Pad: pad,
  Concat: (context, x) => {
    const parts = context.inputs.map(asActivation)
    const axis = axisOf(intAttribute(context.node, 'axis', 0), x.dims.length)
    const strand = parts.length === 2 && parts[0]!.dims[axis] === 1 ? oneStrand(context) : undefined
    if (strand !== undefined) return { kind: 'strands', strand, axis }
    return parts.length === 1 ? x : concatActivations(parts, axis)
  },
  Sum: (context) => {
    const strand = oneStrand(context)
    if (strand !== undefined) return twiceTheMean({ ...strand, join: 'mean' })
    return context.inputs.map(asActivation).reduce(addActivations)
  },
  Mean: (context) => {
    const strand = oneStrand(context)
    if (strand !== undefined) return { ...strand, join: 'mean' }
    const parts = context.inputs.map(asActivation)
    const share = scalar(1 / parts.length)
    return multiply({ ...context, alone: () => true }, parts.reduce(addActivations), share, 0)
  },
  Gather: ({ node, inputs }, x) => {
    const indices = constantAt(inputs, 1)
    if (indices === undefined || indices.dims.length > 1)
      throw new Refusal('picks what is not known before it runs')
    const axis = axisOf(intAttribute(node, 'axis', 0), x.dims.length)
    const picked = pick(
      x,
      axis,
      [...indices.values].map((i) => axisOf(i, x.dims[axis]!)),
    )
    return indices.dims.length === 1 ? picked : dropAxis(picked, axis)
  },
  Slice: slice,
  ReverseSequence: ({ node, inputs, roots }, x) => {
    const axis = axisOf(intAttribute(node, 'time_axis', 0), x.dims.length)
    const size = x.dims[axis]!
    if (onlyValue(constantAt(inputs, 1)) !== size) throw new Refusal('turns round a part of each row')
    if (isFactor(x, axis, 'position')) return turnRound(x, roots)
    return pick(
      x,
      axis,
      Array.from({ length: size }, (_, i) => size - 1 - i),
    )
  },
  Add: (context) => sum(context, 1),
  Sub: (context) => sum(context, -1),
  Mul: times,
  Div: dividedBy,
  Neg: (context, x) => {
    const gate = gateOf(context)
    return gate === undefined ? multiply(context, x, scalar(-1), 0) : unary(gate, (value) => -value)
  },
  Max: maximum,
}

/** Operators whose first input may be a constant and another one the activation. */
export function firstActivation(
  inputs: readonly (Value | undefined)[],
): Activation | Gate | StrandPair | undefined {
  return inputs.find((input) => input !== undefined && input.kind !== 'constant')
}

/** Operators of one value that a function written out may go through. */
const ofOneValue = new Set([
  'Sigmoid',
  'Tanh',
  'Exp',
  'Log',
  'Erf',
  'Neg',
  'Reciprocal',
  'Pow',
  'Softplus',
  'Relu',
  'Greater',
  'Less',
])

export function isOfOneValue(opType: string): boolean {
  return ofOneValue.has(opType)
}
