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
import { blocksOf } from './tomtomBlocks.ts'
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
/** And whose distances it computes at once, with those of their complements. */
const lanes = 4

type TomtomExports = KernelExports & {
  workBytes(plan: number, width: number): number
  compare(plan: number, width: number): void
}

export class TomtomKernel {
  readonly #plan: TargetPlan
  readonly #exports: TomtomExports

  constructor(plan: TargetPlan) {
    this.#plan = plan
    this.#exports = startKernel('tomtom', plan.image, plan.work) as TomtomExports
  }

  /** @throws RangeError where the query has no column, or a number that is no probability */
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
  const stranded = columnsOf(targets)
  const { rows, weights, places } = distinctColumns(stranded)
  const forward = places.subarray(0, places.length / 2)
  const complements = Int32Array.from(forward, (_, column) => places[stranded.complements[column]!]!)
  const blocks = blocksOf(stranded.columns, forward, complements)
  const distinct = (2 * rows.length) / baseCount
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
    BASES: layout.place(strandParts(rows)),
    WEIGHTS: layout.place(weights),
    BLOCKS: blocks.count,
    CENTERS: layout.place(blocks.centers),
    RADII: layout.place(blocks.radii),
    SIZES: layout.place(blocks.sizes),
    POINTS: layout.place(blocks.points),
    POINT_PLACES: layout.place(blocks.places),
  }
  layout.write(header, recordOf(headerFields, { ...fields, WORK: layout.bytes }))
  return { count, image: layout.image(), answers, work: layout.bytes }
}

interface StrandedColumns {
  /** Of all targets one after another, then of their reverse complements. */
  readonly columns: Float64Array // [columns][4]
  /** Which column is the complement of each. */
  readonly complements: Int32Array // [columns]
}

function columnsOf(targets: readonly ComparedMotif[]): StrandedColumns {
  const half = targets.reduce((sum, { ppm }) => sum + ppm.length, 0)
  const columns = new Float64Array(2 * half * baseCount)
  const complements = new Int32Array(2 * half)
  let start = 0
  for (const { ppm } of targets) {
    for (let i = 0; i < ppm.length; i++) {
      const row = ppm[i]!
      const own = start + i
      const other = half + start + ppm.length - 1 - i
      complements[own] = other
      complements[other] = own
      for (let base = 0; base < baseCount; base++) {
        // No -0: it equals 0, but its bits do not.
        columns[own * baseCount + base] = row[base]! + 0
        columns[other * baseCount + baseCount - 1 - base] = row[base]! + 0
      }
    }
    start += ppm.length
  }
  return { columns, complements }
}

/** Where in the kernel's order a column stands, and its complement so many places on. */
const placeOfPair = (pair: number): number => Math.floor(pair / lanes) * 2 * lanes + (pair % lanes)

/**
 * Equal columns have equal scores. They stand four at a time before their complements, those with weights first, filled up
 * to a multiple of the block with columns of weight 0. A column that is its own complement stands twice, once with no weight.
 */
interface DistinctColumns {
  readonly rows: Float64Array // [distinct / 2][4], each before its complement
  /** Of the first columns, how often each occurs; the others occur once. */
  readonly weights: Int32Array // [weighed]
  /** The distinct column of each. */
  readonly places: Int32Array // [columns]
}

function distinctColumns({ columns, complements }: StrandedColumns): DistinctColumns {
  const count = complements.length
  const found = new DistinctRows(columns)
  const firsts = new Int32Array(count)
  const weightOf = new Int32Array(count) // by the first of equal columns
  for (let column = 0; column < count; column++) {
    const first = found.firstLike(column)
    firsts[column] = first
    weightOf[first]!++
  }
  const complementOf = (first: number): number => firsts[complements[first]!]!
  const pairs = firsts.filter((first, column) => first === column && first <= complementOf(first))
  const occursOnce = (first: number): boolean => weightOf[first] === 1 && first !== complementOf(first)
  // Whole blocks of columns that occur once need no weights.
  const single = pairs.filter(occursOnce)
  const blockPairs = blockSize / 2
  const left = single.length % blockPairs
  const weighed = [...pairs.filter((first) => !occursOnce(first)), ...single.subarray(0, left)]
  const weighedPairs = Math.ceil(weighed.length / blockPairs) * blockPairs
  const unweighed = single.subarray(left)
  const rows = new Float64Array((weighedPairs + unweighed.length) * baseCount)
  const weights = new Int32Array(2 * weighedPairs)
  const placeOf = new Int32Array(count)
  const put = (pair: number, first: number): void => {
    for (let base = 0; base < baseCount; base++) {
      rows[pair * baseCount + base] = columns[first * baseCount + base]!
    }
  }
  for (let pair = 0; pair < weighedPairs; pair++) {
    const first = weighed[pair]
    put(pair, first ?? 0)
    if (first === undefined) continue
    const place = placeOfPair(pair)
    const complement = complementOf(first)
    placeOf[complement] = place + lanes
    if (complement !== first) weights[place + lanes] = weightOf[complement]!
    placeOf[first] = place
    weights[place] = weightOf[first]!
  }
  for (const [i, first] of unweighed.entries()) {
    put(weighedPairs + i, first)
    placeOf[first] = placeOfPair(weighedPairs + i)
    placeOf[complementOf(first)] = placeOfPair(weighedPairs + i) + lanes
  }
  return { rows, weights, places: firsts.map((first) => placeOf[first]!) }
}

/** The sums and differences of bases that pair, of the first of each column and its complement: `BASES` of the layout. */
function strandParts(rows: Float64Array): Float32Array {
  const parts = new Float32Array(rows.length)
  for (let pair = 0; pair < parts.length / baseCount; pair++) {
    const from = pair * baseCount
    const to = Math.floor(pair / lanes) * lanes * baseCount + (pair % lanes)
    for (let strong = 0; strong < 2; strong++) {
      const base = rows[from + strong]!
      const paired = rows[from + baseCount - 1 - strong]!
      parts[to + strong * lanes] = (base + paired) * Math.SQRT1_2
      parts[to + (2 + strong) * lanes] = (base - paired) * Math.SQRT1_2
    }
  }
  return parts
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
const isProbability = (value: number): boolean => value >= -slack && value <= 1 + slack

function checkMotif({ id, ppm }: ComparedMotif, role: 'query' | 'target'): void {
  if (ppm.length === 0) throw new RangeError(`${role} ${id} has no column`)
  for (let i = 0; i < ppm.length; i++) {
    const row = ppm[i]!
    if (row.length === baseCount && row.every(isProbability)) continue
    const bad = row.find((value) => !isProbability(value))
    throw new RangeError(
      `${role} ${id}, column ${i + 1}: ${bad === undefined ? `${row.length} numbers, not ${baseCount}` : `${bad} is no probability`}; a motif is compared as a PPM`,
    )
  }
}
