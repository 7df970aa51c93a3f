/**
 * Scores of the columns of a query against all distinct target columns, as whole steps, and how often each score occurs.
 *
 * Distances are computed in float32, four at a time. What follows from them must be what float64 gives: the few that lie
 * so near a border of a step that rounding could tell are computed again in float64.
 */
import { complementDistancesAt, distancesAt, ERROR, exactDistance, hold, partOfColumn, sharedPart } from './tomtomDistances'
import { extreme, measure, surelyHigh, surelyLow } from './tomtomMedians'
import {
  bases, bounds, chunks, columns, counts, distinct, doubts, LANES, lanes, medians, query, rows, SCORE_VALUES, silent, weighed,
  weights, width,
} from './tomtomMemory'

/** Scores of all columns of a query span so many steps. */
const STEPS: f64 = 100
/** Scores are counted from the least of a column on; added to one in float32, it leaves it in 512ths in the lower 16 bits. */
const FRACTIONS: f32 = 16384
const ONE: i32 = 512
/** Counts of pairs of scores, uint16, a row for each second score; so many columns overflow none. */
const PAIR_BYTES: usize = 256
const MOST_PAIRS: i32 = 65536
const pairs = memory.data(256 * 128)
const firsts = memory.data(4 * 128)
/** More than float32 is off by otherwise where it computes a score. */
const SCORE_ERROR: f64 = 1e-4

@inline function count(at: usize, weight: i32): void {
  store<i32>(at, load<i32>(at) + weight)
}

/** The least and largest of median - distance over all columns, 0 included. */
let lowest: f64 = 0
let highest: f64 = 0

function findRange(): void {
  // Few columns can have them.
  lowest = 0
  highest = 0
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) continue
    const middle = load<f64>(medians + (<usize>i << 3))
    const at = bounds + (<usize>i << 4)
    const low = middle - <f64>load<f32>(at, 12)
    if (low <= surelyLow && low < lowest) lowest = min(lowest, middle - extreme(i, 1))
    const high = middle - <f64>load<f32>(at)
    if (high >= surelyHigh && high > highest) highest = max(highest, middle - extreme(i, 0))
  }
}

/** To the nearest whole number, halves upwards. */
@inline function nearest(x: f64): i32 {
  const below = Math.floor(x)
  return <i32>below + i32(x - below >= 0.5)
}

/** How far the float32 of four distances is above the least score of the column and half a step: in 512ths of a step. */
@inline function fractionsOf(d: v128, top: v128, scale: v128, base: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.sub(top, f32x4.mul(d, scale)), base), base)
}

/** Scores of query column i against all distinct columns, one byte each, and their counts. */
function scoreRow(i: i32, row: usize, step: f64): void {
  const point = query + (<usize>i << 5)
  const q0 = partOfColumn(point, 0)
  const q1 = partOfColumn(point, 1)
  const q2 = partOfColumn(point, 2)
  const q3 = partOfColumn(point, 3)
  const middle = load<f64>(medians + (<usize>i << 3))
  const table = counts + (<usize>i * SCORE_VALUES + 128 << 2)
  const error = <f64>ERROR / step
  const ends = bounds + (<usize>i << 4)
  const least = nearest(max(lowest, middle - <f64>load<f32>(ends, 12)) / step)
  const most = nearest(min(highest, middle - <f64>load<f32>(ends)) / step)
  const values = most - least + 2 // at most 101, and one to which rounding may lead
  const last = hold(12, i8x16.splat(<i8>(values - 1)))
  const top = hold(4, f32x4.splat(<f32>(middle / step - <f64>least + 0.5)))
  const scale = hold(5, f32x4.splat(<f32>(1 / step)))
  const bias = hold(6, i8x16.splat(<i8>least))
  // Fractions so near a border that rounding could tell: from -unsure to unsure.
  const unsure = <i32>min(255, 0.5 + <f64>ONE * (SCORE_ERROR + error))
  const shift = hold(7, i16x8.splat(<i16>(unsure - 256)))
  const limit = hold(8, i16x8.splat(unsure == 255 ? 32767 : <i16>((2 * unsure + 1 - 256) * 128)))
  const base = hold(9, f32x4.splat(FRACTIONS))
  const firstOfTwo = hold(10, i16x8.splat(0xff))
  const table0 = hold(11, i16x8.splat(<i16>pairs)) // static data are below the 65536th byte
  let from = bases
  for (let start = 0; start < distinct; start += MOST_PAIRS) {
    memory.fill(pairs, 0, <usize>values * PAIR_BYTES)
    const end = min(distinct, start + MOST_PAIRS)
    for (let column = start; column < end; column += 16) {
      const shared0 = sharedPart(from, q0, q1)
      const shared1 = sharedPart(from + 64, q0, q1)
      const lower = i16x8.narrow_i32x4_u(
        fractionsOf(distancesAt(from, shared0, q2, q3), top, scale, base),
        fractionsOf(complementDistancesAt(from, shared0, q2, q3), top, scale, base),
      )
      const upper = i16x8.narrow_i32x4_u(
        fractionsOf(distancesAt(from + 64, shared1, q2, q3), top, scale, base),
        fractionsOf(complementDistancesAt(from + 64, shared1, q2, q3), top, scale, base),
      )
      from += 128
      const scores = i8x16.min_u(i8x16.narrow_i16x8_u(i16x8.shr_u(lower, 9), i16x8.shr_u(upper, 9)), last)
      v128.store(row + <usize>column, i8x16.add(scores, bias))
      store<u16>(doubts + (<usize>column >> 3), i8x16.bitmask(i8x16.narrow_i16x8_s(
        i16x8.lt_s(i16x8.shl(i16x8.add(lower, shift), 7), limit),
        i16x8.lt_s(i16x8.shl(i16x8.add(upper, shift), 7), limit),
      )))
      if (column < weighed) continue
      // The second score of a pair is a row of the table.
      const places = i16x8.add(i16x8.add(scores, v128.and(scores, firstOfTwo)), table0)
      countFour(i64x2.extract_lane(places, 0))
      countFour(i64x2.extract_lane(places, 1))
    }
    sumPairs(table + (<usize>least << 2), values)
  }
  settle(i, row, table, step)
  for (let column: usize = 0; column < <usize>weighed; column++) {
    count(table + (<usize>(<i32>load<i8>(row + column)) << 2), load<i32>(weights + (column << 2)))
  }
}

/** Computes the doubtful scores of a row in float64; `table` holds the counts of columns that occur once. */
function settle(i: i32, row: usize, table: usize, step: f64): void {
  const point = query + (<usize>i << 5)
  const middle = load<f64>(medians + (<usize>i << 3))
  for (let at = 0; at < distinct; at += 64) {
    for (let left = load<u64>(doubts + (<usize>at >> 3)); left != 0; left &= left - 1) {
      const column = at + <i32>ctz(left)
      const was = <i32>load<i8>(row + <usize>column)
      const score = nearest((middle - exactDistance(point, column)) / step)
      store<i8>(row + <usize>column, <i8>score)
      if (column < weighed) continue
      count(table + (<usize>was << 2), -1)
      count(table + (<usize>score << 2), 1)
    }
  }
}

/**
 * Adds the counts of pairs to those of scores. To count the columns that occur once two at a time takes half the time of
 * counting each.
 * @param table counts of a column's scores, from the least on
 */
function sumPairs(table: usize, values: i32): void {
  for (let second: usize = 0; second < <usize>values; second++) {
    let all = i32x4.splat(0)
    const line = pairs + second * PAIR_BYTES
    for (let first: usize = 0; first < <usize>values; first += 8) {
      const counted = v128.load(line + (first << 1))
      const lower = i32x4.extend_low_i16x8_u(counted)
      const upper = i32x4.extend_high_i16x8_u(counted)
      all = i32x4.add(all, i32x4.add(lower, upper))
      const to = firsts + (first << 2)
      v128.store(to, second == 0 ? lower : i32x4.add(v128.load(to), lower))
      v128.store(to, second == 0 ? upper : i32x4.add(v128.load(to, 16), upper), 16)
    }
    const sum = i32x4.add(all, i32x4.shuffle(all, all, 2, 3, 0, 1))
    count(table + (second << 2), i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1))
  }
  for (let first: usize = 0; first < <usize>values; first++) {
    count(table + (first << 2), load<i32>(firsts + (first << 2)))
  }
}

@inline function countFour(places: i64): void {
  countPair(<usize>(places & 0xffff))
  countPair(<usize>((places >>> 16) & 0xffff))
  countPair(<usize>((places >>> 32) & 0xffff))
  countPair(<usize>(places >>> 48))
}

@inline function countPair(at: usize): void {
  store<u16>(at, load<u16>(at) + 1)
}

@inline function lower(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

@inline function upper(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

/**
 * Transposes eight rows of 16 scores: to interleave the first four rows with the last four does, three times over.
 * @param to the eight scores of the first column; LANES bytes on, those of the next
 */
@inline function transpose(from: usize, rowBytes: usize, to: usize): void {
  const a0 = v128.load(from)
  const a1 = v128.load(from + 1 * rowBytes)
  const a2 = v128.load(from + 2 * rowBytes)
  const a3 = v128.load(from + 3 * rowBytes)
  const a4 = v128.load(from + 4 * rowBytes)
  const a5 = v128.load(from + 5 * rowBytes)
  const a6 = v128.load(from + 6 * rowBytes)
  const a7 = v128.load(from + 7 * rowBytes)
  const b0 = lower(a0, a4)
  const b1 = upper(a0, a4)
  const b2 = lower(a1, a5)
  const b3 = upper(a1, a5)
  const b4 = lower(a2, a6)
  const b5 = upper(a2, a6)
  const b6 = lower(a3, a7)
  const b7 = upper(a3, a7)
  const c0 = lower(b0, b4)
  const c1 = upper(b0, b4)
  const c2 = lower(b1, b5)
  const c3 = upper(b1, b5)
  const c4 = lower(b2, b6)
  const c5 = upper(b2, b6)
  const c6 = lower(b3, b7)
  const c7 = upper(b3, b7)
  const d0 = lower(c0, c4)
  const d1 = upper(c0, c4)
  const d2 = lower(c1, c5)
  const d3 = upper(c1, c5)
  const d4 = lower(c2, c6)
  const d5 = upper(c2, c6)
  const d6 = lower(c3, c7)
  const d7 = upper(c3, c7)
  storeTwo(to, 0, d0)
  storeTwo(to, 1, d1)
  storeTwo(to, 2, d2)
  storeTwo(to, 3, d3)
  storeTwo(to, 4, d4)
  storeTwo(to, 5, d5)
  storeTwo(to, 6, d6)
  storeTwo(to, 7, d7)
}

@inline function storeTwo(to: usize, pair: usize, scores: v128): void {
  v128.store64_lane(to + 2 * pair * LANES, scores, 0)
  v128.store64_lane(to + (2 * pair + 1) * LANES, scores, 1)
}

/** Fills `lanes` and `counts` for the query. */
export function scoreColumns(): void {
  let isFirst = true
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) continue
    measure(i, isFirst)
    isFirst = false
  }
  findRange()
  // A step is a hundredth of it.
  const step = lowest == highest ? 1 : (highest - lowest) / STEPS
  store<u64>(doubts + ((<usize>distinct >> 6) << 3), 0)
  memory.fill(counts, 0, (<usize>width * SCORE_VALUES) << 2)
  const rowBytes = <usize>distinct
  for (let chunk = 0; chunk < chunks; chunk++) {
    const to = lanes + <usize>chunk * rowBytes * LANES
    for (let lane = 0; lane < LANES; lane++) {
      const row = rows + <usize>lane * rowBytes
      const i = width - 1 - chunk * LANES - lane
      if (i < 0 || load<u8>(silent + <usize>i)) memory.fill(row, 0, rowBytes)
      else scoreRow(i, row, step)
    }
    for (let column: usize = 0; column < rowBytes; column += 16) {
      transpose(rows + column, rowBytes, to + column * LANES)
      transpose(rows + 8 * rowBytes + column, rowBytes, to + column * LANES + 8)
    }
  }
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) store<i32>(counts + (<usize>i * SCORE_VALUES + 128 << 2), columns)
  }
}
