/**
 * Backward selection of scanners: one convolution over bases, a rectifier or none, the global maximum, dense layers.
 *
 * Filters are taken 16 at a time (a block: four vectors). What is kept of a block for the reference (what is masked so
 * far): the value v of each filter at each position, running maxima from both ends, the maximum M; for each candidate j
 * the best value within its window if it were masked too, by quarters of the window, and the difference
 * d[j] = (maximum with j masked too) - M. Masking i changes v where a window holds i, and so only the quarters of
 * candidates near by. The first dense layer is linear: a candidate's inputs of the hidden units are h + c[j], with h
 * from M, and c[j] kept up to date by the changes of d alone. ../../engine/README.md tells it at length; planScanner.ts
 * lays out the memory.
 */
import { activate, EXP, GELU, LINEAR, RELU, SOFTMAX } from './activations'

/** Stands for minus infinity: sums with it stay far below any value. */
const LOWEST: f32 = -1e30

// Fields of the header, int32 each; places are offsets from the plan.
const LENGTH = 0
const BANKS = 1
const FILTERS = 2 // of a bank, rounded up to a multiple of 16
const TAPS = 3 // kernel size, rounded up to a multiple of 8
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
const TABLE = 19 // [banks][blocks][KERNEL][6][16] weights of each code
const DELTAS = 20 // [banks][blocks][6][TAPS][16] background - base, the last tap first; 0 before the kernel's last tap
const BIAS = 21 // [FILTERS]
const NOISE = 22 // [FILTERS] differences of d that are rounding
const DENSE = 23 // [FILTERS][UNITS]
const DENSE_BIAS = 24 // [UNITS]
const HEAD = 25 // LAYERS times: inputs, units, padded units, activation, weights, bias (int32 each)
const WORK = 26
const INPUTS = 27 // floats of the longest layer of the head

/** Bytes of a block at one position. */
const BLOCK: usize = 64

let length: i32 = 0
let banks: i32 = 0
let blocks: i32 = 0 // of a bank
let taps: i32 = 0
let kernel: i32 = 0
let positions: i32 = 0
let floor: f32 = 0
let units: usize = 0 // bytes
let dense: usize = 0

// Work space; each array of blocks has them one after another, all positions or candidates of one together.
let values: usize = 0 // [banks × blocks][taps + positions + taps]
let fromLeft: usize = 0 // the same: the largest value up to a position
let fromRight: usize = 0 // the same: the largest value from a position on
let rowsBytes: usize = 0 // bytes of these for one block
let within: usize = 0 // [banks × blocks][L][5]: best in a candidate's window, and in its quarters
let differences: usize = 0 // [banks × blocks][L]
let maxima: usize = 0 // [banks × blocks]
let candidates: usize = 0 // [L] present bases, ascending
let count: i32 = 0
let fresh: usize = 0 // [16]
let hidden: usize = 0 // [banks][UNITS]
let corrections: usize = 0 // [banks][L][UNITS]
let scratch: usize = 0 // two layers of the head
let logits: usize = 0 // [L]

@inline function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline function place(plan: usize, index: i32): usize {
  return plan + <usize>field(plan, index)
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

function lay(plan: usize): void {
  length = field(plan, LENGTH)
  banks = field(plan, BANKS)
  blocks = field(plan, FILTERS) >> 4
  taps = field(plan, TAPS)
  kernel = field(plan, KERNEL)
  positions = field(plan, POSITIONS)
  floor = field(plan, FLOOR) != 0 ? 0 : LOWEST
  units = <usize>field(plan, UNITS) << 2
  dense = place(plan, DENSE)
  const all = <usize>(banks * blocks)
  const L = <usize>length
  rowsBytes = <usize>(positions + 2 * taps) * BLOCK
  next = place(plan, WORK)
  values = reserve(all * rowsBytes)
  fromLeft = reserve(all * rowsBytes)
  fromRight = reserve(all * rowsBytes)
  within = reserve(all * L * 5 * BLOCK)
  differences = reserve(all * L * BLOCK)
  maxima = reserve(all * BLOCK)
  candidates = reserve(L << 2)
  hidden = reserve(<usize>banks * units)
  corrections = reserve(<usize>banks * L * units)
  fresh = reserve(BLOCK)
  scratch = reserve(<usize>field(plan, INPUTS) << 3)
  logits = reserve(L << 2)
}

/** @returns bytes of work space that a plan needs; the planner asks before it runs anything */
export function workBytes(plan: usize): f64 {
  lay(plan)
  return <f64>(next - place(plan, WORK))
}

/** Backward selection of the input at CODES. @returns the number of features masked */
export function select(plan: usize): i32 {
  lay(plan)
  begin(plan)
  const features = place(plan, FEATURES)
  const scores = place(plan, SCORES)
  const total = count
  for (let step = 0; step < total; step++) {
    // The sums of changes drift.
    if ((step & 7) == 0) {
      for (let bank = 0; bank < banks; bank++) sumHidden(plan, bank)
    }
    const index = choose(plan, scores + (<usize>step << 2))
    const base = load<i32>(candidates + (<usize>index << 2))
    store<i32>(features + (<usize>step << 2), base)
    count--
    const hole = candidates + (<usize>index << 2)
    memory.copy(hole, hole + 4, <usize>(count - index) << 2)
    if (count == 0) break
    const code = load<u8>(place(plan, CODES) + base)
    for (let bank = 0; bank < banks; bank++) {
      const before = field(plan, BEFORE + bank)
      for (let block = 0; block < blocks; block++) maskBase(plan, bank, block, before, base, code)
    }
  }
  return total
}

/** The state of the input as given. */
function begin(plan: usize): void {
  const codes = place(plan, CODES)
  const present = place(plan, PRESENT)
  count = 0
  for (let j = 0; j < length; j++) {
    if (load<u8>(present + j) == 0) store<u8>(codes + j, 4)
    else {
      store<i32>(candidates + (<usize>count << 2), j)
      count++
    }
  }
  memory.fill(corrections, 0, <usize>(banks * length) * units)
  memory.fill(hidden, 0, <usize>banks * units)
  memory.fill(differences, 0, <usize>(banks * blocks * length) * BLOCK)
  for (let bank = 0; bank < banks; bank++) {
    const before = field(plan, BEFORE + bank)
    for (let block = 0; block < blocks; block++) {
      const b = bank * blocks + block
      convolve(plan, bank, block, before)
      fillRows(fromLeft + <usize>b * rowsBytes, floor)
      fillRows(fromRight + <usize>b * rowsBytes, floor)
      const at = maxima + <usize>b * BLOCK
      v128.store(at, f32x4.splat(0))
      v128.store(at, f32x4.splat(0), 16)
      v128.store(at, f32x4.splat(0), 32)
      v128.store(at, f32x4.splat(0), 48)
      update(plan, bank, block, before, 0, positions - 1)
    }
  }
}

function fillRows(rows: usize, value: f32): void {
  const x = f32x4.splat(value)
  for (let at = rows; at < rows + rowsBytes; at += 16) v128.store(at, x)
}

/** Values of a block at every position: sums of table rows. */
function convolve(plan: usize, bank: i32, block: i32, before: i32): void {
  const codes = place(plan, CODES)
  const b = <usize>(bank * blocks + block)
  const table = place(plan, TABLE) + b * <usize>(kernel * 6) * BLOCK
  const bias = place(plan, BIAS) + <usize>block * BLOCK
  const rows = values + b * rowsBytes
  fillRows(rows, LOWEST)
  for (let position = 0; position < positions; position++) {
    const from = max(0, before - position)
    const to = min(kernel, length - position + before)
    let x0 = v128.load(bias)
    let x1 = v128.load(bias, 16)
    let x2 = v128.load(bias, 32)
    let x3 = v128.load(bias, 48)
    for (let tap = from; tap < to; tap++) {
      const code = <usize>load<u8>(codes + (position - before + tap))
      const row = table + (<usize>tap * 6 + code) * BLOCK
      x0 = f32x4.add(x0, v128.load(row))
      x1 = f32x4.add(x1, v128.load(row, 16))
      x2 = f32x4.add(x2, v128.load(row, 32))
      x3 = f32x4.add(x3, v128.load(row, 48))
    }
    const to4 = rows + <usize>(position + taps) * BLOCK
    v128.store(to4, x0)
    v128.store(to4, x1, 16)
    v128.store(to4, x2, 32)
    v128.store(to4, x3, 48)
  }
}

/** Masks a base for good, in one block. */
function maskBase(plan: usize, bank: i32, block: i32, before: i32, base: i32, code: u8): void {
  const b = <usize>(bank * blocks + block)
  const from = max(0, base + before - kernel + 1)
  const to = min(positions - 1, base + before)
  // Position p is at tap base + before - p of the base's window; deltas have the last of TAPS taps first.
  const delta = place(plan, DELTAS) + (b * 6 + <usize>code) * <usize>taps * BLOCK
  let at = values + b * rowsBytes + <usize>(from + taps) * BLOCK
  let change = delta + <usize>(taps - 1 - base - before + from) * BLOCK
  for (let position = from; position <= to; position++) {
    v128.store(at, f32x4.add(v128.load(at), v128.load(change)))
    v128.store(at, f32x4.add(v128.load(at, 16), v128.load(change, 16)), 16)
    v128.store(at, f32x4.add(v128.load(at, 32), v128.load(change, 32)), 32)
    v128.store(at, f32x4.add(v128.load(at, 48), v128.load(change, 48)), 48)
    at += BLOCK
    change += BLOCK
  }
  if (from <= to) update(plan, bank, block, before, from, to)
}

/** Values of a block have changed at positions [from, to]: all that follows from them. */
function update(plan: usize, bank: i32, block: i32, before: i32, from: i32, to: i32): void {
  const b = <usize>(bank * blocks + block)
  const offset = b * rowsBytes + <usize>taps * BLOCK
  const last = <usize>(positions - 1) * BLOCK

  // Running maxima: from the left beginning with `from`, from the right beginning with `to`.
  {
    let at = offset + <usize>from * BLOCK
    let x0 = v128.load(fromLeft + at - BLOCK)
    let x1 = v128.load(fromLeft + at - BLOCK, 16)
    let x2 = v128.load(fromLeft + at - BLOCK, 32)
    let x3 = v128.load(fromLeft + at - BLOCK, 48)
    for (; at <= offset + last; at += BLOCK) {
      x0 = f32x4.pmax(x0, v128.load(values + at))
      x1 = f32x4.pmax(x1, v128.load(values + at, 16))
      x2 = f32x4.pmax(x2, v128.load(values + at, 32))
      x3 = f32x4.pmax(x3, v128.load(values + at, 48))
      v128.store(fromLeft + at, x0)
      v128.store(fromLeft + at, x1, 16)
      v128.store(fromLeft + at, x2, 32)
      v128.store(fromLeft + at, x3, 48)
    }
  }
  {
    let at = offset + <usize>to * BLOCK
    let x0 = v128.load(fromRight + at + BLOCK)
    let x1 = v128.load(fromRight + at + BLOCK, 16)
    let x2 = v128.load(fromRight + at + BLOCK, 32)
    let x3 = v128.load(fromRight + at + BLOCK, 48)
    for (; at >= offset; at -= BLOCK) {
      x0 = f32x4.pmax(x0, v128.load(values + at))
      x1 = f32x4.pmax(x1, v128.load(values + at, 16))
      x2 = f32x4.pmax(x2, v128.load(values + at, 32))
      x3 = f32x4.pmax(x3, v128.load(values + at, 48))
      v128.store(fromRight + at, x0)
      v128.store(fromRight + at, x1, 16)
      v128.store(fromRight + at, x2, 32)
      v128.store(fromRight + at, x3, 48)
    }
  }

  // M, and h with it.
  const maximum = maxima + b * BLOCK
  const weights = dense + <usize>block * 16 * units
  const all = fromLeft + offset + last
  const m0 = v128.load(all)
  const m1 = v128.load(all, 16)
  const m2 = v128.load(all, 32)
  const m3 = v128.load(all, 48)
  let bits = bits16(
    f32x4.ne(m0, v128.load(maximum)),
    f32x4.ne(m1, v128.load(maximum, 16)),
    f32x4.ne(m2, v128.load(maximum, 32)),
    f32x4.ne(m3, v128.load(maximum, 48)),
  )
  while (bits != 0) {
    const lane = <usize>ctz(bits)
    bits &= bits - 1
    addRow(hidden + <usize>bank * units, weights + lane * units, load<f32>(all + (lane << 2)) - load<f32>(maximum + (lane << 2)))
  }
  v128.store(maximum, m0)
  v128.store(maximum, m1, 16)
  v128.store(maximum, m2, 32)
  v128.store(maximum, m3, 48)

  // Candidates whose windows meet [from, to] look within them again; all compare with what is outside.
  const codes = place(plan, CODES)
  const deltas = place(plan, DELTAS) + b * 6 * <usize>taps * BLOCK
  const noise = place(plan, NOISE) + <usize>block * BLOCK
  const e0 = v128.load(noise)
  const e1 = v128.load(noise, 16)
  const e2 = v128.load(noise, 32)
  const e3 = v128.load(noise, 48)
  const sign = i32x4.splat(0x7fffffff)
  const quarter = taps >> 2
  const windowBytes = <usize>taps * BLOCK
  for (let index = 0; index < count; index++) {
    const j = load<i32>(candidates + (<usize>index << 2))
    const entry = b * <usize>length + <usize>j
    const best = within + entry * 5 * BLOCK
    const first = j + before - taps + 1
    const window = offset + (<isize>first * <isize>BLOCK)
    if (first <= to && j + before >= from) {
      const delta = deltas + <usize>load<u8>(codes + j) * windowBytes
      const fromQuarter = max(0, (from - first) / quarter)
      const toQuarter = min(3, (to - first) / quarter)
      for (let q = fromQuarter; q <= toQuarter; q++) lookWithin(values + window, delta, q * quarter, quarter, best + <usize>(q + 1) * BLOCK)
      v128.store(best, bestQuarter(best))
      v128.store(best, bestQuarter(best + 16), 16)
      v128.store(best, bestQuarter(best + 32), 32)
      v128.store(best, bestQuarter(best + 48), 48)
    }
    const left = fromLeft + window - BLOCK
    const right = fromRight + window + windowBytes
    const d = differences + entry * BLOCK
    const d0 = f32x4.sub(f32x4.pmax(f32x4.pmax(v128.load(best), v128.load(left)), v128.load(right)), m0)
    const d1 = f32x4.sub(f32x4.pmax(f32x4.pmax(v128.load(best, 16), v128.load(left, 16)), v128.load(right, 16)), m1)
    const d2 = f32x4.sub(f32x4.pmax(f32x4.pmax(v128.load(best, 32), v128.load(left, 32)), v128.load(right, 32)), m2)
    const d3 = f32x4.sub(f32x4.pmax(f32x4.pmax(v128.load(best, 48), v128.load(left, 48)), v128.load(right, 48)), m3)
    const c0 = f32x4.sub(d0, v128.load(d))
    const c1 = f32x4.sub(d1, v128.load(d, 16))
    const c2 = f32x4.sub(d2, v128.load(d, 32))
    const c3 = f32x4.sub(d3, v128.load(d, 48))
    let changed = bits16(
      f32x4.gt(v128.and(c0, sign), e0),
      f32x4.gt(v128.and(c1, sign), e1),
      f32x4.gt(v128.and(c2, sign), e2),
      f32x4.gt(v128.and(c3, sign), e3),
    )
    if (changed != 0) correct(bank, j, d, changed, d0, d1, d2, d3, weights)
  }
}

@inline function bestQuarter(best: usize): v128 {
  return f32x4.pmax(
    f32x4.pmax(v128.load(best, 64), v128.load(best, 128)),
    f32x4.pmax(v128.load(best, 192), v128.load(best, 256)),
  )
}

/** The best value of some positions of a window, its candidate masked: two positions at a time. */
@inline function lookWithin(window: usize, delta: usize, first: i32, size: i32, to: usize): void {
  let at = window + <usize>first * BLOCK
  let change = delta + <usize>first * BLOCK
  const end = at + <usize>size * BLOCK
  let x0 = f32x4.splat(LOWEST)
  let x1 = x0
  let x2 = x0
  let x3 = x0
  while (at < end) {
    x0 = f32x4.pmax(x0, f32x4.add(v128.load(at), v128.load(change)))
    x1 = f32x4.pmax(x1, f32x4.add(v128.load(at, 16), v128.load(change, 16)))
    x2 = f32x4.pmax(x2, f32x4.add(v128.load(at, 32), v128.load(change, 32)))
    x3 = f32x4.pmax(x3, f32x4.add(v128.load(at, 48), v128.load(change, 48)))
    x0 = f32x4.pmax(x0, f32x4.add(v128.load(at, 64), v128.load(change, 64)))
    x1 = f32x4.pmax(x1, f32x4.add(v128.load(at, 80), v128.load(change, 80)))
    x2 = f32x4.pmax(x2, f32x4.add(v128.load(at, 96), v128.load(change, 96)))
    x3 = f32x4.pmax(x3, f32x4.add(v128.load(at, 112), v128.load(change, 112)))
    at += 128
    change += 128
  }
  v128.store(to, x0)
  v128.store(to, x1, 16)
  v128.store(to, x2, 32)
  v128.store(to, x3, 48)
}

@inline function addRow(to: usize, row: usize, factor: f32): void {
  const c = f32x4.splat(factor)
  for (let at: usize = 0; at < units; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(c, v128.load(row + at))))
  }
}

/** Takes new differences of a candidate over, of the filters whose bits are set, and what they change of its c. */
@inline function correct(
  bank: i32,
  j: i32,
  d: usize,
  bits: i32,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  weights: usize,
): void {
  const c = corrections + <usize>(bank * length + j) * units
  v128.store(fresh, d0)
  v128.store(fresh, d1, 16)
  v128.store(fresh, d2, 32)
  v128.store(fresh, d3, 48)
  while (bits != 0) {
    const lane = <usize>ctz(bits) << 2
    bits &= bits - 1
    const x = load<f32>(fresh + lane)
    addRow(c, weights + (lane >> 2) * units, x - load<f32>(d + lane))
    store<f32>(d + lane, x)
  }
}

/** h from the maxima themselves. */
function sumHidden(plan: usize, bank: i32): void {
  const bias = place(plan, DENSE_BIAS)
  const h = hidden + <usize>bank * units
  const filters = blocks << 4
  for (let at: usize = 0; at < units; at += 16) {
    let x = v128.load(bias + at)
    let maximum = maxima + <usize>(bank * blocks) * BLOCK
    let weights = dense + at
    for (let f = 0; f < filters; f++) {
      x = f32x4.add(x, f32x4.mul(v128.load32_splat(maximum), v128.load(weights)))
      maximum += 4
      weights += units
    }
    v128.store(h + at, x)
  }
}

/** The score before the last activation; after it where that is a softmax or not increasing. */
function score(plan: usize, bank: i32, j: i32): f32 {
  const c = corrections + <usize>(bank * length + j) * units
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

/** Index of the candidate whose masking leaves the score best, ties to the lowest. Its score goes to `scoreAt`. */
function choose(plan: usize, scoreAt: usize): i32 {
  const sign = <f32>field(plan, SIGN)
  const last = field(plan, FINAL_ACTIVATION)
  let best = -1
  let bestLogit: f32 = 0
  for (let index = 0; index < count; index++) {
    const j = load<i32>(candidates + (<usize>index << 2))
    let z = score(plan, 0, j)
    if (banks > 1) z = max(z, score(plan, 1, j))
    z *= sign
    store<f32>(logits + (<usize>index << 2), z)
    if (best < 0 || z > bestLogit) {
      best = index
      bestLogit = z
    }
  }
  const increasing = last != SOFTMAX && last != GELU
  const top = increasing ? activate(last, bestLogit * sign) : bestLogit * sign
  store<f32>(scoreAt, top)
  if (!increasing || last == LINEAR) return best
  // Different inputs of the last activation can give the same float32 score, which is a tie.
  for (let index = 0; index < best; index++) {
    const z = load<f32>(logits + (<usize>index << 2))
    if (mayTie(last, bestLogit * sign, z * sign) && activate(last, z * sign) == top) return index
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
