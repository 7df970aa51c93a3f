/**
 * Lays out what src/kernels/assembly/differences.ts reads: weights and tables, records of values and operations, and where
 * the kernel keeps what it computes. Places of a strand's state are offsets within it.
 */
import * as kinds from '../kernels/layout/blockKinds.ts'
import * as headerFields from '../kernels/layout/differencesHeader.ts'
import * as operationFields from '../kernels/layout/differencesOperation.ts'
import * as valueFields from '../kernels/layout/differencesValue.ts'
import * as operationCodes from '../kernels/layout/operationCodes.ts'
import { OPERATION_BYTES, VALUE_BYTES } from '../kernels/layout/recordSizes.ts'
import * as joins from '../kernels/layout/strandJoins.ts'
import type { StrandJoin } from '../model/network/network.ts'
import { codeCount } from '../sequence/encoding.ts'
import { directionSign } from '../sis/decision.ts'
import { activationCodes } from './activationCodes.ts'
import type { BlockKind, DifferenceBlocks } from './differenceBlocks.ts'
import type { Bend, GraphValue, Operation, Product, ReadOut } from './differenceGraph.ts'
import {
  basesOfStrand,
  constantBlocks,
  norms,
  padded,
  tiled,
  transposed,
  widthOf,
  type ConstantBlocks,
} from './differenceWeights.ts'
import { MemoryLayout, type KernelPlan, type PlanOptions } from './kernelPlan.ts'
import { floatBits, recordBytes, recordOf, type RecordOf } from './kernelRecords.ts'

/** Steps after which sums of differences are replaced by the network's own sums. */
const referenceSteps = 64

const kindCodes: Readonly<Record<BlockKind, number>> = {
  none: kinds.NONE,
  constant: kinds.CONSTANT,
  kept: kinds.KEPT,
  transient: kinds.TRANSIENT,
}

const codesOfOperations: Readonly<Record<(Operation | ReadOut)['code'], number>> = {
  product: operationCodes.PRODUCT,
  scale: operationCodes.SCALE,
  bend: operationCodes.BEND,
  sum: operationCodes.SUM,
  regroup: operationCodes.REGROUP,
  read: operationCodes.READ,
  softmax: operationCodes.SOFTMAX_READ,
  rectified: operationCodes.RECTIFIED_READ,
}

const joinCodes: Readonly<Record<StrandJoin, number>> = {
  maximum: joins.MAXIMUM,
  mean: joins.MEAN,
  'mean-of-logits': joins.MEAN_OF_LOGITS,
}

type HeaderRecord = RecordOf<typeof headerFields>
/** What an operation does not need is left out. */
type OperationRecord = Partial<RecordOf<typeof operationFields>>
type Parts<Names extends keyof HeaderRecord> = Pick<HeaderRecord, Names>

/** Where a constant table lies. */
interface PlacedTable extends ConstantBlocks {
  readonly at: number
}

/** Where the slots' changes lie. */
interface PlacedChanges {
  readonly slots: number
  readonly at: number
  /** By value, of a slot. */
  readonly offsets: ReadonlyMap<number, number>
}

/** The memory laid out, and the places of the kernel's arguments in it. */
export interface DifferenceMemory extends Pick<KernelPlan, 'codes' | 'present' | 'features' | 'scores'> {
  readonly layout: MemoryLayout
}

export function layOutDifferences(
  blocks: DifferenceBlocks,
  options: PlanOptions,
  join: StrandJoin,
): DifferenceMemory {
  return new MemoryWriter(blocks, options, join).write()
}

class MemoryWriter {
  readonly #blocks: DifferenceBlocks
  readonly #options: PlanOptions
  readonly #join: StrandJoin
  readonly #layout = new MemoryLayout()
  /** Of one strand. */
  readonly #state = new MemoryLayout()

  constructor(blocks: DifferenceBlocks, options: PlanOptions, join: StrandJoin) {
    this.#blocks = blocks
    this.#options = options
    this.#join = join
  }

  write(): DifferenceMemory {
    const { graph, length, banks } = this.#blocks
    const { values, operations } = graph
    const layout = this.#layout
    const headerAt = layout.reserve(recordBytes(headerFields))
    const valuesAt = layout.reserve(values.length * VALUE_BYTES)
    const operationsAt = layout.reserve((operations.length + 1) * OPERATION_BYTES)

    const bases = this.#placeBases()
    const reaches = this.#blocks.reaches.map(({ low, high }) => ({
      LOW: layout.place(low),
      HIGH: layout.place(high),
    }))
    const records = this.#operationRecords()
    const tables = this.#placeTables()
    const io = this.#reserveInputAndOutput()
    const changes = this.#blocks.changes()
    const slots = this.#blocks.slots(changes)
    const changesAt = layout.reserve(slots * changes.bytes)
    const work = this.#reserveWork(slots)
    const strand = {
      BANK_CODES: this.#state.reserve(length),
      RANKS: this.#state.reserve(length * 4),
      LOGITS: this.#state.reserve(length * 8),
      REFERENCE_LOGIT: this.#state.reserve(8),
    }
    const placed = { slots, at: changesAt, offsets: changes.offsets }
    for (const value of values.keys()) {
      const record = { ...reaches[value]!, ...this.#valueRecord(value, tables[value], placed) }
      layout.write(valuesAt + value * VALUE_BYTES, recordOf(valueFields, record))
    }
    for (const [i, record] of records.entries()) {
      layout.write(operationsAt + i * OPERATION_BYTES, recordOf(operationFields, record))
    }
    // A bend that is read out does it itself.
    const operationCount = operations.length + (this.#blocks.lastBend >= 0 ? 0 : 1)
    const header: HeaderRecord = {
      LENGTH: length,
      SIGN: directionSign(this.#options.direction),
      BANKS: banks,
      OPERATIONS: operationsAt,
      VALUES: valuesAt,
      OPERATION_COUNT: operationCount,
      VALUE_COUNT: values.length,
      SLOTS: slots,
      STATE: layout.reserve(this.#state.bytes * banks),
      STATE_BYTES: this.#state.bytes,
      REFERENCE_STEPS: referenceSteps,
      BLOCK_STEPS: 0,
      TRANSIENT_FROM: Math.min(this.#blocks.transientFrom, operationCount),
      JOIN: joinCodes[this.#join],
      ...bases,
      ...io,
      ...work,
      ...strand,
      ...this.#finalActivation(),
    }
    layout.write(headerAt, recordOf(headerFields, header))
    return {
      layout,
      codes: header.CODES,
      present: header.PRESENT,
      features: header.FEATURES,
      scores: header.SCORES,
    }
  }

  #placeBases(): Parts<'BASES' | 'MEETS_LOW' | 'MEETS_HIGH'> {
    const { banks, meets } = this.#blocks
    const bases = Array.from({ length: banks }, (_, bank) => basesOfStrand(this.#options.background, bank))
    return {
      BASES: this.#layout.place(Float32Array.from(bases.flat(2))),
      MEETS_LOW: this.#layout.place(meets.low),
      MEETS_HIGH: this.#layout.place(meets.high),
    }
  }

  /** Of all operations, the read-out last, with their weights. */
  #operationRecords(): OperationRecord[] {
    const { graph, lastBend } = this.#blocks
    const { values, operations, readOut } = graph
    const readoutAt =
      readOut.code === 'softmax'
        ? 0
        : this.#layout.place(padded(readOut.weights, values[this.#readValue]!.channels))
    const records = operations.map((operation, i): OperationRecord => ({
      CODE: codesOfOperations[operation.code],
      INPUT: operation.input,
      OUTPUT: operation.output,
      INDEX: i,
      ...this.#placeOperation(operation, i === lastBend ? readoutAt : 0),
    }))
    const end: OperationRecord = {
      CODE: codesOfOperations[readOut.code],
      INPUT: readOut.input,
      INDEX: operations.length,
      ...this.#placeReadOut(readoutAt),
    }
    return [...records, end]
  }

  #placeOperation(operation: Operation, readoutAt: number): OperationRecord {
    const { values } = this.#blocks.graph
    switch (operation.code) {
      case 'product':
        return this.#placeProduct(operation, values[operation.input]!, values[operation.output]!)
      case 'scale': {
        const { channels } = values[operation.input]!
        return {
          WEIGHTS: this.#layout.place(padded(operation.scale, channels)),
          BIAS: this.#layout.place(padded(operation.shift, channels)),
          PER_POSITION: operation.scale.length === channels ? 0 : 1,
          SIZE: operation.size,
          STRIDE: operation.stride,
          PADDING: operation.padding,
        }
      }
      case 'bend':
        return this.#placeBend(operation, readoutAt)
      case 'sum':
        return { OTHER: operation.other }
      case 'regroup':
        return { CHANNELS: values[operation.input]!.channels }
    }
  }

  #placeProduct(product: Product, input: GraphValue, output: GraphValue): OperationRecord {
    const { taps, dilation, padding, bias } = product
    return {
      WEIGHTS: this.#layout.place(tiled(product, input, output)),
      BIAS: this.#layout.place(padded(bias, bias.length)),
      TAPS: taps,
      DILATION: dilation,
      PADDING: padding,
    }
  }

  #placeBend({ input, output, size, stride, padding, activation }: Bend, readoutAt: number): OperationRecord {
    const { values } = this.#blocks.graph
    const { length } = values[input]!
    const { length: outputs } = values[output]!
    const rowBytes = this.#blocks.rowBytes(input)
    const everything = size - padding >= length && outputs === 1 && size > 1
    const smooth = activation !== 'linear' && activation !== 'relu'
    return {
      SIZE: size,
      STRIDE: stride,
      PADDING: padding,
      ACTIVATION: activationCodes[activation],
      BEFORE: everything ? this.#state.reserve(length * rowBytes) : -1,
      AFTER: everything ? this.#state.reserve(length * rowBytes) : -1,
      ACTIVATED: smooth ? this.#state.reserve(outputs * rowBytes) : -1,
      READOUT: readoutAt,
    }
  }

  #placeReadOut(readoutAt: number): OperationRecord {
    const { values, readOut } = this.#blocks.graph
    switch (readOut.code) {
      case 'softmax':
        return { BIAS: readOut.output, CHANNELS: values[readOut.input]!.channels }
      case 'read':
        return { WEIGHTS: readoutAt }
      case 'rectified': {
        const { product, output, passed } = readOut
        const [from, to] = [values[product.input]!, values[output]!]
        return {
          OUTPUT: output,
          ...this.#placeProduct(product, from, to),
          READOUT: readoutAt,
          TRANSPOSED: this.#layout.place(transposed(product, from, to)),
          NORMS: this.#layout.place(norms(product, from, to)),
          GRADIENT: this.#state.reserve(from.length * this.#blocks.rowBytes(product.input)),
          PASSED: passed ? 1 : 0,
          DIFFERENCES: this.#layout.reserve(to.length * this.#blocks.rowBytes(output)),
          LENGTHS: this.#layout.reserve(from.length * 4),
          MET: this.#layout.reserve(product.taps * 16),
        }
      }
    }
  }

  /** Of the values whose blocks are constant. */
  #placeTables(): (PlacedTable | undefined)[] {
    const { graph, banks, table } = this.#blocks
    return graph.values.map((value, i) => {
      if (!this.#blocks.isConstant(i)) return undefined
      const constant = constantBlocks(i === 0 ? undefined : table, value, this.#options.background, banks)
      return { ...constant, at: this.#layout.place(constant.rows) }
    })
  }

  #reserveInputAndOutput(): Parts<'CODES' | 'PRESENT' | 'FEATURES' | 'SCORES' | 'CANDIDATES'> {
    const { length } = this.#blocks
    return {
      CODES: this.#layout.reserve(length),
      PRESENT: this.#layout.reserve(length),
      FEATURES: this.#layout.reserve(length * 4),
      SCORES: this.#layout.reserve(length * 4),
      CANDIDATES: this.#layout.reserve(length * 4),
    }
  }

  #reserveWork(slots: number): Parts<'POSITIONS' | 'ENTRIES' | 'LISTS' | 'ROW' | 'NOTHING'> {
    const { values, operations, readOut } = this.#blocks.graph
    const rectified = readOut.code === 'rectified' ? [readOut] : []
    const products = [...operations.filter(({ code }) => code === 'product'), ...rectified]
    const rows = products.map(({ input }) =>
      Math.max(slots * this.#blocks.span(input), values[input]!.length),
    )
    const entryBytes = products.map(({ input }, i) => rows[i]! * this.#blocks.rowBytes(input) * 2)
    const widest = Math.max(...[...values.keys()].map((value) => this.#blocks.rowBytes(value)))
    return {
      POSITIONS: this.#layout.reserve(slots * 4),
      ENTRIES: this.#layout.reserve(Math.max(0, ...entryBytes)),
      LISTS: this.#layout.reserve(Math.max(0, ...rows) * 16),
      ROW: this.#layout.reserve(widest),
      NOTHING: this.#layout.reserve(widest),
    }
  }

  #valueRecord(
    value: number,
    table: PlacedTable | undefined,
    changes: PlacedChanges,
  ): Omit<RecordOf<typeof valueFields>, 'LOW' | 'HIGH'> {
    const { graph, candidates, banks } = this.#blocks
    const { length: count, channels } = graph.values[value]!
    const { kind, direct, maker } = this.#blocks.ofValue(value)
    const rowBytes = this.#blocks.rowBytes(value)
    const blockBytes =
      table === undefined ? this.#blocks.blockBytes(value) : table.rows.byteLength / (banks * codeCount)
    const used = value === 0 || maker >= 0 || value === this.#readValue
    const needed =
      value === this.#summed || this.#blocks.isReadBy(value, (code) => code === 'bend' || code === 'softmax')
    return {
      POSITION_COUNT: count,
      WIDTH: widthOf({ channels }),
      KIND: kindCodes[kind],
      BLOCK: table?.at ?? (kind === 'kept' ? this.#state.reserve(blockBytes * candidates) : 0),
      BLOCK_BYTES: blockBytes,
      SHIFT: table?.shift ?? 0,
      CHANGES: changes.at + changes.slots * (changes.offsets.get(value) ?? 0),
      CHANGE_BYTES: this.#blocks.changeBytes(value),
      HULL: this.#layout.reserve(changes.slots * 8),
      REFERENCE: needed ? this.#state.reserve(count * rowBytes) : -1,
      FORWARD: used ? this.#layout.reserve(count * rowBytes) : 0,
      DIRECT: direct ? 1 : 0,
      LAST_READER: this.#blocks.lastReader(value),
    }
  }

  #finalActivation(): Parts<'FINAL' | 'FINAL_BIAS'> {
    const { readOut } = this.#blocks.graph
    return readOut.code === 'softmax'
      ? { FINAL: activationCodes.linear, FINAL_BIAS: floatBits(0) }
      : { FINAL: activationCodes[readOut.final], FINAL_BIAS: floatBits(readOut.bias) }
  }

  /** The value that the read-out weighs. */
  get #readValue(): number {
    const { readOut } = this.#blocks.graph
    return readOut.code === 'rectified' ? readOut.output : readOut.input
  }

  /** The sums whose signs a rectified read-out follows. */
  get #summed(): number | undefined {
    const { readOut } = this.#blocks.graph
    return readOut.code === 'rectified' ? readOut.output : undefined
  }
}
