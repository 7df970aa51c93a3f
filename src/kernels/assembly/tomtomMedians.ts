/**
 * Medians and extremes of the distances of query columns from all target columns, by few of the distances: target columns stand
 * in blocks of near ones, and of most blocks the distance of the middle tells that all are nearer than the median, or farther.
 *
 * Distances are computed in float32, four at a time. What follows from them must be what float64 gives: the few that lie
 * so near a border that rounding could tell are computed again in float64.
 */
import { distanceOf, ERROR, exactDistance, hold, partOfColumn, sharedPart } from './tomtomDistances'
import {
  apart, blocks, BLOCK_SIZE, bounds, centers, columns, list, listed, medians, pointPlaces, points, query, radii, sizes,
} from './tomtomMemory'

/** The median is the middle of a bin, of so many up to the largest distance of two probability vectors. */
const MEDIAN_BINS: f64 = 10000
const MEDIAN_SCALE: f64 = MEDIAN_BINS / 1.4142135623730951
/** Between two borders: parts of equal width, and then the exact bins that one part can meet. */
const PARTS: i32 = 64
const parts = memory.data(4 * 64)
const FINE: i32 = 1024
const fine = memory.data(4 * 1024)
/** Half the way between the borders of the first guess. */
const GAP: f32 = 0.004
/** Blocks that fill up are far beyond all distances. */
const FAR: f32 = 10
const eight = memory.data(4 * 8)

@inline function count(at: usize, weight: i32): void {
  store<i32>(at, load<i32>(at) + weight)
}

@inline function sumOf(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)
}

@inline function leastOf(x: v128): f32 {
  return min(
    min(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    min(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  )
}

@inline function largestOf(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  )
}

/** Distances of query column i from the middles of all blocks and from their complements, into `apart`; and `bounds`. */
function approach(i: i32): void {
  const point = query + (<usize>i << 5)
  const q0 = partOfColumn(point, 0)
  const q1 = partOfColumn(point, 1)
  const q2 = partOfColumn(point, 2)
  const q3 = partOfColumn(point, 3)
  const far = hold(4, f32x4.splat(FAR))
  let lower = f32x4.splat(Infinity)
  let least = lower
  let largest = f32x4.splat(0)
  let upper = largest
  const row = <usize>blocks << 2
  for (let at: usize = 0; at < row; at += 16) {
    const center = centers + (at << 2)
    const shared = sharedPart(center, q0, q1)
    const p2 = v128.load(center, 32)
    const p3 = v128.load(center, 48)
    const a = distanceOf(shared, f32x4.sub(p2, q2), f32x4.sub(p3, q3))
    const b = distanceOf(shared, f32x4.add(p2, q2), f32x4.add(p3, q3))
    v128.store(apart + at, a)
    v128.store(apart + row + at, b)
    const radius = v128.load(radii + at)
    const near = f32x4.pmin(a, b)
    lower = f32x4.pmin(lower, f32x4.sub(near, radius))
    least = f32x4.pmin(least, f32x4.add(near, radius))
    let wide = f32x4.pmax(a, b)
    wide = v128.and(wide, f32x4.lt(wide, far))
    // A middle is the mean of its columns: one is as far.
    largest = f32x4.pmax(largest, wide)
    upper = f32x4.pmax(upper, f32x4.add(wide, radius))
  }
  const at = bounds + (<usize>i << 4)
  store<f32>(at, leastOf(lower) - ERROR)
  store<f32>(at, leastOf(least) + ERROR, 4)
  store<f32>(at, largestOf(largest) - ERROR, 8)
  store<f32>(at, largestOf(upper) + ERROR, 12)
}

/** How many middles are nearer than a border; of each so many vectors one is counted. */
@inline function middlesBelow(border: f32, every: usize): i32 {
  const limit = hold(0, f32x4.splat(border))
  const end = apart + (<usize>blocks << 3)
  let below = i32x4.splat(0)
  for (let at = apart; at < end; at += every << 4) below = i32x4.add(below, f32x4.lt(v128.load(at), limit))
  return -sumOf(below)
}

/** About where half of all are nearer, by the middles of the blocks. */
function guess(): f32 {
  const half = columns / (2 * BLOCK_SIZE)
  let low: f32 = 0
  let high: f32 = 1.4143
  for (let n = 0; n < 6; n++) {
    const middle = (low + high) / 2
    if (middlesBelow(middle, 8) * 8 < half) low = middle
    else high = middle
  }
  const below = middlesBelow(low, 1)
  const between = middlesBelow(high, 1) - below
  if (between == 0) return low
  const slope = (high - low) / <f32>between
  const first = low + slope * <f32>max(-between, min(2 * between, half - below))
  return first + slope * <f32>max(-between, min(between, half - middlesBelow(first, 1)))
}

/** What the least and largest median - distance of the columns measured so far surely reach. */
export let surelyLow: f64 = 0
export let surelyHigh: f64 = 0

/** Fills the median and the bounds of query column i, the bounds closely where they may be those of the query. */
export function measure(i: i32, isFirst: bool): void {
  if (isFirst) {
    surelyLow = 0
    surelyHigh = 0
  }
  approach(i)
  const middle = guess()
  let gap = GAP
  let left = max(0, middle - gap)
  let right = middle + gap
  const half = columns >> 1
  for (;;) {
    const found = search(i, left, right)
    if (below0 >= half) {
      right = left
      gap *= 4
      left = max(0, left - gap)
    } else if (below1 < half) {
      left = right
      gap *= 4
      right += gap
    } else {
      store<f64>(medians + (<usize>i << 3), median(i, left, right, found))
      break
    }
  }
  const median0 = load<f64>(medians + (<usize>i << 3))
  const at = bounds + (<usize>i << 4)
  if (median0 - <f64>load<f32>(at, 12) < surelyLow) {
    const beyond = <f32>(median0 - surelyLow) - 2 * ERROR
    const largest = roughExtreme(i, 1, beyond)
    store<f32>(at, min(load<f32>(at, 12), largest + ERROR), 12)
    if (largest > beyond) {
      store<f32>(at, largest - ERROR, 8)
      surelyLow = min(surelyLow, median0 - <f64>(largest - ERROR))
    }
  }
  if (median0 - <f64>load<f32>(at) > surelyHigh) {
    const beyond = <f32>(median0 - surelyHigh) + 2 * ERROR
    const least = roughExtreme(i, 0, beyond)
    store<f32>(at, max(load<f32>(at), least - ERROR))
    if (least < beyond) {
      store<f32>(at, least + ERROR, 4)
      surelyHigh = max(surelyHigh, median0 - <f64>(least + ERROR))
    }
  }
}

/** Columns nearer than the left border, and than the right one. */
let below0: i32 = 0
let below1: i32 = 0

/** Counts the columns below two borders, and lists those between. @returns how many are listed */
function search(i: i32, left: f32, right: f32): i32 {
  const point = query + (<usize>i << 5)
  const q0 = partOfColumn(point, 0)
  const q1 = partOfColumn(point, 1)
  let q2 = partOfColumn(point, 2)
  let q3 = partOfColumn(point, 3)
  const border0 = hold(5, f32x4.splat(left))
  const border1 = hold(6, f32x4.splat(right))
  const low = hold(7, f32x4.splat(left - ERROR))
  const high = hold(8, f32x4.splat(right + ERROR))
  let inside = i32x4.splat(0)
  let under0 = inside
  let under1 = inside
  let found = 0
  for (let strand = 0; strand < 2; strand++) {
    const middles = apart + (<usize>(strand * blocks) << 2)
    // Blocks whose columns must be looked at.
    let to = list
    for (let block = 0; block < blocks; block += 4) {
      const at = <usize>block << 2
      const middle = v128.load(middles + at)
      const radius = v128.load(radii + at)
      const from = f32x4.sub(middle, radius)
      const upTo = f32x4.add(middle, radius)
      const isBelow = f32x4.lt(upTo, low)
      inside = i32x4.add(inside, v128.and(v128.load(sizes + at), isBelow))
      for (let mask = i32x4.bitmask(v128.andnot(f32x4.le(from, high), isBelow)); mask != 0; mask &= mask - 1) {
        store<i32>(to, block + ctz(mask))
        to += 4
      }
    }
    for (let at = list; at < to; at += 4) {
      const block = <usize>load<i32>(at)
      const from = points + block * (BLOCK_SIZE * 16)
      const a = distanceOf(sharedPart(from, q0, q1), f32x4.sub(v128.load(from, 32), q2), f32x4.sub(v128.load(from, 48), q3))
      const b = distanceOf(sharedPart(from + 64, q0, q1), f32x4.sub(v128.load(from, 96), q2), f32x4.sub(v128.load(from, 112), q3))
      under0 = i32x4.add(under0, i32x4.add(f32x4.lt(a, border0), f32x4.lt(b, border0)))
      under1 = i32x4.add(under1, i32x4.add(f32x4.lt(a, border1), f32x4.lt(b, border1)))
      const nearA = i32x4.bitmask(v128.and(f32x4.ge(a, low), f32x4.le(a, high)))
      const nearB = i32x4.bitmask(v128.and(f32x4.ge(b, low), f32x4.le(b, high)))
      let near = nearA | (nearB << 4)
      if (near == 0) continue
      v128.store(eight, a)
      v128.store(eight, b, 16)
      const places = pointPlaces + ((2 * block + <usize>strand) * BLOCK_SIZE << 2)
      for (; near != 0; near &= near - 1) {
        const lane = <usize>ctz(near) << 2
        const entry = listed + (<usize>found << 3)
        store<i32>(entry, load<i32>(places + lane))
        store<f32>(entry, load<f32>(eight + lane), 4)
        found++
      }
    }
    q2 = f32x4.neg(q2)
    q3 = f32x4.neg(q3)
  }
  below0 = sumOf(inside) - sumOf(under0)
  below1 = sumOf(inside) - sumOf(under1)
  return found
}

/** The median distance of query column i: the middle of the bin in which half of all columns are reached. */
function median(i: i32, left: f32, right: f32, found: i32): f64 {
  const half = columns >> 1
  const lower = left - ERROR
  const upper = right + ERROR
  const end = listed + (<usize>found << 3)

  // The part of the range in which half of all is reached.
  const scale = <f32>PARTS / (upper - lower)
  memory.fill(parts, 0, PARTS << 2)
  let below = below0
  for (let at = listed; at < end; at += 8) {
    const d = load<f32>(at, 4)
    if (d < left) below--
    count(parts + (<usize>partOf(d, lower, scale) << 2), 1)
  }
  let part = 0
  for (; part < PARTS - 1; part++) {
    const inPart = load<i32>(parts + (<usize>part << 2))
    if (below + inPart >= half) break
    below += inPart
  }

  // What lies there or near its ends, exactly.
  const point = query + (<usize>i << 5)
  const from = lower + <f32>part / scale - ERROR
  const to = lower + <f32>(part + 1) / scale + ERROR
  const first = max(0, <i32>Math.floor(<f64>from * MEDIAN_SCALE) - 1)
  const most = min(FINE - 1, <i32>Math.floor(<f64>to * MEDIAN_SCALE) + 2 - first)
  memory.fill(fine, 0, <usize>(most + 1) << 2)
  for (let at = listed; at < end; at += 8) {
    const d = load<f32>(at, 4)
    if (d < from || d > to) continue
    if (partOf(d, lower, scale) < part) below--
    const bin = <i32>min(MEDIAN_BINS, Math.floor(exactDistance(point, load<i32>(at)) * MEDIAN_SCALE)) - first
    count(fine + (<usize>min(most, max(0, bin)) << 2), 1)
  }
  let bin = 0
  for (; bin < most; bin++) {
    below += load<i32>(fine + (<usize>bin << 2))
    if (below >= half) break
  }
  return (<f64>(first + bin) + 0.5) / MEDIAN_SCALE
}

@inline function partOf(d: f32, lower: f32, scale: f32): i32 {
  return <i32>max(0, min(<f32>(PARTS - 1), (d - lower) * scale))
}

/** Blocks, of four, that may have columns at such distances. */
@inline function blocksBetween(middles: usize, block: i32, from: v128, to: v128): i32 {
  const middle = v128.load(middles + (<usize>block << 2))
  const radius = v128.load(radii + (<usize>block << 2))
  return i32x4.bitmask(v128.and(
    f32x4.le(f32x4.sub(middle, radius), to),
    f32x4.ge(f32x4.add(middle, radius), from),
  ))
}

/**
 * The least (`side` 0) or largest (1) distance of query column i in float32; it is the last that was approached.
 * @param beyond returned where none is less, or larger: such a column has neither end of the query's range
 */
function roughExtreme(i: i32, side: i32, beyond: f32): f32 {
  const point = query + (<usize>i << 5)
  const q0 = partOfColumn(point, 0)
  const q1 = partOfColumn(point, 1)
  let q2 = partOfColumn(point, 2)
  let q3 = partOfColumn(point, 3)
  const far = hold(4, f32x4.splat(FAR))
  // Only what is no farther than this, or no nearer, can be it.
  const from = hold(5, f32x4.splat(side == 0 ? -1 : max(beyond, load<f32>(bounds + (<usize>i << 4), 8))))
  const to = hold(6, f32x4.splat(side == 0 ? min(beyond, load<f32>(bounds + (<usize>i << 4), 4)) : FAR))
  let least = to
  let largest = from
  for (let strand = 0; strand < 2; strand++) {
    const middles = apart + (<usize>(strand * blocks) << 2)
    for (let block = 0; block < blocks; block += 4) {
      for (let mask = blocksBetween(middles, block, from, to); mask != 0; mask &= mask - 1) {
        const at = points + <usize>(block + ctz(mask)) * (BLOCK_SIZE * 16)
        const a = distanceOf(sharedPart(at, q0, q1), f32x4.sub(v128.load(at, 32), q2), f32x4.sub(v128.load(at, 48), q3))
        const b = distanceOf(sharedPart(at + 64, q0, q1), f32x4.sub(v128.load(at, 96), q2), f32x4.sub(v128.load(at, 112), q3))
        least = f32x4.pmin(least, f32x4.pmin(a, b))
        largest = f32x4.pmax(largest, f32x4.pmax(v128.and(a, f32x4.lt(a, far)), v128.and(b, f32x4.lt(b, far))))
      }
    }
    q2 = f32x4.neg(q2)
    q3 = f32x4.neg(q3)
  }
  return side == 0 ? leastOf(least) : largestOf(largest)
}

/** The least (`side` 0) or largest (1) distance of query column i, in float64. */
export function extreme(i: i32, side: i32): f64 {
  approach(i)
  const point = query + (<usize>i << 5)
  const q0 = partOfColumn(point, 0)
  const q1 = partOfColumn(point, 1)
  let q2 = partOfColumn(point, 2)
  let q3 = partOfColumn(point, 3)
  let from: f32 = side == 0 ? -1 : load<f32>(bounds + (<usize>i << 4), 8)
  let to: f32 = side == 0 ? load<f32>(bounds + (<usize>i << 4), 4) : FAR
  let best: f64 = side == 0 ? Infinity : 0
  let last = -1
  for (let strand = 0; strand < 2; strand++) {
    const middles = apart + (<usize>(strand * blocks) << 2)
    for (let block = 0; block < blocks; block += 4) {
      for (let mask = blocksBetween(middles, block, f32x4.splat(from), f32x4.splat(to)); mask != 0; mask &= mask - 1) {
        const place = <usize>(block + ctz(mask))
        for (let four: usize = 0; four < 2; four++) {
          const at = points + place * (BLOCK_SIZE * 16) + (four << 6)
          const d = distanceOf(sharedPart(at, q0, q1), f32x4.sub(v128.load(at, 32), q2), f32x4.sub(v128.load(at, 48), q3))
          const places = pointPlaces + ((2 * place + <usize>strand) * BLOCK_SIZE + (four << 2) << 2)
          let lanes = i32x4.bitmask(v128.and(f32x4.ge(d, f32x4.splat(from)), f32x4.le(d, f32x4.splat(to))))
          for (; lanes != 0; lanes &= lanes - 1) {
            const column = load<i32>(places + (<usize>ctz(lanes) << 2))
            if (column == last) continue // one of many that are equal
            last = column
            const distance = exactDistance(point, column)
            best = side == 0 ? min(best, distance) : max(best, distance)
            if (side == 0) to = min(to, <f32>best + ERROR)
            else from = max(from, <f32>best - ERROR)
          }
        }
      }
    }
    q2 = f32x4.neg(q2)
    q3 = f32x4.neg(q3)
  }
  return best
}
