/** Sixteen int32 at a time: the filters of a block. */

/** 16 bits of four comparisons. */
@inline export function bits16(a: v128, b: v128, c: v128, d: v128): i32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)))
}

export function fill(from: usize, bytes: usize, value: i32): void {
  const x = i32x4.splat(value)
  for (let at = from; at < from + bytes; at += 16) v128.store(at, x)
}

/** The largest of `least` and of a block's numbers in so many rows, to `to`. */
export function takeLargest(rows: usize, stride: usize, count: i32, least: i32, to: usize): void {
  let x0 = i32x4.splat(least)
  let x1 = x0
  let x2 = x0
  let x3 = x0
  const end = rows + <usize>count * stride
  for (let at = rows; at < end; at += stride) {
    x0 = i32x4.max_s(x0, v128.load(at))
    x1 = i32x4.max_s(x1, v128.load(at, 16))
    x2 = i32x4.max_s(x2, v128.load(at, 32))
    x3 = i32x4.max_s(x3, v128.load(at, 48))
  }
  v128.store(to, x0)
  v128.store(to, x1, 16)
  v128.store(to, x2, 32)
  v128.store(to, x3, 48)
}

/** Running maxima of a block from the left: so many rows from `to` on, beginning with what stands before them. */
export function runLeft(rows: usize, to: usize, stride: usize, count: i32): void {
  const before = to - stride
  let x0 = v128.load(before)
  let x1 = v128.load(before, 16)
  let x2 = v128.load(before, 32)
  let x3 = v128.load(before, 48)
  const end = rows + <usize>count * stride
  for (; rows < end; rows += stride) {
    x0 = i32x4.max_s(x0, v128.load(rows))
    x1 = i32x4.max_s(x1, v128.load(rows, 16))
    x2 = i32x4.max_s(x2, v128.load(rows, 32))
    x3 = i32x4.max_s(x3, v128.load(rows, 48))
    v128.store(to, x0)
    v128.store(to, x1, 16)
    v128.store(to, x2, 32)
    v128.store(to, x3, 48)
    to += stride
  }
}

/** From the right: so many rows from `to` downwards, beginning with what stands after it. */
export function runRight(rows: usize, to: usize, stride: usize, count: i32): void {
  const after = to + stride
  let x0 = v128.load(after)
  let x1 = v128.load(after, 16)
  let x2 = v128.load(after, 32)
  let x3 = v128.load(after, 48)
  const end = rows - <usize>count * stride
  for (; rows != end; rows -= stride) {
    x0 = i32x4.max_s(x0, v128.load(rows))
    x1 = i32x4.max_s(x1, v128.load(rows, 16))
    x2 = i32x4.max_s(x2, v128.load(rows, 32))
    x3 = i32x4.max_s(x3, v128.load(rows, 48))
    v128.store(to, x0)
    v128.store(to, x1, 16)
    v128.store(to, x2, 32)
    v128.store(to, x3, 48)
    to -= stride
  }
}
