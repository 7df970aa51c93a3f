/**
 * Backward selection of scanners: one convolution over bases, a rectifier or none, the global maximum, dense layers.
 *
 * State of one filter: its value v at every position for the reference (what is masked so far), the maximum M, and for
 * every candidate j the difference d[j] = (maximum with j masked too) - M. Masking i changes v only where a window holds
 * i; a filter's d is made anew only where one of these values can be a maximum for some candidate. The first dense layer
 * is linear, so a candidate's inputs of the hidden units are h + c[j], with h from M and c[j] kept up to date by the
 * changes of d alone. ../../engine/README.md tells it at length; planScanner.ts lays out the memory.
 */
import { activate, EXP, GELU, LINEAR, RELU, SOFTMAX } from './activations'

/** Stands for minus infinity: sums with it stay far below any value. */
const LOWEST: f32 = -1e30

// Fields of the header, int32 each; places are offsets from the plan.
const LENGTH = 0
const BANKS = 1
const FILTERS = 2
const TAPS = 3 // kernel size, rounded up to a multiple of 4
const KERNEL = 4
const POSITIONS = 5
const FLOOR = 6 // 1: the convolution is rectified
const SIGN = 7 // 1 or -1
const UNITS = 8 // of the first dense layer, rounded up to a multiple of 4
const FIRST_ACTIVATION = 9
const LAYERS = 10 // dense layers after the first
const FINAL_ACTIVATION = 11
const OUTPUT = 12 // index into the last layer's units; 0 unless it is a softmax
const BEFORE = 13 // two: positions of padding before the sequence, by bank
const CODES = 15
const PRESENT = 16
const FEATURES = 17
const SCORES = 18
const TABLE = 19 // [banks][KERNEL][6][FILTERS] weights of each code
const DELTAS = 20 // [banks][FILTERS][6][TAPS] background - base, by tap
const REVERSED = 21 // the same, the last tap first
const RANGES = 22 // [banks][FILTERS][2] largest (≥ 0) and least (≤ 0) of a filter's deltas
const BIAS = 23 // [banks][FILTERS]
const DENSE = 24 // [FILTERS][UNITS]
const DENSE_BIAS = 25 // [UNITS]
const HEAD = 26 // LAYERS times: inputs, units, padded units, activation, weights, bias (int32 each)
const WORK = 27
const STRIDE = 28 // floats of a row by position or candidate, padding included
const MARGIN = 29 // floats of padding before the first position or candidate
const INPUTS = 30 // floats of the longest layer of the head

/** A filter's record: maximum, its position (-1: the floor), floor, threshold of what concerns it. */
const RECORD: usize = 16

let length: i32 = 0
let filters: i32 = 0 // of all banks
let taps: i32 = 0
let kernel: i32 = 0
let positions: i32 = 0
let units: usize = 0 // bytes
let rowBytes: usize = 0
let marginBytes: usize = 0
let rowVectors: i32 = 0
let stridePlan: usize = 0
let deltas: usize = 0
let ranges: usize = 0
let dense: usize = 0

// Work space.
let values: usize = 0 // [filters][STRIDE]
let differences: usize = 0 // [filters][STRIDE]
let records: usize = 0
let rivals: usize = 0 // [STRIDE]
let own: usize = 0 // [TAPS]
let listed: usize = 0 // [positions]
let masks: usize = 0 // [6][STRIDE]: all bits set where the base has the code
let absent: usize = 0 // [STRIDE]: 0 where the base is present, 1e30 elsewhere
let presentBits: usize = 0 // one a candidate, as int64
let edge: usize = 0 // zeros, then LOWEST, then zeros: slides to say where a window does not reach
let hidden: usize = 0 // [banks][UNITS]
let corrections: usize = 0 // [banks][L][UNITS]
let changes: usize = 0 // [banks][L][FILTERS] pairs: row of `dense`, change of d
let changeCounts: usize = 0 // [banks][L]
let counts: usize = 0 // [banks][positions]: present bases in a position's window
let columns: usize = 0 // [positions][FILTERS], to begin with
let scratch: usize = 0 // two layers of the head
let logits: usize = 0 // [L]

@inline function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline function place(plan: usize, index: i32): usize {
  return plan + <usize>field(plan, index)
}

@inline function largest(x: v128): f32 {
  const y = f32x4.pmax(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return max(f32x4.extract_lane(y, 0), f32x4.extract_lane(y, 1))
}

@inline function least(x: v128): f32 {
  const y = f32x4.pmin(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return min(f32x4.extract_lane(y, 0), f32x4.extract_lane(y, 1))
}

@inline function sum(x: v128): f32 {
  const y = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1)
}

/** 16 bits of four comparisons. */
@inline function bits16(a: v128, b: v128, c: v128, d: v128): i32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)))
}

let next: usize = 0
function reserve(bytes: usize): usize {
  const at = next
  next += (bytes + 63) & ~63
  return at
}

/** @returns bytes of work space that a plan needs; the planner asks before it runs anything */
function lay(plan: usize): void {
  const banks = <usize>field(plan, BANKS)
  const perBank = <usize>field(plan, FILTERS)
  length = field(plan, LENGTH)
  filters = <i32>(banks * perBank)
  taps = field(plan, TAPS)
  kernel = field(plan, KERNEL)
  positions = field(plan, POSITIONS)
  units = <usize>field(plan, UNITS) << 2
  rowBytes = <usize>field(plan, STRIDE) << 2
  marginBytes = <usize>field(plan, MARGIN) << 2
  rowVectors = (max(length, positions) + 15) >> 4
  deltas = place(plan, DELTAS)
  ranges = place(plan, RANGES)
  dense = place(plan, DENSE)
  const L = <usize>length
  const F = <usize>filters
  next = place(plan, WORK)
  values = reserve(F * rowBytes)
  differences = reserve(F * rowBytes)
  records = reserve(F * RECORD)
  rivals = reserve(rowBytes)
  own = reserve(<usize>taps << 2)
  listed = reserve(<usize>(positions + 1) << 2)
  masks = reserve(6 * rowBytes)
  absent = reserve(rowBytes)
  presentBits = reserve(((L + 63) >> 6) << 3)
  edge = reserve(<usize>taps * 3 << 2)
  hidden = reserve(banks * units)
  corrections = reserve(banks * L * units)
  changes = reserve(banks * L * perBank << 3)
  changeCounts = reserve(banks * L << 2)
  counts = reserve(banks * <usize>positions << 2)
  columns = reserve(<usize>positions * ((perBank + 3) & ~3) << 2)
  scratch = reserve(<usize>field(plan, INPUTS) << 3)
  logits = reserve(L << 2)
}

export function workBytes(plan: usize): i32 {
  lay(plan)
  return <i32>(next - place(plan, WORK))
}

/** Backward selection of the input at CODES. @returns the number of features masked */
export function select(plan: usize): i32 {
  lay(plan)
  begin(plan)
  const features = place(plan, FEATURES)
  const scores = place(plan, SCORES)
  const banks = field(plan, BANKS)
  const perBank = field(plan, FILTERS)
  for (let filter = 0; filter < filters; filter++) refresh(plan, filter, filter / perBank)
  let left = 0
  for (let j = 0; j < length; j++) left += isPresent(j)
  const total = left
  for (let step = 0; step < total; step++) {
    if ((step & 7) == 0) {
      for (let bank = 0; bank < banks; bank++) sumHidden(plan, bank)
    }
    const best = choose(plan, scores + (<usize>step << 2))
    store<i32>(features + (<usize>step << 2), best)
    if (step + 1 < total) maskBase(plan, best)
  }
  return total
}

@inline function isPresent(j: i32): i32 {
  return <i32>((load<u64>(presentBits + (<usize>(j >> 6) << 3)) >> <u64>(j & 63)) & 1)
}

/** The state of the input as given. */
function begin(plan: usize): void {
  const codes = place(plan, CODES)
  const present = place(plan, PRESENT)
  const banks = field(plan, BANKS)
  const perBank = field(plan, FILTERS)
  const floor: f32 = field(plan, FLOOR) != 0 ? 0 : LOWEST
  memory.fill(masks, 0, 6 * rowBytes)
  memory.fill(presentBits, 0, <usize>(((length + 63) >> 6) << 3))
  memory.fill(differences, 0, <usize>filters * rowBytes)
  memory.fill(corrections, 0, <usize>(banks * length) * units)
  memory.fill(changeCounts, 0, <usize>(banks * length) << 2)
  for (let i: usize = 0; i < rowBytes; i += 4) store<f32>(absent + i, 1e30)
  for (let j = 0; j < length; j++) {
    if (load<u8>(present + j) == 0) {
      store<u8>(codes + j, 4)
      continue
    }
    const at = marginBytes + (<usize>j << 2)
    store<i32>(masks + <usize>load<u8>(codes + j) * rowBytes + at, -1)
    store<f32>(absent + at, 0)
    const word = presentBits + (<usize>(j >> 6) << 3)
    store<u64>(word, load<u64>(word) | ((<u64>1) << <u64>(j & 63)))
  }
  for (let i: usize = 0; i < <usize>taps; i++) {
    store<f32>(edge + (i << 2), 0)
    store<f32>(edge + ((i + <usize>taps) << 2), i < <usize>kernel ? LOWEST : 0)
    store<f32>(edge + ((i + 2 * <usize>taps) << 2), 0)
  }
  for (let bank = 0; bank < banks; bank++) {
    convolve(plan, bank)
    const before = field(plan, BEFORE + bank)
    for (let position = 0; position < positions; position++) {
      let count = 0
      for (let tap = 0; tap < kernel; tap++) {
        const j = position - before + tap
        if (j >= 0 && j < length) count += isPresent(j)
      }
      store<i32>(counts + (<usize>(bank * positions + position) << 2), count)
    }
    for (let f = 0; f < perBank; f++) {
      const filter = bank * perBank + f
      const record = records + <usize>filter * RECORD
      store<f32>(record, 0)
      store<i32>(record, -1, 4)
      store<f32>(record, floor, 8)
      for (let position = 0; position < positions; position++) {
        if (load<i32>(counts + (<usize>(bank * positions + position) << 2)) == 0) retire(filter, position)
      }
    }
  }
}

/** Values of one bank at every position: sums of table rows, then turned to rows by filter. */
function convolve(plan: usize, bank: i32): void {
  const perBank = field(plan, FILTERS)
  const padded = (perBank + 3) & ~3
  const codes = place(plan, CODES)
  const before = field(plan, BEFORE + bank)
  const table = place(plan, TABLE) + (<usize>(bank * kernel * 6 * padded) << 2)
  const bias = place(plan, BIAS) + (<usize>(bank * padded) << 2)
  const codeBytes = <usize>padded << 2
  for (let position = 0; position < positions; position++) {
    const column = columns + <usize>position * codeBytes
    const from = max(0, before - position)
    const to = min(kernel, length - position + before)
    for (let block: usize = 0; block < codeBytes; block += 32) {
      // Two vectors at a time; the second of an odd last pair is computed in vain.
      const pair = block + 16 < codeBytes
      let a = v128.load(bias + block)
      let b = pair ? v128.load(bias + block, 16) : f32x4.splat(0)
      for (let tap = from; tap < to; tap++) {
        const code = <usize>load<u8>(codes + (position - before + tap))
        const row = table + (<usize>tap * 6 + code) * codeBytes + block
        a = f32x4.add(a, v128.load(row))
        if (pair) b = f32x4.add(b, v128.load(row, 16))
      }
      v128.store(column + block, a)
      if (pair) v128.store(column + block, b, 16)
    }
  }
  for (let f = 0; f < perBank; f++) {
    const row = values + <usize>(bank * perBank + f) * rowBytes
    for (let i: usize = 0; i < rowBytes; i += 16) v128.store(row + i, f32x4.splat(LOWEST))
    const from = columns + (<usize>f << 2)
    const to = row + marginBytes
    for (let position = 0; position < positions; position++) {
      store<f32>(to + (<usize>position << 2), load<f32>(from + <usize>position * codeBytes))
    }
  }
}

/** A position without present bases never changes again: its value becomes part of the filter's floor. */
function retire(filter: i32, position: i32): void {
  const value = values + <usize>filter * rowBytes + marginBytes + (<usize>position << 2)
  const record = records + <usize>filter * RECORD
  store<f32>(record, max(load<f32>(record, 8), load<f32>(value)), 8)
  store<f32>(value, LOWEST)
  if (load<i32>(record, 4) == position) store<i32>(record, -1, 4)
}

/** Deltas of a position's bases, tap by tap: [TAPS] to `to`; 0 where there is no base or it was masked at first. */
@inline function deltaVector(row: usize, mask: usize, at: usize): v128 {
  const tapBytes = <usize>taps << 2
  let x = v128.and(v128.load(row + at), v128.load(mask + at))
  x = v128.or(x, v128.and(v128.load(row + tapBytes + at), v128.load(mask + rowBytes + at)))
  x = v128.or(x, v128.and(v128.load(row + 2 * tapBytes + at), v128.load(mask + 2 * rowBytes + at)))
  x = v128.or(x, v128.and(v128.load(row + 3 * tapBytes + at), v128.load(mask + 3 * rowBytes + at)))
  return v128.or(x, v128.and(v128.load(row + 5 * tapBytes + at), v128.load(mask + 5 * rowBytes + at)))
}

/** Makes the maximum and the differences of one filter anew, and notes what changed for each present candidate. */
function refresh(plan: usize, filter: i32, bank: i32): void {
  const row = values + <usize>filter * rowBytes + marginBytes
  const record = records + <usize>filter * RECORD
  const before = field(plan, BEFORE + bank)
  const floor = load<f32>(record, 8)
  const dmax = load<f32>(ranges + (<usize>filter << 3))
  const dmin = load<f32>(ranges + (<usize>filter << 3), 4)
  const deltaRow = deltas + <usize>filter * 6 * (<usize>taps << 2)
  const tapBytes = <usize>taps << 2
  const vectors = rowVectors

  let m0 = f32x4.splat(floor)
  let m1 = m0
  for (let i = 0, at = row; i < vectors; i++, at += 64) {
    m0 = f32x4.pmax(m0, f32x4.pmax(v128.load(at), v128.load(at, 16)))
    m1 = f32x4.pmax(m1, f32x4.pmax(v128.load(at, 32), v128.load(at, 48)))
  }
  const maximum = largest(f32x4.pmax(m0, m1))

  // Positions that could be the maximum for some candidate.
  const limit = f32x4.splat(maximum + dmin - dmax)
  let peak = -1
  let count: usize = 0
  for (let i = 0, at = row; i < vectors; i++, at += 64) {
    let bits = bits16(
      f32x4.ge(v128.load(at), limit),
      f32x4.ge(v128.load(at, 16), limit),
      f32x4.ge(v128.load(at, 32), limit),
      f32x4.ge(v128.load(at, 48), limit),
    )
    while (bits != 0) {
      const position = (i << 4) + ctz(bits)
      bits &= bits - 1
      store<i32>(listed + (count << 2), position)
      count++
      if (peak < 0 && load<f32>(row + (<usize>position << 2)) == maximum) peak = position
    }
  }
  if (maximum == floor) peak = -1

  // R, the best that others than the peak reach for each candidate, where it can matter.
  const R = rivals + marginBytes
  const floors = f32x4.splat(floor)
  for (let i = 0, at = R; i < vectors; i++, at += 64) {
    v128.store(at, floors)
    v128.store(at, floors, 16)
    v128.store(at, floors, 32)
    v128.store(at, floors, 48)
  }
  let lowest: f32 = 0
  const peakAt = (<isize>(peak - before)) << 2
  if (peak >= 0) {
    const mask = masks + marginBytes + peakAt
    const gone = absent + marginBytes + peakAt
    let least4 = f32x4.splat(0)
    for (let at: usize = 0; at < tapBytes; at += 16) {
      const x = deltaVector(deltaRow, mask, at)
      v128.store(own + at, x)
      least4 = f32x4.pmin(least4, f32x4.add(x, v128.load(gone + at)))
      v128.store(R + peakAt + at, floors)
    }
    lowest = least(least4)
  }
  const worth = maximum + lowest - dmax
  let far = floor
  for (let i: usize = 0; i < count; i++) {
    const position = load<i32>(listed + (i << 2))
    const value = load<f32>(row + (<usize>position << 2))
    if (position == peak || value < worth) continue
    const offset = position - peak
    const near = peak >= 0 && offset < kernel && offset > -kernel
    if (!near) far = max(far, value)
    if (!near && value + dmax <= maximum) continue
    const value4 = f32x4.splat(value)
    const start = (<isize>(position - before)) << 2
    const mask = masks + marginBytes + start
    const rival = R + start
    if (near) {
      // Candidates of the peak's window that this position's window does not hold.
      const reach = edge + ((<usize>(taps - offset)) << 2)
      const peaks = R + peakAt
      for (let at: usize = 0; at < tapBytes; at += 16) {
        v128.store(peaks + at, f32x4.pmax(v128.load(peaks + at), f32x4.add(value4, v128.load(reach + at))))
      }
    }
    for (let at: usize = 0; at < tapBytes; at += 16) {
      const x = f32x4.add(value4, deltaVector(deltaRow, mask, at))
      v128.store(rival + at, f32x4.pmax(v128.load(rival + at), x))
    }
  }

  // R becomes d.
  const maximum4 = f32x4.splat(maximum)
  const zero = f32x4.splat(0)
  let lowestDifference: f32 = 0
  if (peak >= 0) {
    const far4 = f32x4.splat(far)
    const gone = absent + marginBytes + peakAt
    let least4 = zero
    for (let at: usize = 0; at < tapBytes; at += 16) {
      const x = v128.load(own + at)
      const rival = f32x4.pmax(v128.load(R + peakAt + at), far4)
      const d = v128.bitselect(f32x4.sub(rival, maximum4), x, f32x4.gt(rival, f32x4.add(x, maximum4)))
      least4 = f32x4.pmin(least4, f32x4.add(d, v128.load(gone + at)))
      v128.store(own + at, d)
    }
    lowestDifference = least(least4)
  }
  for (let i = 0, at = R; i < vectors; i++, at += 64) {
    v128.store(at, f32x4.pmax(zero, f32x4.sub(v128.load(at), maximum4)))
    v128.store(at, f32x4.pmax(zero, f32x4.sub(v128.load(at, 16), maximum4)), 16)
    v128.store(at, f32x4.pmax(zero, f32x4.sub(v128.load(at, 32), maximum4)), 32)
    v128.store(at, f32x4.pmax(zero, f32x4.sub(v128.load(at, 48), maximum4)), 48)
  }
  if (peak >= 0) {
    const window = R + peakAt
    const end = <usize>kernel << 2
    let at: usize = 0
    for (; at + 16 <= end; at += 16) v128.store(window + at, v128.load(own + at))
    for (; at < end; at += 4) store<f32>(window + at, load<f32>(own + at))
  }

  const D = differences + <usize>filter * rowBytes + marginBytes
  const perBank = field(plan, FILTERS)
  const weights = dense + <usize>(filter - bank * perBank) * units
  for (let i = 0, at: usize = 0; i < vectors; i++, at += 64) {
    let bits = bits16(
      f32x4.ne(v128.load(R + at), v128.load(D + at)),
      f32x4.ne(v128.load(R + at, 16), v128.load(D + at, 16)),
      f32x4.ne(v128.load(R + at, 32), v128.load(D + at, 32)),
      f32x4.ne(v128.load(R + at, 48), v128.load(D + at, 48)),
    )
    bits &= <i32>load<u16>(presentBits + (<usize>i << 1))
    while (bits != 0) {
      const j = (i << 4) + ctz(bits)
      bits &= bits - 1
      const place = <usize>j << 2
      const d = load<f32>(R + place)
      const entry = <usize>(bank * length + j)
      const n = load<i32>(changeCounts + (entry << 2))
      const change = changes + ((entry * <usize>perBank + <usize>n) << 3)
      store<u32>(change, <u32>weights)
      store<f32>(change, d - load<f32>(D + place), 4)
      store<i32>(changeCounts + (entry << 2), n + 1)
      store<f32>(D + place, d)
    }
  }

  const change = maximum - load<f32>(record)
  if (change != 0) {
    const h = hidden + <usize>bank * units
    const c = f32x4.splat(change)
    for (let at: usize = 0; at < units; at += 16) {
      v128.store(h + at, f32x4.add(v128.load(h + at), f32x4.mul(c, v128.load(weights + at))))
    }
  }
  store<f32>(record, maximum)
  store<i32>(record, peak, 4)
  store<f32>(record, maximum + lowestDifference - dmax, 12)
}

/** h from the maxima themselves: sums of changes drift. */
function sumHidden(plan: usize, bank: i32): void {
  const perBank = field(plan, FILTERS)
  const bias = place(plan, DENSE_BIAS)
  const h = hidden + <usize>bank * units
  for (let at: usize = 0; at < units; at += 16) {
    let x = v128.load(bias + at)
    let record = records + <usize>(bank * perBank) * RECORD
    let weights = dense + at
    for (let f = 0; f < perBank; f++) {
      x = f32x4.add(x, f32x4.mul(v128.load32_splat(record), v128.load(weights)))
      record += RECORD
      weights += units
    }
    v128.store(h + at, x)
  }
}

/** The hidden units' inputs of a candidate, brought up to date. */
@inline function correct(bank: i32, j: i32, perBank: i32): usize {
  const entry = <usize>(bank * length + j)
  const c = corrections + entry * units
  const n = load<i32>(changeCounts + (entry << 2))
  if (n == 0) return c
  store<i32>(changeCounts + (entry << 2), 0)
  const first = changes + ((entry * <usize>perBank) << 3)
  const last = first + (<usize>n << 3)
  let at: usize = 0
  for (; at + 128 <= units; at += 128) {
    const to = c + at
    let c0 = v128.load(to)
    let c1 = v128.load(to, 16)
    let c2 = v128.load(to, 32)
    let c3 = v128.load(to, 48)
    let c4 = v128.load(to, 64)
    let c5 = v128.load(to, 80)
    let c6 = v128.load(to, 96)
    let c7 = v128.load(to, 112)
    for (let change = first; change < last; change += 8) {
      const weights = <usize>load<u32>(change) + at
      const d = v128.load32_splat(change, 4)
      c0 = f32x4.add(c0, f32x4.mul(d, v128.load(weights)))
      c1 = f32x4.add(c1, f32x4.mul(d, v128.load(weights, 16)))
      c2 = f32x4.add(c2, f32x4.mul(d, v128.load(weights, 32)))
      c3 = f32x4.add(c3, f32x4.mul(d, v128.load(weights, 48)))
      c4 = f32x4.add(c4, f32x4.mul(d, v128.load(weights, 64)))
      c5 = f32x4.add(c5, f32x4.mul(d, v128.load(weights, 80)))
      c6 = f32x4.add(c6, f32x4.mul(d, v128.load(weights, 96)))
      c7 = f32x4.add(c7, f32x4.mul(d, v128.load(weights, 112)))
    }
    v128.store(to, c0)
    v128.store(to, c1, 16)
    v128.store(to, c2, 32)
    v128.store(to, c3, 48)
    v128.store(to, c4, 64)
    v128.store(to, c5, 80)
    v128.store(to, c6, 96)
    v128.store(to, c7, 112)
  }
  for (; at < units; at += 16) {
    let x = v128.load(c + at)
    for (let change = first; change < last; change += 8) {
      const weights = <usize>load<u32>(change) + at
      x = f32x4.add(x, f32x4.mul(v128.load32_splat(change, 4), v128.load(weights)))
    }
    v128.store(c + at, x)
  }
  return c
}

/** The score before the last activation; after it where that is a softmax or not increasing. */
function score(plan: usize, bank: i32, j: i32): f32 {
  const c = correct(bank, j, field(plan, FILTERS))
  const h = hidden + <usize>bank * units
  const layers = field(plan, LAYERS)
  const last = field(plan, FINAL_ACTIVATION)
  if (layers == 0) {
    if (last == SOFTMAX) {
      for (let at: usize = 0; at < units; at += 16) {
        v128.store(scratch + at, f32x4.add(v128.load(h + at), v128.load(c + at)))
      }
      return softmax(scratch, field(plan, INPUTS), field(plan, OUTPUT))
    }
    const z = load<f32>(h) + load<f32>(c)
    return last == GELU ? activate(GELU, z) : z
  }
  const head = place(plan, HEAD)
  const first = field(plan, FIRST_ACTIVATION)
  if (layers == 1 && load<i32>(head, 4) == 1 && (first == RELU || first == LINEAR)) {
    const weights = plan + <usize>load<i32>(head, 16)
    const floor = f32x4.splat(first == RELU ? 0 : LOWEST)
    let s0 = f32x4.splat(0)
    let s1 = s0
    let at: usize = 0
    for (; at + 32 <= units; at += 32) {
      const x = f32x4.pmax(floor, f32x4.add(v128.load(h + at), v128.load(c + at)))
      const y = f32x4.pmax(floor, f32x4.add(v128.load(h + at, 16), v128.load(c + at, 16)))
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(weights + at)))
      s1 = f32x4.add(s1, f32x4.mul(y, v128.load(weights + at, 16)))
    }
    if (at < units) {
      const x = f32x4.pmax(floor, f32x4.add(v128.load(h + at), v128.load(c + at)))
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(weights + at)))
    }
    const z = sum(f32x4.add(s0, s1)) + load<f32>(plan + <usize>load<i32>(head, 20))
    return last == GELU ? activate(GELU, z) : z
  }
  return scoreOfHead(plan, h, c)
}

/** Any dense layers. */
function scoreOfHead(plan: usize, h: usize, c: usize): f32 {
  const layers = field(plan, LAYERS)
  const inputs = <usize>field(plan, INPUTS) << 2
  let from = scratch
  let to = scratch + inputs
  const first = field(plan, FIRST_ACTIVATION)
  for (let at: usize = 0; at < units; at += 4) {
    store<f32>(from + at, activate(first, load<f32>(h + at) + load<f32>(c + at)))
  }
  let layer = place(plan, HEAD)
  let width = 0
  for (let i = 0; i < layers; i++, layer += 24) {
    const count = load<i32>(layer)
    width = load<i32>(layer, 4)
    const padded = <usize>load<i32>(layer, 8) << 2
    const activation = load<i32>(layer, 12)
    const weights = plan + <usize>load<i32>(layer, 16)
    const bias = plan + <usize>load<i32>(layer, 20)
    if (width == 1) {
      let z: f32 = 0
      for (let k = 0; k < count; k++) z += load<f32>(from + (<usize>k << 2)) * load<f32>(weights + (<usize>k << 2))
      store<f32>(to, z + load<f32>(bias))
    } else {
      for (let at: usize = 0; at < padded; at += 16) {
        let x = f32x4.splat(0)
        for (let k = 0; k < count; k++) {
          const w = weights + <usize>k * padded + at
          x = f32x4.add(x, f32x4.mul(v128.load32_splat(from + (<usize>k << 2)), v128.load(w)))
        }
        v128.store(to + at, f32x4.add(x, v128.load(bias + at)))
      }
    }
    if (i < layers - 1) {
      for (let k = 0; k < width; k++) {
        const at = to + (<usize>k << 2)
        store<f32>(at, activate(activation, load<f32>(at)))
      }
    }
    const done = from
    from = to
    to = done
  }
  const last = field(plan, FINAL_ACTIVATION)
  if (last == SOFTMAX) return softmax(from, width, field(plan, OUTPUT))
  return last == GELU ? activate(GELU, load<f32>(from)) : load<f32>(from)
}

function softmax(values: usize, count: i32, output: i32): f32 {
  let highest = load<f32>(values)
  for (let k = 1; k < count; k++) highest = max(highest, load<f32>(values + (<usize>k << 2)))
  let total: f64 = 0
  for (let k = 0; k < count; k++) total += Math.exp(<f64>(load<f32>(values + (<usize>k << 2)) - highest))
  return <f32>(Math.exp(<f64>(load<f32>(values + (<usize>output << 2)) - highest)) / total)
}

/** The candidate whose masking leaves the score best, ties to the lowest index. Its score goes to `scoreAt`. */
function choose(plan: usize, scoreAt: usize): i32 {
  const banks = field(plan, BANKS)
  const sign = <f32>field(plan, SIGN)
  const last = field(plan, FINAL_ACTIVATION)
  let best = -1
  let bestLogit: f32 = 0
  for (let word = 0; word < (length + 63) >> 6; word++) {
    let bits = load<u64>(presentBits + (<usize>word << 3))
    while (bits != 0) {
      const j = (word << 6) + <i32>ctz(bits)
      bits &= bits - 1
      let z = score(plan, 0, j)
      if (banks > 1) z = max(z, score(plan, 1, j))
      z *= sign
      store<f32>(logits + (<usize>j << 2), z)
      if (best < 0 || z > bestLogit) {
        best = j
        bestLogit = z
      }
    }
  }
  const increasing = last != SOFTMAX && last != GELU
  const top = increasing ? activate(last, bestLogit * sign) : bestLogit * sign
  store<f32>(scoreAt, top)
  if (!increasing || last == LINEAR) return best
  // Different inputs of the last activation can give the same float32 score, which is a tie.
  for (let j = 0; j < best; j++) {
    if (isPresent(j) == 0) continue
    const z = load<f32>(logits + (<usize>j << 2))
    if (mayTie(last, bestLogit * sign, z * sign) && activate(last, z * sign) == top) return j
  }
  return best
}

/** False only where two inputs surely give different float32 results: activations are evaluated for few candidates. */
@inline function mayTie(activation: i32, a: f32, b: f32): bool {
  if (activation == RELU) return a <= 0 && b <= 0
  const gap = abs(a - b)
  if (activation == EXP) return gap < 1e-6 || a < -80
  // The slope of sigmoid and tanh is at least e^(-2|z|) / 4, and a float32 step at most 2^-24 of the result.
  const z = max(abs(a), abs(b))
  return z > 4 || gap < 1e-3
}

/** Masks a base for good: the values change, and the filters that it concerns. */
function maskBase(plan: usize, base: i32): void {
  const banks = field(plan, BANKS)
  const perBank = field(plan, FILTERS)
  const code = <usize>load<u8>(place(plan, CODES) + base)
  const tapBytes = <usize>taps << 2
  const word = presentBits + (<usize>(base >> 6) << 3)
  store<u64>(word, load<u64>(word) & ~((<u64>1) << <u64>(base & 63)))
  store<f32>(absent + marginBytes + (<usize>base << 2), 1e30)
  for (let bank = 0; bank < banks; bank++) {
    const before = field(plan, BEFORE + bank)
    const firstPosition = base + before - kernel + 1
    let row = values + <usize>(bank * perBank) * rowBytes + marginBytes + (<isize>firstPosition << 2)
    let delta = place(plan, REVERSED) + (<usize>(bank * perBank * 6) + code) * tapBytes
    let record = records + <usize>(bank * perBank) * RECORD
    for (let f = 0; f < perBank; f++) {
      const limit = v128.load32_splat(record, 12)
      let concerned = f32x4.splat(0)
      for (let at: usize = 0; at < tapBytes; at += 16) {
        const old = v128.load(row + at)
        const value = f32x4.add(old, v128.load(delta + at))
        v128.store(row + at, value)
        concerned = v128.or(concerned, f32x4.ge(f32x4.pmax(old, value), limit))
      }
      if (v128.any_true(concerned)) refresh(plan, bank * perBank + f, bank)
      row += rowBytes
      delta += 6 * tapBytes
      record += RECORD
    }
    for (let position = max(0, firstPosition); position < min(positions, base + before + 1); position++) {
      const at = counts + (<usize>(bank * positions + position) << 2)
      const count = load<i32>(at) - 1
      store<i32>(at, count)
      if (count == 0) {
        for (let f = 0; f < perBank; f++) retire(bank * perBank + f, position)
      }
    }
  }
}
