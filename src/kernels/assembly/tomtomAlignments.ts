/** The best offset and strand of a query on each target: sums of column scores along all offsets. */
import { OFFSETS, OVERLAPS, SCORES, STRANDS } from '../layout/tomtomHeader'
import { hold } from './tomtomDistances'
import {
  chunks, columns, distinct, keyBytes, keys, LANES, lanes, longest, place, places, stride, sums, targets, width, widths,
} from './tomtomMemory'

/**
 * Sums of all offsets on both strands, into `sums` and then, from `stride` bytes on, those of the other. A query column's lane is
 * the offset of its sum: the last column is in lane 0. From one target column to the next each sum moves a lane down, and the one
 * in lane 0 is done. The strands take turns: neither waits for its last sum.
 * @param from places of the target's columns, the other strand's half of all columns on
 */
function slide(from: usize, targetWidth: i32): void {
  const zero = hold(0, i64x2.splat(0))
  const other = from + (<usize>(columns >> 1) << 2)
  const all = <usize>(chunks * LANES + targetWidth) << 2
  memory.fill(sums, 0, all)
  memory.fill(sums + stride, 0, all)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const table = lanes + <usize>chunk * <usize>distinct * LANES
    let to = sums + (<usize>(chunk * LANES) << 2)
    let a = zero
    let b = zero
    let c = zero
    let d = zero
    for (let j: usize = 0; j < <usize>targetWidth << 2; j += 4) {
      const at = table + <usize>load<u32>(from + j)
      const otherAt = table + <usize>load<u32>(other + j)
      a = i16x8.add(a, v128.load_ext<i8>(at))
      b = i16x8.add(b, v128.load_ext<i8>(at, 8))
      c = i16x8.add(c, v128.load_ext<i8>(otherAt))
      d = i16x8.add(d, v128.load_ext<i8>(otherAt, 8))
      const done = <i32>i16x8.extract_lane_s(a, 0)
      const otherDone = <i32>i16x8.extract_lane_s(c, 0)
      store<i32>(to, done + load<i32>(to))
      store<i32>(to + stride, otherDone + load<i32>(to + stride))
      to += 4
      a = i8x16.shuffle(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      b = i8x16.shuffle(b, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      c = i8x16.shuffle(c, d, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      d = i8x16.shuffle(d, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    }
    storeSums(to, a, b)
    storeSums(to + stride, c, d)
  }
}

@inline function storeSums(to: usize, a: v128, b: v128): void {
  storeFour(to, i32x4.extend_low_i16x8_s(a))
  storeFour(to + 16, i32x4.extend_high_i16x8_s(a))
  storeFour(to + 32, i32x4.extend_low_i16x8_s(b))
  storeFour(to + 48, i32x4.extend_high_i16x8_s(b))
}

@inline function storeFour(to: usize, values: v128): void {
  v128.store(to, i32x4.add(values, v128.load(to)))
}

/** Of two keys the better alignment's is larger: the sum's bits, of the overlap, one for the target's own strand, of the offset. */
const SUM_BITS: i32 = 16
const OVERLAP_BITS: i32 = 11
const OWN_STRAND: i32 = 1 << 10
const MOST_OFFSETS: i32 = OWN_STRAND
/** Less than any key. */
const NEVER: i32 = -(1 << 30)

/** Fills `keys` for targets of each width: what the offset adds to the key of its sum; after the last such as never win. */
function layKeys(): void {
  for (let targetWidth = 1; targetWidth <= longest; targetWidth++) {
    const offsets = width + targetWidth - 1
    const full = min(width, targetWidth)
    const to = keys + <usize>targetWidth * keyBytes
    for (let index = 0; index < targetWidth + LANES; index++) {
      const overlap = min(full, min(index + 1, offsets - index))
      const key = (overlap << OVERLAP_BITS) | OWN_STRAND | (MOST_OFFSETS - 1 - index)
      store<i32>(to + (<usize>index << 2), index < offsets ? key : NEVER)
    }
  }
}

/** The largest key of all offsets on both strands, for a query of at most LANES columns; as `slide`, but no sum is stored. */
function bestKey(from: usize, targetWidth: i32): i32 {
  const zero = hold(0, i64x2.splat(0))
  const other = from + (<usize>(columns >> 1) << 2)
  let key = keys + <usize>targetWidth * keyBytes
  let best = NEVER
  let otherBest = NEVER
  let a = zero
  let b = zero
  let c = zero
  let d = zero
  for (let j: usize = 0; j < <usize>targetWidth << 2; j += 4) {
    const at = lanes + <usize>load<u32>(from + j)
    const otherAt = lanes + <usize>load<u32>(other + j)
    a = i16x8.add(a, v128.load_ext<i8>(at))
    b = i16x8.add(b, v128.load_ext<i8>(at, 8))
    c = i16x8.add(c, v128.load_ext<i8>(otherAt))
    d = i16x8.add(d, v128.load_ext<i8>(otherAt, 8))
    const added = load<i32>(key)
    best = max(best, (<i32>i16x8.extract_lane_s(a, 0) << SUM_BITS) + added)
    otherBest = max(otherBest, (<i32>i16x8.extract_lane_s(c, 0) << SUM_BITS) + added)
    key += 4
    a = i8x16.shuffle(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    b = i8x16.shuffle(b, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    c = i8x16.shuffle(c, d, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    d = i8x16.shuffle(d, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
  }
  return max(max(best, lastKey(key, a, b)), max(otherBest, lastKey(key, c, d)) - OWN_STRAND)
}

/** The largest key of the sums that are left. */
@inline function lastKey(key: usize, a: v128, b: v128): i32 {
  let best = i32x4.max_s(keysOf(key, i32x4.extend_low_i16x8_s(a)), keysOf(key + 16, i32x4.extend_high_i16x8_s(a)))
  best = i32x4.max_s(best, keysOf(key + 32, i32x4.extend_low_i16x8_s(b)))
  best = i32x4.max_s(best, keysOf(key + 48, i32x4.extend_high_i16x8_s(b)))
  best = i32x4.max_s(best, i32x4.shuffle(best, best, 2, 3, 0, 1))
  best = i32x4.max_s(best, i32x4.shuffle(best, best, 1, 0, 3, 2))
  return i32x4.extract_lane(best, 0)
}

@inline function keysOf(key: usize, sums: v128): v128 {
  return i32x4.add(i32x4.shl(sums, SUM_BITS), v128.load(key))
}

/** Of equal sums that with more overlap is best, then that on the target's own strand, then the first. */
export function align(plan: usize): void {
  const isNarrow = chunks == 1 && longest + LANES <= MOST_OFFSETS
  if (isNarrow) layKeys()
  let from = places
  for (let target = 0; target < targets; target++) {
    const targetWidth = load<i32>(widths + (<usize>target << 2))
    if (isNarrow) {
      const key = bestKey(from, targetWidth)
      const index = MOST_OFFSETS - 1 - (key & (MOST_OFFSETS - 1))
      keep(plan, target, key >> SUM_BITS, index, (key & 0xffff) >> OVERLAP_BITS, i32((key & OWN_STRAND) == 0))
    } else alignWide(plan, target, from, targetWidth)
    from += <usize>targetWidth << 2
  }
}

function keep(plan: usize, target: i32, score: i32, index: i32, overlap: i32, strand: i32): void {
  const at = <usize>target << 2
  store<i32>(place(plan, SCORES) + at, score)
  store<i32>(place(plan, OFFSETS) + at, index + 1 - width)
  store<i32>(place(plan, OVERLAPS) + at, overlap)
  store<i32>(place(plan, STRANDS) + at, strand)
}

function alignWide(plan: usize, target: i32, from: usize, targetWidth: i32): void {
  const offsets = width + targetWidth - 1
  const full = min(width, targetWidth)
  let best: i32 = i32.MIN_VALUE
  let bestOverlap = 0
  let bestIndex = 0
  let bestStrand = 0
  slide(from, targetWidth)
  for (let strand = 0; strand < 2; strand++) {
    const begin = sums + <usize>strand * stride
    const end = begin + (<usize>offsets << 2)
    v128.store(end, i32x4.splat(i32.MIN_VALUE))
    let largest = v128.load(begin)
    for (let at = begin + 16; at < end; at += 16) largest = i32x4.max_s(largest, v128.load(at))
    largest = i32x4.max_s(largest, i32x4.shuffle(largest, largest, 2, 3, 0, 1))
    largest = i32x4.max_s(largest, i32x4.shuffle(largest, largest, 1, 0, 3, 2))
    const most = i32x4.extract_lane(largest, 0)
    if (most < best) continue
    if (most > best) bestOverlap = 0
    best = most
    for (let index = 0; index < offsets; index += 4) {
      let equal = i32x4.bitmask(i32x4.eq(v128.load(begin + (<usize>index << 2)), largest))
      for (; equal != 0; equal &= equal - 1) {
        const at = index + ctz(equal)
        const overlap = min(full, min(at + 1, offsets - at))
        if (overlap <= bestOverlap) continue
        bestOverlap = overlap
        bestIndex = at
        bestStrand = strand
      }
    }
  }
  keep(plan, target, best, bestIndex, bestOverlap, bestStrand)
}
