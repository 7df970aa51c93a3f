/**
 * The dense layers that end a shallow network, normalisation folded in, and how src/kernels/assembly/head.ts reads them.
 */
import {
  activationFunctions,
  type ActivationFunction,
  type BatchNormLayer,
  type Layer,
  type Network,
} from '../model/network/network.ts'
import type { Decision } from '../sis/decision.ts'
import type { MemoryLayout } from './kernelPlan.ts'

/** An activation's code is its place in this list (assembly/activations.ts). */
export const activationCodes: readonly ActivationFunction[] = activationFunctions

export interface Dense {
  readonly inputs: number
  readonly units: number
  readonly kernel: Float64Array // [inputs, units]
  readonly bias: Float64Array // [units]
  activation: ActivationFunction
}

/** At least one; the last has only the output explained, unless it ends with a softmax. */
export type DenseStack = readonly [Dense, ...Dense[]]

/** Normalisation of a layer's outputs, into its weights. */
export function scaleOutputs(
  layer: BatchNormLayer,
  units: number,
  kernel: Float64Array, // [inputs, units]
  bias: Float64Array, // [units]
): void {
  for (let u = 0; u < units; u++) {
    const scale = layer.gamma[u]! / Math.sqrt(layer.variance[u]! + layer.epsilon)
    for (let i = u; i < kernel.length; i += units) kernel[i]! *= scale
    bias[u] = (bias[u]! - layer.mean[u]!) * scale + layer.beta[u]!
  }
}

/** The dense layers after the maximum; the last has only the output explained, unless it ends with a softmax. */
export function readDense(layers: readonly Layer[], inputs: number, output: number): DenseStack | string {
  const dense: Dense[] = []
  let scale = new Float64Array(inputs).fill(1)
  let shift = new Float64Array(inputs)
  let pending = false // scale and shift wait for the next dense layer
  let activated = false
  const begin = (inputs: number, units: number, weights: ArrayLike<number>, offsets: ArrayLike<number>) => {
    const kernel = new Float64Array(inputs * units)
    const bias = Float64Array.from(offsets)
    for (let i = 0; i < inputs; i++) {
      for (let u = 0; u < units; u++) {
        kernel[i * units + u] = scale[i]! * weights[i * units + u]!
        bias[u]! += shift[i]! * weights[i * units + u]!
      }
    }
    dense.push({ inputs, units, kernel, bias, activation: 'linear' })
    scale = new Float64Array(units).fill(1)
    shift = new Float64Array(units)
    pending = false
    activated = false
  }
  /** Takes scale and shift in where no dense layer does. */
  const beginWithout = () => {
    const units = scale.length
    begin(units, units, identity(units), new Float64Array(units))
  }
  for (const layer of layers) {
    const last = dense.at(-1)
    if (layer.kind === 'dense') {
      begin(layer.kernel.length / layer.units, layer.units, layer.kernel, layer.bias)
    } else if (layer.kind === 'batchNorm') {
      if (last !== undefined && !activated) scaleOutputs(layer, last.units, last.kernel, last.bias)
      else {
        for (let u = 0; u < scale.length; u++) {
          const factor = layer.gamma[u]! / Math.sqrt(layer.variance[u]! + layer.epsilon)
          scale[u]! *= factor
          shift[u] = (shift[u]! - layer.mean[u]!) * factor + layer.beta[u]!
        }
        pending = true
      }
    } else if (layer.kind === 'activation') {
      if (last === undefined || pending) beginWithout()
      else if (activated) return 'two activations follow each other'
      if (layer.function === 'softmax' && layer !== layers.at(-1)) return 'a softmax lies inside it'
      dense.at(-1)!.activation = layer.function
      activated = true
    } else return `${describeLayer(layer)} follows the maximum`
  }
  if (dense.length === 0 || pending) beginWithout()
  const final = dense.pop()!
  dense.push(final.activation === 'softmax' ? final : columnOf(final, output))
  return dense as [Dense, ...Dense[]]
}

function identity(units: number): Float64Array {
  return Float64Array.from({ length: units * units }, (_, i) => (i % (units + 1) === 0 ? 1 : 0))
}

function columnOf({ inputs, units, kernel, bias, activation }: Dense, output: number): Dense {
  const column = Float64Array.from({ length: inputs }, (_, i) => kernel[i * units + output]!)
  return { inputs, units: 1, kernel: column, bias: bias.slice(output, output + 1), activation }
}

/** @returns why a kernel that takes the larger strand cannot explain a network */
export function joinRefusal({ strands, strandJoin = 'maximum' }: Network): string | undefined {
  return strands === 'forward' || strandJoin === 'maximum' ? undefined : 'a mean joins its strands'
}

/** The layers that compute anything when a network is used. */
export function effectiveLayers(layers: readonly Layer[]): Layer[] {
  return layers.filter(
    (layer) => layer.kind !== 'dropout' && !(layer.kind === 'activation' && layer.function === 'linear'),
  )
}

export function describeLayer(layer: Layer | undefined): string {
  if (layer === undefined) return 'nothing'
  return layer.kind === 'activation' ? layer.function : layer.kind
}

export const ceilTo = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple

/** @returns Float32Array [rows, padded] of values [rows, width] */
export function padRows(values: Float64Array, width: number, padded: number): Float32Array {
  const rows = values.length / width
  const result = new Float32Array(rows * padded)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) result[row * padded + i] = values[row * width + i]!
  }
  return result
}

/**
 * Places what follows the first dense layer: its activation, the other layers, which score of theirs counts.
 * @returns the offset
 */
export function placeHead(
  layout: MemoryLayout,
  [first, ...others]: DenseStack,
  output: number,
  direction: Decision['direction'],
): number {
  const final = others.at(-1) ?? first
  const layers = others.flatMap((layer, i) => {
    // One unit is a dot product, over the padded width of the layer before.
    const padded = layer.units === 1 ? 1 : ceilTo(layer.units, 4)
    const weights = new Float32Array(padded * ceilTo(layer.inputs, 4))
    weights.set(padRows(layer.kernel, layer.units, padded))
    return [
      layer.inputs,
      layer.units,
      padded,
      activationCodes.indexOf(i === others.length - 1 ? 'linear' : layer.activation),
      layout.place(weights),
      layout.place(padRows(layer.bias, layer.units, ceilTo(layer.units, 4))),
    ]
  })
  const widths = [first, ...others].map(({ units }) => (others.length === 0 ? units : ceilTo(units, 4)))
  return layout.place(
    Int32Array.of(
      ceilTo(first.units, 4),
      activationCodes.indexOf(others.length === 0 ? 'linear' : first.activation),
      others.length,
      activationCodes.indexOf(final.activation),
      final.activation === 'softmax' ? output : 0,
      Math.max(...widths),
      direction === '>=' ? 1 : -1,
      ...layers,
    ),
  )
}
