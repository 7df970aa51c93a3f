/** Layers of ours that together do what foreign models have one layer or operator for. */
import type { Layer } from '../network/network.ts'

/** x · scale + shift, one pair a channel. */
export function affineLayer(scale: ArrayLike<number>, shift: ArrayLike<number>): Layer {
  return {
    kind: 'batchNorm',
    epsilon: 0,
    gamma: Float32Array.from(scale),
    beta: Float32Array.from(shift),
    mean: new Float32Array(scale.length),
    variance: new Float32Array(scale.length).fill(1),
  }
}

/**
 * A product with weights, at every position or of one row.
 * @param kernel Float32Array [inputs, units]
 * @param bias Float32Array [units]
 */
export function pointwiseLayer(alongSequence: boolean, kernel: Float32Array, bias: Float32Array): Layer {
  const units = bias.length
  return alongSequence
    ? { kind: 'conv1d', filters: units, kernelSize: 1, padding: 'valid', dilation: 1, kernel, bias }
    : { kind: 'dense', units, kernel, bias }
}

/** x above 0, slope · x below, one slope a channel: relu(x) less the slope times relu(-x). */
export function leakyLayer(slopes: ArrayLike<number>): Layer {
  const zeros = new Float32Array(slopes.length)
  const rectifier: Layer = { kind: 'activation', function: 'relu' }
  const below = [
    affineLayer(new Float32Array(slopes.length).fill(-1), zeros),
    rectifier,
    affineLayer(
      Float32Array.from(slopes, (slope) => -slope),
      zeros,
    ),
  ]
  return { kind: 'residual', layers: below, shortcut: [rectifier] }
}

/** Each position so many times: as many copies of its channels, which become positions. */
export function repeatLayers(times: number): Layer[] {
  return [
    { kind: 'concat', branches: Array.from({ length: times }, () => []) },
    { kind: 'splitChannels', groups: times },
  ]
}

/** The first of every so many positions. */
export function everyNthLayer(stride: number): Layer {
  return { kind: 'maxPool1d', size: 1, stride, padding: 'valid' }
}
