/**
 * Tomtom's arithmetic in WebAssembly: lays out the memory of src/kernels/assembly/tomtom.ts, and reads what it found.
 * Numbers of a set of targets that do not depend on the query are made once.
 */
import { MemoryLayout } from '../engine/kernelPlan.ts'
import { recordBytes, recordOf } from '../engine/kernelRecords.ts'
import { memoryBase, pageBytes, startKernel } from '../kernels/kernelModule.ts'
import * as headerFields from '../kernels/layout/tomtomHeader.ts'
import type { KernelExports } from '../kernels/webAssembly.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { ComparedMotif } from './motifMatch.ts'
import { reverseComplementMatrix } from './motif.ts'

/** How a query lies best on each target, and what chance gives; by the targets' places, [targets]. */
export interface Comparison {
  readonly pValues: Float64Array
  readonly qValues: Float64Array
  readonly offsets: Int32Array
  readonly overlaps: Int32Array
  /** 1 for the reverse complement. */
  readonly strands: Int32Array
  /** Targets, the best first. */
  readonly order: Int32Array
}

/** Distinct columns that the kernel takes at a time. */
const blockSize = 16
/** And whose distances it computes at once. */
const lanes = 4

type TomtomExports = KernelExports & {
  workBytes(plan: number, width: number): number
  compare(plan: number, width: number): void
}

export class TomtomKernel {
  readonly #plan: TargetPlan
  readonly #exports: TomtomExports

  /** @throws RangeError where a target has no column, or a number that is no probability */
  constructor(targets: readonly ComparedMotif[]) {
    this.#plan = planTargets(targets)
    this.#exports = startKernel('tomtom', this.#plan.image, this.#plan.work) as TomtomExports
  }

  /** @throws RangeError likewise of the query */
  compare(query: ComparedMotif): Comparison {
    checkMotif(query, 'query')
    const { ppm, silent } = query
    const { memory } = this.#exports
    const width = ppm.length
    const end = memoryBase + this.#plan.work + this.#exports.workBytes(memoryBase, width)
    const missing = end - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
    const { buffer } = memory
    const columns = new Float64Array(buffer, memoryBase + this.#plan.work, width * baseCount)
    columns.set(ppm.flat())
    new Uint8Array(buffer, columns.byteOffset + columns.byteLength, width).set(
      ppm.map((_, i) => Number(silent?.[i] === true)),
    )
    this.#exports.compare(memoryBase, width)
    const { count, answers } = this.#plan
    const numbers = (at: number): Float64Array => new Float64Array(buffer, memoryBase + at, count).slice()
    const integers = (at: number): Int32Array => new Int32Array(buffer, memoryBase + at, count).slice()
    return {
      pValues: numbers(answers.P_VALUES),
      qValues: numbers(answers.Q_VALUES),
      offsets: integers(answers.OFFSETS),
      overlaps: integers(answers.OVERLAPS),
      strands: integers(answers.STRANDS),
      order: integers(answers.ORDER),
    }
  }
}

/** Offsets are from `memoryBase`. */
interface TargetPlan {
  readonly count: number
  readonly image: Uint8Array
  readonly answers: Readonly<
    Record<'P_VALUES' | 'Q_VALUES' | 'SCORES' | 'OFFSETS' | 'OVERLAPS' | 'STRANDS' | 'ORDER', number>
  >
  /** Where the work space begins, and with it the query. */
  readonly work: number
}

function planTargets(targets: readonly ComparedMotif[]): TargetPlan {
  for (const target of targets) checkMotif(target, 'target')
  const widths = Int32Array.from(targets, ({ ppm }) => ppm.length)
  const byWidth = Int32Array.from(targets.keys()).sort((a, b) => widths[a]! - widths[b]! || a - b)
  const { rows, weights, weighed, places } = distinctColumns([
    ...targets.flatMap(({ ppm }) => ppm),
    ...targets.flatMap(({ ppm }) => reverseComplementMatrix(ppm)),
  ])
  const bases = new Float32Array(baseCount * rows.length)
  for (const [column, row] of rows.entries()) {
    const at = Math.floor(column / lanes) * lanes * baseCount + (column % lanes)
    for (let base = 0; base < baseCount; base++) bases[at + base * lanes] = row[base]!
  }
  const count = targets.length
  const layout = new MemoryLayout()
  const header = layout.reserve(recordBytes(headerFields))
  const answers = {
    P_VALUES: layout.reserve(count * 8),
    Q_VALUES: layout.reserve(count * 8),
    SCORES: layout.reserve(count * 4),
    OFFSETS: layout.reserve(count * 4),
    OVERLAPS: layout.reserve(count * 4),
    STRANDS: layout.reserve(count * 4),
    ORDER: layout.reserve(count * 4),
  }
  const fields = {
    ...answers,
    TARGETS: count,
    COLUMNS: places.length,
    DISTINCT: rows.length,
    WEIGHED: weighed,
    LONGEST: widths.reduce((longest, width) => Math.max(longest, width), 0),
    WIDTHS: layout.place(widths),
    BY_WIDTH: layout.place(byWidth),
    PLACES: layout.place(places.map((place) => place * blockSize)),
    EXACT: layout.place(Float64Array.from(rows.flat())),
    BASES: layout.place(bases),
    WEIGHTS: layout.place(weights),
  }
  layout.write(header, recordOf(headerFields, { ...fields, WORK: layout.bytes }))
  return { count, image: layout.image(), answers, work: layout.bytes }
}

interface DistinctColumns {
  /** Those of `weights` first; filled up to a multiple of the block with columns of weight 0. */
  readonly rows: readonly (readonly number[])[]
  /** Of the first columns, how often each occurs; the others occur once. */
  readonly weights: Int32Array // [weighed]
  readonly weighed: number
  /** The distinct column of each. */
  readonly places: Int32Array // [columns]
}

/** Equal columns have equal scores. */
function distinctColumns(columns: readonly (readonly number[])[]): DistinctColumns {
  const keys = columns.map((row) => row.join())
  const found = new Map<string, { row: readonly number[]; weight: number; place: number }>()
  for (const [i, key] of keys.entries()) {
    const same = found.get(key)
    if (same === undefined) found.set(key, { row: columns[i]!, weight: 1, place: 0 })
    else same.weight++
  }
  const all = [...found.values()]
  const single = all.filter(({ weight }) => weight === 1)
  // Whole blocks of columns that occur once need no weights.
  const rest = single.splice(Math.floor(single.length / blockSize) * blockSize)
  const first = [...all.filter(({ weight }) => weight > 1), ...rest]
  while (first.length % blockSize !== 0) first.push({ row: columns[0]!, weight: 0, place: 0 })
  const ordered = [...first, ...single]
  for (const [place, column] of ordered.entries()) column.place = place
  return {
    rows: ordered.map(({ row }) => row),
    weights: Int32Array.from(first, ({ weight }) => weight),
    weighed: first.length,
    places: Int32Array.from(keys, (key) => found.get(key)!.place),
  }
}

/** A little more than rounding does to probabilities; the kernel's borders hold up to there. */
const slack = 1e-3

function checkMotif({ id, ppm }: ComparedMotif, role: 'query' | 'target'): void {
  if (ppm.length === 0) throw new RangeError(`${role} ${id} has no column`)
  for (const [i, row] of ppm.entries()) {
    const bad = row.find((value) => !(value >= -slack && value <= 1 + slack))
    if (bad !== undefined || row.length !== baseCount) {
      throw new RangeError(
        `${role} ${id}, column ${i + 1}: ${bad === undefined ? `${row.length} numbers, not ${baseCount}` : `${bad} is no probability`}; a motif is compared as a PPM`,
      )
    }
  }
}
