/**
 * What the scanner's kernel keeps of a sequence, and where: ./scanner.ts tells what each is for. A row holds a number for
 * each filter of a bank; banks are strands.
 */
import { BANKS, DENSE, FAR, FILTERS, FLOOR, HEAD, KERNEL, LENGTH, POSITIONS, TAPS, WORK } from '../layout/scannerHeader'
import { openHead, placeHead, units } from './head'

/**
 * Values of filters are fixed-point numbers, int32 with a scale of each filter's own (2^28 is its largest possible value):
 * finer than float32 near the maximum, and sums are exact, so that a difference changes only where something did.
 * Stands for minus infinity: any delta, 2^29 at most, leaves it below all values.
 */
export const LOWEST: i32 = -1073741824

/** A segment has 2^4 positions, or candidates. */
const SEGMENT_SHIFT: i32 = 4
export const SEGMENT: i32 = 1 << SEGMENT_SHIFT

/** No position. */
export const NOWHERE: i32 = -1073741824

/** Bytes of a block at one position. */
export const BLOCK: usize = 64

export let length: i32 = 0
export let banks: i32 = 0
export let blocks: i32 = 0 // of a bank
export let taps: i32 = 0
export let kernel: i32 = 0
export let positions: i32 = 0
export let floor: i32 = 0
export let followsFar: bool = false
export let dense: usize = 0

// Work space. A row holds all filters of a bank, and a little more: rows a power of two apart would share cache sets.
export let values: usize = 0 // [banks][taps + positions + taps] rows
export let fromLeft: usize = 0 // the same: the largest value up to a position
export let fromRight: usize = 0 // the same: the largest value from a position on
export let rowBytes: usize = 0
export let rowsBytes: usize = 0 // of all rows of a bank
export let within: usize = 0 // [banks][L] rows: best in a candidate's window when it is masked
export let quarters: usize = 0 // [banks][L][blocks][4]: the same by quarters of the window
export let differences: usize = 0 // [banks][L] rows
export let maxima: usize = 0 // [banks] rows
export let spans: usize = 0 // [banks] pairs: first and last position whose value changed
// Where far candidates are followed filter by filter:
export let segments: usize = 0 // [banks][segmentCount] rows: the largest value of a segment of positions
export let segmentCount: i32 = 0
export let prospects: usize = 0 // [banks][prospectCount] rows: the largest within of a segment of candidates
export let prospectCount: i32 = 0
export let peaks: usize = 0 // [banks] rows: a position that has the maximum, or NOWHERE
export let rivals: usize = 0 // [banks] rows: the largest value of the segments that no window with the peak meets
export let largestBefore: usize = 0 // row: the largest value at the positions that masking changes, before it does
export let largestAfter: usize = 0 // row: and after
export let leftOfWindow: usize = 0 // [taps] largest value left of each window that holds a peak
export let rightOfWindow: usize = 0 // [taps] and right of it
export let changes: usize = 0 // [filters] pairs: row of `dense`, change of d
export let candidates: usize = 0 // [L] present bases, ascending
export let fresh: usize = 0 // [blocks × 16] differences as they are made
export let changed: usize = 0 // bits of a row: the difference is not what it was
export let hidden: usize = 0 // [banks][UNITS]
export let corrections: usize = 0 // [banks][L][UNITS]

@inline export function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline export function place(plan: usize, index: i32): usize {
  return plan + <usize>field(plan, index)
}

/** The segment of a position or a candidate. */
@inline export function segmentOf(position: i32): i32 {
  return position >> SEGMENT_SHIFT
}

/** What an array [banks][…] of rows by position or candidate has of a block at number 0. */
@inline export function blockOf(rows: usize, bank: i32, ofBank: usize, block: i32): usize {
  return rows + <usize>bank * ofBank + <usize>block * BLOCK
}

/** The same of arrays by position, which begin before position 0. */
@inline export function blockOfPositions(rows: usize, bank: i32, block: i32): usize {
  return blockOf(rows, bank, rowsBytes, block) + <usize>taps * rowBytes
}

let next: usize = 0
function reserve(bytes: usize): usize {
  const at = next
  next += (bytes + 63) & ~63
  return at
}

export function lay(plan: usize): void {
  length = field(plan, LENGTH)
  banks = field(plan, BANKS)
  blocks = field(plan, FILTERS) >> 4
  taps = field(plan, TAPS)
  kernel = field(plan, KERNEL)
  positions = field(plan, POSITIONS)
  floor = field(plan, FLOOR) != 0 ? 0 : LOWEST
  followsFar = field(plan, FAR) != 0
  const headBytes = openHead(plan, place(plan, HEAD), length)
  dense = place(plan, DENSE)
  const B = <usize>banks
  const L = <usize>length
  rowBytes = <usize>blocks * BLOCK + 64
  rowsBytes = <usize>(positions + 2 * taps) * rowBytes
  next = place(plan, WORK)
  values = reserve(B * rowsBytes)
  fromLeft = reserve(B * rowsBytes)
  fromRight = reserve(B * rowsBytes)
  within = reserve(B * L * rowBytes)
  quarters = reserve(B * L * <usize>blocks * 4 * BLOCK)
  differences = reserve(B * L * rowBytes)
  maxima = reserve(B * rowBytes)
  spans = reserve(B << 3)
  if (followsFar) {
    segmentCount = segmentOf(positions - 1) + 1
    prospectCount = segmentOf(length - 1) + 1
    segments = reserve(B * <usize>segmentCount * rowBytes)
    prospects = reserve(B * <usize>prospectCount * rowBytes)
    peaks = reserve(B * rowBytes)
    rivals = reserve(B * rowBytes)
    largestBefore = reserve(rowBytes)
    largestAfter = reserve(rowBytes)
    leftOfWindow = reserve(<usize>taps << 2)
    rightOfWindow = reserve(<usize>taps << 2)
  }
  changes = reserve(<usize>blocks * 16 * 8)
  candidates = reserve(L << 2)
  hidden = reserve(B * units)
  corrections = reserve(B * L * units)
  fresh = reserve(<usize>blocks * BLOCK)
  changed = reserve((<usize>blocks << 1) + 8)
  placeHead(reserve(headBytes))
}

/** @returns bytes of work space that a plan needs; the planner asks before it runs anything */
export function workBytes(plan: usize): f64 {
  lay(plan)
  return <f64>(next - place(plan, WORK))
}

