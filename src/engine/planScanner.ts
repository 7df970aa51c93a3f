/**
 * The scanner engine's plan: one convolution over bases (rectified or not), the global maximum, dense layers; one strand
 * or both. Lays out what src/kernels/assembly/scanner.ts reads.
 */
import { loadKernelModule, memoryBase } from '../kernels/kernelModule.ts'
import { webAssembly } from '../kernels/webAssembly.ts'
import type { ActivationFunction, BatchNormLayer, Layer, Network } from '../model/network.ts'
import { paddingOf } from '../model/shapes.ts'
import { baseCount, masked, unknown } from '../sequence/alphabet.ts'
import { MemoryLayout, type Planned, type PlanOptions } from './kernelPlan.ts'

/** Codes 0 to 5; each has a row of weights. */
const codeCount = unknown + 1

/** In the order of the kernel's codes (assembly/activations.ts). */
export const activationCodes: readonly ActivationFunction[] = [
  'linear',
  'relu',
  'elu',
  'gelu',
  'sigmoid',
  'tanh',
  'exp',
  'softmax',
]

/** More than this, and a network is left to other engines. */
const maxBytes = 1 << 30

interface Dense {
  readonly inputs: number
  readonly units: number
  readonly kernel: Float64Array // [inputs, units]
  readonly bias: Float64Array // [units]
  activation: ActivationFunction
}

interface Scanner {
  readonly filters: number
  readonly kernelSize: number
  readonly kernel: Float64Array // [kernelSize, 4, filters]
  readonly bias: Float64Array // [filters]
  readonly rectified: boolean
  readonly padding: readonly [before: number, after: number]
  readonly positions: number
  readonly dense: readonly [Dense, ...Dense[]]
}

export function planScanner(network: Network, options: PlanOptions): Planned {
  const scanner = readScanner(network, options.output)
  if (typeof scanner === 'string') return { refusal: scanner }
  return layOut(scanner, network, options)
}

/** @returns the network's parts with normalisation folded in, or why it is no scanner */
function readScanner(network: Network, output: number): Scanner | string {
  const layers = network.layers.filter(
    (layer) => layer.kind !== 'dropout' && !(layer.kind === 'activation' && layer.function === 'linear'),
  )
  const [convolution, ...rest] = layers
  if (convolution?.kind !== 'conv1d') return `the first layer is ${describe(convolution)}, not a convolution`
  if (convolution.dilation !== 1) return 'the convolution is dilated'
  const pool = rest.findIndex((layer) => layer.kind !== 'batchNorm' && layer.kind !== 'activation')
  if (rest[pool]?.kind !== 'globalMaxPool') {
    return `the convolution is followed by ${describe(rest[pool])}, not by the global maximum`
  }
  const { filters, kernelSize } = convolution
  const kernel = Float64Array.from(convolution.kernel)
  const bias = Float64Array.from(convolution.bias)
  let rectified = false
  for (const layer of rest.slice(0, pool)) {
    if (layer.kind === 'batchNorm') {
      if (rectified) return 'normalisation lies between the rectifier and the maximum'
      scaleOutputs(layer, filters, kernel, bias)
    } else if (layer.kind === 'activation' && layer.function === 'relu') rectified = true
    else return `the maximum is of ${describe(layer)}`
  }
  const flat = rest.slice(pool + 1)
  // A rectifier commutes with the maximum.
  if (flat[0]?.kind === 'activation' && flat[0].function === 'relu') {
    rectified = true
    flat.shift()
  }
  const dense = readDense(flat, filters, output)
  if (typeof dense === 'string') return dense
  const weights = [kernel, bias, ...dense.flatMap((layer) => [layer.kernel, layer.bias])]
  if (!weights.every((values) => values.every(Number.isFinite))) return 'a weight is not finite'
  const padding = paddingOf(network.inputLength, kernelSize, 1, convolution.padding)
  const positions = network.inputLength + padding[0] + padding[1] - kernelSize + 1
  return { filters, kernelSize, kernel, bias, rectified, padding, positions, dense }
}

/** Normalisation of a layer's outputs, into its weights. */
function scaleOutputs(
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
function readDense(layers: readonly Layer[], filters: number, output: number): Scanner['dense'] | string {
  const dense: Dense[] = []
  let scale = new Float64Array(filters).fill(1)
  let shift = new Float64Array(filters)
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
      if (last === undefined || pending)
        begin(
          scale.length,
          scale.length,
          identity(scale.length),
          shift.map(() => 0),
        )
      else if (activated) return 'two activations follow each other'
      if (layer.function === 'softmax' && layer !== layers.at(-1)) return 'a softmax lies inside it'
      dense.at(-1)!.activation = layer.function
      activated = true
    } else return `${describe(layer)} follows the maximum`
  }
  if (dense.length === 0 || pending)
    begin(
      scale.length,
      scale.length,
      identity(scale.length),
      shift.map(() => 0),
    )
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

function describe(layer: Layer | undefined): string {
  if (layer === undefined) return 'nothing'
  return layer.kind === 'activation' ? layer.function : layer.kind
}

const ceil4 = (n: number): number => Math.ceil(n / 4) * 4
const ceil16 = (n: number): number => Math.ceil(n / 16) * 16

function layOut(scanner: Scanner, network: Network, { direction, background, output }: PlanOptions): Planned {
  const { filters, kernelSize, positions, padding } = scanner
  const length = network.inputLength
  const banks = network.strands === 'both' ? 2 : 1
  const taps = ceil4(kernelSize)
  const margin = taps + 4
  const stride = ceil16(Math.max(length, positions)) + 2 * ceil16(margin)
  const [first, ...others] = scanner.dense
  const units = ceil4(first.units)

  const layout = new MemoryLayout()
  const header = layout.reserve(32 * 4)
  const codes = layout.reserve(length)
  const present = layout.reserve(length)
  const features = layout.reserve(length * 4)
  const scores = layout.reserve(length * 4)
  const tables = Array.from({ length: banks }, (_, bank) => tableOf(scanner, background, bank === 1))
  const table = layout.place(concatenate(tables.map((values) => weightRows(values, filters, kernelSize))))
  const deltas = layout.place(
    concatenate(tables.map((values) => deltaRows(values, filters, kernelSize, false))),
  )
  const reversed = layout.place(
    concatenate(tables.map((values) => deltaRows(values, filters, kernelSize, true))),
  )
  const ranges = layout.place(concatenate(tables.map((values) => deltaRanges(values, filters, kernelSize))))
  const biasRow = padRows(scanner.bias, filters, ceil4(filters))
  const bias = layout.place(concatenate(tables.map(() => biasRow)))
  const dense = layout.place(padRows(first.kernel, first.units, units))
  const denseBias = layout.place(padRows(first.bias, first.units, units))
  const head = others.flatMap((layer, i) => {
    const padded = layer.units === 1 ? 1 : ceil4(layer.units)
    // One unit is a dot product, over the padded width of the layer before.
    const rows = padRows(layer.kernel, layer.units, padded)
    const weights = new Float32Array(padded * ceil4(layer.inputs))
    weights.set(rows)
    return [
      layer.inputs,
      layer.units,
      padded,
      activationCodes.indexOf(i === others.length - 1 ? 'linear' : layer.activation),
      layout.place(weights),
      layout.place(padRows(layer.bias, layer.units, ceil4(layer.units))),
    ]
  })
  const headAt = layout.place(Int32Array.from(head))
  const work = layout.bytes
  const final = scanner.dense.at(-1)!
  const softmax = final.activation === 'softmax'
  const fields = [
    length,
    banks,
    filters,
    taps,
    kernelSize,
    positions,
    scanner.rectified ? 1 : 0,
    direction === '>=' ? 1 : -1,
    units,
    activationCodes.indexOf(others.length === 0 ? 'linear' : first.activation),
    others.length,
    activationCodes.indexOf(final.activation),
    softmax ? output : 0,
    padding[0],
    // Of the other strand what lies after the sequence lies before it; without padding, windows meet at the ends.
    kernelSize - 1 - (padding[0] + length - positions),
    codes,
    present,
    features,
    scores,
    table,
    deltas,
    reversed,
    ranges,
    bias,
    dense,
    denseBias,
    headAt,
    work,
    stride,
    ceil16(margin),
    Math.max(...scanner.dense.map((layer) => (others.length === 0 ? layer.units : ceil4(layer.units)))),
  ]
  layout.write(header, Int32Array.from(fields))
  const image = layout.image()
  const bytes = work + workBytes(image)
  if (bytes > maxBytes) return { refusal: `it would need ${Math.ceil(bytes / 2 ** 20)} MiB a thread` }
  return {
    plan: { kernel: 'scanner', length, image, bytes, codes, present, features, scores },
    reason: `one convolution of ${filters} × ${kernelSize}${banks === 2 ? ' over both strands' : ''}, global maximum, dense layers`,
  }
}

/** Asks the kernel itself, so that what it uses stands in one place. */
function workBytes(image: Uint8Array): number {
  const { exports } = new webAssembly.Instance(loadKernelModule('scanner'))
  const missing = memoryBase + image.length - exports.memory.buffer.byteLength
  if (missing > 0) exports.memory.grow(Math.ceil(missing / 65_536))
  new Uint8Array(exports.memory.buffer).set(image, memoryBase)
  return (exports['workBytes'] as (plan: number) => number)(memoryBase)
}

/**
 * What each code adds at each tap. The other strand's kernel is turned round, and its bases are the complements.
 * @returns Float64Array [kernelSize, 6, filters]
 */
function tableOf(
  { kernel, kernelSize, filters }: Scanner,
  background: readonly number[],
  otherStrand: boolean,
): Float64Array {
  const table = new Float64Array(kernelSize * codeCount * filters)
  for (let tap = 0; tap < kernelSize; tap++) {
    for (let base = 0; base < baseCount; base++) {
      const from = otherStrand
        ? ((kernelSize - 1 - tap) * baseCount + (baseCount - 1 - base)) * filters
        : (tap * baseCount + base) * filters
      for (let f = 0; f < filters; f++) {
        const weight = kernel[from + f]!
        table[(tap * codeCount + base) * filters + f] = weight
        table[(tap * codeCount + masked) * filters + f]! += background[base]! * weight
      }
    }
  }
  return table
}

/** @returns Float32Array [kernelSize, 6, filters rounded up to 4] */
function weightRows(table: Float64Array, filters: number, kernelSize: number): Float32Array {
  return padRows(table.subarray(0, kernelSize * codeCount * filters), filters, ceil4(filters))
}

/** What masking a base changes. @returns Float32Array [filters, 6, taps], 0 beyond the kernel */
function deltaRows(
  table: Float64Array,
  filters: number,
  kernelSize: number,
  reversed: boolean,
): Float32Array {
  const taps = ceil4(kernelSize)
  const rows = new Float32Array(filters * codeCount * taps)
  forEachDelta(table, filters, kernelSize, (f, code, tap, delta) => {
    rows[(f * codeCount + code) * taps + (reversed ? kernelSize - 1 - tap : tap)] = delta
  })
  return rows
}

/** @returns Float32Array [filters, 2]: the largest delta (≥ 0) and the least (≤ 0), a little widened for rounding */
function deltaRanges(table: Float64Array, filters: number, kernelSize: number): Float32Array {
  const ranges = new Float32Array(filters * 2)
  forEachDelta(table, filters, kernelSize, (f, _, __, delta) => {
    ranges[f * 2] = Math.max(ranges[f * 2]!, delta)
    ranges[f * 2 + 1] = Math.min(ranges[f * 2 + 1]!, delta)
  })
  return ranges.map((range) => range * 1.0001)
}

function forEachDelta(
  table: Float64Array,
  filters: number,
  kernelSize: number,
  visit: (filter: number, code: number, tap: number, delta: number) => void,
): void {
  for (let tap = 0; tap < kernelSize; tap++) {
    for (let code = 0; code < codeCount; code++) {
      for (let f = 0; f < filters; f++) {
        const at = (of: number) => table[(tap * codeCount + of) * filters + f]!
        visit(f, code, tap, at(masked) - at(code))
      }
    }
  }
}

function padRows(values: Float64Array, width: number, padded: number): Float32Array {
  const rows = values.length / width
  const result = new Float32Array(rows * padded)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) result[row * padded + i] = values[row * width + i]!
  }
  return result
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
