/** ONNX files made by hand, field by field, so that a test can write what no exporter would. */

type Bytes = Uint8Array

export interface TestTensor {
  readonly name: string
  readonly dims: readonly number[]
  /** Float32 unless given; the bytes of raw_data are then those of `values`. */
  readonly values: Float32Array | BigInt64Array | Float64Array | Int32Array | Uint8Array
  readonly dataType?: number
}

export type TestAttribute = number | string | readonly number[] | TestTensor | { readonly float: number }

export interface TestNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, TestAttribute>>
  readonly domain?: string
  readonly name?: string
}

export interface TestValue {
  readonly name: string
  readonly dims: readonly (number | string)[]
  readonly dataType?: number
}

export interface TestModel {
  readonly nodes: readonly TestNode[]
  readonly tensors?: readonly (TestTensor | Bytes)[]
  readonly inputs: readonly TestValue[]
  readonly outputs: readonly TestValue[]
  readonly opset?: number
  readonly irVersion?: number
}

export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

export function int(field: number, value: number | bigint): Bytes {
  return Buffer.concat([varint(field * 8), varint(value)])
}

export function bytes(field: number, content: Bytes): Bytes {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

export function string(field: number, content: string): Bytes {
  return bytes(field, new TextEncoder().encode(content))
}

function float(field: number, value: number): Bytes {
  return Buffer.concat([varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)])
}

export function rawTensor({ name, dims, values, dataType }: TestTensor): Bytes {
  const type =
    dataType ??
    (values instanceof BigInt64Array
      ? 7
      : values instanceof Float64Array
        ? 11
        : values instanceof Int32Array
          ? 6
          : 1)
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.concat([...dims.map((dim) => int(1, dim)), int(2, type), string(8, name), bytes(9, raw)])
}

function attribute(name: string, value: TestAttribute): Bytes {
  const parts = [string(1, name)]
  if (typeof value === 'number') parts.push(int(3, value), int(20, 2))
  else if (typeof value === 'string') parts.push(string(4, value), int(20, 3))
  else if ('float' in value) parts.push(float(2, value.float), int(20, 1))
  else if ('dims' in value) parts.push(bytes(5, rawTensor(value)), int(20, 4))
  else parts.push(...value.map((each) => int(8, each)), int(20, 7))
  return Buffer.concat(parts)
}

export function node({ op, inputs, outputs, attributes = {}, domain, name }: TestNode): Bytes {
  return Buffer.concat([
    ...inputs.map((input) => string(1, input)),
    ...outputs.map((output) => string(2, output)),
    string(3, name ?? ''),
    string(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
    ...(domain === undefined ? [] : [string(7, domain)]),
  ])
}

function value({ name, dims, dataType = 1 }: TestValue): Bytes {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'number' ? int(1, dim) : string(2, dim)))
  return Buffer.concat([
    string(1, name),
    bytes(2, bytes(1, Buffer.concat([int(1, dataType), bytes(2, Buffer.concat(shape))]))),
  ])
}

export function graph({ nodes, tensors = [], inputs, outputs }: TestModel): Bytes {
  return Buffer.concat([
    ...nodes.map((each) => bytes(1, node(each))),
    string(2, 'graph'),
    ...tensors.map((tensor) => bytes(5, tensor instanceof Uint8Array ? tensor : rawTensor(tensor))),
    ...inputs.map((input) => bytes(11, value(input))),
    ...outputs.map((output) => bytes(12, value(output))),
  ])
}

export function modelFile(model: TestModel): Bytes {
  return Buffer.concat([
    int(1, model.irVersion ?? 8),
    bytes(7, graph(model)),
    bytes(8, Buffer.concat([string(1, ''), int(2, model.opset ?? 17)])),
  ])
}
