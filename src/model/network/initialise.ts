/** A network's first weights, drawn for an architecture: the same seed gives the same weights. */
import { ConfigError } from '../../base/errors.ts'
import { Random } from '../../base/random.ts'
import { baseCount } from '../../sequence/alphabet.ts'
import type { Architecture } from './architecture.ts'
import type { LayerSpec } from './layerSpec.ts'
import type { Layer, Network } from './network.ts'
import { channelsOf, shapesAfter, sizeOf, type Shape } from './shapes.ts'

/** How kernels are drawn; `docs/training.md` has what each gives. */
export const initialisations = ['glorot-uniform', 'he-uniform'] as const
export type Initialisation = (typeof initialisations)[number]
export const defaultInitialisation: Initialisation = 'glorot-uniform'

/**
 * Kernels are drawn Glorot-uniform (Glorot, Bengio, AISTATS 2010), as Keras does unless told otherwise, or, before a
 * rectifier, He-uniform (He et al., ICCV 2015); biases are zero; batch normalisation begins as the identity.
 * @param inputLength L
 * @throws ConfigError where the layers do not fit each other or the outputs
 */
export function initialiseNetwork(
  architecture: Architecture,
  inputLength: number,
  outputs: readonly string[],
  seed: number,
  initialisation: Initialisation = defaultInitialisation,
): Network {
  const input: Shape = [inputLength, baseCount]
  const last = shapesAfter(architecture.layers, input).at(-1) ?? input
  if (last.length !== 1 || last[0] !== outputs.length) {
    throw new ConfigError(
      `the architecture ends with [${last.join(', ')}], but there are ${outputs.length} outputs`,
    )
  }
  const layers = initialiseLayers(architecture.layers, input, { seed, initialisation }, '')
  return { inputLength, layers, strands: architecture.strands, outputs }
}

interface Draw {
  readonly seed: number
  readonly initialisation: Initialisation
}

function initialiseLayers(layers: readonly LayerSpec[], input: Shape, draw: Draw, prefix: string): Layer[] {
  const { seed, initialisation } = draw
  const shapes = [input, ...shapesAfter(layers, input, prefix)]
  return layers.map((layer, i) => {
    const label = `${prefix}${i + 1}`
    const shape = shapes[i]!
    const channels = channelsOf(shape)
    switch (layer.kind) {
      case 'conv1d': {
        const fanIn = layer.kernelSize * channels
        const limit = limitOf(initialisation, fanIn, layer.kernelSize * layer.filters, layers.slice(i + 1))
        const kernel = drawUniform(fanIn * layer.filters, limit, new Random(seed, 'initialise', label))
        return { ...layer, kernel, bias: new Float32Array(layer.filters) }
      }
      case 'dense': {
        const fanIn = sizeOf(shape)
        const limit = limitOf(initialisation, fanIn, layer.units, layers.slice(i + 1))
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
          layers: initialiseLayers(layer.layers, shape, draw, `${label}.`),
          ...(layer.shortcut && {
            shortcut: initialiseLayers(layer.shortcut, shape, draw, `${label}.shortcut.`),
          }),
        }
      case 'concat':
        return {
          kind: 'concat',
          branches: layer.branches.map((branch, b) =>
            initialiseLayers(branch, shape, draw, `${label}.${b + 1}.`),
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

/** @param following the layers after the kernel's */
function limitOf(
  initialisation: Initialisation,
  fanIn: number,
  fanOut: number,
  following: readonly LayerSpec[],
): number {
  const glorot = Math.sqrt(6 / (fanIn + fanOut))
  if (initialisation === 'glorot-uniform') return glorot
  const next = following.find((layer) => layer.kind !== 'batchNorm' && layer.kind !== 'dropout')
  const rectified =
    next?.kind === 'activation' &&
    ['relu', 'elu', 'gelu', 'silu', 'softplus', 'gelu-tanh'].includes(next.function)
  return rectified ? Math.sqrt(6 / fanIn) : glorot
}

function drawUniform(count: number, limit: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => (2 * random.uniform() - 1) * limit)
}
