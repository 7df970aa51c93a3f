/**
 * How far the float32 numbers before a network's last activation can be from those of exact arithmetic, whatever bases it
 * reads: the a-priori bounds of Higham (Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 3), layer by layer.
 */
import { effectiveLayers } from '../engine/denseHead.ts'
import { functionsOfOneValue } from '../model/network/activationFunctions.ts'
import { splitLastActivation } from '../model/network/lastActivation.ts'
import type { ActivationFunction, BatchNormLayer, Layer, Network } from '../model/network/network.ts'
import { baseCount } from '../sequence/alphabet.ts'

/** Unit roundoff of float32. */
const roundoff = 2 ** -24
/** Roundings of one number beside those of its sum: products, bias, weights that were rounded once when they were folded. */
const besideSum = 4
/** Of x ↦ γ (x − μ) / √(σ² + ε) + β, in whatever order. */
const ofNormalisation = 8
/**
 * What a runtime's own hidden activations may be off by, of one more than their value. ONNX Runtime's float32 sigmoid and
 * tanh are within 1.2e-7 (findings/onnxruntime-sigmoid.sh has the sigmoid's).
 */
const ofActivation = 1e-6
/** For the float64 sums that bounds themselves are made of: their roundings are 2^-29 of those of float32. */
const ofBounds = 1 + 2 ** -20

/** Sums of n float32 numbers are off by at most this much of the sum of their sizes, in any order, with or without FMA. */
function sumError(n: number): number {
  const all = (n + besideSum) * roundoff
  return all / (1 - all)
}

/** Of each channel or unit: the largest size that it can have, and how far a float32 number can be from the exact one. */
interface Sizes {
  readonly most: Float64Array
  readonly error: Float64Array
}

/**
 * Of one strand, of layers that are a convolution, maxima and means of nothing, dense layers and what acts on each number.
 * It holds where sums are of float32 products: not on devices that round products to fewer digits (TF32).
 * @param network one convolution, the global maximum, dense layers; see src/engine/planScanner.ts
 * @returns Float64Array [units before the last activation]
 */
export function roundingMargin(network: Network): Float64Array {
  const layers = effectiveLayers(splitLastActivation(network).logits.layers)
  let sizes: Sizes = { most: new Float64Array(0), error: new Float64Array(0) }
  for (const layer of layers) sizes = after(layer, sizes)
  return sizes.error.map((error) => error * ofBounds)
}

function after(layer: Layer, sizes: Sizes): Sizes {
  if (layer.kind === 'conv1d') return ofConvolution(layer)
  if (layer.kind === 'dense') return ofDense(layer, sizes)
  if (layer.kind === 'batchNorm') return ofBatchNorm(layer, sizes)
  if (layer.kind === 'activation') return ofFunction(layer.function, sizes)
  // A maximum rounds nothing, and moves no more than what it is of.
  if (layer.kind === 'globalMaxPool') return sizes
  throw new TypeError(`no rounding is known of ${layer.kind}`)
}

/** Of bases: a window has one product that is not zero for each tap, and adding zeros rounds nothing. */
function ofConvolution({ filters, kernelSize, kernel, bias }: Extract<Layer, { kind: 'conv1d' }>): Sizes {
  const most = Float64Array.from(bias, Math.abs)
  for (let tap = 0; tap < kernelSize; tap++) {
    for (let f = 0; f < filters; f++) {
      let largest = 0
      for (let base = 0; base < baseCount; base++) {
        largest = Math.max(largest, Math.abs(kernel[(tap * baseCount + base) * filters + f]!))
      }
      most[f]! += largest
    }
  }
  const factor = sumError(kernelSize + 1)
  return { most: most.map((size) => size * (1 + factor)), error: most.map((size) => size * factor) }
}

function ofDense({ units, kernel, bias }: Extract<Layer, { kind: 'dense' }>, sizes: Sizes): Sizes {
  const inputs = kernel.length / units
  const factor = sumError(inputs + 1)
  const most = Float64Array.from(bias, Math.abs)
  const error = new Float64Array(units)
  for (let i = 0; i < inputs; i++) {
    for (let u = 0; u < units; u++) {
      const weight = Math.abs(kernel[i * units + u]!)
      most[u]! += weight * sizes.most[i]!
      error[u]! += weight * sizes.error[i]!
    }
  }
  return {
    most: most.map((size) => size * (1 + factor)),
    error: error.map((carried, u) => carried + factor * (most[u]! + carried)),
  }
}

function ofBatchNorm({ gamma, beta, mean, variance, epsilon }: BatchNormLayer, sizes: Sizes): Sizes {
  const factor = sumError(ofNormalisation)
  const scale = Float64Array.from(gamma, (g, c) => Math.abs(g) / Math.sqrt(variance[c]! + epsilon))
  const most = sizes.most.map((size, c) => scale[c]! * (size + Math.abs(mean[c]!)) + Math.abs(beta[c]!))
  return {
    most: most.map((size) => size * (1 + factor)),
    error: sizes.error.map((carried, c) => scale[c]! * carried * (1 + factor) + factor * most[c]!),
  }
}

/** The steepest slope of each function over numbers of a size. */
const slopes: Readonly<Record<ActivationFunction, (size: number) => number>> = {
  linear: () => 1,
  relu: () => 1,
  elu: () => 1,
  sigmoid: () => 0.25,
  tanh: () => 1,
  softplus: () => 1,
  exp: (size) => Math.exp(size),
  gelu: () => 1.2,
  'gelu-tanh': () => 1.2,
  silu: () => 1.2,
  softmax: () => 1,
}

function ofFunction(name: ActivationFunction, { most, error }: Sizes): Sizes {
  if (name === 'relu' || name === 'linear') return { most, error }
  const f = name === 'softmax' ? () => 1 : functionsOfOneValue[name]
  const sizes = most.map((size) => Math.max(Math.abs(f(size)), Math.abs(f(-size))))
  return {
    most: sizes.map((size) => size * (1 + ofActivation) + ofActivation),
    error: error.map((carried, i) => {
      const slope = slopes[name](most[i]! + carried)
      return slope * carried + ofActivation * (1 + sizes[i]!)
    }),
  }
}
