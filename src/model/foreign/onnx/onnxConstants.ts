/**
 * Operators on tensors that are known before a graph runs: shapes that exporters compute (Shape, Gather, Concat, …) and
 * weights that they left unfinished (transposed, scaled, made of others).
 */
import type { ParsedNode } from '../../formats/onnx/onnxParse.ts'
import { type Constant, elementCount, readTensor } from '../../formats/onnx/onnxTensor.ts'
import { product } from '../../network/shapes.ts'
import { stridesOf } from '../../network/transposed.ts'
import { transposed } from '../../network/transposed.ts'
import {
  axesOf,
  axisOf,
  constant,
  type Inputs,
  intAttribute,
  reshapedDims,
  shapeSlice,
  sliceRanges,
  unsqueezedDims,
  wholeConstant,
} from './onnxDims.ts'

/** Larger constants are computed by no exporter; what a file itself holds may be larger. */
const largestFolded = 2 ** 24

/** @returns the node's outputs, or undefined where it is an operator that is not folded */
export function foldConstants(node: ParsedNode, inputs: Inputs, opset: number): Constant[] | undefined {
  if (node.domain !== '') return undefined
  const fold = Object.hasOwn(folders, node.opType) ? folders[node.opType] : undefined
  const result = fold?.(node, inputs, opset)
  return result === undefined ? undefined : Array.isArray(result) ? result : [result]
}

type Folder = (node: ParsedNode, inputs: Inputs, opset: number) => Constant | Constant[] | undefined

const folders: Readonly<Record<string, Folder>> = {
  Constant: constantOf,
  ConstantOfShape: filled,
  Identity: (_, [x]) => x,
  Cast: cast,
  Shape: (node, [x]) => x && shapeSlice(node, x.dims),
  Size: (_, [x]) => x && constant([], Float64Array.of(x.values.length)),
  Reshape: (node, [x, shape]) => {
    if (x === undefined || shape === undefined) return undefined
    const dims = reshapedDims(x.dims, shape.values, intAttribute(node, 'allowzero', 0) !== 0)
    return dims && constant(dims, x.values)
  },
  Flatten: (node, [x]) => {
    if (x === undefined) return undefined
    const axis = axisOf(intAttribute(node, 'axis', 1), x.dims.length)
    const first = product(x.dims.slice(0, axis))
    return constant([first, first === 0 ? 0 : x.values.length / first], x.values)
  },
  Unsqueeze: (node, inputs) => {
    const [x] = inputs
    const axes = axesOf(node, inputs[1])
    return x && axes && constant(unsqueezedDims(x.dims, axes), x.values)
  },
  Squeeze: (node, inputs) => {
    const [x] = inputs
    if (x === undefined) return undefined
    const axes = axesOf(node, inputs[1])?.map((axis) => axisOf(axis, x.dims.length))
    return constant(
      x.dims.filter((dim, i) => (axes === undefined ? dim !== 1 : !axes.includes(i))),
      x.values,
    )
  },
  Transpose: (node, [x]) => {
    if (x === undefined) return undefined
    const order = node.attributes.get('perm')?.ints ?? x.dims.map((_, i) => x.dims.length - 1 - i)
    if (order.length !== x.dims.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i))
      return undefined
    return constant(
      order.map((axis) => x.dims[axis]!),
      transposed(x.values, x.dims, order),
    )
  },
  Gather: gather,
  Concat: concat,
  Slice: slice,
  Expand: (_, [x, shape]) => {
    const dims = x && shape && broadcastDims(x.dims, [...shape.values])
    return dims && broadcast(dims, [x], ([value]) => value!)
  },
  Neg: elementwise(([a]) => -a!),
  Abs: elementwise(([a]) => Math.abs(a!)),
  Sqrt: elementwise(([a]) => Math.sqrt(a!)),
  Exp: elementwise(([a]) => Math.exp(a!)),
  Log: elementwise(([a]) => Math.log(a!)),
  Reciprocal: elementwise(([a]) => 1 / a!),
  Floor: elementwise(([a]) => Math.floor(a!)),
  Ceil: elementwise(([a]) => Math.ceil(a!)),
  Not: elementwise(([a]) => (a! ? 0 : 1)),
  Add: elementwise(([a, b]) => a! + b!),
  Sub: elementwise(([a, b]) => a! - b!),
  Mul: elementwise(([a, b]) => a! * b!),
  Div: (node, inputs) => {
    const whole = inputs.every((input) => input?.values instanceof Float64Array)
    return elementwise(([a, b]) => (whole ? Math.trunc(a! / b!) : a! / b!))(node, inputs, 0)
  },
  Pow: elementwise(([a, b]) => a! ** b!),
  Min: elementwise((values) => Math.min(...values)),
  Max: elementwise((values) => Math.max(...values)),
  Equal: elementwise(([a, b]) => (a === b ? 1 : 0)),
  Less: elementwise(([a, b]) => (a! < b! ? 1 : 0)),
  Greater: elementwise(([a, b]) => (a! > b! ? 1 : 0)),
  And: elementwise(([a, b]) => (a && b ? 1 : 0)),
  Or: elementwise(([a, b]) => (a! || b! ? 1 : 0)),
  Where: elementwise(([condition, a, b]) => (condition ? a! : b!)),
  ReduceProd: (_, [x]) => {
    let result = 1
    for (const value of x?.values ?? []) result *= value
    return x && constant([1], Float64Array.of(result))
  },
}

function constantOf(node: ParsedNode): Constant | undefined {
  const { attributes } = node
  const tensor = attributes.get('value')?.t
  if (tensor !== undefined) return readTensor(tensor)
  const floats = attributes.get('value_floats')?.floats
  if (floats !== undefined) return constant([floats.length], Float32Array.from(floats))
  const ints = attributes.get('value_ints')?.ints
  if (ints !== undefined) return wholeConstant(ints)
  const float = attributes.get('value_float')?.f
  if (float !== undefined) return constant([], Float32Array.of(float))
  const int = attributes.get('value_int')?.i
  return int === undefined ? undefined : constant([], Float64Array.of(int))
}

function filled(node: ParsedNode, [shape]: Inputs): Constant | undefined {
  if (shape === undefined) return undefined
  const dims = [...shape.values]
  const count = elementCount(dims)
  if (count === undefined || count > largestFolded) return undefined
  const tensor = node.attributes.get('value')?.t
  const value = tensor === undefined ? constant([], new Float32Array(1)) : readTensor(tensor)
  if (value === undefined) return undefined
  const values = value.values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count)
  return constant(dims, values.fill(value.values[0] ?? 0))
}

/** Numbers of TensorProto.DataType. */
const floatTypes = new Set([1, 10, 11, 16])

const wholeTypes = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13])

function cast(node: ParsedNode, [x]: Inputs): Constant | undefined {
  if (x === undefined) return undefined
  const to = intAttribute(node, 'to', 0)
  if (floatTypes.has(to)) return constant(x.dims, Float32Array.from(x.values))
  if (!wholeTypes.has(to)) return undefined
  return constant(
    x.dims,
    Float64Array.from(x.values, (value) => (to === 9 ? Number(value !== 0) : Math.trunc(value))),
  )
}

function gather(node: ParsedNode, [x, indices]: Inputs): Constant | undefined {
  if (x === undefined || indices === undefined) return undefined
  const axis = axisOf(intAttribute(node, 'axis', 0), x.dims.length)
  const along = x.dims[axis]!
  const inner = product(x.dims.slice(axis + 1))
  const outer = product(x.dims.slice(0, axis))
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)]
  const values = emptyLike(x, dims)
  if (values === undefined) return undefined
  let next = 0
  for (let o = 0; o < outer; o++) {
    for (const index of indices.values) {
      const place = index < 0 ? index + along : index
      if (place < 0 || place >= along) return undefined
      for (let i = 0; i < inner; i++) values[next++] = x.values[(o * along + place) * inner + i]!
    }
  }
  return constant(dims, values)
}

function concat(node: ParsedNode, inputs: Inputs): Constant | undefined {
  const parts = inputs.filter((input) => input !== undefined)
  const [first] = parts
  if (first === undefined || parts.length !== inputs.length) return undefined
  const axis = axisOf(intAttribute(node, 'axis', 0), first.dims.length)
  const dims = first.dims.with(
    axis,
    parts.reduce((total, part) => total + part.dims[axis]!, 0),
  )
  const values = emptyLike(first, dims)
  if (values === undefined) return undefined
  const rows = parts.map((part) => product(part.dims.slice(axis)))
  const outer = product(dims.slice(0, axis))
  let next = 0
  for (let o = 0; o < outer; o++) {
    for (const [p, part] of parts.entries()) {
      for (let i = 0; i < rows[p]!; i++) values[next++] = part.values[o * rows[p]! + i]!
    }
  }
  return constant(dims, values)
}

function slice(node: ParsedNode, inputs: Inputs): Constant | undefined {
  let [x] = inputs
  const ranges = x && sliceRanges(node, x.dims, inputs)
  for (const { axis, start, step, count } of ranges ?? []) {
    const indices = wholeConstant(Array.from({ length: count }, (_, i) => start + i * step))
    x = x && alongAxis(x, axis, indices)
  }
  return ranges && x
}

function alongAxis(x: Constant, axis: number, { values: indices }: Constant): Constant | undefined {
  const along = x.dims[axis]!
  const inner = product(x.dims.slice(axis + 1))
  const outer = product(x.dims.slice(0, axis))
  const dims = x.dims.with(axis, indices.length)
  const values = emptyLike(x, dims)
  if (values === undefined) return undefined
  let next = 0
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      for (let i = 0; i < inner; i++) values[next++] = x.values[(o * along + index) * inner + i]!
    }
  }
  return constant(dims, values)
}

function elementwise(compute: (values: number[]) => number): Folder {
  return (_, inputs) => {
    const known = inputs.filter((input) => input !== undefined)
    if (known.length === 0 || known.length !== inputs.length) return undefined
    let dims: readonly number[] | undefined = known[0]!.dims
    for (const input of known) dims = dims && broadcastDims(dims, input.dims)
    return dims && broadcast(dims, known, compute)
  }
}

function broadcastDims(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length)
  const dims = Array.from({ length: rank }, (_, i) => {
    const one = a[i - rank + a.length] ?? 1
    const other = b[i - rank + b.length] ?? 1
    return one === other || other === 1 ? one : one === 1 ? other : -1
  })
  return dims.includes(-1) ? undefined : dims
}

/** Whole numbers stay whole only where all of them are. */
function broadcast(
  dims: readonly number[],
  inputs: readonly Constant[],
  compute: (values: number[]) => number,
): Constant | undefined {
  const count = elementCount(dims)
  if (count === undefined || count > largestFolded) return undefined
  const whole =
    inputs.some(({ values }) => values instanceof Float64Array) &&
    !inputs.some(({ values }) => values instanceof Float32Array)
  const values = whole ? new Float64Array(count) : new Float32Array(count)
  const steps = inputs.map((input) => {
    const strides = stridesOf(input.dims)
    return dims.map((_, i) => {
      const axis = i - dims.length + input.dims.length
      return axis < 0 || input.dims[axis] === 1 ? 0 : strides[axis]!
    })
  })
  const operands = new Array<number>(inputs.length)
  for (let i = 0; i < count; i++) {
    for (const [p, input] of inputs.entries()) {
      let rest = i
      let place = 0
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        place += (rest % dims[axis]!) * steps[p]![axis]!
        rest = Math.floor(rest / dims[axis]!)
      }
      operands[p] = input.values[place]!
    }
    values[i] = compute(operands)
  }
  return constant(dims, values)
}

function emptyLike({ values }: Constant, dims: readonly number[]): Float32Array | Float64Array | undefined {
  const count = elementCount(dims)
  if (count === undefined || count > largestFolded) return undefined
  return values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count)
}
