/** Conv, along whichever axis the positions lie: a 1-D convolution, or a dense layer where there is one position. */
import { paddingFrom } from '../../../network/shapes.ts'
import { stridesOf } from '../../../network/transposed.ts'
import { everyNthLayer, pointwiseLayer } from '../../madeLayers.ts'
import { type Activation, isFactor, settled, type Value, withPositions } from '../onnxActivation.ts'
import { intAttribute } from '../onnxDims.ts'
import { addLayer, Refusal, spend } from '../onnxPoint.ts'
import { type Context, weightsAt } from './operator.ts'
import { countWindows, type Window, windowsOf } from './window.ts'

export function convolution({ node, inputs }: Context, given: Activation): Value {
  const weights = weightsAt(inputs, 1)
  if (weights === undefined) throw new Refusal('has no weights')
  const bias = weightsAt(inputs, 2)
  const [filters = 0, , ...sizes] = weights.dims
  const waiting = given.pad
  if (waiting !== undefined && waiting.value !== 0)
    throw new Refusal(`follows Pad with the value ${waiting.value}`)
  const x = settled({ ...given, pad: undefined })
  const rank = given.dims.length
  if (rank !== weights.dims.length || rank < 3)
    throw new Refusal(`reads ${rank} dimensions with weights of ${weights.dims.length}`)
  if (!isFactor(x, 0, 'batch')) throw new Refusal('does not have the batch in its first dimension', true)
  const windows = windowsOf(node, given.dims, sizes)
  const axes = axesAlong(x, given.dims, windows)
  checkGroups(x, weights.dims, axes, intAttribute(node, 'group', 1))
  const taps = windows.map((window, i) => tapOf(window, i + 2, x, given.dims, axes))
  const along = axes.position === undefined ? undefined : windows[axes.position - 2]!
  const kernel = kernelOf(x, weights, axes, along?.size ?? 1, taps)
  if (bias !== undefined && bias.values.length !== filters)
    throw new Refusal('has another number of biases than filters')
  const biases = bias?.values ?? new Float32Array(filters)
  const convolved: Omit<Activation, 'point'> = {
    kind: 'activation',
    batch: x.batch,
    dims: [given.dims[0]!, filters, ...windows.map(() => 1)],
    factors: [given.factors[0]!, filters === 1 ? [] : ['channel'], ...windows.map(() => [])],
    pad: undefined,
    made: undefined,
    logarithm: false,
    join: undefined,
    order: undefined,
  }
  if (x.point.shape.length === 1) {
    return { ...convolved, point: addLayer(x.point, pointwiseLayer(false, kernel, biases)) }
  }
  const before = (along?.before ?? 0) + (waiting?.before ?? 0)
  const after = (along?.after ?? 0) + (waiting?.after ?? 0)
  let point = addLayer(x.point, {
    kind: 'conv1d',
    filters,
    kernelSize: along?.size ?? 1,
    padding: paddingFrom(before, after, x.point.shape[0], along?.span ?? 1, 1),
    dilation: along === undefined || along.size === 1 ? 1 : along.dilation,
    kernel,
    bias: biases,
  })
  if (along !== undefined && along.stride > 1 && point.shape[0] > 1) {
    point = addLayer(point, everyNthLayer(along.stride))
  }
  const result: Activation = { ...convolved, point }
  return axes.position === undefined ? result : withPositions(result, axes.position, point)
}

/** Which dimensions a kernel slides along. */
interface Axes {
  readonly position: number | undefined
  /** Of an image one channel deep whose height is the alphabet: the kernel reads all of it at once. */
  readonly height: number | undefined
}

function axesAlong(x: Activation, dims: readonly number[], windows: readonly Window[]): Axes {
  const spatial = windows.map((_, i) => i + 2)
  const position = spatial.find((axis) => x.factors[axis]!.includes('position'))
  const height = x.point.shape.at(-1)! > 1 ? spatial.find((axis) => isFactor(x, axis, 'channel')) : undefined
  if (height === undefined ? !isFactor(x, 1, 'channel') : dims[1] !== 1) {
    throw new Refusal(
      `has [${dims.slice(1).join(', ')}] where its channels should be the second dimension`,
      true,
    )
  }
  return { position, height }
}

function checkGroups(
  x: Activation,
  [filters = 0, perGroup = 0]: readonly number[],
  { height }: Axes,
  groups: number,
): void {
  const channels = height === undefined ? x.point.shape.at(-1)! : 1
  if (perGroup * groups !== channels || filters % groups !== 0 || groups < 1) {
    throw new Refusal(`has weights for ${perGroup * groups} channels where there are ${channels}`, true)
  }
}

/** @returns of every axis but that of the positions or the alphabet, the tap that meets its only value */
function tapOf(
  window: Window,
  axis: number,
  x: Activation,
  dims: readonly number[],
  { position, height }: Axes,
): number | undefined {
  if (axis === position) return undefined
  if (axis === height) {
    const channels = x.point.shape.at(-1)!
    if (window.size !== channels || window.before > 0 || window.after > 0 || window.dilation !== 1) {
      throw new Refusal(`slides along the ${channels} channels`, true)
    }
    return undefined
  }
  if (dims[axis] !== 1) throw new Refusal('has positions and channels in one dimension', true)
  const tap = window.before / window.dilation
  if (countWindows(1, window) !== 1 || !Number.isInteger(tap) || tap >= window.size) {
    throw new Refusal('makes several values of one')
  }
  return tap
}

/**
 * @param weights [filters, channels of a group, taps along each axis]
 * @returns Float32Array [size, our channels, filters], zero where a group does not read a channel
 */
function kernelOf(
  { point, order }: Activation,
  { dims, values }: { readonly dims: readonly number[]; readonly values: Float32Array },
  { position, height }: Axes,
  size: number,
  taps: readonly (number | undefined)[],
): Float32Array {
  const [filters = 0, perGroup = 0] = dims
  const channels = point.shape.at(-1)!
  spend(point.budget, size * channels * filters)
  const kernel = new Float32Array(size * channels * filters)
  const strides = stridesOf(dims)
  const taken = height === undefined ? perGroup : channels
  const filtersPerGroup = (filters * taken) / channels
  const channelStep = strides[height ?? 1]!
  const positionStep = position === undefined ? 0 : strides[position]!
  const fixed = taps.reduce<number>((place, tap, i) => place + (tap ?? 0) * strides[i + 2]!, 0)
  for (let f = 0; f < filters; f++) {
    const first = Math.floor(f / filtersPerGroup) * taken
    for (let j = 0; j < taken; j++) {
      const ours = order === undefined ? first + j : order[first + j]!
      const place = fixed + f * strides[0]! + j * channelStep
      for (let k = 0; k < size; k++) {
        kernel[(k * channels + ours) * filters + f] = values[place + k * positionStep]!
      }
    }
  }
  return kernel
}
