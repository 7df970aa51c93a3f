/**
 * The dense engine's plan: fully connected nets whose first layer is the large one. Lays out what
 * src/kernels/assembly/dense.ts reads.
 */
import * as headerFields from '../kernels/layout/denseHeader.ts'
import type { Network } from '../model/network/network.ts'
import { baseCount } from '../sequence/alphabet.ts'
import { codeCount, numbersOfCodes, weighCodes } from '../sequence/encoding.ts'
import {
  ceilTo,
  describeLayer,
  effectiveLayers,
  joinRefusal,
  padRows,
  placeHead,
  readDense,
} from './denseHead.ts'
import { maxBytes, MemoryLayout, tooLarge, workBytes, type Planned, type PlanOptions } from './kernelPlan.ts'
import { recordBytes, recordOf, type RecordOf } from './kernelRecords.ts'

/**
 * Weights of the layers after the first, which are computed anew for every candidate; the differences engine does less of
 * a large one. Not tuned: it lies between heads of a few units and 512 × 512, where differences are faster by far.
 */
const maxHeadWeights = 1 << 14

export function planDense(network: Network, { output, direction, background }: PlanOptions): Planned {
  const joined = joinRefusal(network)
  if (joined !== undefined) return { refusal: joined }
  const layers = effectiveLayers(network.layers)
  if (layers[0]?.kind !== 'flatten') {
    return { refusal: `the first layer is ${describeLayer(layers[0])}, not flatten` }
  }
  const length = network.inputLength
  const stack = readDense(layers.slice(1), length * baseCount, output)
  if (typeof stack === 'string') return { refusal: stack }
  const [first, ...others] = stack
  const headWeights = others.reduce((total, { kernel }) => total + kernel.length, 0)
  if (headWeights > maxHeadWeights) {
    return { refusal: `the layers after the first have ${headWeights} weights, more than ${maxHeadWeights}` }
  }
  if (!stack.every(({ kernel, bias }) => [kernel, bias].every((values) => values.every(Number.isFinite)))) {
    return { refusal: 'a weight is not finite' }
  }
  const banks = network.strands === 'both' ? 2 : 1
  const units = ceilTo(first.units, 4)
  const layout = new MemoryLayout()
  const header = layout.reserve(recordBytes(headerFields))
  const codes = layout.reserve(length)
  const present = layout.reserve(length)
  const features = layout.reserve(length * 4)
  const scores = layout.reserve(length * 4)
  const table = new Float64Array(banks * length * codeCount * first.units)
  for (let bank = 0; bank < banks; bank++)
    fillTable(table, bank, length, first.units, first.kernel, background)
  const fields: RecordOf<typeof headerFields> = {
    LENGTH: length,
    BANKS: banks,
    CODES: codes,
    PRESENT: present,
    FEATURES: features,
    SCORES: scores,
    TABLE: layout.place(padRows(table, first.units, units)),
    BIAS: layout.place(padRows(first.bias, first.units, units)),
    HEAD: placeHead(layout, stack, output, direction),
    WORK: layout.bytes,
  }
  layout.write(header, recordOf(headerFields, fields))
  const image = layout.image()
  const bytes = layout.bytes + workBytes('dense', image)
  if (bytes > maxBytes) return tooLarge(bytes)
  return {
    plan: { kernel: 'dense', length, image, bytes, codes, present, features, scores },
    reason: `fully connected, ${first.units} units in the first layer${banks === 2 ? ', both strands' : ''}`,
  }
}

/** What each code adds; the other strand reads complements from the end. [bank, position, code, unit] of the table */
function fillTable(
  table: Float64Array,
  bank: number,
  length: number,
  units: number,
  kernel: Float64Array, // [length, 4, units]
  background: readonly number[],
): void {
  const numbers = numbersOfCodes(background)
  for (let j = 0; j < length; j++) {
    const read = bank === 0 ? j : length - 1 - j
    const weightOf = (base: number, unit: number): number =>
      kernel[(read * baseCount + (bank === 0 ? base : baseCount - 1 - base)) * units + unit]!
    weighCodes(numbers, weightOf, units, table, (bank * length + j) * codeCount * units)
  }
}
