/** The best offset and strand of a query on each target: sums of column scores along all offsets. */
import { OFFSETS, OVERLAPS, SCORES, STRANDS } from '../layout/tomtomHeader'
import { chunks, columns, distinct, LANES, lanes, place, places, sums, targets, width, widths } from './tomtomMemory'

/**
 * Sums of all offsets, into `sums`. A query column's lane is the offset of its sum: the last column is in lane 0. From
 * one target column to the next each sum moves a lane down, and the one in lane 0 is done.
 * @param from places of the target's columns
 */
function slide(from: usize, targetWidth: i32): void {
  const zero = i64x2.splat(0)
  const isOne = chunks == 1
  if (!isOne) memory.fill(sums, 0, <usize>(chunks * LANES + targetWidth) << 2)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const table = lanes + <usize>chunk * <usize>distinct * LANES
    let to = sums + (<usize>(chunk * LANES) << 2)
    let a = zero
    let b = zero
    for (let j = 0; j < targetWidth; j++) {
      const at = table + <usize>load<u32>(from + (<usize>j << 2))
      a = i16x8.add(a, v128.load_ext<i8>(at))
      b = i16x8.add(b, v128.load_ext<i8>(at, 8))
      const done = <i32>i16x8.extract_lane_s(a, 0)
      store<i32>(to, isOne ? done : done + load<i32>(to))
      to += 4
      a = i8x16.shuffle(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      b = i8x16.shuffle(b, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    }
    keep(to, i32x4.extend_low_i16x8_s(a), isOne)
    keep(to + 16, i32x4.extend_high_i16x8_s(a), isOne)
    keep(to + 32, i32x4.extend_low_i16x8_s(b), isOne)
    keep(to + 48, i32x4.extend_high_i16x8_s(b), isOne)
  }
}

@inline function keep(to: usize, values: v128, isOne: bool): void {
  v128.store(to, isOne ? values : i32x4.add(values, v128.load(to)))
}

/** Of equal sums that with more overlap is best, then the first. */
export function align(plan: usize): void {
  let from = places
  for (let target = 0; target < targets; target++) {
    const at = <usize>target << 2
    const targetWidth = load<i32>(widths + at)
    const offsets = width + targetWidth - 1
    const full = min(width, targetWidth)
    let best: i32 = i32.MIN_VALUE
    let bestOverlap = 0
    let bestIndex = 0
    let bestStrand = 0
    for (let strand = 0; strand < 2; strand++) {
      slide(from + (<usize>(strand * (columns >> 1)) << 2), targetWidth)
      const end = sums + (<usize>offsets << 2)
      v128.store(end, i32x4.splat(i32.MIN_VALUE))
      let largest = v128.load(sums)
      for (let at = sums + 16; at < end; at += 16) largest = i32x4.max_s(largest, v128.load(at))
      largest = i32x4.max_s(largest, i32x4.shuffle(largest, largest, 2, 3, 0, 1))
      largest = i32x4.max_s(largest, i32x4.shuffle(largest, largest, 1, 0, 3, 2))
      const most = i32x4.extract_lane(largest, 0)
      if (most < best) continue
      if (most > best) bestOverlap = 0
      best = most
      for (let index = 0; index < offsets; index += 4) {
        let equal = i32x4.bitmask(i32x4.eq(v128.load(sums + (<usize>index << 2)), largest))
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
    store<i32>(place(plan, SCORES) + at, best)
    store<i32>(place(plan, OFFSETS) + at, bestIndex + 1 - width)
    store<i32>(place(plan, OVERLAPS) + at, bestOverlap)
    store<i32>(place(plan, STRANDS) + at, bestStrand)
    from += <usize>targetWidth << 2
  }
}
