/**
 * What each operator of ONNX does to an activation. An operator, or a way of using it, that no layer of ours does exactly
 * is refused, never approximated.
 */
import { baseCount } from '../../../sequence/alphabet.ts'
import {
  complementaryErrorFunction,
  functionsOfOneValue,
  isIncreasing,
} from '../../network/activationFunctions.ts'
import type { ActivationFunction, StrandJoin } from '../../network/network.ts'
import {
  axesOf,
  axisOf,
  floatAttribute,
  intAttribute,
  product,
  reshapedDims,
  shapeSlice,
  sliceRanges,
  unsqueezedDims,
} from './onnxConstants.ts'
import type { ParsedNode } from '../../formats/onnx/onnxParse.ts'
import { combined, near, unary, withMade } from './onnxPointwise.ts'
import type { Constant } from '../../formats/onnx/onnxTensor.ts'
import {
  addActivations,
  addLayer,
  affine,
  concatActivations,
  cropAlong,
  dilatedMaxPool,
  factorSize,
  flattenAt,
  inOurOrder,
  isFactor,
  layersBetween,
  nameOf,
  orderUnlessSame,
  paddingFrom,
  poolAlong,
  poolGlobally,
  rearranged,
  Refusal,
  reshapeActivation,
  rowsInOurOrder,
  sameOrder,
  settled,
  spend,
  transposeActivation,
  withLayer,
  withPositions,
  zerosAsPositions,
  type Activation,
  type Gate,
  type Point,
  type StrandPair,
  type Value,
} from './onnxTrace.ts'

export interface Context {
  readonly node: ParsedNode
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[]
  readonly opset: number
  /** Nothing else reads input `i`. */
  readonly alone: (i: number) => boolean
  /** The beginnings of the chains of the two strands. */
  readonly roots: { readonly forward: Point; readonly reverse: Point }
}

export type Operator = (context: Context, x: Activation) => Value | readonly Value[]

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

/** 1 where a comparison with a constant holds, else 0. */
function compared(context: Context, x: Activation, holds: (value: number, bound: number) => boolean): Value {
  const bound = onlyValue(context.inputs[1])
  if (bound === undefined) throw new Refusal('compares with what is another for every number')
  return unary(gateOf(context) ?? x, (value) => (holds(value, bound) ? 1 : 0))
}

/** x above 0, slope × x below: the sum of two rectifiers. */
function leaky(given: Activation, slope: Constant): Activation {
  const { activation: x, values } = perChannel(settled(given), slope)
  const zeros = new Float64Array(values.length)
  const rectified = (y: Activation) => withLayer(y, { kind: 'activation', function: 'relu' })
  const below = rectified(
    affine(
      x,
      zeros.map(() => -1),
      zeros,
      false,
    ),
  )
  return addActivations(
    rectified(x),
    affine(
      below,
      values.map((value) => -value),
      zeros,
      false,
    ),
  )
}

/** Each position so many times: as many copies of its channels, then split. */
function resize({ node, inputs }: Context, given: Activation): Activation {
  const x = settled(given)
  const [scales, sizes] = [constantAt(inputs, 2)?.values, constantAt(inputs, 3)?.values]
  const axes = node.attributes.get('axes')?.ints ?? x.dims.map((_, i) => i)
  const factors = x.dims.map((dim, axis) => {
    const i = axes.map((one) => axisOf(one, x.dims.length)).indexOf(axis)
    if (i < 0) return 1
    return scales?.length ? (scales[i] ?? 1) : (sizes?.[i] ?? dim) / dim
  })
  const text = (name: string, otherwise: string) => node.attributes.get(name)?.s ?? otherwise
  const place = text('coordinate_transformation_mode', 'half_pixel')
  const nearest = text('nearest_mode', 'round_prefer_floor')
  const repeats =
    text('mode', 'nearest') === 'nearest' &&
    ((place === 'asymmetric' && nearest === 'floor') ||
      (place === 'half_pixel' && nearest.startsWith('round_')))
  if (!repeats) throw new Refusal('makes numbers between others')
  const axis = factors.findIndex((factor) => factor !== 1)
  if (axis < 0) return x
  const times = factors[axis]!
  if (!Number.isSafeInteger(times) || times < 1 || factors.some((factor, i) => i !== axis && factor !== 1))
    throw new Refusal('resizes otherwise than by a whole number of times along the positions')
  if (!isFactor(x, axis, 'position') || factorSize(x, 'position') === 1)
    throw new Refusal('resizes other dimensions than the positions', true)
  const branches = Array.from({ length: times }, () => [])
  const copies = addLayer(x.point, { kind: 'concat', branches })
  const point = addLayer(copies, { kind: 'splitChannels', groups: times })
  return { ...x, point, dims: x.dims.with(axis, x.dims[axis]! * times), made: undefined }
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

/** The input, where it is in the middle of a function that is written out. */
function gateOf({ inputs }: Context): Gate | undefined {
  return inputs[0]?.kind === 'gate' ? inputs[0] : undefined
}

function asActivation(value: Value | undefined): Activation {
  if (value?.kind !== 'activation') throw new Refusal('joins what the network computes with constants')
  return value
}

/** Integer inputs that say how: shapes, axes, indices. */
function constantAt(inputs: readonly (Value | undefined)[], i: number): Constant | undefined {
  const value = inputs[i]
  if (value !== undefined && value.kind !== 'constant') {
    throw new Refusal('is told how by what the network computes')
  }
  return value
}

/** Weights of an operator, of a rank, in float32. */
function weightsAt(
  inputs: readonly (Value | undefined)[],
  i: number,
): { dims: readonly number[]; values: Float32Array } | undefined {
  const value = inputs[i]
  if (value === undefined) return undefined
  if (value.kind !== 'constant') throw new Refusal('multiplies two things that the network computes')
  const { dims, values } = value
  return { dims, values: values instanceof Float32Array ? values : Float32Array.from(values) }
}

function scalar(value: number): Constant {
  return { kind: 'constant', dims: [], values: Float64Array.of(value) }
}

function unpadded(x: Activation): Activation {
  if (x.pad !== undefined) settled(x)
  return x
}

function dropout({ node, inputs, opset }: Context, x: Activation): Value {
  const training = constantAt(inputs, 2)
  if (training?.values[0]) throw new Refusal('is in training mode')
  if (opset < 7 && intAttribute(node, 'is_test', 0) === 0) throw new Refusal('is in training mode')
  return x
}

function cast({ node }: Context, x: Activation): Value {
  const to = intAttribute(node, 'to', 0)
  if (to !== 1 && to !== 11) throw new Refusal('casts to a type of fewer digits than float32')
  return x
}

function reshape({ node, inputs }: Context, x: Activation): Value {
  const target = constantAt(inputs, 1)?.values ?? node.attributes.get('shape')?.ints
  if (target === undefined) throw new Refusal('has a shape that is not known before it runs')
  const dims = reshapedDims(x.dims, target, intAttribute(node, 'allowzero', 0) !== 0)
  if (dims === undefined)
    throw new Refusal(`makes [${Array.from(target).join(', ')}] of what has other sizes`, true)
  return reshapeActivation(unpadded(x), dims)
}

function squeeze({ node, inputs }: Context, x: Activation): Value {
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

function dropAxis(x: Activation, axis: number): Activation {
  return { ...x, dims: x.dims.toSpliced(axis, 1), factors: x.factors.toSpliced(axis, 1), made: undefined }
}

interface Window {
  readonly size: number
  /** Positions from the first to the last that it reads. */
  readonly span: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
  readonly after: number
}

/** One window an axis after the first two; automatic padding worked out. */
function windowsOf(node: ParsedNode, dims: readonly number[], sizes: readonly number[]): Window[] {
  const list = (name: string, otherwise: number) =>
    node.attributes.get(name)?.ints ?? sizes.map(() => otherwise)
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)]
  const pads = node.attributes.get('pads')?.ints ?? sizes.flatMap(() => [0, 0])
  const auto = node.attributes.get('auto_pad')?.s ?? 'NOTSET'
  return sizes.map((size, i) => {
    const [stride, dilation] = [strides[i] ?? 1, dilations[i] ?? 1]
    const span = (size - 1) * dilation + 1
    let [before, after] = [pads[i] ?? 0, pads[i + sizes.length] ?? 0]
    if (auto === 'VALID') [before, after] = [0, 0]
    else if (auto.startsWith('SAME')) {
      const length = dims[i + 2]!
      const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span - length)
      const less = Math.floor(total / 2)
      ;[before, after] = auto === 'SAME_LOWER' ? [total - less, less] : [less, total - less]
    }
    const sound = [size, stride, dilation].every((value) => Number.isSafeInteger(value) && value > 0)
    if (!sound || !(before >= 0) || !(after >= 0))
      throw new Refusal('has a negative padding, or a size that is none')
    return { size, span, stride, dilation, before, after }
  })
}

function windowCount(length: number, { span, stride, before, after }: Window): number {
  return Math.floor((length + before + after - span) / stride) + 1
}

function convolution({ node, inputs }: Context, given: Activation): Value {
  const weights = weightsAt(inputs, 1)
  if (weights === undefined) throw new Refusal('has no weights')
  const bias = weightsAt(inputs, 2)
  const [filters = 0, perGroup = 0, ...sizes] = weights.dims
  const waiting = given.pad
  if (waiting !== undefined && waiting.value !== 0)
    throw new Refusal(`follows Pad with the value ${waiting.value}`)
  const x = settled({ ...given, pad: undefined })
  const rank = given.dims.length
  if (rank !== weights.dims.length || rank < 3)
    throw new Refusal(`reads ${rank} dimensions with weights of ${weights.dims.length}`)
  if (!isFactor(x, 0, 'batch')) throw new Refusal('does not have the batch in its first dimension', true)
  const windows = windowsOf(node, given.dims, sizes)
  const groups = intAttribute(node, 'group', 1)
  const channels = x.point.shape.at(-1)!
  const spatial = windows.map((_, i) => i + 2)
  const positionAxis = spatial.find((axis) => x.factors[axis]!.includes('position'))
  // An image one channel deep whose height is the alphabet: the kernel reads all of it at once.
  const heightAxis = channels > 1 ? spatial.find((axis) => isFactor(x, axis, 'channel')) : undefined
  if (heightAxis === undefined ? !isFactor(x, 1, 'channel') : given.dims[1] !== 1) {
    throw new Refusal(
      `has [${given.dims.slice(1).join(', ')}] where its channels should be the second dimension`,
      true,
    )
  }
  const inputs1 = heightAxis === undefined ? channels : 1
  if (perGroup * groups !== inputs1 || filters % groups !== 0 || groups < 1) {
    throw new Refusal(`has weights for ${perGroup * groups} channels where there are ${inputs1}`, true)
  }
  // The tap of every axis but the positions': the one that meets its only value.
  const taps = windows.map((window, i) => {
    const axis = i + 2
    if (axis === positionAxis) return undefined
    if (axis === heightAxis) {
      if (window.size !== channels || window.before > 0 || window.after > 0 || window.dilation !== 1) {
        throw new Refusal(`slides along the ${channels} channels`, true)
      }
      return undefined
    }
    if (given.dims[axis] !== 1) throw new Refusal('has positions and channels in one dimension', true)
    const tap = window.before / window.dilation
    if (windowCount(1, window) !== 1 || !Number.isInteger(tap) || tap >= window.size) {
      throw new Refusal('makes several values of one')
    }
    return tap
  })
  const along = positionAxis === undefined ? undefined : windows[positionAxis - 2]!
  const size = along?.size ?? 1
  spend(x.point.budget, size * channels * filters)
  const kernel = new Float32Array(size * channels * filters)
  const strides = stridesOf(weights.dims)
  const filtersPerGroup = filters / groups
  const taken = heightAxis === undefined ? perGroup : channels
  const channelStep = strides[heightAxis ?? 1]!
  const positionStep = positionAxis === undefined ? 0 : strides[positionAxis]!
  const fixed = taps.reduce<number>((place, tap, i) => place + (tap ?? 0) * strides[i + 2]!, 0)
  for (let f = 0; f < filters; f++) {
    const first = heightAxis === undefined ? Math.floor(f / filtersPerGroup) * perGroup : 0
    for (let j = 0; j < taken; j++) {
      const ours = x.order === undefined ? first + j : x.order[first + j]!
      const place = fixed + f * strides[0]! + j * channelStep
      for (let k = 0; k < size; k++) {
        kernel[(k * channels + ours) * filters + f] = weights.values[place + k * positionStep]!
      }
    }
  }
  if (bias !== undefined && bias.values.length !== filters)
    throw new Refusal('has another number of biases than filters')
  const biases = bias?.values ?? new Float32Array(filters)
  const after = {
    kind: 'activation',
    batch: x.batch,
    pad: undefined,
    made: undefined,
    logarithm: false,
    join: undefined,
    order: undefined,
  } as const
  const dims = [given.dims[0]!, filters, ...spatial.map(() => 1)]
  const factors = [
    given.factors[0]!,
    filters === 1 ? [] : ['channel' as const],
    ...spatial.map(() => []),
  ] as Activation['factors'][number][]
  if (x.point.shape.length === 1) {
    const point = addLayer(x.point, { kind: 'dense', units: filters, kernel, bias: biases })
    return { ...after, point, dims, factors }
  }
  const before = (along?.before ?? 0) + (waiting?.before ?? 0)
  const behind = (along?.after ?? 0) + (waiting?.after ?? 0)
  const length = x.point.shape[0]
  const dilation = size === 1 ? 1 : along!.dilation
  const span = along?.span ?? 1
  let point = addLayer(x.point, {
    kind: 'conv1d',
    filters,
    kernelSize: size,
    padding: paddingFrom(before, behind, length, span, 1),
    dilation,
    kernel,
    bias: biases,
  })
  if (along !== undefined && along.stride > 1 && point.shape[0] > 1) {
    // Every stride-th position of the convolution.
    point = addLayer(point, { kind: 'maxPool1d', size: 1, stride: along.stride, padding: 'valid' })
  }
  const convolved: Activation = { ...after, point, dims, factors }
  return positionAxis === undefined ? convolved : withPositions(convolved, positionAxis, point)
}

function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, i) => product(dims.slice(i + 1)))
}

function gemm(context: Context, x: Activation): Value {
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

function matrixProduct({ inputs }: Context, x: Activation): Value {
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
  const inOrder = rowsInOurOrder(kernel, units, x.order)
  const point = addLayer(
    x.point,
    pointwise
      ? {
          kind: 'conv1d',
          filters: units,
          kernelSize: 1,
          padding: 'valid',
          dilation: 1,
          kernel: inOrder,
          bias,
        }
      : { kind: 'dense', units, kernel: inOrder, bias },
  )
  return {
    ...x,
    point,
    dims: x.dims.with(axis, units),
    factors: x.factors.with(axis, units === 1 ? [] : ['channel']),
    order: undefined,
    made: undefined,
  }
}

function batchNormalization({ node, inputs, opset }: Context, given: Activation): Value {
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

function pool(context: Context, given: Activation): Value {
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
    const alone = given.dims[axis] === 1 && windowCount(1, window) === 1 && window.before < window.size
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

function activation(name: ActivationFunction): (context: Context, x: Activation) => Value {
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

function clip(context: Context, x: Activation): Value {
  const { node, inputs } = context
  const lowest = constantAt(inputs, 1)?.values[0] ?? node.attributes.get('min')?.f ?? -Infinity
  const highest = constantAt(inputs, 2)?.values[0] ?? node.attributes.get('max')?.f ?? Infinity
  if (highest < 3.4e38 || (lowest !== 0 && lowest > -3.4e38))
    throw new Refusal(`cuts values to ${lowest} … ${highest}`)
  return lowest === 0 ? activation('relu')(context, x) : x
}

function softmax({ node, opset }: Context, given: Activation): Activation {
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

function pad({ node, inputs, opset }: Context, x: Activation): Value {
  const mode = node.attributes.get('mode')?.s ?? 'constant'
  if (mode !== 'constant') throw new Refusal(`pads with ${mode}`)
  const amounts =
    opset < 11
      ? (node.attributes.get('pads')?.ints ?? node.attributes.get('paddings')?.ints)
      : constantAt(inputs, 1)?.values
  if (amounts === undefined) throw new Refusal('pads by what is not known before it runs')
  const value = opset < 11 ? floatAttribute(node, 'value', 0) : (constantAt(inputs, 2)?.values[0] ?? 0)
  const axes = [...(constantAt(inputs, 3)?.values ?? x.dims.map((_, i) => i))].map((axis) =>
    axisOf(axis, x.dims.length),
  )
  let dims = x.dims
  let waiting = x.pad
  let { factors } = x
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [amounts[i] ?? 0, amounts[i + axes.length] ?? 0]
    if (before === 0 && after === 0) continue
    // Where there is one position, whichever dimension of 1 is padded becomes that of the positions.
    const others = factors.some((list, i) => i !== axis && list.includes('position'))
    if (x.point.shape.length === 1 || !isFactor(x, axis, 'position') || others)
      throw new Refusal('pads other dimensions than the positions', true)
    if (before < 0 || after < 0) {
      if (waiting !== undefined || axes.length !== new Set(axes).size)
        throw new Refusal('cuts off what it pads')
      const kept = x.dims[axis]! + Math.min(before, 0) + Math.min(after, 0)
      if (kept < 1) throw new Refusal('cuts all positions off')
      const cut = cropAlong(x, axis, { start: Math.max(-before, 0), step: 1, count: kept })
      const [more, behind] = [Math.max(before, 0), Math.max(after, 0)]
      if (more + behind === 0) return cut
      return {
        ...cut,
        dims: cut.dims.with(axis, kept + more + behind),
        factors: cut.factors.with(axis, ['position']),
        pad: { before: more, after: behind, value },
      }
    }
    if (waiting !== undefined && waiting.value !== value) throw new Refusal('pads with two values')
    waiting = { before: before + (waiting?.before ?? 0), after: after + (waiting?.after ?? 0), value }
    dims = dims.with(axis, dims[axis]! + before + after)
    factors = factors.with(axis, ['position'])
  }
  if (waiting !== x.pad) settled({ ...x, pad: undefined })
  return { ...x, dims, factors, pad: waiting, made: undefined }
}

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
  spend(x.point.budget, channels * indices.length)
  const kernel = new Float32Array(channels * indices.length)
  for (const [i, place] of order.entries()) kernel[place * indices.length + i] = 1
  const bias = new Float32Array(indices.length)
  const units = indices.length
  const next = withLayer(
    x,
    x.point.shape.length === 1
      ? { kind: 'dense', units, kernel, bias }
      : { kind: 'conv1d', filters: units, kernelSize: 1, padding: 'valid', dilation: 1, kernel, bias },
  )
  return {
    ...next,
    dims: x.dims.with(axis, units),
    factors: x.factors.with(axis, units === 1 ? [] : ['channel']),
    order: undefined,
  }
}

function slice({ node, inputs, roots }: Context, x: Activation): Value {
  const constants = inputs.map((input, i) =>
    i === 0 ? undefined : constantAt(inputs, i) && (input as Constant),
  )
  const ranges = sliceRanges(node, x.dims, constants)
  if (ranges === undefined) throw new Refusal('cuts what is not known before it runs')
  let result = x
  for (const { axis, start, step, count } of ranges) {
    const size = result.dims[axis]!
    if (count === size && step === 1) continue
    if (count === size && step === -1 && isFactor(result, axis, 'position')) result = turnRound(result, roots)
    else
      result = pick(
        result,
        axis,
        Array.from({ length: count }, (_, i) => start + i * step),
      )
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

/** a + sign × b */
function sum(context: Context, sign: 1 | -1): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  const strand = sign === 1 ? oneStrand(context) : undefined
  if (strand !== undefined) return twiceTheMean({ ...strand, join: 'mean' })
  if (a.kind === 'activation' && b.kind === 'activation') {
    if (sign === 1) return addActivations(a, b)
    const channels = settled(b).point.shape.at(-1)!
    return addActivations(
      a,
      affine(b, new Float64Array(channels).fill(-1), new Float64Array(channels), false),
    )
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

function times(context: Context): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  const written = writtenOut(a, b, (one, other) => one * other)
  if (written !== undefined) return written
  if (a.kind === 'activation' && b.kind === 'constant') return multiply(context, a, b, 0)
  if (a.kind === 'constant' && b.kind === 'activation') return multiply(context, b, a, 1)
  throw new Refusal('multiplies two branches')
}

function dividedBy(context: Context): Value {
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
  return multiply(context, asActivation(a), inverse, 0)
}

function multiply(context: Context, x: Activation, constant: Constant, input: number): Activation {
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

/** @returns the number that all of a constant is, or undefined */
function onlyValue(value: Value | undefined): number | undefined {
  if (value?.kind !== 'constant') return undefined
  const [first] = value.values
  return first !== undefined && value.values.every((other) => other === first) ? first : undefined
}

/** @returns the activation with dimensions that the constant fits, and the constant's value for each of our channels */
function perChannel(given: Activation, constant: Constant): { activation: Activation; values: Float64Array } {
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

function maximum(context: Context, x: Activation): Value {
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

/**
 * What two inputs make of the forward strand, where the same layers make them of the two strands.
 * @returns undefined where they read one strand
 */
function oneStrand({ inputs, roots }: Context): Activation | undefined {
  const [a, b] = inputs
  if (inputs.length !== 2 || a?.kind !== 'activation' || b?.kind !== 'activation') return undefined
  const [one, other] = [chainOf(a), chainOf(b)]
  const forward = [one, other].find(({ root }) => root === roots.forward)
  const reverse = [one, other].find(({ root }) => root === roots.reverse)
  if (forward === undefined || reverse === undefined) return undefined
  const same =
    String(a.dims) === String(b.dims) &&
    String(a.factors.map(String)) === String(b.factors.map(String)) &&
    sameOrder(a.order, b.order) &&
    sameLayers(forward.layers, reverse.layers)
  if (!same) throw new Refusal('is of two strands that different layers read')
  if (a.point.shape.length === 2) throw new Refusal('joins both strands position by position')
  return { ...settled(a.point === forward.point ? a : b), made: undefined }
}

/** A sum of both strands. */
function twiceTheMean(mean: Activation): Activation {
  const strand = { ...mean, join: undefined }
  const channels = strand.point.shape.at(-1)!
  const twice = affine(strand, new Float64Array(channels).fill(2), new Float64Array(channels), true)
  return { ...twice, join: mean.join, made: { from: strand, f: (x) => 2 * x, factor: 2 } }
}

/** @returns undefined where the input is no pair of strands */
function joinPair({ node, inputs }: Context, join: StrandJoin): Activation | undefined {
  const [pair] = inputs
  if (pair?.kind !== 'strands') return undefined
  const { strand } = pair
  const axes = (axesOf(node, constantAt(inputs, 1)) ?? []).map((axis) => axisOf(axis, strand.dims.length))
  if (axes.length !== 1 || axes[0] !== pair.axis) throw new Refusal('reads both strands side by side')
  const kept = intAttribute(node, 'keepdims', 1) !== 0 ? strand : dropAxis(strand, pair.axis)
  return { ...kept, join, made: undefined }
}

/** Parts along positions or channels, one output each. */
function split({ node, inputs }: Context, x: Activation): readonly Value[] {
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
    const from = start
    start += count
    return pick(
      x,
      axis,
      Array.from({ length: count }, (_, i) => from + i),
    )
  })
}

function chainOf({ point }: Activation) {
  let root = point
  while (root.parent !== undefined) root = root.parent
  return { root, point, layers: layersBetween(root, point) }
}

/** The same layers with the same weights, however often they were read from the file. */
function sameLayers(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a instanceof Float32Array && b instanceof Float32Array) {
    return a.length === b.length && a.every((value, i) => value === b[i])
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [one, other] = [Object.entries(a), Object.entries(b)]
  return (
    one.length === other.length &&
    one.every(([key, value], i) => key === other[i]![0] && sameLayers(value, other[i]![1]))
  )
}
