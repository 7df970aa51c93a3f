/** The part of the ONNX file format that we write: messages of onnx.proto3 (onnx/onnx on GitHub, IR version 7). */
import protobuf from 'protobufjs/light.js'

export interface OnnxAttribute {
  name: string
  /** One of `attributeTypes`. */
  type: number
  f?: number
  i?: number
  ints?: number[]
}

export interface OnnxNode {
  name: string
  opType: string
  /** Empty for the operators of ONNX itself. */
  domain?: string
  input: string[]
  output: string[]
  attribute: OnnxAttribute[]
}

export interface OnnxTensor {
  name: string
  dims: number[]
  /** One of `dataTypes`. */
  dataType: number
  /** Little-endian, row-major. */
  rawData: Uint8Array
}

interface OnnxValueInfo {
  name: string
  type: {
    tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } }
  }
}

export interface OnnxGraph {
  name: string
  node: OnnxNode[]
  initializer: OnnxTensor[]
  input: OnnxValueInfo[]
  output: OnnxValueInfo[]
}

export interface OnnxModel {
  irVersion: number
  producerName: string
  producerVersion: string
  graph: OnnxGraph
  opsetImport: { domain: string; version: number }[]
  metadataProps: { key: string; value: string }[]
}

export const attributeTypes = { float: 1, int: 2, ints: 7 } as const

export const dataTypes = { float: 1, int64: 7 } as const

export function int(name: string, i: number): OnnxAttribute {
  return { name, type: attributeTypes.int, i }
}

export function ints(name: string, values: readonly number[]): OnnxAttribute {
  return { name, type: attributeTypes.ints, ints: [...values] }
}

export function float(name: string, f: number): OnnxAttribute {
  return { name, type: attributeTypes.float, f }
}

type FieldDescriptor = readonly [type: string, id: number, rule?: 'repeated']

/** Fields by message and name, so that no file of Protocol Buffers has to be compiled. */
type Messages = Readonly<Record<string, Readonly<Record<string, FieldDescriptor>>>>

const messages: Messages = {
  ModelProto: {
    irVersion: ['int64', 1],
    producerName: ['string', 2],
    producerVersion: ['string', 3],
    graph: ['GraphProto', 7],
    opsetImport: ['OperatorSetIdProto', 8, 'repeated'],
    metadataProps: ['StringStringEntryProto', 14, 'repeated'],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  StringStringEntryProto: { key: ['string', 1], value: ['string', 2] },
  GraphProto: {
    node: ['NodeProto', 1, 'repeated'],
    name: ['string', 2],
    initializer: ['TensorProto', 5, 'repeated'],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
  },
  NodeProto: {
    input: ['string', 1, 'repeated'],
    output: ['string', 2, 'repeated'],
    name: ['string', 3],
    opType: ['string', 4],
    attribute: ['AttributeProto', 5, 'repeated'],
    domain: ['string', 7],
  },
  AttributeProto: {
    name: ['string', 1],
    f: ['float', 2],
    i: ['int64', 3],
    ints: ['int64', 8, 'repeated'],
    type: ['int32', 20],
  },
  TensorProto: {
    dims: ['int64', 1, 'repeated'],
    dataType: ['int32', 2],
    name: ['string', 8],
    rawData: ['bytes', 9],
  },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2] },
  TypeProto: { tensorType: ['TensorTypeProto', 1] },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dimValue: ['int64', 1], dimParam: ['string', 2] },
}

/** Built on first use: no module does work when it is imported. */
let modelType: protobuf.Type | undefined

function onnxModelType(): protobuf.Type {
  modelType ??= protobuf.Root.fromJSON({
    nested: Object.fromEntries(
      Object.entries(messages).map(([message, fields]) => [
        message,
        {
          fields: Object.fromEntries(
            Object.entries(fields).map(([field, [type, id, rule]]) => [
              field,
              rule === undefined ? { type, id } : { type, id, rule },
            ]),
          ),
        },
      ]),
    ),
  }).lookupType('ModelProto')
  return modelType
}

/** @returns the bytes of an ONNX file */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const type = onnxModelType()
  return type.encode(type.fromObject(model)).finish()
}
