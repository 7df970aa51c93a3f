/** Any ONNX file (IR 3 to 13) as plain objects; of hostile ones an error that names the file. */
import type { BoundedReader} from '../protobuf/boundedReader.ts';
import { readBounded } from '../protobuf/boundedReader.ts'
import { floatsOf, message, text, varint, varintsOf, type WireField } from '../protobuf/wire.ts'
import { type StoredTensor, tensorFault } from './onnxTensor.ts'

interface ParsedAttribute {
  readonly name: string
  /** A number of AttributeProto.AttributeType; 0 where the file does not tell. */
  readonly type: number
  readonly f: number
  readonly i: number
  readonly s: string
  readonly t: StoredTensor | undefined
  readonly floats: readonly number[]
  readonly ints: readonly number[]
  readonly holdsGraph: boolean
}

export interface ParsedNode {
  readonly name: string
  readonly opType: string
  /** Empty for the operators of ONNX itself. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, ParsedAttribute>
}

/** A size: known, named, or nothing at all. */
export type ParsedDim = number | string | undefined

export interface ParsedValue {
  readonly name: string
  /** A number of TensorProto.DataType; undefined where the value is no tensor. */
  readonly dataType: number | undefined
  /** Undefined where the rank is unknown. */
  readonly dims: readonly ParsedDim[] | undefined
}

export interface ParsedGraph {
  readonly nodes: readonly ParsedNode[]
  readonly initializers: readonly StoredTensor[]
  readonly inputs: readonly ParsedValue[]
  readonly outputs: readonly ParsedValue[]
}

export interface ParsedModel {
  readonly producerName: string
  /** Version of the operators of ONNX itself. */
  readonly opset: number
  readonly metadata: ReadonlyMap<string, string>
  readonly graph: ParsedGraph
  /** Tensors of the whole file whose numbers are outside of it. */
  readonly externalTensors: number
}

/** Graphs inside of nodes inside of graphs. */
const deepest = 32

/**
 * @param file named in errors
 * @throws DataError
 */
export function parseOnnx(bytes: Uint8Array, file: string): ParsedModel {
  return parsed(file, true, (parser) => parser.model(bytes))
}

/** As `parseOnnx`, where who asks holds each tensor's bytes against its sizes before it reads them. */
export function parseUncheckedOnnx(bytes: Uint8Array, file: string): ParsedModel {
  return parsed(file, false, (parser) => parser.model(bytes))
}

/** As `parseOnnx`, of one TensorProto. */
export function parseTensor(bytes: Uint8Array, file: string): StoredTensor {
  return parsed(file, true, (parser) => parser.tensor(bytes))
}

function parsed<Result>(file: string, checks: boolean, parse: (parser: Parser) => Result): Result {
  return readBounded(file, 'an ONNX model', (reader) => parse(new Parser(reader, checks)))
}

class Parser {
  readonly #reader: BoundedReader
  readonly #checksTensors: boolean
  #depth = 0
  #externalTensors = 0

  constructor(reader: BoundedReader, checksTensors: boolean) {
    this.#reader = reader
    this.#checksTensors = checksTensors
  }

  model(bytes: Uint8Array): ParsedModel {
    let producerName = ''
    let graph: ParsedGraph | undefined
    let opset: number | undefined
    const metadata = new Map<string, string>()
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 2) producerName = text(field)
      else if (field.number === 7) graph = this.#graph(message(field))
      else if (field.number === 8) {
        const { domain, version } = this.#operatorSet(message(field))
        if (domain === '' || domain === 'ai.onnx') opset = version
      } else if (field.number === 14) {
        const [key, value] = this.#stringPair(message(field))
        metadata.set(key, value)
      } else if (field.number === 25) this.#scanFunction(message(field))
    }
    if (graph === undefined) throw this.#reader.fault('is not an ONNX model: it holds no graph')
    if (opset === undefined)
      throw this.#reader.fault('is not an ONNX model: it names no version of the operators')
    return { producerName, opset, metadata, graph, externalTensors: this.#externalTensors }
  }

  #operatorSet(bytes: Uint8Array): { domain: string; version: number } {
    const found = { domain: '', version: 0 }
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) found.domain = text(field)
      else if (field.number === 2) found.version = varint(field)
    }
    return found
  }

  #stringPair(bytes: Uint8Array): [key: string, value: string] {
    const pair: [string, string] = ['', '']
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) pair[0] = text(field)
      else if (field.number === 2) pair[1] = text(field)
    }
    return pair
  }

  /** A function's nodes matter only for the tensors in them. */
  #scanFunction(bytes: Uint8Array): void {
    for (const field of this.#reader.fields(bytes)) if (field.number === 7) this.#node(message(field))
  }

  #graph(bytes: Uint8Array): ParsedGraph {
    if (++this.#depth > deepest) throw this.#reader.fault(`nests graphs more than ${deepest} deep`)
    const nodes: ParsedNode[] = []
    const initializers: StoredTensor[] = []
    const inputs: ParsedValue[] = []
    const outputs: ParsedValue[] = []
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) nodes.push(this.#node(message(field)))
      else if (field.number === 5) initializers.push(this.tensor(message(field)))
      else if (field.number === 11) inputs.push(this.#value(message(field)))
      else if (field.number === 12) outputs.push(this.#value(message(field)))
      else if (field.number === 15)
        throw this.#reader.fault('keeps weights as sparse tensors; export them dense')
    }
    this.#depth--
    return { nodes, initializers, inputs, outputs }
  }

  #node(bytes: Uint8Array): ParsedNode {
    const inputs: string[] = []
    const outputs: string[] = []
    const attributes = new Map<string, ParsedAttribute>()
    const node = { name: '', opType: '', domain: '' }
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) inputs.push(text(field))
      else if (field.number === 2) outputs.push(text(field))
      else if (field.number === 3) node.name = text(field)
      else if (field.number === 4) node.opType = text(field)
      else if (field.number === 5) {
        const attribute = this.#attribute(message(field))
        attributes.set(attribute.name, attribute)
      } else if (field.number === 7) node.domain = text(field)
    }
    if (node.domain === 'ai.onnx') node.domain = ''
    return { ...node, inputs, outputs, attributes }
  }

  #attribute(bytes: Uint8Array): ParsedAttribute {
    const attribute = { name: '', type: 0, f: 0, i: 0, s: '', holdsGraph: false }
    let t: StoredTensor | undefined
    const floats: number[] = []
    const ints: number[] = []
    for (const field of this.#reader.fields(bytes)) {
      switch (field.number) {
        case 1:
          attribute.name = text(field)
          break
        case 2:
          for (const value of floatsOf(field)) attribute.f = value
          break
        case 3:
          attribute.i = varint(field)
          break
        case 4:
          attribute.s = text(field)
          break
        case 5:
          t = this.tensor(message(field))
          break
        case 6:
        case 11:
          attribute.holdsGraph = true
          this.#graph(message(field))
          break
        case 7:
          this.#extend(floats, floatsOf(field))
          break
        case 8:
          this.#extend(ints, varintsOf(field))
          break
        case 10:
          this.tensor(message(field))
          break
        case 20:
          attribute.type = varint(field)
          break
      }
    }
    return { ...attribute, t, floats, ints }
  }

  /** Lists of attributes count as messages: they are objects in memory, too. */
  #extend(list: number[], more: Iterable<number>): void {
    for (const value of more) {
      this.#reader.count(1)
      list.push(value)
    }
  }

  tensor(bytes: Uint8Array): StoredTensor {
    const dims: number[] = []
    const lists: WireField[] = []
    const external = new Map<string, string>()
    const tensor = { name: '', dataType: 0, segmented: false }
    let raw: Uint8Array | undefined
    let outside = false
    for (const field of this.#reader.fields(bytes)) {
      switch (field.number) {
        case 1:
          this.#extend(dims, varintsOf(field))
          break
        case 2:
          tensor.dataType = varint(field)
          break
        case 3:
          tensor.segmented = true
          break
        case 4:
        case 5:
        case 6:
        case 7:
        case 10:
        case 11:
          lists.push(field)
          break
        case 8:
          tensor.name = text(field)
          break
        case 9:
          raw = message(field)
          break
        case 13: {
          const [key, value] = this.#stringPair(message(field))
          external.set(key, value)
          break
        }
        case 14:
          outside = varint(field) === 1
          break
      }
    }
    if (outside) this.#externalTensors++
    const stored = { ...tensor, dims, lists, raw, external: outside ? external : undefined }
    const fault = this.#checksTensors ? tensorFault(stored) : undefined
    if (fault !== undefined) throw this.#reader.fault(`tensor '${stored.name}' ${fault}`)
    return stored
  }

  #value(bytes: Uint8Array): ParsedValue {
    let name = ''
    let type: Uint8Array = new Uint8Array()
    for (const field of this.#reader.fields(bytes)) {
      if (field.number === 1) name = text(field)
      else if (field.number === 2) type = message(field)
    }
    let dataType: number | undefined
    let dims: ParsedDim[] | undefined
    for (const ofType of this.#reader.fields(type)) {
      if (ofType.number !== 1) continue
      dataType = 0
      for (const field of this.#reader.fields(message(ofType))) {
        if (field.number === 1) dataType = varint(field)
        else if (field.number === 2) dims = this.#shape(message(field))
      }
    }
    return { name, dataType, dims }
  }

  #shape(bytes: Uint8Array): ParsedDim[] {
    const dims: ParsedDim[] = []
    for (const field of this.#reader.fields(bytes)) {
      if (field.number !== 1) continue
      let dim: ParsedDim
      for (const part of this.#reader.fields(message(field))) {
        if (part.number === 1) dim = varint(part)
        else if (part.number === 2) dim = text(part)
      }
      // Exporters write 0 and -1 for sizes that they do not know.
      dims.push(typeof dim === 'number' && dim < 1 ? undefined : dim)
    }
    return dims
  }
}
