/**
 * A network as a graph of ONNX operators (opset 13). The input is NCW, as PyTorch has it: [n, 4, L]. Inside, sequences
 * are images one pixel high, [n, channels, 1, length]: ONNX Runtime has its fast convolutions for images only (the
 * CNN of the paper, L = 101, 2 threads: 49,000 inputs/s against 10,300 as [n, channels, length]). Flattening turns them
 * to NWC just before, so that dense kernels keep their order. Where a network reads both strands, the reverse complements
 * follow the inputs in one batch twice as long, so that the layers and their weights are there once.
 */
import { baseCount } from '../../../sequence/alphabet.ts'
import { splitLastActivation } from '../../network/lastActivation.ts'
import type { ActivationFunction, Layer, Network, PoolLayer } from '../../network/network.ts'
import { channelsOf, paddingOf, type Shape, shapesAfter, sizeOf } from '../../network/shapes.ts'
import {
  dataTypes,
  float,
  int,
  ints,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
} from '../onnx/onnxEncode.ts'

export const inputName = 'sequence'

export const outputName = 'scores'

export const logitsName = 'logits'

/** A constant of what turns the input round, in networks that read both strands. */
export const reverseStarts = 'reverse.starts'

/** Activation functions that are several operators. */
type Composed = 'gelu' | 'gelu-tanh' | 'silu'

/** Operators of the activation functions that are one operator. */
export const activationOperators: Readonly<Record<Exclude<ActivationFunction, Composed>, string>> = {
  linear: 'Identity',
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  exp: 'Exp',
  softmax: 'Softmax',
  softplus: 'Softplus',
}

/** Dropout does nothing in inference and is left out. The names of nodes and tensors follow from the operators alone. */
export function buildOnnxGraph(network: Network): OnnxGraph {
  return build(network, outputName)
}

/**
 * Without the last activation and what would join the strands, which take float64 (src/predict/finishScores.ts): the
 * output is `logits` [batch, outputs], of both strands [batch, 2 outputs], those of the input first.
 */
export function buildLogitsGraph(network: Network): OnnxGraph {
  return build(splitLastActivation(network).logits, logitsName)
}

function build(network: Network, ending: string): OnnxGraph {
  const { inputLength, strands, strandJoin = 'maximum', outputs } = network
  const split = splitLastActivation(network)
  // What follows a mean of both strands, if anything does.
  const after =
    strands === 'both' && strandJoin === 'mean-of-logits' && ending !== logitsName
      ? split.activation
      : 'linear'
  const layers = after === 'linear' ? network.layers : split.logits.layers
  const builder = new GraphBuilder(ending === logitsName)
  const apart = strands === 'both' && ending === logitsName
  builder.addHeight()
  if (strands === 'both') builder.addReverseComplements()
  builder.addLayers(layers, [inputLength, baseCount])
  if (apart) builder.addStrandsSideBySide()
  else if (strands === 'both') builder.addJoinOfStrands(strandJoin === 'maximum' ? 'Max' : 'Mean')
  if (after !== 'linear') builder.addLayers([{ kind: 'activation', function: after }], [outputs.length])
  builder.nameLast(ending)
  return {
    name: 'network',
    node: builder.nodes,
    initializer: builder.initialisers,
    input: [tensorInfo(inputName, [baseCount, inputLength])],
    output: [tensorInfo(ending, [apart ? 2 * outputs.length : outputs.length])],
  }
}

/** What the sigmoid of a `gelu-tanh` reads: linear x + cubic x^3. */
const geluTanhLinear = 2 * Math.sqrt(2 / Math.PI)

const geluTanhCubic = 0.044715 * geluTanhLinear

/** The end of a slice that runs backwards to the first element. */
const lowestInt64 = -(2n ** 63n)

function tensorInfo(name: string, shape: readonly number[]): OnnxGraph['input'][number] {
  const dim = [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))]
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } }
}

/** 2 / 15 … 2 / 1: of log(1 + e) = 2 (s + s^3 / 3 + s^5 / 5 + …), s = e / (2 + e), for e in (0, 1], to 1e-8. */
export const logarithmTerms: readonly number[] = [15, 13, 11, 9, 7, 5, 3, 1].map((power) => 2 / power)

class GraphBuilder {
  readonly nodes: OnnxNode[] = []
  readonly initialisers: OnnxTensor[] = []
  /** The tensor that the next layer reads. */
  #current = inputName
  readonly #roundsAlike: boolean

  /**
   * @param roundsAlike whether a number has to come out the same wherever it stands in a tensor, so that a row does in any
   * batch: Elu and Softplus of ONNX Runtime (1.30) round otherwise at a tensor's end (findings/onnxruntime-place-rounding.sh),
   * and are made of other operators
   */
  constructor(roundsAlike: boolean) {
    this.#roundsAlike = roundsAlike
  }

  addHeight(): void {
    this.#addNode('Unsqueeze', [this.#current, this.#integers('axes', [2n])])
  }

  /** [n, 4, 1, L] to [2 n, 4, 1, L]: channels and positions run backwards in the second half. */
  addReverseComplements(): void {
    const forward = this.#current
    this.#addNode('Slice', [
      forward,
      this.#integers(reverseStarts, [-1n, -1n]),
      this.#integers('reverse.ends', [lowestInt64, lowestInt64]),
      this.#integers('reverse.axes', [1n, 3n]),
      this.#integers('reverse.steps', [-1n, -1n]),
    ])
    this.#addNode('Concat', [forward, this.#current], [int('axis', 0)])
  }

  /** [2 n, outputs] to [n, outputs]. */
  addJoinOfStrands(operator: 'Max' | 'Mean'): void {
    this.#addNode(operator, this.#splitStrands())
  }

  /** [2 n, outputs] to [n, 2 outputs]. */
  addStrandsSideBySide(): void {
    this.#addNode('Concat', this.#splitStrands(), [int('axis', 1)])
  }

  #splitStrands(): string[] {
    const halves = ['forward', 'reverse'].map((strand) => `strand.${strand}`)
    this.#addNode('Split', [this.#current], [int('axis', 0)], [...halves])
    return halves
  }

  addLayers(layers: readonly Layer[], input: Shape): void {
    const shapes = [input, ...shapesAfter(layers, input)]
    for (const [i, layer] of layers.entries()) this.#addLayer(layer, shapes[i]!)
  }

  nameLast(name: string): void {
    this.nodes.at(-1)!.output[0] = name
  }

  #addLayer(layer: Layer, input: Shape): void {
    switch (layer.kind) {
      case 'conv1d': {
        const span = (layer.kernelSize - 1) * layer.dilation + 1
        const channels = channelsOf(input)
        const kernel = reorderKernel(layer.kernel, layer.kernelSize, channels, layer.filters)
        return this.#add(
          'Conv',
          [
            ['weight', [layer.filters, channels, 1, layer.kernelSize], kernel],
            ['bias', [layer.filters], layer.bias],
          ],
          [
            ints('dilations', [1, layer.dilation]),
            ints('kernel_shape', [1, layer.kernelSize]),
            pads(paddingOf(input[0], span, 1, layer.padding)),
            ints('strides', [1, 1]),
          ],
        )
      }
      case 'dense':
        return this.#add('Gemm', [
          ['weight', [sizeOf(input), layer.units], layer.kernel],
          ['bias', [layer.units], layer.bias],
        ])
      case 'batchNorm':
        return this.#add(
          'BatchNormalization',
          (['gamma', 'beta', 'mean', 'variance'] as const).map((name) => [
            name,
            [channelsOf(input)],
            layer[name],
          ]),
          [float('epsilon', Math.fround(layer.epsilon))],
        )
      case 'activation':
        return this.#addActivation(layer.function)
      case 'maxPool1d':
        this.#keepZeros()
        return this.#add('MaxPool', [], poolAttributes(layer, input[0]))
      case 'averagePool1d':
        this.#keepZeros()
        return this.#add('AveragePool', [], [...poolAttributes(layer, input[0]), int('count_include_pad', 0)])
      case 'crop1d': {
        const name = `Slice_${this.nodes.length}`
        return this.#addNode('Slice', [
          this.#current,
          this.#integers(`${name}.starts`, [BigInt(layer.before)]),
          this.#integers(`${name}.ends`, [BigInt(input[0] - layer.after)]),
          this.#integers(`${name}.axes`, [3n]),
        ])
      }
      case 'zeroPad1d': {
        const amounts = [0, 0, 0, layer.before, 0, 0, 0, layer.after].map(BigInt)
        return this.#addNode('Pad', [this.#current, this.#integers(`Pad_${this.nodes.length}.pads`, amounts)])
      }
      case 'globalMaxPool':
        this.#add('GlobalMaxPool', [])
        return this.#add('Flatten', [], [int('axis', 1)])
      case 'globalAveragePool':
        this.#add('GlobalAveragePool', [])
        return this.#add('Flatten', [], [int('axis', 1)])
      case 'flatten':
        if (input.length === 2) this.#add('Transpose', [], [ints('perm', [0, 2, 3, 1])])
        return this.#add('Flatten', [], [int('axis', 1)])
      case 'splitChannels': {
        const channels = channelsOf(input) / layer.groups
        this.#addReshape([0, layer.groups, channels, input[0]])
        this.#add('Transpose', [], [ints('perm', [0, 2, 3, 1])])
        return this.#addReshape([0, channels, 1, input[0] * layer.groups])
      }
      case 'residual': {
        const [inner, shortcut] = this.#addBranches([layer.layers, layer.shortcut ?? []], input)
        return this.#addNode('Add', [shortcut!, inner!])
      }
      case 'concat':
        return this.#addNode('Concat', this.#addBranches(layer.branches, input), [int('axis', 1)])
      case 'dropout':
        return
    }
  }

  /** @returns the tensor that each branch ends with */
  #addBranches(branches: readonly (readonly Layer[])[], input: Shape): string[] {
    const entry = this.#current
    return branches.map((branch) => {
      this.#current = entry
      this.addLayers(branch, input)
      return this.#current
    })
  }

  #addActivation(name: ActivationFunction): void {
    if (name === 'softmax') return this.#add('Softmax', [], [int('axis', 1)])
    const entry = this.#current
    if (this.#roundsAlike && name === 'elu') {
      this.#add('Min', [['zero', [], Float32Array.of(0)]])
      this.#add('Exp', [])
      this.#add('Sub', [['one', [], Float32Array.of(1)]])
      const below = this.#current
      this.#current = entry
      this.#add('Relu', [])
      return this.#addNode('Add', [this.#current, below])
    }
    if (this.#roundsAlike && name === 'softplus') return this.#addSoftplus()
    if (name === 'silu') {
      this.#add('Sigmoid', [])
      return this.#addNode('Mul', [entry, this.#current])
    }
    if (name === 'gelu-tanh') {
      // x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3)
      this.#addNode('Mul', [entry, entry])
      this.#add('Mul', [['cubic', [], Float32Array.of(geluTanhCubic)]])
      this.#add('Add', [['linear', [], Float32Array.of(geluTanhLinear)]])
      this.#addNode('Mul', [entry, this.#current])
      this.#add('Sigmoid', [])
      return this.#addNode('Mul', [entry, this.#current])
    }
    if (name !== 'gelu') return this.#add(activationOperators[name], [])
    this.#add('Div', [['divisor', [], Float32Array.of(Math.SQRT2)]])
    this.#add('Erf', [])
    this.#add('Add', [['summand', [], Float32Array.of(1)]])
    this.#addNode('Mul', [entry, this.#current])
    this.#add('Mul', [['factor', [], Float32Array.of(0.5)]])
  }

  /** max(x, 0) + log(1 + e), e = exp(-|x|). */
  #addSoftplus(): void {
    const entry = this.#current
    this.#add('Abs', [])
    this.#add('Neg', [])
    this.#add('Exp', [])
    const e = this.#current
    this.#add('Add', [['two', [], Float32Array.of(2)]])
    this.#addNode('Div', [e, this.#current])
    const s = this.#current
    this.#addNode('Mul', [s, s])
    const square = this.#current
    this.#add('Mul', [['term', [], Float32Array.of(logarithmTerms[0]!)]])
    for (const [i, term] of logarithmTerms.slice(1).entries()) {
      if (i > 0) this.#addNode('Mul', [this.#current, square])
      this.#add('Add', [['term', [], Float32Array.of(term)]])
    }
    this.#addNode('Mul', [this.#current, s])
    const logarithm = this.#current
    this.#current = entry
    this.#add('Relu', [])
    this.#addNode('Add', [this.#current, logarithm])
  }

  /** @param dims 0 for a size that stays */
  #addReshape(dims: readonly number[]): void {
    const shape = this.#integers(`Reshape_${this.nodes.length}.shape`, dims.map(BigInt))
    this.#addNode('Reshape', [this.#current, shape])
  }

  /** A node that reads the current tensor and constants of its own. */
  #add(
    opType: string,
    constants: readonly (readonly [name: string, dims: number[], values: Float32Array])[],
    attribute: OnnxAttribute[] = [],
  ): void {
    const node = `${opType}_${this.nodes.length}`
    const names = constants.map(([name, dims, values]) => {
      const tensor = `${node}.${name}`
      const rawData = littleEndianBytes(values)
      this.initialisers.push({ name: tensor, dims, dataType: dataTypes.float, rawData })
      return tensor
    })
    this.#addNode(opType, [this.#current, ...names], attribute)
  }

  /**
   * ONNX Runtime (1.30) makes a pool of a pool behind a Pad that leaves the zeros out (findings/onnxruntime-pad-maxpool.sh);
   * a Reshape that changes nothing keeps them apart.
   */
  #keepZeros(): void {
    const last = this.nodes.at(-1)
    if (last?.opType !== 'Pad' || !last.output.includes(this.#current)) return
    this.#addReshape([0, 0, 0, -1])
  }

  #addNode(opType: string, input: string[], attribute: OnnxAttribute[] = [], output?: string[]): void {
    const name = `${opType}_${this.nodes.length}`
    this.nodes.push({ name, opType, input, output: output ?? [name], attribute })
    this.#current = name
  }

  /** @returns the name of the constant */
  #integers(name: string, values: readonly bigint[]): string {
    const rawData = new Uint8Array(values.length * 8)
    const view = new DataView(rawData.buffer)
    for (const [i, value] of values.entries()) view.setBigInt64(i * 8, value, true)
    this.initialisers.push({ name, dims: [values.length], dataType: dataTypes.int64, rawData })
    return name
  }
}

/** [kernelSize, channels, filters] to [filters, channels, kernelSize], or back with the ends exchanged. */
export function reorderKernel(
  kernel: Float32Array,
  first: number,
  channels: number,
  last: number,
): Float32Array {
  const result = new Float32Array(kernel.length)
  for (let i = 0; i < first; i++) {
    for (let c = 0; c < channels; c++) {
      for (let j = 0; j < last; j++) {
        result[(j * channels + c) * first + i] = kernel[(i * channels + c) * last + j]!
      }
    }
  }
  return result
}

function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true)
  return bytes
}

function poolAttributes(layer: PoolLayer, length: number): OnnxAttribute[] {
  return [
    ints('kernel_shape', [1, layer.size]),
    pads(paddingOf(length, layer.size, layer.stride, layer.padding)),
    ints('strides', [1, layer.stride]),
  ]
}

function pads([before, after]: [before: number, after: number]): OnnxAttribute {
  return ints('pads', [0, before, 0, after])
}
