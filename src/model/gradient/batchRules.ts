/** Batch normalisation in training (Ioffe, Szegedy, ICML 2015): by mean and variance of the batch's own numbers. */
import type { BatchNormLayer } from '../network/network.ts'
import { channelsOf, type Shape } from '../network/shapes.ts'
import { int, ints, type GraphWriter } from './graphWriter.ts'
import type { LayerPass, Parameters } from './layerPass.ts'

/** Share of a batch's statistics in the running ones (PyTorch's default). */
const momentum = 0.1

export function normaliseBatch(
  g: GraphWriter,
  parameters: Parameters,
  layer: BatchNormLayer,
  x: string,
  input: Shape,
): LayerPass {
  const channels = channelsOf(input)
  const isAlong = input.length === 2
  const dims = isAlong ? [1, channels, 1, 1] : [1, channels]
  const axes = isAlong ? [0, 2, 3] : [0]
  const of = (role: 'gamma' | 'beta' | 'mean' | 'variance'): string =>
    parameters.read(role, layer[role], dims)
  const mean = (values: string): string =>
    g.op('ReduceMean', [values], [ints('axes', axes), int('keepdims', 1)])
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const [gamma, beta, runningMean, runningVariance] = [of('gamma'), of('beta'), of('mean'), of('variance')]
  const centre = mean(x)
  const centred = g.op('Sub', [x, centre])
  const variance = mean(mul(centred, centred))
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.number(layer.epsilon)])])])
  const standard = mul(centred, inverse)
  const moved = (running: string, now: string): string =>
    g.op('Add', [mul(running, g.number(1 - momentum)), mul(now, g.number(momentum))])
  parameters.owe(runningMean, 'mean', moved(runningMean, centre))
  parameters.owe(runningVariance, 'variance', moved(runningVariance, variance))
  return {
    y: g.op('Add', [mul(standard, gamma), beta]),
    backward(dy) {
      parameters.owe(gamma, 'gamma', g.sum(mul(dy, standard), axes, true))
      parameters.owe(beta, 'beta', g.sum(dy, axes, true))
      const owed = mul(dy, gamma)
      const rest = g.op('Sub', [g.op('Sub', [owed, mean(owed)]), mul(standard, mean(mul(owed, standard)))])
      return mul(rest, inverse)
    },
  }
}
