/**
 * The scanner engine's plan: one convolution over bases (rectified or not), the global maximum, dense layers; one strand
 * or both. Lays out what src/kernels/assembly/scanner.ts reads.
 */
import * as headerFields from '../kernels/layout/scannerHeader.ts'
import type { Network } from '../model/network/network.ts'
import { paddingOf } from '../model/network/shapes.ts'
import { baseCount, masked } from '../sequence/alphabet.ts'
import { codeCount, numbersOfCodes, weighCodes } from '../sequence/encoding.ts'
import {
  ceilTo,
  describeLayer,
  effectiveLayers,
  joinRefusal,
  padRows,
  placeHead,
  readDense,
  scaleOutputs,
  type DenseStack,
} from './denseHead.ts'
import { maxBytes, MemoryLayout, tooLarge, workBytes, type Planned, type PlanOptions } from './kernelPlan.ts'
import { recordBytes, recordOf, type RecordOf } from './kernelRecords.ts'

/** What a network of one convolution and the global maximum computes. */
export interface Scanner {
  readonly filters: number
  readonly kernelSize: number
  readonly kernel: Float64Array // [kernelSize, 4, filters]
  readonly bias: Float64Array // [filters]
  readonly rectified: boolean
  readonly padding: readonly [before: number, after: number]
  readonly positions: number
  readonly dense: DenseStack
}

/**
 * Positions from which on it pays to follow candidates far from the masked base filter by filter. Measured with 128 filters
 * of 24, ms an ordering: 9.9 against 7.6 otherwise at 260, 12.7 against 12.9 at 350, 39 against 79 at 1,000.
 */
const longFrom = 350

/** @param from positions of a sequence that counts as long */
export function planScanner(network: Network, options: PlanOptions, from = longFrom): Planned {
  const joined = joinRefusal(network)
  if (joined !== undefined) return { refusal: joined }
  const scanner = readScanner(network, options.output)
  if (typeof scanner === 'string') return { refusal: scanner }
  return layOut(scanner, network, options, scanner.positions >= from)
}

/** @returns the network's parts with normalisation folded in, or why it is no scanner */
export function readScanner(network: Network, output: number): Scanner | string {
  const [convolution, ...rest] = effectiveLayers(network.layers)
  if (convolution?.kind !== 'conv1d')
    return `the first layer is ${describeLayer(convolution)}, not a convolution`
  if (convolution.dilation !== 1) return 'the convolution is dilated'
  const pool = rest.findIndex((layer) => layer.kind !== 'batchNorm' && layer.kind !== 'activation')
  if (rest[pool]?.kind !== 'globalMaxPool') {
    return `the convolution is followed by ${describeLayer(rest[pool])}, not by the global maximum`
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
    else return `the maximum is of ${describeLayer(layer)}`
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

/** Filters that the kernel takes at a time. */
const blockSize = 16

function layOut(
  scanner: Scanner,
  network: Network,
  { direction, background, output }: PlanOptions,
  isLong: boolean,
): Planned {
  const { kernelSize, positions, padding } = scanner
  const length = network.inputLength
  const banks = network.strands === 'both' ? 2 : 1
  const filters = ceilTo(scanner.filters, blockSize)
  const taps = ceilTo(kernelSize, 8)
  const [first] = scanner.dense
  const units = ceilTo(first.units, 4)

  const layout = new MemoryLayout()
  const header = layout.reserve(recordBytes(headerFields))
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
  const head = placeHead(layout, scanner.dense, output, direction)
  const work = layout.bytes
  const fields: RecordOf<typeof headerFields> = {
    LENGTH: length,
    BANKS: banks,
    FILTERS: filters,
    TAPS: taps,
    KERNEL: kernelSize,
    POSITIONS: positions,
    FLOOR: scanner.rectified ? 1 : 0,
    BEFORE: padding[0],
    // What lies after the sequence lies before its other strand; without padding, windows meet at the ends.
    BEFORE_OTHER_STRAND: kernelSize - 1 - (padding[0] + length - positions),
    CODES: codes,
    PRESENT: present,
    FEATURES: features,
    SCORES: scores,
    TABLE: table,
    DELTAS: deltas,
    BIAS: bias,
    DENSE: dense,
    DENSE_BIAS: denseBias,
    HEAD: head,
    WORK: work,
    FAR: isLong ? 1 : 0,
  }
  layout.write(header, recordOf(headerFields, fields))
  const image = layout.image()
  const bytes = work + workBytes('scanner', image)
  if (bytes > maxBytes) return tooLarge(bytes)
  return {
    plan: { kernel: 'scanner', length, image, bytes, codes, present, features, scores },
    reason: `one convolution of ${scanner.filters} × ${kernelSize}${banks === 2 ? ' over both strands' : ''}, global maximum, dense layers`,
  }
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
  const numbers = numbersOfCodes(background)
  const table = new Float64Array(kernelSize * codeCount * filters)
  for (let tap = 0; tap < kernelSize; tap++) {
    const read = otherStrand ? kernelSize - 1 - tap : tap
    const weightOf = (base: number, filter: number): number =>
      kernel[(read * baseCount + (otherStrand ? baseCount - 1 - base : base)) * filters + filter]!
    weighCodes(numbers, weightOf, filters, table, tap * codeCount * filters)
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
 * What turns each filter's numbers to fixed point: 2^28 over the largest value that it can have.
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
    return most > 0 ? 2 ** 28 / most : 1
  })
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
