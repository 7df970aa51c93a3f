/** Tensors as ONNX files store them: every encoding of TensorProto, its size checked before anything is allocated. */
import { fromFloat16 } from '../../../base/float16.ts'
import type { WireField } from '../protobuf/wire.ts'
import { countVarints, readVarint } from '../protobuf/wire.ts'

/** A tensor as the file has it; nothing is decoded yet. */
export interface StoredTensor {
  readonly name: string
  readonly dims: readonly number[]
  /** A number of TensorProto.DataType. */
  readonly dataType: number
  /** Little-endian, row-major; undefined where the numbers are in `lists` or outside. */
  readonly raw: Uint8Array | undefined
  /** Fields of typed numbers (float_data, int32_data, …), packed or one by one. */
  readonly lists: readonly WireField[]
  /** The entries of `external_data`: location, offset, length. Undefined where the numbers are in the file. */
  readonly external: ReadonlyMap<string, string> | undefined
  readonly segmented: boolean
}

/** Numbers of a tensor in memory. */
export interface Constant {
  readonly kind: 'constant'
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array // [product of dims]; Float64Array where they are whole or Boolean
}

interface Encoding {
  readonly name: string
  /** Bits of one element in raw_data. */
  readonly bits: number
  /** The field of TensorProto that holds it where raw_data does not. */
  readonly field: number
  readonly kind: 'float' | 'whole' | 'other'
}

const fields = { float: 4, int32: 5, string: 6, int64: 7, double: 10, uint64: 11 } as const

const encodings: Readonly<Record<number, Encoding>> = {
  1: { name: 'float32', bits: 32, field: fields.float, kind: 'float' },
  2: { name: 'uint8', bits: 8, field: fields.int32, kind: 'whole' },
  3: { name: 'int8', bits: 8, field: fields.int32, kind: 'whole' },
  4: { name: 'uint16', bits: 16, field: fields.int32, kind: 'whole' },
  5: { name: 'int16', bits: 16, field: fields.int32, kind: 'whole' },
  6: { name: 'int32', bits: 32, field: fields.int32, kind: 'whole' },
  7: { name: 'int64', bits: 64, field: fields.int64, kind: 'whole' },
  8: { name: 'string', bits: 0, field: fields.string, kind: 'other' },
  9: { name: 'bool', bits: 8, field: fields.int32, kind: 'whole' },
  10: { name: 'float16', bits: 16, field: fields.int32, kind: 'float' },
  11: { name: 'float64', bits: 64, field: fields.double, kind: 'float' },
  12: { name: 'uint32', bits: 32, field: fields.uint64, kind: 'whole' },
  13: { name: 'uint64', bits: 64, field: fields.uint64, kind: 'whole' },
  14: { name: 'complex64', bits: 64, field: fields.float, kind: 'other' },
  15: { name: 'complex128', bits: 128, field: fields.double, kind: 'other' },
  16: { name: 'bfloat16', bits: 16, field: fields.int32, kind: 'float' },
  17: { name: 'float8e4m3fn', bits: 8, field: fields.int32, kind: 'other' },
  18: { name: 'float8e4m3fnuz', bits: 8, field: fields.int32, kind: 'other' },
  19: { name: 'float8e5m2', bits: 8, field: fields.int32, kind: 'other' },
  20: { name: 'float8e5m2fnuz', bits: 8, field: fields.int32, kind: 'other' },
  21: { name: 'uint4', bits: 4, field: fields.int32, kind: 'other' },
  22: { name: 'int4', bits: 4, field: fields.int32, kind: 'other' },
  23: { name: 'float4e2m1', bits: 4, field: fields.int32, kind: 'other' },
}

/** Of what a model may read and give; whatever it is, scores are float32 to us. */
export const floatTypes = { float32: 1, float16: 10, float64: 11 } as const

export function isFloatType(dataType: number | undefined): boolean {
  return Object.values(floatTypes).some((type) => type === dataType)
}

export function dataTypeName(dataType: number): string {
  return encodings[dataType]?.name ?? `data type ${dataType}`
}

/** No model of sequences has a larger tensor; its indices fit 31 bits. */
const largestTensor = 2 ** 31 - 1

/** @returns elements of a tensor, or undefined where the dimensions are none or too large */
export function elementCount(dims: readonly number[]): number | undefined {
  let count = 1
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) return undefined
    count *= dim
    if (count > largestTensor) return undefined
  }
  return count
}

/** @returns the bytes of `raw_data` that the dimensions call for; call after `tensorFault` found nothing */
export function rawSize({ dims, dataType }: StoredTensor): number {
  return Math.ceil((elementCount(dims)! * encodings[dataType]!.bits) / 8)
}

/** @returns what is wrong with a tensor, or undefined; external numbers are looked at when they are read */
export function tensorFault(tensor: StoredTensor): string | undefined {
  const { dims, dataType, raw, lists, external } = tensor
  const encoding = encodings[dataType]
  if (encoding === undefined) return `has the unknown data type ${dataType}`
  const count = elementCount(dims)
  if (count === undefined) return `has the dimensions [${dims.join(', ')}]`
  if (tensor.segmented) return 'is stored in segments'
  if (external !== undefined)
    return encoding.name === 'string' ? 'keeps strings outside of the file' : undefined
  const claim = `claims ${count} numbers (${encoding.name} [${dims.join(', ')}])`
  if (raw !== undefined) {
    return raw.length === rawSize(tensor) ? undefined : `${claim}, but holds ${raw.length} bytes`
  }
  const stray = lists.find(({ number, wireType }) => number !== encoding.field || !fitsList(number, wireType))
  if (stray !== undefined) return `keeps ${encoding.name} in field ${stray.number} of TensorProto`
  const perField = dataType >= 21 ? 2 : 1
  const components = dataType === 14 || dataType === 15 ? 2 : 1
  const held = lists.reduce((total, list) => total + listCount(list), 0)
  return held === Math.ceil((count * components) / perField) ? undefined : `${claim}, but holds ${held}`
}

function fitsList(number: number, wireType: WireField['wireType']): boolean {
  if (wireType === 2) return true
  return wireType === (number === fields.float ? 5 : number === fields.double ? 1 : 0)
}

function listCount({ number, wireType, bytes }: WireField): number {
  if (number === fields.string || wireType !== 2) return 1
  if (number === fields.float) return bytes.length / 4
  return number === fields.double ? bytes.length / 8 : countVarints(bytes)
}

/** @returns the numbers, or undefined where they are none that a network has (strings, complex, 8 bits and fewer) */
export function readTensor(tensor: StoredTensor): Constant | undefined {
  const encoding = encodings[tensor.dataType]!
  if (encoding.kind === 'other') return undefined
  const count = elementCount(tensor.dims)!
  const values = encoding.kind === 'float' ? new Float32Array(count) : new Float64Array(count)
  if (tensor.raw !== undefined) readRaw(tensor.raw, tensor.dataType, values)
  else readLists(tensor.lists, tensor.dataType, values)
  return { kind: 'constant', dims: tensor.dims, values }
}

function readRaw(raw: Uint8Array, dataType: number, values: Float32Array | Float64Array): void {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const step = encodings[dataType]!.bits / 8
  const read = rawReaders[dataType]!
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * step)
}

const rawReaders: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  1: (view, at) => view.getFloat32(at, true),
  2: (view, at) => view.getUint8(at),
  3: (view, at) => view.getInt8(at),
  4: (view, at) => view.getUint16(at, true),
  5: (view, at) => view.getInt16(at, true),
  6: (view, at) => view.getInt32(at, true),
  7: (view, at) => Number(view.getBigInt64(at, true)),
  9: (view, at) => view.getUint8(at),
  10: (view, at) => fromFloat16(view.getUint16(at, true)),
  11: (view, at) => view.getFloat64(at, true),
  12: (view, at) => view.getUint32(at, true),
  13: (view, at) => Number(view.getBigUint64(at, true)),
  16: (view, at) => fromBfloat16(view.getUint16(at, true)),
}

function readLists(lists: readonly WireField[], dataType: number, values: Float32Array | Float64Array): void {
  let next = 0
  for (const { number, bytes } of lists) {
    if (number === fields.float || number === fields.double) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const step = number === fields.float ? 4 : 8
      for (let at = 0; at < bytes.length; at += step) {
        values[next++] = number === fields.float ? view.getFloat32(at, true) : view.getFloat64(at, true)
      }
    } else {
      for (let at = 0; at < bytes.length;) {
        const varint = readVarint(bytes, at)
        at = varint.next
        values[next++] =
          dataType === 10
            ? fromFloat16(varint.value)
            : dataType === 16
              ? fromBfloat16(varint.value)
              : varint.value
      }
    }
  }
}

const bits = new Uint32Array(1)
const asFloat = new Float32Array(bits.buffer)

function fromBfloat16(half: number): number {
  bits[0] = half * 65_536
  return asFloat[0]!
}
