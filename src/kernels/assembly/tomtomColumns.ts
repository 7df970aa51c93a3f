/**
 * Scores of the columns of a query against all distinct target columns, as whole steps, and how often each score occurs.
 *
 * Distances are computed in float32, four at a time. What follows from them must be what float64 gives: the few that lie
 * so near a border (of a median's bin, of a step) that rounding could tell are computed again in float64.
 */
import {
  bases, chunks, columns, counts, distances, distinct, exact, extremes, LANES, lanes, list, medians, query, rows,
  sampled, SCORE_VALUES, shuffled, silent, weighed, weights, width,
} from './tomtomMemory'

/** Scores of all columns of a query span so many steps. */
const STEPS: f64 = 100
/** The median is the middle of a bin, of so many up to the largest distance of two probability vectors. */
const MEDIAN_BINS: f64 = 10000
const MEDIAN_SCALE: f64 = MEDIAN_BINS / 1.4142135623730951
/** Added to a float32 below 2^22, it leaves the nearest whole number in the low bits: 1.5 × 2^23. */
const ROUNDER: f32 = 12582912
const ROUNDER_BITS: i32 = 0x4b400000
/** More than a distance in float32 is off by, several times over. */
const ERROR: f32 = 4e-6
/** The coarse histogram of a sample of distances, from which borders near the median are guessed. */
const BINS: i32 = 1024
const BIN_SCALE: f32 = <f32>BINS / <f32>1.4143
const SAMPLE_WEIGHT: i32 = 16
const BORDERS: usize = 2
/**
 * Where the borders are: in standard deviations of a random sample's rank from the median. The planner's is
 * spread evenly, and much nearer.
 */
const deviations = memory.data<f64>([-0.6, 0.6])
const borders = memory.data(4 * 4)
const ranks = memory.data(4 * 3) // columns below each border
const bins = memory.data(4 * 1024)
/** Between two borders: parts of equal width, and then the exact bins that one part can meet. */
const PARTS: i32 = 64
const parts = memory.data(4 * 64)
const FINE: i32 = 1024
const fine = memory.data(4 * 1024)
/** Counts of pairs of scores, uint16, a row for each second score; so many columns overflow none. */
const PAIR_BYTES: usize = 256
const MOST_PAIRS: i32 = 65536
const pairs = memory.data(256 * 128)
const firsts = memory.data(4 * 128)
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

/**
 * Four target columns stand beside their complements. With (A + T, C + G, A - T, C - G) / √2 for a column, at the same distances
 * from others as with its bases, a complement differs in the sign of the last two: both distances share the first part.
 * @param at the first part of four columns, and then their last two
 */
@inline function sharedPart(at: usize, q0: v128, q1: v128): v128 {
  const d0 = f32x4.sub(v128.load(at), q0)
  const d1 = f32x4.sub(v128.load(at, 16), q1)
  return f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1))
}

@inline function distanceOf(shared: v128, d2: v128, d3: v128): v128 {
  return f32x4.sqrt(f32x4.add(shared, f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3))))
}

@inline function distancesAt(at: usize, shared: v128, q2: v128, q3: v128): v128 {
  return distanceOf(shared, f32x4.sub(v128.load(at, 32), q2), f32x4.sub(v128.load(at, 48), q3))
}

@inline function complementDistancesAt(at: usize, shared: v128, q2: v128, q3: v128): v128 {
  return distanceOf(shared, f32x4.add(v128.load(at, 32), q2), f32x4.add(v128.load(at, 48), q3))
}

@inline function count(at: usize, weight: i32): void {
  store<i32>(at, load<i32>(at) + weight)
}

@inline function sumOf(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)
}

/** The bin of a distance in a coarse histogram; whatever is beyond the last is in the last. */
@inline function binOf(distance: f32): i32 {
  return <i32>min(<f32>(BINS - 1), distance * BIN_SCALE)
}

@inline function countInBin(distance: f32, weight: i32): void {
  count(bins + (<usize>binOf(distance) << 2), weight)
}

@inline function countInBins(d: v128, at: usize): void {
  countInBin(f32x4.extract_lane(d, 0), load<i32>(at))
  countInBin(f32x4.extract_lane(d, 1), load<i32>(at, 4))
  countInBin(f32x4.extract_lane(d, 2), load<i32>(at, 8))
  countInBin(f32x4.extract_lane(d, 3), load<i32>(at, 12))
}

@inline function sampleInBins(d: v128): void {
  countInBin(f32x4.extract_lane(d, 0), SAMPLE_WEIGHT)
  countInBin(f32x4.extract_lane(d, 1), SAMPLE_WEIGHT)
  countInBin(f32x4.extract_lane(d, 2), SAMPLE_WEIGHT)
  countInBin(f32x4.extract_lane(d, 3), SAMPLE_WEIGHT)
}

/**
 * Borders of distances around the median, into `borders`, and 0 and infinity around them: by the columns that occur more
 * than once and a sample of the others.
 */
function guess(q0: v128, q1: v128, q2: v128, q3: v128): void {
  memory.fill(bins, 0, BINS << 2)
  for (let column: usize = 0; column < <usize>weighed; column += 8) {
    const from = bases + (column << 3)
    const shared = sharedPart(from, q0, q1)
    const at = weights + (column << 2)
    countInBins(distancesAt(from, shared, q2, q3), at)
    countInBins(complementDistancesAt(from, shared, q2, q3), at + 16)
  }
  for (let column = weighed; column < weighed + sampled; column += 8) {
    const from = bases + (<usize>column << 3)
    const shared = sharedPart(from, q0, q1)
    sampleInBins(distancesAt(from, shared, q2, q3))
    sampleInBins(complementDistancesAt(from, shared, q2, q3))
  }
  const deviation = 0.5 * Math.sqrt(<f64>sampled) * <f64>SAMPLE_WEIGHT
  const middle = (columns - (distinct - weighed - SAMPLE_WEIGHT * sampled)) >> 1
  store<f32>(borders, 0)
  store<f32>(borders, Infinity, 4 * (BORDERS + 1))
  let bin = 0
  let below = 0
  for (let border: usize = 0; border < BORDERS; border++) {
    const rank = <i32>(<f64>middle + load<f64>(deviations + (border << 3)) * deviation)
    for (; bin < BINS && below < rank; bin++) below += load<i32>(bins + (<usize>bin << 2))
    // The first border is the lower end of a bin.
    store<f32>(borders + 4 + (border << 2), <f32>(border == 0 ? max(0, bin - 1) : bin) / BIN_SCALE)
  }
}

@inline function partsOf(x: f64, y: f64): f64 {
  return (x + y) * Math.SQRT1_2
}

/** Distances of query column i, their least and largest, and how many columns are below each border of a guess. */
function measure(i: i32): void {
  const point = query + (<usize>i << 5)
  const q0 = f32x4.splat(<f32>partsOf(load<f64>(point), load<f64>(point, 24)))
  const q1 = f32x4.splat(<f32>partsOf(load<f64>(point, 8), load<f64>(point, 16)))
  const q2 = f32x4.splat(<f32>partsOf(load<f64>(point), -load<f64>(point, 24)))
  const q3 = f32x4.splat(<f32>partsOf(load<f64>(point, 8), -load<f64>(point, 16)))
  guess(q0, q1, q2, q3)
  const border0 = v128.load32_splat(borders, 4)
  const border1 = v128.load32_splat(borders, 8)
  let least = f32x4.splat(Infinity)
  let largest = f32x4.splat(0)
  // A comparison that holds gives -1.
  let below0 = i32x4.splat(0)
  let below1 = below0
  let from = bases
  let to = distances + ((<usize>i * <usize>distinct) << 2)
  let weight = weights
  for (const end = bases + (<usize>weighed << 3); from < end; from += 64) {
    const shared = sharedPart(from, q0, q1)
    const a = distancesAt(from, shared, q2, q3)
    const b = complementDistancesAt(from, shared, q2, q3)
    v128.store(to, a)
    v128.store(to, b, 16)
    least = f32x4.pmin(least, f32x4.pmin(a, b))
    largest = f32x4.pmax(largest, f32x4.pmax(a, b))
    const timesA = v128.load(weight)
    const timesB = v128.load(weight, 16)
    below0 = i32x4.sub(below0, v128.and(timesA, f32x4.lt(a, border0)))
    below0 = i32x4.sub(below0, v128.and(timesB, f32x4.lt(b, border0)))
    below1 = i32x4.sub(below1, v128.and(timesA, f32x4.lt(a, border1)))
    below1 = i32x4.sub(below1, v128.and(timesB, f32x4.lt(b, border1)))
    to += 32
    weight += 32
  }
  for (const end = bases + (<usize>distinct << 3); from < end; from += 64) {
    const shared = sharedPart(from, q0, q1)
    const a = distancesAt(from, shared, q2, q3)
    const b = complementDistancesAt(from, shared, q2, q3)
    v128.store(to, a)
    v128.store(to, b, 16)
    least = f32x4.pmin(least, f32x4.pmin(a, b))
    largest = f32x4.pmax(largest, f32x4.pmax(a, b))
    below0 = i32x4.add(below0, i32x4.add(f32x4.lt(a, border0), f32x4.lt(b, border0)))
    below1 = i32x4.add(below1, i32x4.add(f32x4.lt(a, border1), f32x4.lt(b, border1)))
    to += 32
  }
  store<i32>(ranks, 0)
  store<i32>(ranks, -sumOf(below0), 4)
  store<i32>(ranks, -sumOf(below1), 8)
  const ends = extremes + (<usize>i << 3)
  store<f32>(ends, min(
    min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  ))
  store<f32>(ends, max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  ), 4)
}

@inline function weightOf(column: i32): i32 {
  return column < weighed ? load<i32>(weights + (<usize>column << 2)) : 1
}

/** Lists the columns at distances from `lower` to `upper` in `list`. @returns how many there are */
function listBetween(row: usize, lower: f32, upper: f32): i32 {
  const low = f32x4.splat(lower)
  const high = f32x4.splat(upper)
  let to = list
  for (let column = 0; column < distinct; column += 16) {
    const at = row + (<usize>column << 2)
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    const inA = v128.and(f32x4.ge(a, low), f32x4.le(a, high))
    const inB = v128.and(f32x4.ge(b, low), f32x4.le(b, high))
    const inC = v128.and(f32x4.ge(c, low), f32x4.le(c, high))
    const inD = v128.and(f32x4.ge(d, low), f32x4.le(d, high))
    let near = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(inA, inB), i16x8.narrow_i32x4_s(inC, inD)))
    for (; near != 0; near &= near - 1) {
      store<i32>(to, column + ctz(near))
      to += 4
    }
  }
  return <i32>((to - list) >> 2)
}

/** The median distance of query column i: the middle of the bin in which half of all columns are reached. */
function median(i: i32): f64 {
  const point = query + (<usize>i << 5)
  const row = distances + ((<usize>i * <usize>distinct) << 2)
  const half = columns >> 1
  let border: usize = 0
  while (border < BORDERS && load<i32>(ranks + (border << 2), 4) < half) border++
  const left = load<f32>(borders + (border << 2))
  const ends = extremes + (<usize>i << 3)
  const lower = max(left, load<f32>(ends)) - ERROR
  const upper = min(load<f32>(borders + (border << 2), 4), load<f32>(ends, 4)) + ERROR
  const found = listBetween(row, lower, upper)

  // The part of the range in which half of all is reached.
  const scale = <f32>PARTS / (upper - lower)
  memory.fill(parts, 0, PARTS << 2)
  let below = load<i32>(ranks + (border << 2))
  for (let n: usize = 0; n < <usize>found; n++) {
    const column = load<i32>(list + (n << 2))
    const d = load<f32>(row + (<usize>column << 2))
    const weight = weightOf(column)
    if (d < left) below -= weight
    count(parts + (<usize>partOf(d, lower, scale) << 2), weight)
  }
  let part = 0
  for (; part < PARTS - 1; part++) {
    const inPart = load<i32>(parts + (<usize>part << 2))
    if (below + inPart >= half) break
    below += inPart
  }

  // What lies there or near its ends, exactly.
  const from = lower + <f32>part / scale - ERROR
  const to = lower + <f32>(part + 1) / scale + ERROR
  const first = max(0, <i32>Math.floor(<f64>from * MEDIAN_SCALE) - 1)
  memory.fill(fine, 0, FINE << 2)
  for (let n: usize = 0; n < <usize>found; n++) {
    const column = load<i32>(list + (n << 2))
    const d = load<f32>(row + (<usize>column << 2))
    if (d < from || d > to) continue
    const weight = weightOf(column)
    if (partOf(d, lower, scale) < part) below -= weight
    const bin = <i32>min(MEDIAN_BINS, Math.floor(exactDistance(point, column) * MEDIAN_SCALE)) - first
    count(fine + (<usize>min(FINE - 1, max(0, bin)) << 2), weight)
  }
  let bin = 0
  for (; bin < FINE - 1; bin++) {
    below += load<i32>(fine + (<usize>bin << 2))
    if (below >= half) break
  }
  return (<f64>(first + bin) + 0.5) / MEDIAN_SCALE
}

@inline function partOf(d: f32, lower: f32, scale: f32): i32 {
  return <i32>max(0, min(<f32>(PARTS - 1), (d - lower) * scale))
}

/** The least (`side` 0) or largest (1) distance of query column i, in float64. */
function extreme(i: i32, side: i32): f64 {
  const point = query + (<usize>i << 5)
  const row = distances + ((<usize>i * <usize>distinct) << 2)
  const rough = <f64>load<f32>(extremes + (<usize>(2 * i + side) << 2))
  const from = f32x4.splat(<f32>(side == 0 ? -1 : rough - <f64>ERROR))
  const to = f32x4.splat(<f32>(side == 0 ? rough + <f64>ERROR : Infinity))
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
    if (middle - <f64>load<f32>(point, 4) <= roughLowest + <f64>ERROR) lowest = min(lowest, middle - extreme(i, 1))
    if (middle - <f64>load<f32>(point) >= roughHighest - <f64>ERROR) highest = max(highest, middle - extreme(i, 0))
  }
  const step = (highest - lowest) / STEPS
  return step == 0 ? 1 : step
}

/** To the nearest whole number, halves upwards. */
@inline function nearest(x: f64): i32 {
  const below = Math.floor(x)
  return <i32>below + i32(x - below >= 0.5)
}

/** Scores of query column i against all distinct columns, one byte each, and their counts. */
function scoreRow(i: i32, row: usize, step: f64): void {
  const point = query + (<usize>i << 5)
  const middle = load<f64>(medians + (<usize>i << 3))
  const table = counts + (<usize>i * SCORE_VALUES + 128 << 2)
  const measured = distances + ((<usize>i * <usize>distinct) << 2)
  const top = f32x4.splat(<f32>(middle / step))
  const scale = f32x4.splat(<f32>(1 / step))
  const rounder = f32x4.splat(ROUNDER)
  const bits = i32x4.splat(ROUNDER_BITS)
  const sure = f32x4.splat(<f32>(0.5 - SCORE_ERROR - <f64>ERROR / step))
  for (let column = 0; column < distinct; column += 16) {
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
        store<i8>(to + <usize>lane, <i8>nearest((middle - exactDistance(point, column + lane)) / step))
      }
    }
  }
  for (let column: usize = 0; column < <usize>weighed; column++) {
    count(table + (<usize>(<i32>load<i8>(row + column)) << 2), load<i32>(weights + (column << 2)))
  }
  countPairs(row, table)
}

/**
 * Counts the scores of the columns that occur once, two at a time: by a table of pairs, in which scores are counted from
 * the least on. It takes half the time of counting each.
 */
function countPairs(row: usize, table: usize): void {
  let low = i8x16.splat(127)
  let high = i8x16.splat(-128)
  for (let column = weighed; column < distinct; column += 16) {
    const scores = v128.load(row + <usize>column)
    low = i8x16.min_s(low, scores)
    high = i8x16.max_s(high, scores)
  }
  v128.store(pairs, low)
  v128.store(pairs, high, 16)
  let least: i32 = 127
  let most: i32 = -128
  for (let lane: usize = 0; lane < 16; lane++) {
    least = min(least, <i32>load<i8>(pairs + lane))
    most = max(most, <i32>load<i8>(pairs + lane, 16))
  }
  const values = most - least + 1 // at most 101
  const bias = i8x16.splat(<i8>least)
  const seconds = i16x8.splat(0xff)
  for (let from = weighed; from < distinct; from += MOST_PAIRS) {
    // The second score of a pair is a row of the table.
    memory.fill(pairs, 0, <usize>values * PAIR_BYTES)
    const end = row + <usize>min(distinct, from + MOST_PAIRS)
    for (let at = row + <usize>from; at < end; at += 16) {
      const scores = i8x16.sub(v128.load(at), bias)
      const places = i16x8.add(
        i16x8.shl(v128.and(scores, seconds), 1),
        i16x8.shl(i16x8.shr_u(scores, 8), 8),
      )
      countFour(i64x2.extract_lane(places, 0))
      countFour(i64x2.extract_lane(places, 1))
    }
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
      count(table + (<usize>(least + <i32>second) << 2), sumOf(all))
    }
    for (let first = 0; first < values; first++) {
      count(table + (<usize>(least + first) << 2), load<i32>(firsts + (<usize>first << 2)))
    }
  }
}

@inline function countFour(places: i64): void {
  countPair(<usize>(places & 0xffff))
  countPair(<usize>((places >>> 16) & 0xffff))
  countPair(<usize>((places >>> 32) & 0xffff))
  countPair(<usize>(places >>> 48))
}

@inline function countPair(at: usize): void {
  store<u16>(pairs + at, load<u16>(pairs + at) + 1)
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
      interleave(rows + column, rowBytes, shuffled)
      interleave(shuffled, 16, shuffled + 256)
      interleave(shuffled + 256, 16, shuffled)
      interleave(shuffled, 16, to + column * LANES)
    }
  }
  for (let i = 0; i < width; i++) {
    if (load<u8>(silent + <usize>i)) store<i32>(counts + (<usize>i * SCORE_VALUES + 128 << 2), columns)
  }
}
