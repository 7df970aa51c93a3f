/**
 * Which blocks of a difference graph the engine keeps from step to step, which it computes in every step, and how many
 * candidates it follows at once, so that what changes fits the cache.
 */
import type { Network } from '../model/network/network.ts'
import type { DifferenceGraph, Operation, Product, ReadOut } from './differenceGraph.ts'
import { meetsOf, reachesOf, type Reach } from './differenceReaches.ts'
import { widthOf } from './differenceWeights.ts'

/** Bytes of what changes in a step: about what the last level of cache gives a thread. */
const changeBudget = 4 * 2 ** 20
const maxSlots = 64

export type BlockKind = 'none' | 'constant' | 'kept' | 'transient'

/** Where the changes of a slot lie. */
export interface ChangeLayout {
  /** By value. */
  readonly offsets: ReadonlyMap<number, number>
  /** Of all of them. */
  readonly bytes: number
}

/** What is known of a value's blocks. */
export interface ValueBlocks {
  readonly kind: BlockKind
  /** Whether a product adds to it at once: only bends read it. */
  readonly direct: boolean
  /** Index of the operation that makes the value; -1: none. */
  readonly maker: number
}

export class DifferenceBlocks {
  readonly graph: DifferenceGraph
  /** L */
  readonly length: number
  /** Bases that one selection may mask, at most: so many have blocks. */
  readonly candidates: number
  /** Strands read. */
  readonly banks: number
  readonly reaches: readonly Reach[]
  /** The bases whose masking can bend a candidate's blocks otherwise. */
  readonly meets: Reach
  /** The first operation, where it is a product of bases that nothing else reads: its blocks are rows of a table. */
  readonly table: Product | undefined
  /** The bend whose output only the read-out needs, by index; -1: none. */
  readonly lastBend: number
  /** The first operation whose blocks are not kept: the later ones have the wider windows. */
  readonly transientFrom: number
  /** Which operations read each value; the read-out is the last. */
  readonly #readers: readonly (readonly number[])[]

  /** @param budget bytes of blocks that a thread may keep */
  constructor(
    { inputLength, strands }: Network,
    graph: DifferenceGraph,
    budget: number,
    candidates = inputLength,
  ) {
    this.graph = graph
    this.length = inputLength
    this.candidates = Math.min(candidates, inputLength)
    this.banks = strands === 'both' ? 2 : 1
    this.#readers = readersOf(graph)
    this.reaches = reachesOf(graph, inputLength)
    this.meets = meetsOf(graph, this.reaches, inputLength)
    const { operations, readOut } = graph
    const first = operations[0]
    this.table =
      first?.code === 'product' && first.input === 0 && this.#readers[0]!.length === 1 ? first : undefined
    const end = operations.at(-1)
    this.lastBend =
      readOut.code === 'read' && end?.code === 'bend' && end.output === readOut.input
        ? operations.length - 1
        : -1
    let transientFrom = operations.length + 1
    while (transientFrom > 0 && this.#keptBytes(transientFrom) > budget) transientFrom--
    this.transientFrom = transientFrom
  }

  /** Bytes of a row of a value. */
  rowBytes(value: number): number {
    return widthOf(this.graph.values[value]!) * 4
  }

  /** Positions of the widest window. */
  span(value: number): number {
    const { low, high } = this.reaches[value]!
    return low.reduce((widest, first, j) => Math.max(widest, high[j]! - first + 1), 0)
  }

  blockBytes(value: number): number {
    return this.span(value) * this.rowBytes(value)
  }

  changeBytes(value: number): number {
    return Math.ceil(this.blockBytes(value) / 64) * 64
  }

  isConstant(value: number): boolean {
    return value === 0 || this.table?.output === value
  }

  isReadBy(value: number, matches: (code: (Operation | ReadOut)['code']) => boolean): boolean {
    const { operations, readOut } = this.graph
    return this.#readers[value]!.some((reader) => matches((operations[reader] ?? readOut).code))
  }

  /** Index of the last operation that reads a value; -1: none. */
  lastReader(value: number): number {
    return this.#readers[value]!.at(-1) ?? -1
  }

  ofValue(value: number): ValueBlocks {
    const maker = this.graph.operations.findIndex(({ output }) => output === value)
    const kind = this.#kindOf(value, maker, this.transientFrom)
    return { kind, direct: kind === 'kept' && this.#isDirect(value, maker), maker }
  }

  #kindOf(value: number, maker: number, transientFrom: number): BlockKind {
    if (this.isConstant(value)) return 'constant'
    if (maker < 0 || maker === this.lastBend) return 'none'
    if (maker >= transientFrom) return 'transient'
    const whole =
      this.graph.operations[maker]!.code === 'bend' ||
      this.isReadBy(value, needsWhole) ||
      this.#readers[value]!.some((reader) => reader >= transientFrom)
    return whole ? 'kept' : 'none'
  }

  #keptBytes(transientFrom: number): number {
    const { operations } = this.graph
    const each = operations.reduce(
      (sum, { output }, i) =>
        this.#kindOf(output, i, transientFrom) === 'kept' ? sum + this.blockBytes(output) : sum,
      0,
    )
    return each * this.candidates * this.banks
  }

  /** A product that only bends read adds to its block at once. */
  #isDirect(value: number, maker: number): boolean {
    const { operations, readOut } = this.graph
    return (
      operations[maker]!.code === 'product' &&
      this.#readers[value]!.every((reader) => needsWhole((operations[reader] ?? readOut).code))
    )
  }

  /** Values that are never needed together share their place. */
  changes(): ChangeLayout {
    const live: { readonly from: number; readonly to: number; readonly until: number }[] = []
    const offsets = new Map<number, number>()
    let bytes = 0
    for (const [maker, { output }] of this.graph.operations.entries()) {
      const { kind, direct } = this.ofValue(output)
      if (maker === this.lastBend || kind === 'constant' || direct) continue
      const size = this.changeBytes(output)
      const taken = live.filter(({ until }) => until >= maker).sort((a, b) => a.from - b.from)
      let from = 0
      for (const other of taken) if (from + size > other.from) from = Math.max(from, other.to)
      offsets.set(output, from)
      live.push({ from, to: from + size, until: this.lastReader(output) })
      bytes = Math.max(bytes, from + size)
    }
    return { offsets, bytes }
  }

  /** Candidates whose changes fit the cache together. */
  slots({ bytes }: ChangeLayout): number {
    const entries = this.graph.operations.map(({ code, input }) =>
      code === 'product' ? this.blockBytes(input) * 2 : 0,
    )
    const each = bytes + Math.max(1, ...entries)
    return Math.max(1, Math.min(maxSlots, Math.floor(changeBudget / each), this.candidates))
  }
}

/** Whether an operation needs its input whole: reference and block. */
function needsWhole(code: (Operation | ReadOut)['code']): boolean {
  return code === 'bend' || code === 'softmax' || code === 'rectified'
}

function readersOf({ values, operations, readOut }: DifferenceGraph): number[][] {
  const readers = values.map((): number[] => [])
  for (const [i, operation] of operations.entries()) {
    readers[operation.input]!.push(i)
    if (operation.code === 'sum') readers[operation.other]!.push(i)
  }
  readers[readOut.input]!.push(operations.length)
  return readers
}
