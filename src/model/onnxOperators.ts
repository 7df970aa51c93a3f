/**
 * What each operator of ONNX does to an activation. An operator, or a way of using it, that no layer of ours does exactly
 * is refused, never approximated.
 */
import { baseCount } from '../sequence/alphabet.ts'
import type { ActivationFunction } from './network.ts'
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
import type { ParsedNode } from './onnxParse.ts'
import type { Constant } from './onnxTensor.ts'
import {
  addActivations,
  addLayer,
  affine,
  concatActivations,
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
  Refusal,
  reshapeActivation,
  rowsInOurOrder,
  settled,
  spend,
  transposeActivation,
  withLayer,
  type Activation,
  type Gate,
  type Point,
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

type Operator = (context: Context, x: Activation) => Value

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
    let next = 0
    const dims = unsqueezedDims(x.dims, axes)
    const factors = dims.map((_, i) => (places.includes(i) ? [] : x.factors[next++]!))
    return { ...x, dims, factors, scaled: undefined }
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
  GlobalMaxPool: (_, x) => poolGlobally(x, 'globalMaxPool', x.dims.map((_, i) => i).slice(2), true),
  GlobalAveragePool: (_, x) => poolGlobally(x, 'globalAveragePool', x.dims.map((_, i) => i).slice(2), true),
  ReduceMax: (context, x) => reduce(context, x, 'globalMaxPool'),
  ReduceMean: (context, x) => reduce(context, x, 'globalAveragePool'),
  ReduceSum: (context, x) => {
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
  Elu: (context, x) => {
    if (floatAttribute(context.node, 'alpha', 1) !== 1) throw new Refusal('has an alpha other than 1')
    return activation('elu')(context, x)
  },
  Gelu: (context, x) => {
    const approximate = context.node.attributes.get('approximate')?.s ?? 'none'
    if (approximate !== 'none') throw new Refusal(`is the approximation '${approximate}'`)
    return activation('gelu')(context, x)
  },
  Clip: clip,
  Softmax: softmax,
  LogSoftmax: (context, x) => ({ ...softmax(context, x), logarithm: true }),
  Log: (_, x) => ({ ...settled(x), logarithm: true, scaled: undefined }),
  Erf: (_, x) => {
    const { scaled } = settled(x)
    if (scaled === undefined || !near(scaled.factor, Math.SQRT1_2)) throw new Refusal('is not part of a Gelu')
    return { kind: 'gate', source: scaled.source, scale: 1, shift: 0 }
  },
  Pad: pad,
  Concat: (context, x) => {
    const parts = context.inputs.map(asActivation)
    return parts.length === 1
      ? x
      : concatActivations(parts, axisOf(intAttribute(context.node, 'axis', 0), x.dims.length))
  },
  Sum: (context) => context.inputs.map(asActivation).reduce(addActivations),
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
  Add: (context) => sum(context, 1),
  Sub: (context) => sum(context, -1),
  Mul: times,
  Div: dividedBy,
  Neg: (context, x) => multiply(context, x, scalar(-1), 0),
  Max: maximum,
}

/** Operators whose first input may be a constant and another one the activation. */
export function firstActivation(inputs: readonly (Value | undefined)[]): Activation | Gate | undefined {
  return inputs.find((input): input is Activation | Gate => input !== undefined && input.kind !== 'constant')
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
  return {
    ...x,
    dims: x.dims.filter((_, i) => !gone(i)),
    factors: x.factors.filter((_, i) => !gone(i)),
    scaled: undefined,
  }
}

function dropAxis(x: Activation, axis: number): Activation {
  return { ...x, dims: x.dims.toSpliced(axis, 1), factors: x.factors.toSpliced(axis, 1), scaled: undefined }
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
    scaled: undefined,
    logarithm: false,
    bothStrands: false,
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
  const positions = point.shape[0]
  if (positionAxis === undefined) return { ...after, point, dims, factors }
  return {
    ...after,
    point,
    dims: dims.with(positionAxis, positions),
    factors: factors.with(positionAxis, positions === 1 ? [] : ['position']),
  }
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
    scaled: undefined,
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

function pool({ node }: Context, given: Activation): Value {
  const maximal = node.opType === 'MaxPool'
  const sizes = node.attributes.get('kernel_shape')?.ints ?? []
  if (sizes.length !== given.dims.length - 2) throw new Refusal('has another number of sizes than dimensions')
  const windows = windowsOf(node, given.dims, sizes)
  const waiting = given.pad
  if (waiting !== undefined && !(maximal && waiting.value <= -3.4e38))
    throw new Refusal(`follows Pad with the value ${waiting.value}`)
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
  if (window.dilation !== 1) throw new Refusal('is dilated')
  const length = given.dims[positionAxis]! - (waiting?.before ?? 0) - (waiting?.after ?? 0)
  const before = window.before + (waiting?.before ?? 0)
  let after = window.after + (waiting?.after ?? 0)
  if (window.before >= window.size || window.after >= window.size)
    throw new Refusal('pads as much as it pools')
  if (!maximal && counted && before + after > 0) throw new Refusal('counts its padding in averages')
  if (intAttribute(node, 'ceil_mode', 0) !== 0) {
    const room = length + before + after - window.size
    let last = Math.ceil(room / window.stride) * window.stride
    // A window that would begin in the padding behind is left out.
    if (last >= length + before) last -= window.stride
    const missing = last - room
    if (missing > 0) {
      if (!maximal && counted) throw new Refusal('rounds up how many windows there are')
      after += missing
    }
  }
  return poolAlong(
    x,
    { kind: maximal ? 'maxPool1d' : 'averagePool1d', size: window.size, stride: window.stride },
    positionAxis,
    before,
    after,
  )
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

function activation(name: ActivationFunction): Operator {
  return (_, x) => {
    // Where it grows with its input, the larger strand stays the larger one.
    if (x.bothStrands && name !== 'softmax' && name !== 'gelu') {
      return { ...x, point: addLayer(x.point, { kind: 'activation', function: name }), scaled: undefined }
    }
    return withLayer(x, { kind: 'activation', function: name })
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
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [amounts[i] ?? 0, amounts[i + axes.length] ?? 0]
    if (before === 0 && after === 0) continue
    if (before < 0 || after < 0) throw new Refusal('cuts positions off')
    if (!isFactor(x, axis, 'position') || factorSize(x, 'position') === 1)
      throw new Refusal('pads other dimensions than the positions', true)
    if (waiting !== undefined && waiting.value !== value) throw new Refusal('pads with two values')
    waiting = { before: before + (waiting?.before ?? 0), after: after + (waiting?.after ?? 0), value }
    dims = dims.with(axis, dims[axis]! + before + after)
  }
  if (waiting !== x.pad) settled({ ...x, pad: undefined })
  return { ...x, dims, pad: waiting, scaled: undefined }
}

/** The channels (or units) of these numbers; a mere change of order costs nothing. */
function pick(x: Activation, axis: number, indices: readonly number[]): Activation {
  const size = x.dims[axis]!
  if (indices.some((i) => !(i >= 0 && i < size))) throw new Refusal('picks what is not there')
  if (indices.length === size && indices.every((place, i) => place === i)) return x
  if (!isFactor(x, axis, 'channel')) throw new Refusal('picks positions', true)
  const channels = x.point.shape.at(-1)!
  const order = Int32Array.from(indices, (i) => (x.order === undefined ? i : x.order[i]!))
  if (indices.length === channels && new Set(indices).size === channels) {
    return { ...x, order: orderUnlessSame(order), scaled: undefined }
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
  return { ...x, point: reverse, order: orderUnlessSame(order), scaled: undefined }
}

/** a + sign × b */
function sum(context: Context, sign: 1 | -1): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  if (a.kind === 'activation' && b.kind === 'activation') {
    if (sign === -1) throw new Refusal('subtracts one branch from another')
    return addActivations(a, b)
  }
  if (a.kind === 'gate' || b.kind === 'gate') {
    const [gate, other] = a.kind === 'gate' ? [a, b] : [b, a]
    const value = onlyValue(other)
    if (value === undefined || gate.kind !== 'gate' || sign === -1) throw new Refusal('is not part of a Gelu')
    return { ...gate, shift: gate.shift + value }
  }
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
  return affine(
    next,
    scale,
    values.map((value) => value * constantSign),
    alone,
  )
}

function times(context: Context): Value {
  const [a, b] = context.inputs
  if (a === undefined || b === undefined) throw new Refusal('has one input')
  if (a.kind === 'gate' || b.kind === 'gate') return gated(a, b)
  if (a.kind === 'activation' && b.kind === 'constant') return multiply(context, a, b, 0)
  if (a.kind === 'constant' && b.kind === 'activation') return multiply(context, b, a, 1)
  throw new Refusal('multiplies two branches')
}

function dividedBy(context: Context): Value {
  const [a, b] = context.inputs
  if (b?.kind !== 'constant') throw new Refusal('divides by what the network computes')
  const inverse: Constant = { ...b, values: Float64Array.from(b.values, (value) => 1 / value) }
  if (a?.kind === 'gate') return gated(a, inverse)
  return multiply(context, asActivation(a), inverse, 0)
}

function multiply(context: Context, x: Activation, constant: Constant, input: number): Activation {
  const value = onlyValue(constant)
  const { activation: next, values } = perChannel(x, constant)
  if (value === undefined) return affine(next, values, new Float64Array(values.length), context.alone(input))
  if (value === 1) return next
  const source = x.scaled?.source ?? x
  const factor = (x.scaled?.factor ?? 1) * value
  if (near(factor, 1) && String(source.dims) === String(next.dims)) return source
  const result = affine(next, values, new Float64Array(values.length), context.alone(input))
  return { ...result, scaled: { source, factor } }
}

/** Gelu: ½ x (1 + erf(x ÷ √2)), whichever of its factors comes first. */
function gated(a: Value, b: Value): Value {
  const [gate, other] = a.kind === 'gate' ? [a, b] : [b, a]
  if (gate.kind !== 'gate') throw new Refusal('is not part of a Gelu')
  const value = onlyValue(other)
  if (value !== undefined) return { ...gate, scale: gate.scale * value, shift: gate.shift * value }
  const factor =
    other.kind !== 'activation'
      ? undefined
      : other.point === gate.source.point
        ? 1
        : other.scaled?.source.point === gate.source.point
          ? other.scaled.factor
          : undefined
  if (factor === undefined || !near(gate.scale, gate.shift)) throw new Refusal('is not part of a Gelu')
  const gelu = withLayer(gate.source, { kind: 'activation', function: 'gelu' })
  const twice = 2 * factor * gate.scale
  if (near(twice, 1)) return gelu
  const channels = gelu.point.shape.at(-1)!
  const result = affine(gelu, new Float64Array(channels).fill(twice), new Float64Array(channels), false)
  return { ...result, scaled: { source: gelu, factor: twice } }
}

/** Equal, as far as float32 tells. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2e-7 * Math.abs(b)
}

/** @returns the number that all of a constant is, or undefined */
function onlyValue(value: Value): number | undefined {
  if (value.kind !== 'constant') return undefined
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
  const { inputs, roots } = context
  const [a, b] = inputs
  if (inputs.length !== 2 || a === undefined || b === undefined) throw new Refusal('is of several branches')
  const floor = onlyValue(a) ?? onlyValue(b)
  if (floor === 0) return activation('relu')(context, x)
  if (a.kind !== 'activation' || b.kind !== 'activation') throw new Refusal('is of constants')
  const [one, other] = [chainOf(a), chainOf(b)]
  const forward = [one, other].find(({ root }) => root === roots.forward)
  const reverse = [one, other].find(({ root }) => root === roots.reverse)
  if (forward === undefined || reverse === undefined) throw new Refusal('is of several branches')
  const same = String(a.dims) === String(b.dims) && sameLayers(forward.layers, reverse.layers)
  if (!same) throw new Refusal('is of two strands that different layers read')
  const strand = a.point === forward.point ? a : b
  return { ...settled(strand), bothStrands: true, scaled: undefined }
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
