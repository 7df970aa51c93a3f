/**
 * Reads the network back out of an ONNX file that `writeOnnx` wrote: the same weights, bit for bit. What inference does
 * not need is not in the file: dropout is gone, and padding reads as `valid` where it pads nothing, as `same` where it is
 * that. Files of others are read operator by operator, in foreign/onnx.
 */
import { DataError } from '../../../base/errors.ts'
import { baseCount, baseLetters } from '../../../sequence/alphabet.ts'
import type { ActivationFunction, Layer, Network, Padding } from '../../network/network.ts'
import {
  channelsOf,
  outputShape,
  paddingFrom,
  product,
  type Shape,
  shapesAfter,
} from '../../network/shapes.ts'
import { dataTypes, type OnnxAttribute, type OnnxGraph } from '../onnx/onnxEncode.ts'
import { type ParsedGraph, type ParsedModel, type ParsedNode, parseUncheckedOnnx } from '../onnx/onnxParse.ts'
import type { StoredTensor } from '../onnx/onnxTensor.ts'
import {
  activationOperators,
  buildOnnxGraph,
  inputName,
  reorderKernel,
  reverseStarts,
} from './ownOnnxGraph.ts'
import { opset } from './ownOnnxWriter.ts'
import { commonLink, layersBetween, type Link } from '../../network/chains.ts'

/**
 * @param file named in errors
 * @throws DataError naming the operator that no network of ours has, or what else is not as `writeOnnx` writes it
 */
export function readOwnOnnx(bytes: Uint8Array, file = 'model.onnx'): Network {
  return networkOfOwnOnnx(parseUncheckedOnnx(bytes, file), file)
}

/** As `readOwnOnnx`, of a model that is parsed. */
export function networkOfOwnOnnx(model: ParsedModel, file: string): Network {
  const fail = (problem: string): never => {
    throw new DataError(`${problem}; only models written by sis can be read back as a network`, { file })
  }
  if (model.opset !== opset) fail(`uses opset ${model.opset}, not ${opset}`)
  const inputLength = inputLengthOf(model.graph, fail)
  const network: Network = {
    inputLength,
    ...new GraphReader(model.graph, fail).read(inputLength),
    outputs: outputsOf(model, fail),
  }
  checkGraph(model.graph, network, fail)
  return network
}

type Fail = (problem: string) => never

function inputLengthOf(graph: ParsedGraph, fail: Fail): number {
  const [, channels, length] = graph.inputs[0]?.dims ?? []
  if (channels !== baseCount || typeof length !== 'number') {
    return fail(`has no input [batch, ${baseCount}, length]`)
  }
  return length
}

function outputsOf({ metadata }: ParsedModel, fail: Fail): string[] {
  if (metadata.get('alphabet') !== baseLetters) fail(`is not for the alphabet ${baseLetters}`)
  let outputs: unknown
  try {
    outputs = JSON.parse(metadata.get('outputs') ?? '')
  } catch {
    return fail('does not name its outputs')
  }
  if (!Array.isArray(outputs) || !outputs.every((name) => typeof name === 'string')) {
    return fail('does not name its outputs')
  }
  return outputs
}

/** The network, written again, must be the graph that was read: then nothing in it was overlooked. */
function checkGraph(graph: ParsedGraph, network: Network, fail: Fail): void {
  let expected: OnnxGraph
  try {
    expected = buildOnnxGraph(network)
  } catch (error) {
    return fail(`has layers that do not fit each other (${(error as Error).message})`)
  }
  if (graph.nodes.length !== expected.node.length) fail('has operators that its layers do not need')
  for (const [i, node] of graph.nodes.entries()) {
    const { opType, domain = '', input, output, attribute } = expected.node[i]!
    const written = canonicalNode(opType, domain, input, output, attribute)
    const found = canonicalNode(node.opType, node.domain, node.inputs, node.outputs, [
      ...node.attributes.values(),
    ])
    if (found !== written) fail(`operator ${node.opType} ('${node.name}') is not as sis writes it`)
  }
  const ends = [graph.inputs, graph.outputs].map((values) =>
    values.map(({ name, dataType, dims }) => [name, dataType, dims]),
  )
  const written = [expected.input, expected.output].map((values) => values.map(canonicalValue))
  if (JSON.stringify(ends) !== JSON.stringify(written)) fail('has other inputs or outputs than its layers')
  if (graph.initializers.length !== expected.initializer.length) fail('has more weights than its layers')
  for (const [i, { name, dims, rawData }] of expected.initializer.entries()) {
    const found = graph.initializers[i]!
    const same = found.name === name && String(found.dims) === String(dims)
    if (!same || Buffer.compare(rawOf(found), rawData) !== 0)
      fail(`constant '${found.name}' is not as sis writes it`)
  }
}

function canonicalNode(
  opType: string,
  domain: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Readonly<
    Pick<OnnxAttribute, 'name' | 'type' | 'f' | 'i'> & { ints?: readonly number[] }
  >[],
): string {
  const plain = attributes.map(({ name, type, f = 0, i = 0, ints = [] }) => [name, type, f, i, ints])
  return JSON.stringify([opType, domain, inputs, outputs, plain])
}

function canonicalValue({ name, type: { tensorType } }: OnnxGraph['input'][number]) {
  const { elemType, shape } = tensorType
  return [name, elemType, shape.dim.map(({ dimValue, dimParam }) => dimValue ?? dimParam)]
}

function rawOf({ raw }: StoredTensor): Uint8Array {
  return raw ?? new Uint8Array()
}

const activationOfOperator = new Map(
  Object.entries(activationOperators).map(([name, operator]) => [operator, name as ActivationFunction]),
)

/** A tensor that layers make: the last of them, and what it reads. */
interface Made extends Link<Made> {
  readonly shape: Shape
}

class GraphReader {
  readonly #nodes: readonly ParsedNode[]
  readonly #tensors: ReadonlyMap<string, StoredTensor>
  readonly #fail: Fail
  readonly #made = new Map<string, Made>()
  #next = 0

  constructor(graph: ParsedGraph, fail: Fail) {
    this.#nodes = graph.nodes
    this.#tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]))
    this.#fail = fail
  }

  read(inputLength: number): Pick<Network, 'layers' | 'strands' | 'strandJoin'> {
    const input: Shape = [inputLength, baseCount]
    const first = this.#take('Unsqueeze')
    if (first.inputs[0] !== inputName) this.#fail(`operator Unsqueeze does not read '${inputName}'`)
    if (this.#nodes[this.#next]?.inputs[1] !== reverseStarts) {
      return { layers: this.#readLayers(outputOf(first), input, this.#nodes.length), strands: 'forward' }
    }
    this.#take('Slice')
    const split = this.#nodes.findIndex(({ opType }) => opType === 'Split')
    const joined = outputOf(this.#take('Concat'))
    const layers = this.#readLayers(joined, input, split < 0 ? this.#nodes.length - 2 : split)
    this.#take('Split')
    if (this.#nodes[this.#next]?.opType !== 'Mean') {
      this.#take('Max')
      return { layers, strands: 'both' }
    }
    const mean = outputOf(this.#take('Mean'))
    if (this.#next === this.#nodes.length) return { layers, strands: 'both', strandJoin: 'mean' }
    const shape = shapesAfter(layers, input).at(-1) ?? input
    const last = this.#readLayers(mean, shape, this.#nodes.length)
    return { layers: [...layers, ...last], strands: 'both', strandJoin: 'mean-of-logits' }
  }

  /** @param end of the operators that are layers */
  #readLayers(name: string, shape: Shape, end: number): Layer[] {
    let last: Made = { shape, layer: undefined, parent: undefined, depth: 0 }
    const input = last
    this.#made.set(name, last)
    while (this.#next < end) {
      last = this.#readNext()
      this.#made.set(outputOf(this.#nodes[this.#next - 1]!), last)
    }
    return layersBetween(input, last)
  }

  #readNext(): Made {
    const node = this.#nodes[this.#next]!
    const read = this.#inputOf(node, 0)
    if (node.opType === 'Add') return this.#readResidual(this.#take('Add'))
    if (node.opType === 'Concat') return this.#readConcat(this.#take('Concat'))
    const layer = this.#readLayer(node, read.shape)
    let shape: Shape
    try {
      shape = outputShape(layer, read.shape, '')
    } catch (error) {
      return this.#misfit(error)
    }
    return { shape, layer, parent: read, depth: read.depth + 1 }
  }

  #inputOf(node: ParsedNode, i: number): Made {
    const made = this.#made.get(node.inputs[i] ?? '')
    if (made !== undefined) return made
    return this.#fail(
      `operator ${node.opType} ('${node.name}') reads '${node.inputs[i] ?? ''}', which no layer makes`,
    )
  }

  #misfit(error: unknown): never {
    return this.#fail(`has layers that do not fit each other (${(error as Error).message})`)
  }

  #readLayer(node: ParsedNode, input: Shape): Layer {
    switch (node.opType) {
      case 'Conv':
        return this.#readConv(this.#take('Conv'), input)
      case 'Gemm': {
        const { inputs } = this.#take('Gemm')
        const [kernel, bias] = [this.#weights(inputs[1], 2), this.#weights(inputs[2], 1)]
        return { kind: 'dense', units: bias.values.length, kernel: kernel.values, bias: bias.values }
      }
      case 'BatchNormalization': {
        const { inputs, attributes } = this.#take('BatchNormalization')
        const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => this.#weights(inputs[i], 1).values)
        const epsilon = shortestDecimal(attributes.get('epsilon')?.f ?? 0)
        return { kind: 'batchNorm', epsilon, gamma: gamma!, beta: beta!, mean: mean!, variance: variance! }
      }
      case 'MaxPool':
      case 'AveragePool': {
        const pool = this.#take(node.opType)
        const [size, stride] = [lastInt(pool, 'kernel_shape'), lastInt(pool, 'strides')]
        if (size === undefined || stride === undefined)
          return this.#fail(`operator ${node.opType} has no size or stride`)
        const kind = node.opType === 'MaxPool' ? 'maxPool1d' : 'averagePool1d'
        return { kind, size, stride, padding: paddingIn(pool, input, size, stride) }
      }
      case 'GlobalMaxPool':
      case 'GlobalAveragePool':
        this.#take(node.opType)
        this.#take('Flatten')
        return { kind: node.opType === 'GlobalMaxPool' ? 'globalMaxPool' : 'globalAveragePool' }
      case 'Transpose':
        this.#take('Transpose')
        this.#take('Flatten')
        return { kind: 'flatten' }
      case 'Flatten':
        this.#take('Flatten')
        return { kind: 'flatten' }
      case 'Reshape': {
        const groups = this.#integerAt(this.#take('Reshape').inputs[1], 1)
        this.#take('Transpose')
        this.#take('Reshape')
        return { kind: 'splitChannels', groups }
      }
      case 'Slice': {
        const { inputs: names } = this.#take('Slice')
        const [start, end] = [this.#integerAt(names[1], 0), this.#integerAt(names[2], 0)]
        return { kind: 'crop1d', before: start, after: input[0] - end }
      }
      case 'Pad': {
        const amounts = this.#take('Pad').inputs[1]
        // A pool is kept apart by a Reshape that changes nothing.
        const [next, after] = this.#nodes.slice(this.#next, this.#next + 2)
        if (next?.opType === 'Reshape' && (after?.opType === 'MaxPool' || after?.opType === 'AveragePool')) {
          this.#take('Reshape')
        }
        return {
          kind: 'zeroPad1d',
          before: this.#integerAt(amounts, 3),
          after: this.#integerAt(amounts, 7),
        }
      }
      case 'Mul':
        for (const opType of ['Mul', 'Mul', 'Add', 'Mul', 'Sigmoid', 'Mul']) this.#take(opType)
        return { kind: 'activation', function: 'gelu-tanh' }
      case 'Sigmoid': {
        this.#take('Sigmoid')
        const next = this.#nodes[this.#next]
        if (next?.opType !== 'Mul' || next.inputs[0] !== node.inputs[0] || next.inputs[1] !== outputOf(node))
          return { kind: 'activation', function: 'sigmoid' }
        this.#take('Mul')
        return { kind: 'activation', function: 'silu' }
      }
      case 'Div':
        for (const opType of ['Div', 'Erf', 'Add', 'Mul', 'Mul']) this.#take(opType)
        return { kind: 'activation', function: 'gelu' }
      default: {
        const name = activationOfOperator.get(node.opType)
        if (name === undefined || node.domain !== '') {
          return this.#fail(
            `has the operator ${node.domain}${node.domain === '' ? '' : '.'}${node.opType} ('${node.name}')`,
          )
        }
        this.#take(node.opType)
        return { kind: 'activation', function: name }
      }
    }
  }

  #readConv(node: ParsedNode, input: Shape): Layer {
    const { values, dims } = this.#weights(node.inputs[1], 4)
    const [filters, channels, , kernelSize] = dims as [number, number, number, number]
    const dilation = lastInt(node, 'dilations') ?? 1
    return {
      kind: 'conv1d',
      filters,
      kernelSize,
      padding: paddingIn(node, input, (kernelSize - 1) * dilation + 1, 1),
      dilation,
      kernel: reorderKernel(values, filters, channels, kernelSize),
      bias: this.#weights(node.inputs[2], 1).values,
    }
  }

  #readResidual(node: ParsedNode): Made {
    const [short, long] = [this.#inputOf(node, 0), this.#inputOf(node, 1)]
    const fork = this.#forkOf([short, long])
    const [shortcut, layers] = [layersBetween(fork, short), layersBetween(fork, long)]
    const layer: Layer = { kind: 'residual', layers, ...(shortcut.length > 0 && { shortcut }) }
    return { shape: long.shape, layer, parent: fork, depth: fork.depth + 1 }
  }

  #readConcat(node: ParsedNode): Made {
    const ends = node.inputs.map((_, i) => this.#inputOf(node, i)) as [Made, ...Made[]]
    const fork = this.#forkOf(ends)
    const channels = ends.reduce((sum, { shape }) => sum + channelsOf(shape), 0)
    const { shape } = ends[0]
    const branches = ends.map((end) => layersBetween(fork, end))
    return {
      shape: shape.length === 2 ? [shape[0], channels] : [channels],
      layer: { kind: 'concat', branches },
      parent: fork,
      depth: fork.depth + 1,
    }
  }

  /** The last tensor that all of these are made from; all begin at the one input. */
  #forkOf(ends: readonly [Made, ...Made[]]): Made {
    return commonLink(ends) ?? this.#fail('joins layers of different inputs')
  }

  #take(opType: string): ParsedNode {
    const node = this.#nodes[this.#next++]
    if (node?.opType !== opType) {
      return this.#fail(`has the operator ${node?.opType ?? 'none'} where ${opType} should be`)
    }
    return node
  }

  #integerAt(name: string | undefined, i: number): number {
    const rawData = rawOf(this.#tensors.get(name ?? '') ?? this.#fail(`lacks the constant '${name ?? ''}'`))
    if (rawData.length < (i + 1) * 8)
      this.#fail(`has ${rawData.length} bytes of the constant '${name ?? ''}'`)
    return Number(new DataView(rawData.buffer, rawData.byteOffset).getBigInt64(i * 8, true))
  }

  #weights(name: string | undefined, rank: number): { dims: readonly number[]; values: Float32Array } {
    const tensor = this.#tensors.get(name ?? '')
    if (tensor === undefined) return this.#fail(`lacks the weights '${name ?? ''}'`)
    const { dims, dataType } = tensor
    const rawData = rawOf(tensor)
    const size = product(dims)
    const sound = dims.length === rank && dims.every((dim) => Number.isSafeInteger(dim) && dim > 0)
    if (!sound || dataType !== dataTypes.float || size * 4 !== rawData.length) {
      return this.#fail(
        `has ${rawData.length} bytes of weights '${tensor.name}' for the shape [${dims.join(', ')}]`,
      )
    }
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
    const values = new Float32Array(size)
    for (let i = 0; i < size; i++) values[i] = view.getFloat32(i * 4, true)
    return { dims, values }
  }
}

function outputOf(node: ParsedNode): string {
  return node.outputs[0] ?? ''
}

function lastInt(node: ParsedNode, name: string): number | undefined {
  return node.attributes.get(name)?.ints.at(-1)
}

function paddingIn(node: ParsedNode, [length]: Shape, span: number, stride: number): Padding {
  const [, before = 0, , after = 0] = node.attributes.get('pads')?.ints ?? []
  return paddingFrom(before, after, length, span, stride)
}

/** The decimal with fewest digits that is this number in float32: 0.001 rather than 0.0010000000474974513. */
function shortestDecimal(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return decimal
  }
  return value
}
