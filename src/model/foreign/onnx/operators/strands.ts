/** Where both strands, which the same layers read, become one score. */
import type { StrandJoin } from '../../../network/network.ts'
import { sameOrder } from '../../channelOrder.ts'
import { type Activation, dropAxis, settled } from '../onnxActivation.ts'
import { axesOf, axisOf, intAttribute } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { layersBetween } from '../../../network/chains.ts'
import { scaledBy } from '../onnxSteps.ts'
import { constantAt, type Context } from './operator.ts'

/**
 * What two inputs make of the forward strand, where the same layers make them of the two strands.
 * @returns undefined where they read one strand
 */
export function oneStrand({ inputs, roots }: Context): Activation | undefined {
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
export function twiceTheMean(mean: Activation): Activation {
  const strand = { ...mean, join: undefined }
  return {
    ...scaledBy(strand, 2, true),
    join: mean.join,
    made: { from: strand, f: (x) => 2 * x, factor: 2 },
  }
}

/** @returns undefined where the input is no pair of strands */
export function joinPair({ node, inputs }: Context, join: StrandJoin): Activation | undefined {
  const [pair] = inputs
  if (pair?.kind !== 'strands') return undefined
  const { strand } = pair
  const axes = (axesOf(node, constantAt(inputs, 1)) ?? []).map((axis) => axisOf(axis, strand.dims.length))
  if (axes.length !== 1 || axes[0] !== pair.axis) throw new Refusal('reads both strands side by side')
  const kept = intAttribute(node, 'keepdims', 1) !== 0 ? strand : dropAxis(strand, pair.axis)
  return { ...kept, join, made: undefined }
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
