/**
 * Where an ONNX graph ends in an activation, its runtime is asked for the numbers before it (ONNX Runtime's float32 Sigmoid
 * is accurate in absolute terms only, and small scores lose their order).
 */
import { activationNear, cutOperators, found } from '../cutActivation.ts'
import type { CutActivation } from '../importedModel.ts'
import { describeNode } from './onnxOrder.ts'
import type { ParsedGraph, ParsedModel, ParsedNode, ParsedValue } from '../../formats/onnx/onnxParse.ts'
import { floatTypes } from '../../formats/onnx/onnxTensor.ts'
import { bytesField } from '../../formats/protobuf/wire.ts'
import { product } from '../../network/shapes.ts'

export interface LastActivation {
  /** What can be cut off; undefined where nothing can. */
  readonly cut: CutActivation | undefined
  /** An activation close to the end that cannot be cut off, for people. */
  readonly leftInside: string | undefined
}

/** Their numbers are those of their first input, in the same order. */
const sameNumbers = new Set(['Identity', 'Dropout', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten'])

/** What an activation's results may go through, its rounding with them. */
const passesOn = new Set([
  ...sameNumbers,
  ...[
    'Add',
    'Cast',
    'Clip',
    'Concat',
    'Div',
    'Gather',
    'Max',
    'Mean',
    'Min',
    'Mul',
    'ReduceMax',
    'ReduceMean',
  ],
  ...['ReduceSum', 'Slice', 'Split', 'Sub', 'Sum', 'Transpose'],
])

/** @param output the tensor whose numbers are scores */
export function lastActivation({ graph, opset }: ParsedModel, output: ParsedValue): LastActivation {
  const none = { cut: undefined, leftInside: undefined }
  // Of other types, rounding to float32 is not the runtime's, or the model means it (half precision).
  if (output.dataType !== floatTypes.float32) return none
  const makers = makersOf(graph)
  let maker = makers.get(output.name)
  let reshaped = false
  while (maker !== undefined && maker.domain === '' && sameNumbers.has(maker.opType)) {
    reshaped = true
    maker = makers.get(maker.inputs[0] ?? '')
  }
  if (maker === undefined) return none
  const name = maker.domain === '' ? cutOperators[maker.opType] : undefined
  const tensor = maker.inputs[0]
  if (name !== undefined && tensor !== undefined) {
    const isSoftmax = name === 'softmax' || name === 'log-softmax'
    const over = isSoftmax ? softmaxWidth(maker, opset, reshaped ? undefined : output.dims) : undefined
    if (over !== 'another axis')
      return { cut: { function: name, tensor, width: over }, leftInside: undefined }
  }
  const inside = activationNear(maker, {
    most: nearEnd,
    isActivation: ({ domain, opType }) => domain === '' && opType in cutOperators,
    passesOn: ({ domain, opType }) => domain === '' && passesOn.has(opType),
    before: ({ inputs }) => found(inputs, makers),
  })
  return { cut: undefined, leftInside: inside && describeNode(inside) }
}

/**
 * @param dims of its result; undefined where nothing tells
 * @returns how many numbers it is over, undefined for all of a row (as far as can be told: a trial proves it)
 */
function softmaxWidth(
  { attributes }: ParsedNode,
  opset: number,
  dims: ParsedValue['dims'],
): number | undefined | 'another axis' {
  // Before opset 13 it is over all dimensions from the axis on.
  const axis = attributes.get('axis')?.i ?? (opset < 13 ? 1 : -1)
  if (dims === undefined) return axis === 1 || axis === -1 ? undefined : 'another axis'
  const first = axis < 0 ? axis + dims.length : axis
  if (opset >= 13 && first !== dims.length - 1) return 'another axis'
  const sizes = dims.slice(first)
  if (first === 1) return undefined
  return sizes.every((size) => typeof size === 'number') ? product(sizes) : 'another axis'
}

/** Operators between an activation and the end, at most; farther away its rounding is one among many. */
const nearEnd = 16

function makersOf({ nodes }: ParsedGraph): Map<string, ParsedNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
}

/**
 * The file with one more output. Protocol Buffers merge a message that comes twice, and its lists become one: so the graph
 * need not be written anew. (https://protobuf.dev/programming-guides/encoding/#last-one-wins)
 */
export function withOutput(bytes: Uint8Array, { graph }: ParsedModel, tensor: string): Uint8Array {
  if (graph.outputs.some(({ name }) => name === tensor)) return bytes
  // ModelProto.graph is 7, GraphProto.output 12, ValueInfoProto.name 1.
  const name = bytesField(1, [new TextEncoder().encode(tensor)])
  const more = bytesField(7, bytesField(12, name))
  const size = bytes.length + more.reduce((total, part) => total + part.length, 0)
  const result = new Uint8Array(size)
  let at = 0
  for (const part of [bytes, ...more]) {
    result.set(part, at)
    at += part.length
  }
  return result
}
