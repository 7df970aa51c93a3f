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

const ceilTo = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple

/** Filters that the kernel takes at a time. */
const blockSize = 16

function layOut(scanner: Scanner, network: Network, { direction, background, output }: PlanOptions): Planned {
  const { kernelSize, positions, padding } = scanner
  const length = network.inputLength
  const banks = network.strands === 'both' ? 2 : 1
  const filters = ceilTo(scanner.filters, blockSize)
  const taps = ceilTo(kernelSize, 8)
  const [first, ...others] = scanner.dense
  const units = ceilTo(first.units, 4)

  const layout = new MemoryLayout()
  const header = layout.reserve(32 * 4)
  const codes = layout.reserve(length)
  const present = layout.reserve(length)
  const features = layout.reserve(length * 4)
  const scores = layout.reserve(length * 4)
  const tables = Array.from({ length: banks }, (_, bank) => tableOf(scanner, background, bank === 1))
  const scales = scalesOf(tables, scanner)
  const table = layout.place(concatenate(tables.map((values) => weightBlocks(values, scales, scanner))))
  const deltas = layout.place(concatenate(tables.map((values) => deltaBlocks(values, scales, scanner))))
  const bias = layout.reserve(filters * 4)
  layout.write(
    bias,
    Int32Array.from(scanner.bias, (value, f) => Math.round(value * scales[f]!)),
  )
  const rows = new Float32Array(filters * units)
  const unscaled = first.kernel.map((weight, i) => weight / scales[Math.floor(i / first.units)]!)
  rows.set(padRows(unscaled, first.units, units))
  const dense = layout.place(rows)
  const denseBias = layout.place(padRows(first.bias, first.units, units))
  const head = others.flatMap((layer, i) => {
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
  const headAt = layout.place(Int32Array.from(head))
  const work = layout.bytes
  const final = scanner.dense.at(-1)!
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
    final.activation === 'softmax' ? output : 0,
    padding[0],
    // What lies after the sequence lies before its other strand; without padding, windows meet at the ends.
    kernelSize - 1 - (padding[0] + length - positions),
    codes,
    present,
    features,
    scores,
    table,
    deltas,
    bias,
    dense,
    denseBias,
    headAt,
    work,
    Math.max(...scanner.dense.map((layer) => (others.length === 0 ? layer.units : ceilTo(layer.units, 4)))),
  ]
  layout.write(header, Int32Array.from(fields))
  const image = layout.image()
  const bytes = work + workBytes(image)
  if (bytes > maxBytes) return { refusal: `it would need ${Math.ceil(bytes / 2 ** 20)} MiB a thread` }
  return {
    plan: { kernel: 'scanner', length, image, bytes, codes, present, features, scores },
    reason: `one convolution of ${scanner.filters} × ${kernelSize}${banks === 2 ? ' over both strands' : ''}, global maximum, dense layers`,
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

/** @returns Int32Array [blocks, kernelSize, 6, 16], fixed point */
function weightBlocks(
  table: Float64Array,
  scales: Float64Array,
  { filters, kernelSize }: Scanner,
): Int32Array {
  const result = new Int32Array(kernelSize * codeCount * ceilTo(filters, blockSize))
  for (let row = 0; row < kernelSize * codeCount; row++) {
    for (let f = 0; f < filters; f++) {
      const block = Math.floor(f / blockSize)
      result[(block * kernelSize * codeCount + row) * blockSize + (f % blockSize)] = Math.round(
        table[row * filters + f]! * scales[f]!,
      )
    }
  }
  return result
}

/** What masking a base changes. @returns Int32Array [blocks, 6, taps, 16], fixed point, the last tap first, 0 beyond the kernel */
function deltaBlocks(
  table: Float64Array,
  scales: Float64Array,
  { filters, kernelSize }: Scanner,
): Int32Array {
  const taps = ceilTo(kernelSize, 8)
  const result = new Int32Array(codeCount * taps * ceilTo(filters, blockSize))
  for (let tap = 0; tap < kernelSize; tap++) {
    for (let code = 0; code < codeCount; code++) {
      for (let f = 0; f < filters; f++) {
        const at = (of: number) => Math.round(table[(tap * codeCount + of) * filters + f]! * scales[f]!)
        const block = Math.floor(f / blockSize)
        const row = (block * codeCount + code) * taps + taps - 1 - tap
        result[row * blockSize + (f % blockSize)] = at(masked) - at(code)
      }
    }
  }
  return result
}

/**
 * What turns each filter's numbers to fixed point: 2^29 over the largest value that it can have.
 * @returns Float64Array [filters]
 */
function scalesOf(tables: readonly Float64Array[], { bias, kernelSize, filters }: Scanner): Float64Array {
  return Float64Array.from({ length: filters }, (_, f) => {
    const largest = tables.map((table) => {
      let sum = Math.abs(bias[f]!)
      for (let tap = 0; tap < kernelSize; tap++) {
        const weights = Array.from({ length: codeCount }, (_, code) =>
          Math.abs(table[(tap * codeCount + code) * filters + f]!),
        )
        sum += Math.max(...weights)
      }
      return sum
    })
    const most = Math.max(...largest)
    return most > 0 ? 2 ** 29 / most : 1
  })
}

function padRows(values: Float64Array, width: number, padded: number): Float32Array {
  const rows = values.length / width
  const result = new Float32Array(rows * padded)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) result[row * padded + i] = values[row * width + i]!
  }
  return result
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const result = new Int32Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
