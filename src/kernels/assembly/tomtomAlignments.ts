/** The best offset and strand of a query on each target: sums of column scores along all offsets. */
import { OFFSETS, OVERLAPS, SCORES, STRANDS } from '../layout/tomtomHeader'
import { hold } from './tomtomDistances'
import { chunks, columns, distinct, LANES, lanes, place, places, stride, sums, targets, width, widths } from './tomtomMemory'

/**
 * Sums of all offsets on both strands, into `sums` and then, from `stride` bytes on, those of the other. A query column's lane is
 * the offset of its sum: the last column is in lane 0. From one target column to the next each sum moves a lane down, and the one
 * in lane 0 is done. The strands take turns: neither waits for its last sum.
 * @param from places of the target's columns, the other strand's half of all columns on
 */
function slide(from: usize, targetWidth: i32): void {
  const zero = hold(0, i64x2.splat(0))
  const isOne = chunks == 1
  const other = from + (<usize>(columns >> 1) << 2)
  const all = <usize>(chunks * LANES + targetWidth) << 2
  if (!isOne) {
    memory.fill(sums, 0, all)
    memory.fill(sums + stride, 0, all)
  }
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
      store<i32>(to, isOne ? done : done + load<i32>(to))
      store<i32>(to + stride, isOne ? otherDone : otherDone + load<i32>(to + stride))
      to += 4
      a = i8x16.shuffle(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      b = i8x16.shuffle(b, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      c = i8x16.shuffle(c, d, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
      d = i8x16.shuffle(d, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    }
    keep(to, a, b, isOne)
    keep(to + stride, c, d, isOne)
  }
}

@inline function keep(to: usize, a: v128, b: v128, isOne: bool): void {
  keepFour(to, i32x4.extend_low_i16x8_s(a), isOne)
  keepFour(to + 16, i32x4.extend_high_i16x8_s(a), isOne)
  keepFour(to + 32, i32x4.extend_low_i16x8_s(b), isOne)
  keepFour(to + 48, i32x4.extend_high_i16x8_s(b), isOne)
}

@inline function keepFour(to: usize, values: v128, isOne: bool): void {
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
    store<i32>(place(plan, SCORES) + at, best)
    store<i32>(place(plan, OFFSETS) + at, bestIndex + 1 - width)
    store<i32>(place(plan, OVERLAPS) + at, bestOverlap)
    store<i32>(place(plan, STRANDS) + at, bestStrand)
    from += <usize>targetWidth << 2
  }
}
