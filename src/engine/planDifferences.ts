/**
 * The differences engine's plan: which networks it explains, which blocks are kept from step to step, and the memory that
 * src/kernels/assembly/differences.ts reads.
 */
import { splitLastActivation } from '../model/network/lastActivation.ts'
import { strandJoins, type Network } from '../model/network/network.ts'
import { masked } from '../sequence/alphabet.ts'
import {
  buildDifferenceGraph,
  readRectified,
  type DifferenceGraph,
  type GraphValue,
  type Operation,
  type Product,
} from './differenceGraph.ts'
import {
  codeCount,
  maxBytes,
  mebibytes,
  MemoryLayout,
  tooLarge,
  type Planned,
  type PlanOptions,
} from './kernelPlan.ts'
import { activationCodes, ceilTo } from './denseHead.ts'

/** Bytes of blocks that a thread may keep. */
const blockBudget = 512 * 2 ** 20
/** Bytes of what changes in a step: about what the last level of cache gives a thread. */
const changeBudget = 4 * 2 ** 20
const maxSlots = 64
/** Steps after which sums of differences are replaced by the network's own sums. */
const referenceSteps = 64

/** @param budget bytes of blocks that a thread may keep; what does not fit is computed in every step */
export function planDifferences(network: Network, options: PlanOptions, budget = blockBudget): Planned {
  const graph = buildDifferenceGraph(network, options.output)
  if (typeof graph === 'string') return { refusal: graph }
  if (network.strands === 'both' && network.strandJoin === 'mean-of-logits') {
    const { activation } = splitLastActivation(network)
    if (graph.readOut.code === 'softmax' || graph.readOut.final !== activation)
      return { refusal: `the ${activation} of a mean of its strands follows what bends, too` }
  }
  if (!weightsOf(graph).every((weights) => weights.every(Number.isFinite))) {
    return { refusal: 'a weight is not finite' }
  }
  const planner = new Planner(network, graph, options)
  const transientFrom = planner.transientFrom(budget)
  // Where the last blocks are kept, their changes cost less than the whole gradient.
  const other = transientFrom < graph.operations.length - 1 ? readRectified(graph) : undefined
  if (other === undefined || other.operations.length === 0) return planner.plan(transientFrom)
  const rectified = new Planner(network, other, options)
  return rectified.plan(rectified.transientFrom(budget))
}

function weightsOf({ operations, readOut }: DifferenceGraph): Float64Array[] {
  const weights = operations.flatMap((operation) => {
    if (operation.code === 'product') return [operation.kernel, operation.bias]
    return operation.code === 'scale' ? [operation.scale, operation.shift] : []
  })
  if (readOut.code === 'softmax') return weights
  if (readOut.code === 'rectified') weights.push(readOut.product.kernel, readOut.product.bias)
  return [...weights, readOut.weights]
}

const ceil4 = (n: number): number => ceilTo(n, 4)

/** Fields of the kernel's records, in its order (differences.ts). */
const headerFields = [
  'length',
  'sign',
  'banks',
  'operations',
  'values',
  'operationCount',
  'valueCount',
  'codes',
  'present',
  'features',
  'scores',
  'slots',
  'state',
  'stateBytes',
  'bases',
  'candidates',
  'positions',
  'entries',
  'lists',
  'row',
  'final',
  'finalBias',
  'referenceSteps',
  'blockSteps',
  'transientFrom',
  'meetsLow',
  'meetsHigh',
  'nothing',
  'bankCodes',
  'logits',
  'referenceLogit',
  'join',
] as const
const valueFields = [
  'positionCount',
  'width',
  'low',
  'high',
  'kind',
  'block',
  'blockBytes',
  'shift',
  'changes',
  'changeBytes',
  'hull',
  'reference',
  'forward',
  'direct',
  'lastReader',
] as const
const operationFields = [
  'code',
  'input',
  'other',
  'output',
  'weights',
  'bias',
  'taps',
  'dilation',
  'padding',
  'size',
  'stride',
  'activation',
  'before',
  'after',
  'activated',
  'readout',
  'perPosition',
  'channels',
  'index',
  'transposed',
  'norms',
  'gradient',
  'passed',
  'differences',
  'lengths',
  'met',
] as const
const valueWords = 16
const operationWords = 32

type RecordOf<Fields extends readonly string[]> = Partial<Record<Fields[number], number>>

function writeRecord<Fields extends readonly string[]>(
  target: Int32Array,
  offset: number,
  fields: Fields,
  record: RecordOf<Fields>,
): void {
  for (const [i, name] of fields.entries()) target[offset + i] = record[name as Fields[number]] ?? 0
}

const operationCodes = ['product', 'scale', 'bend', 'sum', 'regroup', 'read', 'softmax', 'rectified'] as const
/** Whether an operation needs its input whole: reference and block. */
function isBending(code: (typeof operationCodes)[number]): boolean {
  return code === 'bend' || code === 'softmax' || code === 'rectified'
}

const kinds = { none: 0, constant: 1, kept: 2, transient: 3 } as const

/** Positions that masking a base can change: first and last for each base; none where last < first. */
interface Reach {
  readonly low: Int32Array<ArrayBuffer> // [L]
  readonly high: Int32Array<ArrayBuffer> // [L]
}

class Planner {
  readonly #network: Network
  readonly #graph: DifferenceGraph
  readonly #options: PlanOptions
  readonly #banks: number
  readonly #reaches: Reach[]
  /** Which operations read each value; the read-out is the last. */
  readonly #readers: number[][]
  /** Whether the first operation is a product of bases that nothing else reads: its blocks are rows of a table. */
  readonly #table: Product | undefined
  /** The bend whose output only the read-out needs. */
  readonly #lastBend: number

  constructor(network: Network, graph: DifferenceGraph, options: PlanOptions) {
    this.#network = network
    this.#graph = graph
    this.#options = options
    this.#banks = network.strands === 'both' ? 2 : 1
    const { values, operations, readOut } = graph
    this.#readers = values.map((): number[] => [])
    for (const [i, operation] of operations.entries()) {
      this.#readers[operation.input]!.push(i)
      if (operation.code === 'sum') this.#readers[operation.other]!.push(i)
    }
    this.#readers[readOut.input]!.push(operations.length)
    this.#reaches = reachesOf(graph, network.inputLength)
    const first = operations[0]
    this.#table =
      first?.code === 'product' && first.input === 0 && this.#readers[0]!.length === 1 ? first : undefined
    const end = operations.at(-1)
    this.#lastBend =
      readOut.code === 'read' && end?.code === 'bend' && end.output === readOut.input
        ? operations.length - 1
        : -1
  }

  /** The first operation whose blocks are not kept: the later ones have the wider windows. */
  transientFrom(budget: number): number {
    let transientFrom = this.#graph.operations.length + 1
    while (transientFrom > 0 && this.#keptBytes(transientFrom) > budget) transientFrom--
    return transientFrom
  }

  #width(value: number): number {
    return ceil4(this.#graph.values[value]!.channels)
  }

  /** Positions of the widest window. */
  #span(value: number): number {
    const { low, high } = this.#reaches[value]!
    return low.reduce((widest, first, j) => Math.max(widest, high[j]! - first + 1), 0)
  }

  #blockBytes(value: number): number {
    return this.#span(value) * this.#width(value) * 4
  }

  #isConstant(value: number): boolean {
    return value === 0 || this.#table?.output === value
  }

  #isReadBy(value: number, matches: (code: (typeof operationCodes)[number]) => boolean): boolean {
    const { operations, readOut } = this.#graph
    return this.#readers[value]!.some((reader) => matches((operations[reader] ?? readOut).code))
  }

  #kindOf(value: number, maker: number, transientFrom: number): keyof typeof kinds {
    if (this.#isConstant(value)) return 'constant'
    if (maker < 0 || maker === this.#lastBend) return 'none'
    if (maker >= transientFrom) return 'transient'
    const whole =
      this.#graph.operations[maker]!.code === 'bend' ||
      this.#isReadBy(value, isBending) ||
      this.#readers[value]!.some((reader) => reader >= transientFrom)
    return whole ? 'kept' : 'none'
  }

  #keptBytes(transientFrom: number): number {
    const { operations } = this.#graph
    const each = operations.reduce(
      (sum, { output }, i) =>
        this.#kindOf(output, i, transientFrom) === 'kept' ? sum + this.#blockBytes(output) : sum,
      0,
    )
    return each * this.#network.inputLength * this.#banks
  }

  plan(transientFrom: number): Planned {
    const { values, operations, readOut } = this.#graph
    const { inputLength: length } = this.#network
    const banks = this.#banks
    const layout = new MemoryLayout()
    const state = new MemoryLayout()
    const headerAt = layout.reserve(headerFields.length * 4)
    const valuesAt = layout.reserve(values.length * valueWords * 4)
    const operationsAt = layout.reserve((operations.length + 1) * operationWords * 4)
    const valueRecords = new Int32Array(values.length * valueWords)
    const operationRecords = new Int32Array((operations.length + 1) * operationWords)

    // Weights and tables.
    const bases = Float32Array.from(Array.from({ length: banks }, (_, bank) => this.#bases(bank)).flat(2))
    const basesAt = layout.place(bases)
    const meets = this.#meets()
    const meetsLow = layout.place(meets.low)
    const meetsHigh = layout.place(meets.high)
    const reachesAt = this.#reaches.map(({ low, high }) => [layout.place(low), layout.place(high)] as const)
    const readoutAt =
      readOut.code === 'softmax'
        ? undefined
        : layout.place(padded(readOut.weights, values[this.#readValue]!.channels))
    const placed = operations.map((operation, i) => {
      switch (operation.code) {
        case 'product':
          return placeProduct(layout, operation, values[operation.input]!, values[operation.output]!)
        case 'scale': {
          const { channels } = values[operation.input]!
          const { size, stride, padding } = operation
          return {
            weights: layout.place(padded(operation.scale, channels)),
            bias: layout.place(padded(operation.shift, channels)),
            perPosition: operation.scale.length === channels ? 0 : 1,
            size,
            stride,
            padding,
          }
        }
        case 'bend':
          return this.#bendRecord(operation, state, i === this.#lastBend ? readoutAt : undefined)
        case 'sum':
          return { other: operation.other }
        case 'regroup':
          return { channels: values[operation.input]!.channels }
      }
    })
    const readOutRecord = this.#readOutRecord(layout, state, readoutAt)
    const tables = values.map((_, value) => (this.#isConstant(value) ? this.#tableOf(value) : undefined))
    const tablesAt = tables.map((table) => (table === undefined ? 0 : layout.place(table.rows)))

    // What the kernel computes with.
    const codes = layout.reserve(length)
    const present = layout.reserve(length)
    const features = layout.reserve(length * 4)
    const scores = layout.reserve(length * 4)
    const candidates = layout.reserve(length * 4)
    const changes = this.#changeLayout(transientFrom)
    const slots = this.#slots(changes.bytes)
    const changesAt = layout.reserve(slots * changes.bytes)
    const positions = layout.reserve(slots * 4)
    const rectified = readOut.code === 'rectified' ? [readOut] : []
    const room = [...operations.filter(({ code }) => code === 'product'), ...rectified].map(({ input }) => {
      const rows = Math.max(slots * this.#span(input), values[input]!.length)
      return { rows, entries: rows * this.#width(input) }
    })
    const entries = layout.reserve(Math.max(0, ...room.map((each) => each.entries)) * 8)
    const lists = layout.reserve(Math.max(0, ...room.map((each) => each.rows)) * 16)
    const widest = Math.max(...values.map((_, value) => this.#width(value))) * 4
    const row = layout.reserve(widest)
    const nothing = layout.reserve(widest)
    const bankCodes = state.reserve(length)
    const logits = state.reserve(length * 8)
    const referenceLogit = state.reserve(8)
    for (const [value, { length: count }] of values.entries()) {
      const maker = operations.findIndex(({ output }) => output === value)
      const kind = this.#kindOf(value, maker, transientFrom)
      const width = this.#width(value)
      const [low, high] = reachesAt[value]!
      const direct = kind === 'kept' && this.#isDirect(value, maker)
      const blockBytes =
        kind === 'constant' ? tables[value]!.rows.byteLength / (banks * codeCount) : this.#blockBytes(value)
      const used = value === 0 || maker >= 0 || value === this.#readValue
      const needed = this.#isReadBy(value, (code) => code === 'bend' || code === 'softmax')
      writeRecord(valueRecords, value * valueWords, valueFields, {
        positionCount: count,
        width,
        low,
        high,
        kind: kinds[kind],
        block:
          kind === 'constant' ? tablesAt[value]! : kind === 'kept' ? state.reserve(blockBytes * length) : 0,
        blockBytes,
        shift: tables[value]?.shift ?? 0,
        changes: changesAt + slots * (changes.offsets.get(value) ?? 0),
        changeBytes: this.#changeBytes(value),
        hull: layout.reserve(slots * 8),
        reference: needed || value === this.#summed ? state.reserve(count * width * 4) : -1,
        forward: used ? layout.reserve(count * width * 4) : 0,
        direct: direct ? 1 : 0,
        lastReader: this.#readers[value]!.at(-1) ?? -1,
      })
    }
    for (const [i, operation] of operations.entries()) {
      writeRecord(operationRecords, i * operationWords, operationFields, {
        code: operationCodes.indexOf(operation.code),
        input: operation.input,
        output: operation.output,
        index: i,
        ...placed[i],
      })
    }
    // A bend that is read out does it itself.
    const operationCount = operations.length + (this.#lastBend >= 0 ? 0 : 1)
    writeRecord(operationRecords, operations.length * operationWords, operationFields, {
      code: operationCodes.indexOf(readOut.code),
      input: readOut.input,
      index: operations.length,
      ...readOutRecord,
    })
    const stateAt = layout.reserve(state.bytes * banks)
    const header = new Int32Array(headerFields.length)
    writeRecord(header, 0, headerFields, {
      length,
      sign: this.#options.direction === '>=' ? 1 : -1,
      banks,
      operations: operationsAt,
      values: valuesAt,
      operationCount,
      valueCount: values.length,
      codes,
      present,
      features,
      scores,
      slots,
      state: stateAt,
      stateBytes: state.bytes,
      bases: basesAt,
      candidates,
      positions,
      entries,
      lists,
      row,
      final: activationCodes.indexOf(readOut.code === 'softmax' ? 'linear' : readOut.final),
      finalBias: floatBits(readOut.code === 'softmax' ? 0 : readOut.bias),
      referenceSteps,
      blockSteps: 0,
      transientFrom: Math.min(transientFrom, operationCount),
      meetsLow,
      meetsHigh,
      nothing,
      bankCodes,
      logits,
      referenceLogit,
      join: strandJoins.indexOf(this.#network.strandJoin ?? 'maximum'),
    })
    layout.write(headerAt, header)
    layout.write(valuesAt, valueRecords)
    layout.write(operationsAt, operationRecords)
    const { bytes } = layout
    if (bytes > maxBytes) return tooLarge(bytes)
    return {
      plan: { kernel: 'differences', length, image: layout.image(), bytes, codes, present, features, scores },
      reason: this.#reason(transientFrom, bytes),
    }
  }

  #reason(transientFrom: number, bytes: number): string {
    const { operations } = this.#graph
    const kept =
      transientFrom > operations.length
        ? 'all kept from step to step'
        : `kept up to operation ${transientFrom} of ${operations.length}`
    return `differences of ${operations.length} operations, ${kept}, ${mebibytes(bytes)} MiB a thread`
  }

  /** The value that the read-out weighs. */
  get #readValue(): number {
    const { readOut } = this.#graph
    return readOut.code === 'rectified' ? readOut.output : readOut.input
  }

  /** The sums whose signs a rectified read-out follows. */
  get #summed(): number | undefined {
    return this.#graph.readOut.code === 'rectified' ? this.#graph.readOut.output : undefined
  }

  #readOutRecord(
    layout: MemoryLayout,
    state: MemoryLayout,
    readoutAt: number | undefined,
  ): RecordOf<typeof operationFields> {
    const { values, readOut } = this.#graph
    switch (readOut.code) {
      case 'softmax':
        return { bias: readOut.output, channels: values[readOut.input]!.channels }
      case 'read':
        return { weights: readoutAt! }
      case 'rectified': {
        const { product, output, passed } = readOut
        const [from, to] = [values[product.input]!, values[output]!]
        return {
          output,
          ...placeProduct(layout, product, from, to),
          readout: readoutAt!,
          transposed: layout.place(transposed(product, from, to)),
          norms: layout.place(norms(product, from, to)),
          gradient: state.reserve(from.length * this.#width(product.input) * 4),
          passed: passed ? 1 : 0,
          differences: layout.reserve(to.length * this.#width(output) * 4),
          lengths: layout.reserve(from.length * 4),
          met: layout.reserve(product.taps * 16),
        }
      }
    }
  }

  #bendRecord(
    { input, output, size, stride, padding, activation }: Operation & { code: 'bend' },
    state: MemoryLayout,
    readoutAt: number | undefined,
  ): RecordOf<typeof operationFields> {
    const { length } = this.#graph.values[input]!
    const { length: outputs } = this.#graph.values[output]!
    const rowBytes = this.#width(input) * 4
    const everything = size - padding >= length && outputs === 1 && size > 1
    const smooth = activation !== 'linear' && activation !== 'relu'
    return {
      size,
      stride,
      padding,
      activation: activationCodes.indexOf(activation),
      before: everything ? state.reserve(length * rowBytes) : -1,
      after: everything ? state.reserve(length * rowBytes) : -1,
      activated: smooth ? state.reserve(outputs * rowBytes) : -1,
      readout: readoutAt ?? 0,
    }
  }

  /**
   * Where the changes of a slot lie: values that are never needed together share their place.
   * @returns offsets by value, and the bytes of them all
   */
  #changeLayout(transientFrom: number): {
    readonly offsets: ReadonlyMap<number, number>
    readonly bytes: number
  } {
    const live: { readonly from: number; readonly to: number; readonly until: number }[] = []
    const offsets = new Map<number, number>()
    let bytes = 0
    for (const [maker, { output }] of this.#graph.operations.entries()) {
      if (!this.#hasChanges(output, maker, transientFrom)) continue
      const size = this.#changeBytes(output)
      const taken = live.filter(({ until }) => until >= maker).sort((a, b) => a.from - b.from)
      let from = 0
      for (const other of taken) if (from + size > other.from) from = Math.max(from, other.to)
      offsets.set(output, from)
      live.push({ from, to: from + size, until: this.#readers[output]!.at(-1)! })
      bytes = Math.max(bytes, from + size)
    }
    return { offsets, bytes }
  }

  #changeBytes(value: number): number {
    return Math.ceil(this.#blockBytes(value) / 64) * 64
  }

  #hasChanges(value: number, maker: number, transientFrom: number): boolean {
    const kind = this.#kindOf(value, maker, transientFrom)
    if (maker === this.#lastBend || kind === 'constant') return false
    return kind !== 'kept' || !this.#isDirect(value, maker)
  }

  /** A product that only bends read adds to its block at once. */
  #isDirect(value: number, maker: number): boolean {
    const { operations, readOut } = this.#graph
    return (
      operations[maker]!.code === 'product' &&
      this.#readers[value]!.every((reader) => isBending((operations[reader] ?? readOut).code))
    )
  }

  /** Candidates whose changes fit the cache together. */
  #slots(changeBytes: number): number {
    const { operations } = this.#graph
    const entries = operations.map(({ code, input }) =>
      code === 'product' ? this.#blockBytes(input) * 2 : 0,
    )
    const each = changeBytes + Math.max(1, ...entries)
    return Math.max(1, Math.min(maxSlots, Math.floor(changeBudget / each), this.#network.inputLength))
  }

  /** What each code is, as a strand reads it: [6][4]. */
  #bases(bank: number): number[][] {
    const background = bank === 0 ? [...this.#options.background] : this.#options.background.toReversed()
    return Array.from({ length: codeCount }, (_, code) =>
      code === masked ? background : background.map((_, base) => (base === code ? 1 : 0)),
    )
  }

  /** Blocks of a value that never change: rows by code, from the position candidate + shift on. */
  #tableOf(value: number): { readonly rows: Float32Array; readonly shift: number } {
    const { taps, dilation, padding, kernel } = value === 0 ? identity : this.#table!
    const { channels } = this.#graph.values[value]!
    const width = this.#width(value)
    const span = (taps - 1) * dilation + 1
    const rows = new Float32Array(this.#banks * codeCount * span * width)
    for (let bank = 0; bank < this.#banks; bank++) {
      const bases = this.#bases(bank)
      for (const [code, base] of bases.entries()) {
        const difference = base.map((was, b) => bases[masked]![b]! - was)
        for (let tap = 0; tap < taps; tap++) {
          const at = ((bank * codeCount + code) * span + (taps - 1 - tap) * dilation) * width
          for (let c = 0; c < channels; c++) {
            rows[at + c] = difference.reduce(
              (sum, change, b) => sum + change * kernel[(tap * difference.length + b) * channels + c]!,
              0,
            )
          }
        }
      }
    }
    return { rows, shift: padding - (taps - 1) * dilation }
  }

  /** The bases whose masking can bend a candidate's blocks otherwise. */
  #meets(): Reach {
    const { inputLength: length } = this.#network
    // A softmax of other logits is another one, whether a candidate changes the logits or not.
    const always = this.#graph.readOut.code === 'softmax'
    const low = new Int32Array(length).fill(always ? 0 : length)
    const high = new Int32Array(length).fill(always ? length - 1 : -1)
    const { operations, readOut } = this.#graph
    const last = readOut.code === 'rectified' ? [readOut] : []
    for (const { code, output } of [...operations, ...last]) {
      if (code !== 'bend' && code !== 'rectified') continue
      const reach = this.#reaches[output]!
      const some = [...reach.low.keys()].filter((j) => reach.low[j]! <= reach.high[j]!)
      let [from, to] = [0, 0]
      for (const j of some) {
        while (reach.high[some[from]!]! < reach.low[j]!) from++
        while (to + 1 < some.length && reach.low[some[to + 1]!]! <= reach.high[j]!) to++
        low[j] = Math.min(low[j]!, some[from]!)
        high[j] = Math.max(high[j]!, some[to]!)
      }
    }
    return { low, high }
  }
}

/** The input as a product of itself. */
const identity: Pick<Product, 'taps' | 'dilation' | 'padding' | 'kernel'> = {
  taps: 1,
  dilation: 1,
  padding: 0,
  kernel: Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
}

function reachesOf({ values, operations, readOut }: DifferenceGraph, length: number): Reach[] {
  const positions = Int32Array.from({ length }, (_, j) => j)
  const reaches: Reach[] = values.map(() => ({ low: positions, high: positions }))
  const tail = readOut.code === 'rectified' ? [readOut.product] : []
  for (const operation of [...operations, ...tail]) {
    const { low, high } = reaches[operation.input]!
    const last = values[operation.output]!.length - 1
    const reach: Reach = { low: new Int32Array(length), high: new Int32Array(length).fill(-1) }
    const set = (j: number, from: number, to: number): void => {
      if (Math.max(from, 0) > Math.min(to, last)) return
      reach.low[j] = Math.max(from, 0)
      reach.high[j] = Math.min(to, last)
    }
    for (let j = 0; j < length; j++) {
      const [from, to] = [low[j]!, high[j]!]
      const some = from <= to
      switch (operation.code) {
        case 'product':
          if (some) {
            const { taps, dilation, padding } = operation
            set(j, from + padding - (taps - 1) * dilation, to + padding)
          }
          break
        case 'scale':
        case 'bend':
          if (some) {
            const { size, stride, padding } = operation
            set(j, Math.ceil((from + padding - size + 1) / stride), Math.floor((to + padding) / stride))
          }
          break
        case 'sum': {
          const other = reaches[operation.other]!
          const otherSome = other.low[j]! <= other.high[j]!
          if (some && otherSome) set(j, Math.min(from, other.low[j]!), Math.max(to, other.high[j]!))
          else if (some) set(j, from, to)
          else if (otherSome) set(j, other.low[j]!, other.high[j]!)
          break
        }
        case 'regroup': {
          const [channels, own] = [operation.input, operation.output].map((value) => values[value]!.channels)
          if (some) {
            set(j, Math.floor((from * channels!) / own!), Math.ceil(((to + 1) * channels!) / own!) - 1)
          }
        }
      }
    }
    reaches[operation.output] = reach
  }
  return reaches
}

/** Rows of `channels`, each filled up to a multiple of 4 with zeros. */
function padded(values: Float64Array, channels: number): Float32Array {
  const width = ceil4(channels)
  const rows = values.length / channels
  const result = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++) result[row * width + c] = values[row * channels + c]!
  }
  return result
}

function placeProduct(
  layout: MemoryLayout,
  product: Product,
  input: GraphValue,
  output: GraphValue,
): RecordOf<typeof operationFields> {
  const { taps, dilation, padding, bias } = product
  return {
    weights: layout.place(tiled(product, input, output)),
    bias: layout.place(padded(bias, bias.length)),
    taps,
    dilation,
    padding,
  }
}

/** Weights by output channel: [output channels][taps][input width]. */
function transposed({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const width = ceil4(input.channels)
  const result = new Float32Array(ceil4(output.channels) * taps * width)
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < input.channels; c++) {
      for (let f = 0; f < output.channels; f++) {
        result[(f * taps + tap) * width + c] = kernel[(tap * input.channels + c) * output.channels + f]!
      }
    }
  }
  return result
}

/** More than float32 sums of squares can be off by. */
const normMargin = 1 + 1e-4

/** Lengths of the weights by tap and output channel: [taps][output width]. */
function norms({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const width = ceil4(output.channels)
  const result = new Float32Array(taps * width)
  for (let tap = 0; tap < taps; tap++) {
    for (let f = 0; f < output.channels; f++) {
      let square = 0
      for (let c = 0; c < input.channels; c++) {
        square += kernel[(tap * input.channels + c) * output.channels + f]! ** 2
      }
      result[tap * width + f] = normMargin * Math.sqrt(square)
    }
  }
  return result
}

/** In the order of sparseProducts.ts: [taps][tiles][inputs][the tile's vectors of 4 filters]. */
function tiled({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const inputs = ceil4(input.channels)
  const filters = ceil4(output.channels)
  const result = new Float32Array(taps * inputs * filters)
  for (let tap = 0; tap < taps; tap++) {
    let at = tap * inputs * filters
    for (let from = 0; from < filters;) {
      const left = filters - from
      const tile = left >= 16 ? 16 : left >= 8 ? 8 : 4
      for (let c = 0; c < input.channels; c++) {
        for (let f = from; f < Math.min(from + tile, output.channels); f++) {
          result[at + c * tile + f - from] = kernel[(tap * input.channels + c) * output.channels + f]!
        }
      }
      at += inputs * tile
      from += tile
    }
  }
  return result
}

function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!
}
