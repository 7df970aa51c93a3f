/** Any ONNX file (IR 3 to 13) as plain objects; of hostile ones an error that names the file. */
import { DataError } from '../../../base/errors.ts'
import { tensorFault, type StoredTensor } from './onnxTensor.ts'
import { readVarint, WireError, wireFields, type WireField } from './onnxWire.ts'

export interface ParsedAttribute {
  readonly name: string
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

/**
 * What a file may hold: each field is one, and what is made of a message in memory is worth eight more. Ten times more
 * than any model of sequences has (Enformer: 2,000 operators of about 50), and less than 200 MB.
 */
const largestContent = 2_000_000
const messageWorth = 8
/** Names are short; what plug-ins keep in an attribute is not. */
const longestText = 2 ** 26
/** Graphs inside of nodes inside of graphs. */
const deepest = 32

/**
 * @param file named in errors
 * @throws DataError
 */
export function parseOnnx(bytes: Uint8Array, file: string): ParsedModel {
  return parsed(file, (parser) => parser.model(bytes))
}

/** As `parseOnnx`, of one TensorProto. */
export function parseTensor(bytes: Uint8Array, file: string): StoredTensor {
  return parsed(file, (parser) => parser.tensor(bytes))
}

function parsed<Result>(file: string, parse: (parser: Parser) => Result): Result {
  try {
    return parse(new Parser(file))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new DataError(
      `is not an ONNX model, or is cut short (${error.message})`,
      { file },
      { cause: error },
    )
  }
}

class Parser {
  readonly #file: string
  #content = 0
  #depth = 0
  #externalTensors = 0

  constructor(file: string) {
    this.#file = file
  }

  model(bytes: Uint8Array): ParsedModel {
    let producerName = ''
    let graph: ParsedGraph | undefined
    let opset: number | undefined
    const metadata = new Map<string, string>()
    for (const field of this.#fields(bytes)) {
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
    if (graph === undefined) throw this.#fault('is not an ONNX model: it holds no graph')
    if (opset === undefined) throw this.#fault('is not an ONNX model: it names no version of the operators')
    return { producerName, opset, metadata, graph, externalTensors: this.#externalTensors }
  }

  #operatorSet(bytes: Uint8Array): { domain: string; version: number } {
    const found = { domain: '', version: 0 }
    for (const field of this.#fields(bytes)) {
      if (field.number === 1) found.domain = text(field)
      else if (field.number === 2) found.version = varint(field)
    }
    return found
  }

  #stringPair(bytes: Uint8Array): [key: string, value: string] {
    const pair: [string, string] = ['', '']
    for (const field of this.#fields(bytes)) {
      if (field.number === 1) pair[0] = text(field)
      else if (field.number === 2) pair[1] = text(field)
    }
    return pair
  }

  /** A function's nodes matter only for the tensors in them. */
  #scanFunction(bytes: Uint8Array): void {
    for (const field of this.#fields(bytes)) if (field.number === 7) this.#node(message(field))
  }

  #graph(bytes: Uint8Array): ParsedGraph {
    if (++this.#depth > deepest) throw this.#fault(`nests graphs more than ${deepest} deep`)
    const nodes: ParsedNode[] = []
    const initializers: StoredTensor[] = []
    const inputs: ParsedValue[] = []
    const outputs: ParsedValue[] = []
    for (const field of this.#fields(bytes)) {
      if (field.number === 1) nodes.push(this.#node(message(field)))
      else if (field.number === 5) initializers.push(this.tensor(message(field)))
      else if (field.number === 11) inputs.push(this.#value(message(field)))
      else if (field.number === 12) outputs.push(this.#value(message(field)))
      else if (field.number === 15) throw this.#fault('keeps weights as sparse tensors; export them dense')
    }
    this.#depth--
    return { nodes, initializers, inputs, outputs }
  }

  #node(bytes: Uint8Array): ParsedNode {
    const inputs: string[] = []
    const outputs: string[] = []
    const attributes = new Map<string, ParsedAttribute>()
    const node = { name: '', opType: '', domain: '' }
    for (const field of this.#fields(bytes)) {
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
    const attribute = { name: '', f: 0, i: 0, s: '', holdsGraph: false }
    let t: StoredTensor | undefined
    const floats: number[] = []
    const ints: number[] = []
    for (const field of this.#fields(bytes)) {
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
      }
    }
    return { ...attribute, t, floats, ints }
  }

  /** Lists of attributes count as messages: they are objects in memory, too. */
  #extend(list: number[], more: Iterable<number>): void {
    for (const value of more) {
      this.#count(1)
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
    for (const field of this.#fields(bytes)) {
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
    const fault = tensorFault(stored)
    if (fault !== undefined) throw this.#fault(`tensor '${stored.name}' ${fault}`)
    return stored
  }

  #value(bytes: Uint8Array): ParsedValue {
    let name = ''
    let type: Uint8Array = new Uint8Array()
    for (const field of this.#fields(bytes)) {
      if (field.number === 1) name = text(field)
      else if (field.number === 2) type = message(field)
    }
    let dataType: number | undefined
    let dims: ParsedDim[] | undefined
    for (const ofType of this.#fields(type)) {
      if (ofType.number !== 1) continue
      dataType = 0
      for (const field of this.#fields(message(ofType))) {
        if (field.number === 1) dataType = varint(field)
        else if (field.number === 2) dims = this.#shape(message(field))
      }
    }
    return { name, dataType, dims }
  }

  #shape(bytes: Uint8Array): ParsedDim[] {
    const dims: ParsedDim[] = []
    for (const field of this.#fields(bytes)) {
      if (field.number !== 1) continue
      let dim: ParsedDim
      for (const part of this.#fields(message(field))) {
        if (part.number === 1) dim = varint(part)
        else if (part.number === 2) dim = text(part)
      }
      // Exporters write 0 and -1 for sizes that they do not know.
      dims.push(typeof dim === 'number' && dim < 1 ? undefined : dim)
    }
    return dims
  }

  *#fields(bytes: Uint8Array): Generator<WireField> {
    this.#count(messageWorth)
    for (const field of wireFields(bytes)) {
      this.#count(1)
      yield field
    }
  }

  #count(worth: number): void {
    this.#content += worth
    if (this.#content > largestContent) {
      throw this.#fault(`holds more than ${largestContent} fields and messages; no model of sequences does`)
    }
  }

  #fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}

function message(field: WireField): Uint8Array {
  if (field.wireType !== 2) throw new WireError(`field ${field.number} is a number where bytes belong`)
  return field.bytes
}

const utf8 = new TextDecoder()

function text(field: WireField): string {
  const bytes = message(field)
  if (bytes.length > longestText) throw new WireError(`a text of ${bytes.length} bytes`)
  return utf8.decode(bytes)
}

function varint(field: WireField): number {
  if (field.wireType !== 0) throw new WireError(`field ${field.number} is no whole number`)
  return field.varint
}

function* varintsOf(field: WireField): Generator<number> {
  if (field.wireType !== 0 && field.wireType !== 2)
    throw new WireError(`field ${field.number} is no whole number`)
  for (let at = 0; at < field.bytes.length;) {
    const { value, next } = readVarint(field.bytes, at)
    yield value
    at = next
  }
}

function* floatsOf(field: WireField): Generator<number> {
  const { bytes, number, wireType } = field
  if ((wireType !== 5 && wireType !== 2) || bytes.length % 4 !== 0) {
    throw new WireError(`field ${number} is no list of float32`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += 4) yield view.getFloat32(at, true)
}
