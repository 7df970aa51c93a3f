/** Conv, along whichever axis the positions lie: a 1-D convolution, or a dense layer where there is one position. */
import { type Activation, isFactor, settled, type Value, withPositions } from '../onnxActivation.ts'
import { intAttribute, product } from '../onnxConstants.ts'
import { addLayer, Refusal, spend } from '../onnxPoint.ts'
import { paddingFrom } from '../onnxSteps.ts'
import { type Context, weightsAt } from './operator.ts'
import { windowCount, windowsOf } from './window.ts'

export function convolution({ node, inputs }: Context, given: Activation): Value {
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
