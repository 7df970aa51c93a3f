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
import { compareQuery } from './compareQuery.js'
import type { ComparedMotif } from './motifMatch.ts'

/** How a query lies best on each target, and what chance gives: by the targets' places, [targets]. */
export interface Comparison {
  readonly pValues: Float64Array
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
    return compareQuery(this.#exports, memoryBase, pageBytes, this.#plan, queryOf(query))
  }
}

/** @throws RangeError where it has no column, or a number that is no probability */
export function queryOf(query: ComparedMotif): { ppm: Float64Array; silent: Uint8Array } {
  checkMotif(query, 'query')
  const { ppm, silent } = query
  return {
    ppm: Float64Array.from(ppm.flat()),
    silent: Uint8Array.from(ppm, (_, i) => Number(silent?.[i] === true)),
  }
}

/** Offsets are from `memoryBase`. */
export interface TargetPlan {
  readonly count: number
  readonly image: Uint8Array
  readonly answers: Readonly<
    Record<'P_VALUES' | 'SCORES' | 'OFFSETS' | 'OVERLAPS' | 'STRANDS' | 'ORDER', number>
  >
  /** Where the work space begins, and with it the query. */
  readonly work: number
}

/** @throws RangeError where a target has no column, or a number that is no probability */
export function planTargets(targets: readonly ComparedMotif[]): TargetPlan {
  for (const target of targets) checkMotif(target, 'target')
  const widths = Int32Array.from(targets, ({ ppm }) => ppm.length)
  const byWidth = Int32Array.from(targets.keys()).sort((a, b) => widths[a]! - widths[b]! || a - b)
  const { rows, weights, places } = distinctColumns(columnsOf(targets))
  const distinct = rows.length / baseCount
  const bases = new Float32Array(rows.length)
  for (let column = 0; column < distinct; column++) {
    const at = Math.floor(column / lanes) * lanes * baseCount + (column % lanes)
    for (let base = 0; base < baseCount; base++) bases[at + base * lanes] = rows[column * baseCount + base]!
  }
  const count = targets.length
  const layout = new MemoryLayout()
  const header = layout.reserve(recordBytes(headerFields))
  const answers = {
    P_VALUES: layout.reserve(count * 8),
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
    DISTINCT: distinct,
    WEIGHED: weights.length,
    LONGEST: widths.reduce((longest, width) => Math.max(longest, width), 0),
    WIDTHS: layout.place(widths),
    BY_WIDTH: layout.place(byWidth),
    PLACES: layout.place(places.map((place) => place * blockSize)),
    EXACT: layout.place(rows),
    BASES: layout.place(bases),
    WEIGHTS: layout.place(weights),
  }
  layout.write(header, recordOf(headerFields, { ...fields, WORK: layout.bytes }))
  return { count, image: layout.image(), answers, work: layout.bytes }
}

/** @returns the columns of all targets one after another, then those of their reverse complements: [columns][4] */
function columnsOf(targets: readonly ComparedMotif[]): Float64Array {
  const half = targets.reduce((sum, { ppm }) => sum + ppm.length, 0) * baseCount
  const columns = new Float64Array(2 * half)
  let at = 0
  for (const { ppm } of targets) {
    const end = at + ppm.length * baseCount
    for (const [i, row] of ppm.entries()) {
      for (let base = 0; base < baseCount; base++) {
        // No -0: it equals 0, but its bits do not.
        columns[at + i * baseCount + base] = row[base]! + 0
        columns[half + end - 1 - i * baseCount - base] = row[base]! + 0
      }
    }
    at = end
  }
  return columns
}

interface DistinctColumns {
  /** Those of `weights` first; filled up to a multiple of the block with columns of weight 0. */
  readonly rows: Float64Array // [distinct][4]
  /** Of the first columns, how often each occurs; the others occur once. */
  readonly weights: Int32Array // [weighed]
  /** The distinct column of each. */
  readonly places: Int32Array // [columns]
}

/**
 * Equal columns have equal scores.
 * @param columns [columns][4]
 */
function distinctColumns(columns: Float64Array): DistinctColumns {
  const count = columns.length / baseCount
  const found = new DistinctRows(columns)
  const firsts = Int32Array.from({ length: count }, (_, column) => found.firstLike(column))
  const weightOf = new Int32Array(count) // by the first of equal columns
  for (const first of firsts) weightOf[first]!++
  const all = firsts.filter((first, column) => first === column)
  // Whole blocks of columns that occur once need no weights.
  const single = all.filter((column) => weightOf[column] === 1)
  const unweighed = single.subarray(single.length % blockSize)
  const weighed = [
    ...all.filter((column) => weightOf[column]! > 1),
    ...single.subarray(0, single.length % blockSize),
  ]
  const filling = Math.ceil(weighed.length / blockSize) * blockSize - weighed.length
  const weights = Int32Array.from([
    ...weighed.map((column) => weightOf[column]!),
    ...new Array<number>(filling).fill(0),
  ])
  const ordered = [...weighed, ...new Array<number>(filling).fill(0), ...unweighed]
  const placeOf = new Int32Array(count)
  for (const [place, column] of ordered.entries())
    if (place >= weights.length || weights[place]! > 0) placeOf[column] = place
  const rows = new Float64Array(ordered.length * baseCount)
  for (const [place, column] of ordered.entries()) {
    rows.set(columns.subarray(column * baseCount, (column + 1) * baseCount), place * baseCount)
  }
  return { rows, weights, places: firsts.map((first) => placeOf[first]!) }
}

/** Finds the first of equal rows by a hash of their bits. */
class DistinctRows {
  readonly #rows: Float64Array
  readonly #words: Uint32Array
  readonly #table: Int32Array
  readonly #mask: number

  constructor(rows: Float64Array) {
    this.#rows = rows
    this.#words = new Uint32Array(rows.buffer, rows.byteOffset, 2 * rows.length)
    const size = 2 ** Math.ceil(Math.log2((2 * rows.length) / baseCount + 1))
    this.#table = new Int32Array(size).fill(-1)
    this.#mask = size - 1
  }

  /** To be asked of one row after another. */
  firstLike(row: number): number {
    let hash = 0
    for (let word = 0; word < 2 * baseCount; word++) {
      hash = Math.imul(hash ^ this.#words[2 * baseCount * row + word]!, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const other = this.#table[at]!
      if (other < 0) {
        this.#table[at] = row
        return row
      }
      if (this.#areEqual(row, other)) return other
    }
  }

  #areEqual(a: number, b: number): boolean {
    for (let base = 0; base < baseCount; base++) {
      if (this.#rows[a * baseCount + base] !== this.#rows[b * baseCount + base]) return false
    }
    return true
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
