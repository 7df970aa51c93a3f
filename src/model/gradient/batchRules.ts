/** Batch normalisation (Ioffe, Szegedy, ICML 2015): in training by the batch's own numbers, else by the running ones. */
import type { BatchNormLayer } from '../network/network.ts'
import { channelsOf, type Shape } from '../network/shapes.ts'
import { int, ints } from '../formats/onnx/onnxEncode.ts'
import type { GraphWriter } from './graphWriter.ts'
import type { LayerPass, Parameters } from './layerPass.ts'

/** Share of a batch's statistics in the running ones (PyTorch's default). */
const momentum = 0.1

interface Statistics {
  readonly isAlong: boolean
  readonly gamma: string
  readonly beta: string
  readonly mean: string
  readonly variance: string
}

function read(parameters: Parameters, layer: BatchNormLayer, input: Shape): Statistics {
  const channels = channelsOf(input)
  const isAlong = input.length === 2
  const dims = isAlong ? [1, channels, 1, 1] : [1, channels]
  const of = (role: 'gamma' | 'beta' | 'mean' | 'variance'): string =>
    parameters.read(role, layer[role], dims)
  return {
    isAlong,
    gamma: of('gamma'),
    beta: of('beta'),
    mean: of('mean'),
    variance: of('variance'),
  }
}

function inverseDeviation(g: GraphWriter, variance: string, epsilon: number): string {
  return g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.number(epsilon)])])])
}

/** In inference. */
export function normaliseByRunning(
  g: GraphWriter,
  parameters: Parameters,
  layer: BatchNormLayer,
  x: string,
  input: Shape,
): LayerPass {
  const { gamma, beta, mean, variance } = read(parameters, layer, input)
  const factor = g.op('Mul', [gamma, inverseDeviation(g, variance, layer.epsilon)])
  const summand = g.op('Sub', [beta, g.op('Mul', [mean, factor])])
  return {
    y: g.op('Add', [g.op('Mul', [x, factor]), summand]),
    backward: (dy) => g.op('Mul', [dy, factor]),
  }
}

/** In training. */
export function normaliseBatch(
  g: GraphWriter,
  parameters: Parameters,
  layer: BatchNormLayer,
  x: string,
  input: Shape,
): LayerPass {
  const {
    isAlong,
    gamma,
    beta,
    mean: runningMean,
    variance: runningVariance,
  } = read(parameters, layer, input)
  // One axis after the other, as `sumOverRows` has it.
  const mean = (values: string): string =>
    (isAlong ? [3, 0] : [0]).reduce(
      (found, axis) => g.op('ReduceMean', [found], [ints('axes', [axis]), int('keepdims', 1)]),
      values,
    )
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const centre = mean(x)
  const centred = g.op('Sub', [x, centre])
  const variance = mean(mul(centred, centred))
  const inverse = inverseDeviation(g, variance, layer.epsilon)
  const scale = mul(gamma, inverse)
  const moved = (running: string, now: string): string =>
    g.op('Add', [mul(running, g.number(1 - momentum)), mul(now, g.number(momentum))])
  parameters.owe(runningMean, 'mean', moved(runningMean, centre))
  parameters.owe(runningVariance, 'variance', moved(runningVariance, variance))
  return {
    y: g.op('Add', [mul(centred, scale), beta]),
    backward(dy) {
      // With c = x − mean and s = 1 / deviation: dx = γ s (dy − mean(dy) − c s² mean(dy c)), in few passes over all numbers.
      const products = mul(dy, centred)
      parameters.owe(gamma, 'gamma', mul(g.sumOverRows(products, isAlong, true), inverse))
      parameters.owe(beta, 'beta', g.sumOverRows(dy, isAlong, true))
      const slope = mul(mul(scale, mul(inverse, inverse)), mean(products))
      const rest = g.op('Add', [mul(centred, slope), mul(scale, mean(dy))])
      return g.op('Sub', [mul(dy, scale), rest])
    },
  }
}
