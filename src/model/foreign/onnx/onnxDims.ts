/** What the attributes and inputs of an operator say of dimensions, whether its numbers are known or not. */
import type { ParsedNode } from '../../formats/onnx/onnxParse.ts'
import type { Constant } from '../../formats/onnx/onnxTensor.ts'
import { product } from '../../network/shapes.ts'

/** Shape, of which newer files take a part. */
export function shapeSlice(node: ParsedNode, dims: readonly number[]): Constant {
  const end = node.attributes.get('end')?.i
  return wholeConstant(dims.slice(intAttribute(node, 'start', 0), end ?? dims.length))
}

/** The range of Slice along each axis that it cuts. */
interface SliceRange {
  readonly axis: number
  readonly start: number
  readonly step: number
  readonly count: number
}

/** @returns undefined where the ranges are not known */
export function sliceRanges(
  node: ParsedNode,
  dims: readonly number[],
  inputs: Inputs,
): SliceRange[] | undefined {
  const { attributes } = node
  const starts = inputs[1] === undefined ? attributes.get('starts')?.ints : [...inputs[1].values]
  const ends = inputs[2] === undefined ? attributes.get('ends')?.ints : [...inputs[2].values]
  if (starts === undefined || ends === undefined) return undefined
  const axes =
    inputs[3] === undefined
      ? (attributes.get('axes')?.ints ?? starts.map((_, i) => i))
      : [...inputs[3].values]
  const steps = inputs[4] === undefined ? starts.map(() => 1) : [...inputs[4].values]
  return starts.map((given, i) => {
    const axis = axisOf(axes[i] ?? 0, dims.length)
    const size = dims[axis] ?? 0
    const step = steps[i] ?? 1
    const end = ends[i] ?? 0
    const from = Math.min(Math.max(given < 0 ? given + size : given, 0), step < 0 ? size - 1 : size)
    const to = Math.min(Math.max(end < 0 ? end + size : end, step < 0 ? -1 : 0), size)
    return { axis, start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) }
  })
}

/** @returns what Reshape makes of the dimensions (0: as it was, −1: what is left), or undefined where it cannot */
export function reshapedDims(
  dims: readonly number[],
  target: ArrayLike<number>,
  zeroIsZero: boolean,
): number[] | undefined {
  const result = Array.from(target, (size, i) => (size === 0 && !zeroIsZero ? (dims[i] ?? NaN) : size))
  const total = product(dims)
  const known = product(result.filter((size) => size !== -1))
  const left = result.indexOf(-1)
  if (left >= 0) result[left] = total / known
  const sound = result.every((size) => Number.isSafeInteger(size) && size >= 0) && product(result) === total
  return sound ? result : undefined
}

export function unsqueezedDims(dims: readonly number[], axes: readonly number[]): number[] {
  const rank = dims.length + axes.length
  const places = axes.map((axis) => axisOf(axis, rank))
  let next = 0
  return Array.from({ length: rank }, (_, i) => (places.includes(i) ? 1 : dims[next++]!))
}

/** Axes stood in an attribute before they became an input. */
export function axesOf(node: ParsedNode, input: Constant | undefined): readonly number[] | undefined {
  return input === undefined ? node.attributes.get('axes')?.ints : [...input.values]
}

/** An axis counted from the end where it is negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

export function intAttribute(node: ParsedNode, name: string, otherwise: number): number {
  return node.attributes.get(name)?.i ?? otherwise
}

export function floatAttribute(node: ParsedNode, name: string, otherwise: number): number {
  return node.attributes.get(name)?.f ?? otherwise
}

export type Inputs = readonly (Constant | undefined)[]

export function constant(dims: readonly number[], values: Float32Array | Float64Array): Constant {
  return { kind: 'constant', dims, values }
}

export function wholeConstant(values: readonly number[]): Constant {
  return constant([values.length], Float64Array.from(values))
}
