/** A network's first weights, drawn for an architecture: the same seed gives the same weights. */
import { ConfigError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { Architecture, LayerSpec } from './architecture.ts'
import type { Layer, Network } from './network.ts'
import { channelsOf, shapesAfter, sizeOf, type Shape } from './shapes.ts'

/**
 * Kernels before a rectifier are drawn He-uniform (He et al. 2015), the others Glorot-uniform (Glorot, Bengio 2010);
 * biases are zero; batch normalisation begins as the identity.
 * @param inputLength L
 * @throws ConfigError where the layers do not fit each other or the outputs
 */
export function initialiseNetwork(
  architecture: Architecture,
  inputLength: number,
  outputs: readonly string[],
  seed: number,
): Network {
  const input: Shape = [inputLength, baseCount]
  const last = shapesAfter(architecture.layers, input).at(-1) ?? input
  if (last.length !== 1 || last[0] !== outputs.length) {
    throw new ConfigError(
      `the architecture ends with [${last.join(', ')}], but there are ${outputs.length} outputs`,
    )
  }
  const layers = initialiseLayers(architecture.layers, input, seed, '')
  return { inputLength, layers, strands: architecture.strands, outputs }
}

function initialiseLayers(layers: readonly LayerSpec[], input: Shape, seed: number, prefix: string): Layer[] {
  const shapes = [input, ...shapesAfter(layers, input, prefix)]
  return layers.map((layer, i) => {
    const label = `${prefix}${i + 1}`
    const shape = shapes[i]!
    const channels = channelsOf(shape)
    switch (layer.kind) {
      case 'conv1d': {
        const fanIn = layer.kernelSize * channels
        const limit = uniformLimit(layers.slice(i + 1), fanIn, layer.kernelSize * layer.filters)
        const kernel = drawUniform(fanIn * layer.filters, limit, new Random(seed, 'initialise', label))
        return { ...layer, kernel, bias: new Float32Array(layer.filters) }
      }
      case 'dense': {
        const fanIn = sizeOf(shape)
        const limit = uniformLimit(layers.slice(i + 1), fanIn, layer.units)
        const kernel = drawUniform(fanIn * layer.units, limit, new Random(seed, 'initialise', label))
        return { ...layer, kernel, bias: new Float32Array(layer.units) }
      }
      case 'batchNorm':
        return {
          ...layer,
          gamma: new Float32Array(channels).fill(1),
          beta: new Float32Array(channels),
          mean: new Float32Array(channels),
          variance: new Float32Array(channels).fill(1),
        }
      case 'residual':
        return {
          kind: 'residual',
          layers: initialiseLayers(layer.layers, shape, seed, `${label}.`),
          ...(layer.shortcut && {
            shortcut: initialiseLayers(layer.shortcut, shape, seed, `${label}.shortcut.`),
          }),
        }
      case 'concat':
        return {
          kind: 'concat',
          branches: layer.branches.map((branch, b) =>
            initialiseLayers(branch, shape, seed, `${label}.${b + 1}.`),
          ),
        }
      case 'activation':
      case 'maxPool1d':
      case 'averagePool1d':
      case 'crop1d':
      case 'zeroPad1d':
      case 'globalMaxPool':
      case 'globalAveragePool':
      case 'dropout':
      case 'flatten':
      case 'splitChannels':
        return layer
    }
  })
}

function uniformLimit(following: readonly LayerSpec[], fanIn: number, fanOut: number): number {
  const next = following.find((layer) => layer.kind !== 'batchNorm' && layer.kind !== 'dropout')
  const rectified =
    next?.kind === 'activation' &&
    ['relu', 'elu', 'gelu', 'silu', 'softplus', 'gelu-tanh'].includes(next.function)
  return Math.sqrt(rectified ? 6 / fanIn : 6 / (fanIn + fanOut))
}

function drawUniform(count: number, limit: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => (2 * random.uniform() - 1) * limit)
}
