/** Writes an ONNX graph (opset 13) node by node; what no output needs is left out in the end. */
import {
  dataTypes,
  int,
  ints,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
} from '../formats/onnx/onnxEncode.ts'

type ValueInfo = OnnxGraph['input'][number]

/** The first dimension, where its size is the batch's. */
export const batch = 'batch'

/** A size, or the name of one that is left open. */
type Dim = number | string

/**
 * How what a maximum is owed comes to its place: `unpool` by the places that a MaxPool tells, several times as fast on the
 * processor; `scatter` by operators that every device has (ONNX Runtime's WebGPU tells no places).
 */
export type MaximumForm = 'unpool' | 'scatter'

export class GraphWriter {
  readonly form: MaximumForm
  readonly #nodes: OnnxNode[] = []
  readonly #initialisers = new Map<string, OnnxTensor>()
  readonly #inputs: ValueInfo[] = []
  readonly #outputs: ValueInfo[] = []

  constructor(form: MaximumForm) {
    this.form = form
  }

  input(name: string, dims: readonly Dim[]): string {
    this.#inputs.push(valueInfo(name, dims))
    return name
  }

  /** Names a tensor that has been computed. */
  output(name: string, tensor: string, dims: readonly Dim[]): void {
    this.#nodes.push({
      name: `output.${name}`,
      opType: 'Identity',
      input: [tensor],
      output: [name],
      attribute: [],
    })
    this.#outputs.push(valueInfo(name, dims))
  }

  /** @returns the name of its only output */
  op(opType: string, input: readonly string[], attribute: OnnxAttribute[] = []): string {
    return this.ops(opType, input, 1, attribute)[0]!
  }

  ops(opType: string, input: readonly string[], outputs: number, attribute: OnnxAttribute[] = []): string[] {
    const name = `${opType}_${this.#nodes.length}`
    const output = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}.${i}`))
    this.#nodes.push({ name, opType, input: [...input], output, attribute })
    return output
  }

  numbers(values: Float32Array, dims: readonly number[]): string {
    return this.#constant(
      dims,
      dataTypes.float,
      littleEndian(values.length, 4, (view, i) => view.setFloat32(4 * i, values[i]!, true)),
    )
  }

  number(value: number): string {
    return this.numbers(Float32Array.of(value), [])
  }

  /** int64, one dimension. */
  integers(values: readonly number[]): string {
    return this.#constant(
      [values.length],
      dataTypes.int64,
      littleEndian(values.length, 8, (view, i) => view.setBigInt64(8 * i, BigInt(values[i]!), true)),
    )
  }

  /** @param dims 0 for a size that stays, -1 for what is left */
  reshape(x: string, dims: readonly number[]): string {
    return this.op('Reshape', [x, this.integers(dims)])
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.op('Transpose', [x], [ints('perm', perm)])
  }

  slice(x: string, axis: number, from: number, to: number): string {
    return this.op('Slice', [x, this.integers([from]), this.integers([to]), this.integers([axis])])
  }

  /** Backwards along these axes. */
  reverse(x: string, axes: readonly number[]): string {
    const all = (value: number): string => this.integers(axes.map(() => value))
    return this.op('Slice', [x, all(-1), all(-(2 ** 62)), this.integers(axes), all(-1)])
  }

  /** @param value what the new places hold */
  pad(
    x: string,
    rank: number,
    axis: number,
    [before, after]: readonly [number, number],
    value?: number,
  ): string {
    if (before === 0 && after === 0) return x
    const amounts = new Array<number>(2 * rank).fill(0)
    amounts[axis] = before
    amounts[rank + axis] = after
    return this.op('Pad', [x, this.integers(amounts), ...(value === undefined ? [] : [this.number(value)])])
  }

  concat(parts: readonly string[], axis: number): string {
    return parts.length === 1 ? parts[0]! : this.op('Concat', parts, [int('axis', axis)])
  }

  sum(x: string, axes: readonly number[], keepDims: boolean): string {
    return this.op('ReduceSum', [x, this.integers(axes)], [int('keepdims', Number(keepDims))])
  }

  /** Along one axis, whose size becomes 1. */
  mean(x: string, axis: number): string {
    return this.op('ReduceMean', [x], [ints('axes', [axis]), int('keepdims', 1)])
  }

  /** The largest along one axis, whose size becomes 1. */
  largest(x: string, axis: number): string {
    return this.op('ReduceMax', [x], [ints('axes', [axis]), int('keepdims', 1)])
  }

  /**
   * Over rows and, along the sequence, positions, one after the other: at once ONNX Runtime shares the sum out among its
   * threads, and rounds otherwise on another number of them.
   * @param x [n, channels, 1, length] or [n, units]
   */
  sumOverRows(x: string, isAlong: boolean, keepDims: boolean): string {
    const ofRows = isAlong ? this.sum(x, [3], true) : x
    return this.sum(ofRows, keepDims || !isAlong ? [0] : [0, 2, 3], keepDims)
  }

  graph(name: string): OnnxGraph {
    const needed = new Set(this.#outputs.map((output) => output.name))
    const node = this.#nodes
      .toReversed()
      .filter(({ input, output }) => {
        if (!output.some((tensor) => needed.has(tensor))) return false
        for (const tensor of input) needed.add(tensor)
        return true
      })
      .toReversed()
    return {
      name,
      node,
      initializer: [...this.#initialisers.values()].filter((tensor) => needed.has(tensor.name)),
      input: this.#inputs,
      output: this.#outputs,
    }
  }

  #constant(dims: readonly number[], dataType: number, rawData: Uint8Array): string {
    const name = `constant_${this.#initialisers.size}`
    this.#initialisers.set(name, { name, dims: [...dims], dataType, rawData })
    return name
  }
}

function littleEndian(count: number, size: number, put: (view: DataView, i: number) => void): Uint8Array {
  const bytes = new Uint8Array(count * size)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) put(view, i)
  return bytes
}

function valueInfo(name: string, dims: readonly Dim[]): ValueInfo {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } }
}

/** Of booleans, 1 and 0. */
export function toFloat(g: GraphWriter, x: string): string {
  return g.op('Cast', [x], [int('to', dataTypes.float)])
}
