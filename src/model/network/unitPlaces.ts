/** Where in the sequence the units of a layer look: the middles of what they read. */
import type { Layer } from './network.ts'
import { paddingOf, shapesAfter, type Shape } from './shapes.ts'

export interface UnitPlaces {
  /** Position of the middle of what unit 0 reads; may lie between two, or beyond the sequence. */
  readonly first: number
  /** Positions between the middles of neighbouring units. */
  readonly step: number
}

/**
 * @param layers up to and with the one whose units are meant, over an input of this shape
 * @returns undefined where units are in no order along the sequence: behind a flattening or a global pool, or split channels
 */
export function unitPlaces(layers: readonly Layer[], input: Shape): UnitPlaces | undefined {
  const shapes = shapesAfter(layers, input)
  let [first, step] = [0, 1]
  for (const [i, layer] of layers.entries()) {
    const moved = placesOf(layer, i === 0 ? input : shapes[i - 1]!)
    if (moved === undefined) return undefined
    first += moved.first * step
    step *= moved.step
  }
  return { first, step }
}

function placesOf(layer: Layer, input: Shape): UnitPlaces | undefined {
  const [length] = input
  switch (layer.kind) {
    case 'conv1d': {
      const span = (layer.kernelSize - 1) * layer.dilation
      const [before] = paddingOf(length, span + 1, 1, layer.padding)
      return { first: span / 2 - before, step: 1 }
    }
    case 'maxPool1d':
    case 'averagePool1d': {
      const [before] = paddingOf(length, layer.size, layer.stride, layer.padding)
      return { first: (layer.size - 1) / 2 - before, step: layer.stride }
    }
    case 'crop1d':
      return { first: layer.before, step: 1 }
    case 'zeroPad1d':
      return { first: -layer.before, step: 1 }
    case 'batchNorm':
    case 'dropout':
    case 'activation':
      return { first: 0, step: 1 }
    case 'residual':
      return unitPlaces(layer.layers, input)
    case 'concat':
      // Branches are of one length.
      return unitPlaces(layer.branches[0]!, input)
    case 'dense':
    case 'flatten':
    case 'splitChannels':
    case 'globalMaxPool':
    case 'globalAveragePool':
      return undefined
  }
}
