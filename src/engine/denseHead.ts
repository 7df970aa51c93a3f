/**
 * The dense layers that end a shallow network, normalisation folded in, and how src/kernels/assembly/head.ts reads them.
 */
import * as headFields from '../kernels/layout/head.ts'
import * as layerFields from '../kernels/layout/headLayer.ts'
import type { ActivationFunction, BatchNormLayer, Layer, Network } from '../model/network/network.ts'
import { directionSign, type Decision } from '../sis/decision.ts'
import { activationCodes } from './activationCodes.ts'
import type { MemoryLayout } from './kernelPlan.ts'
import { recordOf, type RecordOf } from './kernelRecords.ts'

interface Dense {
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
  const layers = others.map((layer, i) => {
    // One unit is a dot product, over the padded width of the layer before.
    const padded = layer.units === 1 ? 1 : ceilTo(layer.units, 4)
    const weights = new Float32Array(padded * ceilTo(layer.inputs, 4))
    weights.set(padRows(layer.kernel, layer.units, padded))
    const record: RecordOf<typeof layerFields> = {
      LAYER_INPUTS: layer.inputs,
      LAYER_UNITS: layer.units,
      LAYER_PADDED_UNITS: padded,
      LAYER_ACTIVATION: activationCodes[i === others.length - 1 ? 'linear' : layer.activation],
      LAYER_WEIGHTS: layout.place(weights),
      LAYER_BIAS: layout.place(padRows(layer.bias, layer.units, ceilTo(layer.units, 4))),
    }
    return recordOf(layerFields, record)
  })
  const widths = [first, ...others].map(({ units }) => (others.length === 0 ? units : ceilTo(units, 4)))
  const head: RecordOf<typeof headFields> = {
    UNITS: ceilTo(first.units, 4),
    FIRST_ACTIVATION: activationCodes[others.length === 0 ? 'linear' : first.activation],
    LAYERS: others.length,
    FINAL_ACTIVATION: activationCodes[final.activation],
    OUTPUT: final.activation === 'softmax' ? output : 0,
    WIDTH: Math.max(...widths),
    SIGN: directionSign(direction),
  }
  return layout.place(
    Int32Array.from([recordOf(headFields, head), ...layers].flatMap((record) => [...record])),
  )
}
