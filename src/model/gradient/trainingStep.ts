/**
 * A step of training as one ONNX graph: forwards, the loss, backwards, and Adam (Kingma, Ba, ICLR 2015). Weights and
 * moments are tensors that the graph reads and gives anew.
 */
import { baseCount } from '../../sequence/alphabet.ts'
import type { OnnxGraph } from '../formats/onnx/onnxEncode.ts'
import { inputName, logitsName, reorderKernel } from '../formats/ownOnnx/ownOnnxGraph.ts'
import { mapWeights } from '../network/mapWeights.ts'
import type { Layer, Network } from '../network/network.ts'
import type { Shape } from '../network/shapes.ts'
import { activate } from './activationRules.ts'
import { batch, GraphWriter, type MaximumForm } from './graphWriter.ts'
import type { LayerPass, Parameters, Role } from './layerPass.ts'
import { passLayers, type GraphPass } from './layerRules.ts'
import { joinStrands, readSequence } from './strands.ts'

/** Adam's decay of its moments, and what keeps a quotient finite; TensorFlow.js' own. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const

/** Names of what a step reads beside weights: scalars are [1]. */
export const stepInputs = {
  sequence: inputName,
  /** [n, outputs] */
  labels: 'labels',
  /** [n, outputs]: what each label counts in the loss, which is their sum. */
  weights: 'weights',
  learningRate: 'learningRate',
  /** 1 / (1 − βᵗ) at step t, of the first and of the second moment. */
  firstCorrection: 'firstCorrection',
  secondCorrection: 'secondCorrection',
} as const

export const lossName = 'loss'

/** A weight or a statistic, or one of the moments of a weight; what becomes of it has `nextName`. */
export const nextName = (name: string): string => `${name}.next`

export interface TrainedTensor {
  readonly name: string
  readonly role: Role
  /** As ONNX operators have them: kernels of convolutions are [filters, channels, 1, size]. */
  readonly dims: readonly number[]
  readonly values: Float32Array
  /** Names of its moments; none of a statistic. */
  readonly moments: readonly [first: string, second: string] | undefined
}

/** What a layer keeps of the numbers that it is given: to be drawn by the caller, anew for each step. */
export interface DropoutInput {
  readonly name: string
  readonly rate: number
  /** Of a row, in NWC order. */
  readonly dims: readonly number[]
}

export interface TrainingGraphs {
  /** Reads `stepInputs`, `tensors` with their moments, and `dropouts`; gives `loss` [1] and what becomes of the tensors. */
  readonly step: OnnxGraph
  /** Reads `sequence` and `tensors`; gives `logits` [n, outputs]. */
  readonly forward: OnnxGraph
  readonly tensors: readonly TrainedTensor[]
  readonly dropouts: readonly DropoutInput[]
}

/**
 * The loss is the weighted sum of binary cross-entropies of logits z with labels y, log(1 + exp(z)) − z y; half of
 * `weightDecay` times the sum of squares of all kernels is added to what is descended, not to the loss that is told.
 * @param network ends with its logits
 */
export function buildTrainingGraphs(
  network: Network,
  weightDecay: number,
  form: MaximumForm = 'unpool',
): TrainingGraphs {
  const g = new GraphWriter(form)
  const tensors: TrainedTensor[] = []
  const dropouts: DropoutInput[] = []
  const gradients = new Map<string, string>()
  const parameters: Parameters = {
    ...asInputs(g, tensors),
    owe: (parameter, _, gradient) => gradients.set(parameter, gradient),
  }
  const isBoth = network.strands === 'both'
  const dropout = (rate: number, input: Shape): string => {
    const name = `dropout.${dropouts.length}`
    const dims = input.length === 2 ? [input[0], 1, input[1]] : [input[0]]
    dropouts.push({ name, rate, dims })
    const kept = g.input(name, [batch, ...dims])
    const ordered = input.length === 2 ? g.transpose(kept, [0, 3, 2, 1]) : kept
    // Both strands of a sequence lose the same units.
    return isBoth ? g.concat([ordered, ordered], 0) : ordered
  }
  const outputs = network.outputs.length
  const labels = g.input(stepInputs.labels, [batch, outputs])
  const weights = g.input(stepInputs.weights, [batch, outputs])
  const passed = passNetwork({ g, parameters, training: { dropout } }, network)
  const z = passed.y
  const terms = g.op('Sub', [activate(g, 'softplus', z).y, g.op('Mul', [z, labels])])
  g.output(lossName, g.sum(g.sumOverRows(g.op('Mul', [weights, terms]), false, false), [0], true), [1])
  passed.backward(g.op('Mul', [weights, g.op('Sub', [g.op('Sigmoid', [z]), labels])]))
  addAdam(g, tensors, gradients, weightDecay)

  const f = new GraphWriter(form)
  const inference = passNetwork({ g: f, parameters: { ...asInputs(f, []), owe: () => undefined } }, network)
  f.output(logitsName, inference.y, [batch, outputs])
  return { step: g.graph('step'), forward: f.graph('forward'), tensors, dropouts }
}

function passNetwork(pass: GraphPass, network: Network): LayerPass {
  const { layers, inputLength: length, strands, strandJoin = 'maximum' } = network
  const passed = passLayers(pass, layers, readSequence(pass.g, network).read, [length, baseCount])
  if (strands === 'forward') return passed
  const joined = joinStrands(pass.g, strandJoin === 'maximum' ? 'maximum' : 'mean', passed.y)
  return { y: joined.y, backward: (dy) => passed.backward(joined.backward(dy)) }
}

/** Names are by the order in which layers read them, which any pass over the network has. */
function asInputs(g: GraphWriter, tensors: TrainedTensor[]): Pick<Parameters, 'read'> {
  let count = 0
  return {
    read(role, values, dims) {
      const name = `${role}.${count++}`
      const isStatistic = role === 'mean' || role === 'variance'
      const moments = isStatistic ? undefined : ([`${name}.first`, `${name}.second`] as const)
      tensors.push({ name, role, dims, values, moments })
      return g.input(name, dims)
    },
  }
}

function addAdam(
  g: GraphWriter,
  tensors: readonly TrainedTensor[],
  gradients: ReadonlyMap<string, string>,
  weightDecay: number,
): void {
  const [rate, firstCorrection, secondCorrection] = [
    stepInputs.learningRate,
    stepInputs.firstCorrection,
    stepInputs.secondCorrection,
  ].map((name) => g.input(name, [1])) as [string, string, string]
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const add = (a: string, b: string): string => g.op('Add', [a, b])
  const mixed = (old: string, now: string, share: number): string =>
    add(mul(old, g.number(share)), mul(now, g.number(1 - share)))
  for (const { name, role, dims, moments } of tensors) {
    let gradient = gradients.get(name)!
    if (moments === undefined) {
      g.output(nextName(name), gradient, dims)
      continue
    }
    if (weightDecay > 0 && role === 'kernel') gradient = add(gradient, mul(name, g.number(weightDecay)))
    const [first, second] = moments.map((moment) => g.input(moment, dims)) as [string, string]
    const nextFirst = mixed(first, gradient, adam.beta1)
    const nextSecond = mixed(second, mul(gradient, gradient), adam.beta2)
    const root = add(g.op('Sqrt', [mul(nextSecond, secondCorrection)]), g.number(adam.epsilon))
    const step = mul(g.op('Div', [mul(nextFirst, firstCorrection), root]), rate)
    g.output(nextName(name), g.op('Sub', [name, step]), dims)
    g.output(nextName(moments[0]), nextFirst, dims)
    g.output(nextName(moments[1]), nextSecond, dims)
  }
}

/**
 * The layers with these numbers as their weights.
 * @param read gives the values of the next tensor, in the order of `TrainingGraphs.tensors`
 */
export function withTensors(layers: readonly Layer[], read: () => Float32Array): Layer[] {
  return mapWeights(layers, (layer) => {
    if (layer.kind === 'batchNorm') {
      return { ...layer, gamma: read(), beta: read(), mean: read(), variance: read() }
    }
    if (layer.kind === 'dense') return { ...layer, kernel: read(), bias: read() }
    const { kernelSize, filters, kernel } = layer
    const channels = kernel.length / kernelSize / filters
    // Back from [filters, channels, size].
    return { ...layer, kernel: reorderKernel(read(), filters, channels, kernelSize), bias: read() }
  })
}
