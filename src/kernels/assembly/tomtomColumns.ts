/**
 * Scores of the columns of a query against all distinct target columns, as whole steps, and how often each score occurs.
 *
 * Distances are computed in float32, four at a time. What follows from them must be what float64 gives: the few that lie
 * so near a border (of a median's bin, of a step) that rounding could tell are computed again in float64.
 */
import {
  bases, BINS, bins, chunks, columns, counts, distances, distinct, exact, extremes, LANES, lanes, medians, query, rows,
  SCORE_VALUES, shuffled, silent, TILE, weighed, weights, width,
} from './tomtomMemory'

/** Scores of all columns of a query span so many steps. */
const STEPS: f64 = 100
/** The median is the middle of a bin, of so many up to the largest distance of two probability vectors. */
const MEDIAN_BINS: f64 = 10000
const MEDIAN_SCALE: f64 = MEDIAN_BINS / 1.4142135623730951
/** Of the coarse histogram. */
const BIN_SCALE: f32 = <f32>(BINS - 1) / <f32>1.41422
/** Added to a float32 below 2^22, it leaves the nearest whole number in the low bits: 1.5 × 2^23. */
const ROUNDER: f32 = 12582912
const ROUNDER_BITS: i32 = 0x4b400000
/** More than a distance in float32 is off by, several times over. */
const ERROR: f64 = 4e-6
/** More than float32 is off by otherwise where it computes a score. */
const SCORE_ERROR: f64 = 1e-4

/** The distance in float64, as a plain loop computes it. */
function exactDistance(point: usize, column: i32): f64 {
  const target = exact + (<usize>column << 5)
  let sum: f64 = 0
  for (let base: usize = 0; base < 32; base += 8) {
    const difference = load<f64>(point + base) - load<f64>(target + base)
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

/** The coarse bins of four distances, as places in `bins`; whatever is beyond the last, or no number, is in the last. */
@inline function binsOf(d: v128): v128 {
  const scaled = f32x4.pmin(f32x4.splat(<f32>(BINS - 1)), f32x4.mul(d, f32x4.splat(BIN_SCALE)))
  return i32x4.add(
    i32x4.shl(f32x4.add(scaled, f32x4.splat(ROUNDER)), 2),
    i32x4.splat(<i32>bins - (ROUNDER_BITS << 2)),
  )
}

@inline function count(at: i32, weight: i32): void {
  store<i32>(<usize>at, load<i32>(<usize>at) + weight)
}

/** Distances of query column i, their least and largest, and their coarse histogram. */
function measure(i: i32): void {
  const point = query + (<usize>i << 5)
  const q0 = f32x4.splat(<f32>load<f64>(point))
  const q1 = f32x4.splat(<f32>load<f64>(point, 8))
  const q2 = f32x4.splat(<f32>load<f64>(point, 16))
  const q3 = f32x4.splat(<f32>load<f64>(point, 24))
  const bytes = <usize>distinct << 2
  const weighedBytes = <usize>weighed << 2
  const row = distances + <usize>i * bytes
  const bases1 = bases + bytes
  const bases2 = bases1 + bytes
  const bases3 = bases2 + bytes
  let least = f32x4.splat(Infinity)
  let largest = f32x4.splat(0)
  memory.fill(bins, 0, BINS << 2)
  for (let at: usize = 0; at < bytes; at += 16) {
    const d0 = f32x4.sub(v128.load(bases + at), q0)
    const d1 = f32x4.sub(v128.load(bases1 + at), q1)
    const d2 = f32x4.sub(v128.load(bases2 + at), q2)
    const d3 = f32x4.sub(v128.load(bases3 + at), q3)
    const d = f32x4.sqrt(
      f32x4.add(
        f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)),
        f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3)),
      ),
    )
    v128.store(row + at, d)
    least = f32x4.pmin(least, d)
    largest = f32x4.pmax(largest, d)
    const places = binsOf(d)
    if (at < weighedBytes) {
      count(i32x4.extract_lane(places, 0), load<i32>(weights + at))
      count(i32x4.extract_lane(places, 1), load<i32>(weights + at, 4))
      count(i32x4.extract_lane(places, 2), load<i32>(weights + at, 8))
      count(i32x4.extract_lane(places, 3), load<i32>(weights + at, 12))
    } else {
      count(i32x4.extract_lane(places, 0), 1)
      count(i32x4.extract_lane(places, 1), 1)
      count(i32x4.extract_lane(places, 2), 1)
      count(i32x4.extract_lane(places, 3), 1)
    }
  }
  const to = extremes + (<usize>i << 3)
  store<f32>(to, min(
    min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  ))
  store<f32>(to, max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  ), 4)
}

@inline function weightOf(column: i32): i32 {
  return column < weighed ? load<i32>(weights + (<usize>column << 2)) : 1
}

/** Exact bins of the median that one coarse bin and its borders can meet. */
const fine = memory.data(64)

/** The median distance of query column i: the middle of the bin in which half of all columns are reached. */
function median(i: i32): f64 {
  const point = query + (<usize>i << 5)
  const row = distances + ((<usize>i * <usize>distinct) << 2)
  const half = columns >> 1
  let bin = 0
  let below = 0
  for (;;) {
    const inBin = load<i32>(bins + (<usize>bin << 2))
    if (below + inBin >= half || bin == BINS - 1) break
    below += inBin
    bin++
  }
  const from = (<f64>bin - 0.5) / <f64>BIN_SCALE - ERROR
  const to = bin == BINS - 1 ? Infinity : (<f64>bin + 0.5) / <f64>BIN_SCALE + ERROR
  const first = max(0, <i32>Math.floor(from * MEDIAN_SCALE) - 1)
  memory.fill(fine, 0, 64)
  const lower = f32x4.splat(<f32>from)
  const upper = f32x4.splat(<f32>to)
  for (let column = 0; column < distinct; column += 16) {
    const at = row + (<usize>column << 2)
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    const inA = v128.and(f32x4.ge(a, lower), f32x4.le(a, upper))
    const inB = v128.and(f32x4.ge(b, lower), f32x4.le(b, upper))
    const inC = v128.and(f32x4.ge(c, lower), f32x4.le(c, upper))
    const inD = v128.and(f32x4.ge(d, lower), f32x4.le(d, upper))
    if (!v128.any_true(v128.or(v128.or(inA, inB), v128.or(inC, inD)))) continue
    let near = i32x4.bitmask(inA) | (i32x4.bitmask(inB) << 4) | (i32x4.bitmask(inC) << 8) | (i32x4.bitmask(inD) << 12)
    for (; near != 0; near &= near - 1) {
      const other = column + ctz(near)
      const weight = weightOf(other)
      const coarse = i32x4.extract_lane(binsOf(v128.load32_splat(row + (<usize>other << 2))), 0)
      if (coarse < <i32>bins + (bin << 2)) below -= weight
      const its = <i32>min(MEDIAN_BINS, Math.floor(exactDistance(point, other) * MEDIAN_SCALE)) - first
      count(<i32>fine + (min(15, max(0, its)) << 2), weight)
    }
  }
  let its = 0
  for (; its < 15; its++) {
    below += load<i32>(fine + (<usize>its << 2))
    if (below >= half) break
  }
  return (<f64>(first + its) + 0.5) / MEDIAN_SCALE
}

/** The least (`side` 0) or largest (1) distance of query column i, in float64. */
function extreme(i: i32, side: i32): f64 {
  const point = query + (<usize>i << 5)
  const row = distances + ((<usize>i * <usize>distinct) << 2)
  const rough = <f64>load<f32>(extremes + (<usize>(2 * i + side) << 2))
  const from = f32x4.splat(<f32>(side == 0 ? -1 : rough - ERROR))
  const to = f32x4.splat(<f32>(side == 0 ? rough + ERROR : Infinity))
  let best: f64 = side == 0 ? Infinity : 0
  for (let column = 0; column < distinct; column += 4) {
    const d = v128.load(row + (<usize>column << 2))
    let near = i32x4.bitmask(v128.and(f32x4.ge(d, from), f32x4.le(d, to)))
    for (; near != 0; near &= near - 1) {
      const distance = exactDistance(point, column + ctz(near))
      best = side == 0 ? min(best, distance) : max(best, distance)
    }
  }
  return best
}

/** The step of scores: a hundredth of the range of median - distance over all columns, 0 included. */
function stepOf(): f64 {
  let roughLowest: f64 = 0
  let roughHighest: f64 = 0
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) continue
    const middle = load<f64>(medians + (<usize>i << 3))
    const point = extremes + (<usize>i << 3)
    roughLowest = min(roughLowest, middle - <f64>load<f32>(point, 4))
    roughHighest = max(roughHighest, middle - <f64>load<f32>(point))
  }
  let lowest: f64 = 0
  let highest: f64 = 0
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) continue
    const middle = load<f64>(medians + (<usize>i << 3))
    const point = extremes + (<usize>i << 3)
    if (middle - <f64>load<f32>(point, 4) <= roughLowest + ERROR) lowest = min(lowest, middle - extreme(i, 1))
    if (middle - <f64>load<f32>(point) >= roughHighest - ERROR) highest = max(highest, middle - extreme(i, 0))
  }
  const step = (highest - lowest) / STEPS
  return step == 0 ? 1 : step
}

/** To the nearest whole number, halves upwards. */
@inline function nearest(x: f64): i32 {
  const below = Math.floor(x)
  return <i32>below + i32(x - below >= 0.5)
}

/** Scores of query column i against the tile of columns from `from` on, one byte each, and their counts. */
function scoreTile(i: i32, from: i32, size: i32, row: usize, step: f64): void {
  const point = query + (<usize>i << 5)
  const middle = load<f64>(medians + (<usize>i << 3))
  const table = counts + (<usize>i * SCORE_VALUES + 128 << 2)
  const measured = distances + ((<usize>i * <usize>distinct + <usize>from) << 2)
  const top = f32x4.splat(<f32>(middle / step))
  const scale = f32x4.splat(<f32>(1 / step))
  const rounder = f32x4.splat(ROUNDER)
  const bits = i32x4.splat(ROUNDER_BITS)
  const sure = f32x4.splat(<f32>(0.5 - SCORE_ERROR - ERROR / step))
  for (let column = 0; column < size; column += 16) {
    const at = measured + (<usize>column << 2)
    const xa = f32x4.sub(top, f32x4.mul(v128.load(at), scale))
    const xb = f32x4.sub(top, f32x4.mul(v128.load(at, 16), scale))
    const xc = f32x4.sub(top, f32x4.mul(v128.load(at, 32), scale))
    const xd = f32x4.sub(top, f32x4.mul(v128.load(at, 48), scale))
    const a = f32x4.add(xa, rounder)
    const b = f32x4.add(xb, rounder)
    const c = f32x4.add(xc, rounder)
    const d = f32x4.add(xd, rounder)
    const to = row + <usize>column
    v128.store(to, i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(i32x4.sub(a, bits), i32x4.sub(b, bits)),
      i16x8.narrow_i32x4_s(i32x4.sub(c, bits), i32x4.sub(d, bits)),
    ))
    const farA = f32x4.gt(f32x4.abs(f32x4.sub(xa, f32x4.sub(a, rounder))), sure)
    const farB = f32x4.gt(f32x4.abs(f32x4.sub(xb, f32x4.sub(b, rounder))), sure)
    const farC = f32x4.gt(f32x4.abs(f32x4.sub(xc, f32x4.sub(c, rounder))), sure)
    const farD = f32x4.gt(f32x4.abs(f32x4.sub(xd, f32x4.sub(d, rounder))), sure)
    if (v128.any_true(v128.or(v128.or(farA, farB), v128.or(farC, farD)))) {
      let far = i32x4.bitmask(farA) | (i32x4.bitmask(farB) << 4) | (i32x4.bitmask(farC) << 8) | (i32x4.bitmask(farD) << 12)
      for (; far != 0; far &= far - 1) {
        const lane = ctz(far)
        store<i8>(to + <usize>lane, <i8>nearest((middle - exactDistance(point, from + column + lane)) / step))
      }
    }
    if (from + column < weighed) {
      for (let lane = 0; lane < 16; lane++) {
        count(<i32>table + (<i32>load<i8>(to + <usize>lane) << 2), load<i32>(weights + (<usize>(from + column + lane) << 2)))
      }
    } else {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        count(<i32>table + (<i32>load<i8>(to + lane) << 2), 1)
        count(<i32>table + (<i32>load<i8>(to + lane, 1) << 2), 1)
        count(<i32>table + (<i32>load<i8>(to + lane, 2) << 2), 1)
        count(<i32>table + (<i32>load<i8>(to + lane, 3) << 2), 1)
      }
    }
  }
}

/** Interleaves the first eight rows of 16 bytes with the last eight; four times over, this transposes. */
@inline function interleave(from: usize, stride: usize, to: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(from + i * stride)
    const b = v128.load(from + (i + 8) * stride)
    v128.store(to + (i << 5), i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
    v128.store(to + (i << 5), i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16)
  }
}

/** Fills `lanes` and `counts` for the query. */
export function scoreColumns(): void {
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) continue
    measure(i)
    store<f64>(medians + (<usize>i << 3), median(i))
  }
  const step = stepOf()
  memory.fill(counts, 0, (<usize>width * SCORE_VALUES) << 2)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const to = lanes + <usize>chunk * <usize>distinct * LANES
    for (let from = 0; from < distinct; from += TILE) {
      const size = min(TILE, distinct - from)
      for (let lane = 0; lane < LANES; lane++) {
        const row = rows + <usize>(lane * TILE)
        const i = width - 1 - chunk * LANES - lane
        if (i < 0 || load<u8>(silent + <usize>i)) memory.fill(row, 0, TILE)
        else scoreTile(i, from, size, row, step)
      }
      for (let column = 0; column < size; column += 16) {
        interleave(rows + <usize>column, TILE, shuffled)
        interleave(shuffled, 16, shuffled + 256)
        interleave(shuffled + 256, 16, shuffled)
        interleave(shuffled, 16, to + <usize>(from + column) * LANES)
      }
    }
  }
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) store<i32>(counts + (<usize>i * SCORE_VALUES + 128 << 2), columns)
  }
}
