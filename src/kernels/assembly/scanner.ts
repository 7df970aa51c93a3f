/**
 * Backward selection of scanners: one convolution over bases, a rectifier or none, the global maximum, dense layers.
 *
 * Filters are taken 16 at a time (a block: four vectors). What is kept of a block for the reference (what is masked so
 * far): the value v of each filter at each position, running maxima from both ends, the maximum M; for each candidate j
 * the best value within its window if it were masked too, by quarters of the window, and the difference
 * d[j] = (maximum with j masked too) - M. Masking i changes v where a window holds i, and so only the quarters of
 * candidates near by. The first dense layer is linear: a candidate's inputs of the hidden units are h + c[j], with h
 * from M, and c[j] kept up to date by the changes of d alone. ../../engine/README.md tells it at length; planScanner.ts
 * lays out the memory, ./scannerMemory.ts tells what lies where.
 */
import {
  BEFORE,
  BIAS,
  CODES,
  DELTAS,
  DENSE_BIAS,
  FEATURES,
  PRESENT,
  SCORES,
  TABLE,
  TAPS,
} from '../layout/scannerHeader'
import { bits16, fill, runLeft, runRight } from './blocks'
import { correctFar, runMaxima, takeLargestChanged, takeProspects } from './farCandidates'
import { chooseBest, keepFourScores, scoreFour, storeScores, units } from './head'
import {
  banks,
  BLOCK,
  blockOf,
  blockOfPositions,
  blocks,
  candidates,
  changed,
  changes,
  corrections,
  dense,
  differences,
  field,
  floor,
  followsFar,
  fresh,
  fromLeft,
  fromRight,
  hidden,
  kernel,
  largestAfter,
  largestBefore,
  lay,
  length,
  LOWEST,
  maxima,
  NOWHERE,
  peaks,
  place,
  positions,
  quarters,
  rivals,
  rowBytes,
  rowsBytes,
  spans,
  taps,
  values,
  within,
} from './scannerMemory'

export { workBytes } from './scannerMemory'


/** Present candidates. */
let count: i32 = 0

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
    scoreCandidates(plan)
    const index = chooseBest(count, scores + (<usize>step << 2))
    const base = load<i32>(candidates + (<usize>index << 2))
    store<i32>(features + (<usize>step << 2), base)
    store<u8>(place(plan, PRESENT) + base, 0)
    count--
    const hole = candidates + (<usize>index << 2)
    memory.copy(hole, hole + 4, <usize>(count - index) << 2)
    if (count > 0) {
      for (let bank = 0; bank < banks; bank++) {
        fill(within + <usize>(bank * length + base) * rowBytes, <usize>blocks * BLOCK, LOWEST)
        maskBase(plan, bank, base)
      }
    }
  }
  return total
}

/** The score of the input at CODES with each present base masked alone, in their order. @returns how many there are */
export function scoreEach(plan: usize): i32 {
  lay(plan)
  begin(plan)
  for (let bank = 0; bank < banks; bank++) sumHidden(plan, bank)
  scoreCandidates(plan)
  storeScores(count, place(plan, SCORES))
  return count
}

/** Of both strands the larger score counts. */
function scoreCandidates(plan: usize): void {
  for (let bank = 0; bank < banks; bank++) correctCandidates(bank, field(plan, BEFORE + bank))
  const ofOtherStrand = corrections + <usize>length * units
  for (let index = 0; index < count; index += 4) {
    // The last ones repeat: a score is the same whatever is scored with it.
    const c0 = correctionOf(index)
    const c1 = correctionOf(index + 1)
    const c2 = correctionOf(index + 2)
    const c3 = correctionOf(index + 3)
    let z = scoreFour(hidden, corrections + c0, corrections + c1, corrections + c2, corrections + c3)
    if (banks > 1) {
      const h = hidden + units
      const c = ofOtherStrand
      z = f32x4.max(z, scoreFour(h, c + c0, c + c1, c + c2, c + c3))
    }
    keepFourScores(index, z)
  }
}

@inline function correctionOf(index: i32): usize {
  return <usize>load<i32>(candidates + (<usize>min(index, count - 1) << 2)) * units
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
  memory.fill(differences, 0, <usize>(banks * length) * rowBytes)
  memory.fill(maxima, 0, <usize>banks * rowBytes)
  memory.fill(changed, 0, (<usize>blocks << 1) + 8)
  fill(within, <usize>(banks * length) * rowBytes, LOWEST)
  fill(values, <usize>banks * rowsBytes, LOWEST)
  fill(fromLeft, <usize>banks * rowsBytes, floor)
  fill(fromRight, <usize>banks * rowsBytes, floor)
  if (followsFar) {
    fill(peaks, <usize>banks * rowBytes, NOWHERE)
    fill(rivals, <usize>banks * rowBytes, LOWEST)
  }
  for (let bank = 0; bank < banks; bank++) {
    for (let block = 0; block < blocks; block++) convolve(plan, bank, block)
    // All windows, whatever part of them has no positions.
    update(plan, bank, -taps, positions + taps)
  }
}

/** Values of a block at every position: sums of table rows. */
function convolve(plan: usize, bank: i32, block: i32): void {
  const codes = place(plan, CODES)
  const before = field(plan, BEFORE + bank)
  const table = place(plan, TABLE) + <usize>((bank * blocks + block) * kernel * 6) * BLOCK
  const bias = place(plan, BIAS) + <usize>block * BLOCK
  const rows = values + <usize>bank * rowsBytes + <usize>block * BLOCK
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
      x0 = i32x4.add(x0, v128.load(row))
      x1 = i32x4.add(x1, v128.load(row, 16))
      x2 = i32x4.add(x2, v128.load(row, 32))
      x3 = i32x4.add(x3, v128.load(row, 48))
    }
    const at = rows + <usize>(position + taps) * rowBytes
    v128.store(at, x0)
    v128.store(at, x1, 16)
    v128.store(at, x2, 32)
    v128.store(at, x3, 48)
  }
}

/** Masks a base for good. */
function maskBase(plan: usize, bank: i32, base: i32): void {
  const before = field(plan, BEFORE + bank)
  const code = <usize>load<u8>(place(plan, CODES) + base)
  const from = max(0, base + before - kernel + 1)
  const to = min(positions - 1, base + before)
  if (from > to) {
    setSpan(bank, i32.MAX_VALUE, i32.MIN_VALUE)
    return
  }
  if (followsFar) takeLargestChanged(bank, from, to, largestBefore)
  for (let block = 0; block < blocks; block++) {
    // Position p is at tap base + before - p of the base's window; deltas have the last of TAPS taps first.
    const rows = place(plan, DELTAS) + (<usize>(bank * blocks + block) * 6 + code) * <usize>taps * BLOCK
    let delta = rows + <usize>(taps - 1 - base - before + from) * BLOCK
    let at = values + <usize>bank * rowsBytes + <usize>(from + taps) * rowBytes + <usize>block * BLOCK
    for (let position = from; position <= to; position++) {
      v128.store(at, i32x4.add(v128.load(at), v128.load(delta)))
      v128.store(at, i32x4.add(v128.load(at, 16), v128.load(delta, 16)), 16)
      v128.store(at, i32x4.add(v128.load(at, 32), v128.load(delta, 32)), 32)
      v128.store(at, i32x4.add(v128.load(at, 48), v128.load(delta, 48)), 48)
      at += rowBytes
      delta += BLOCK
    }
  }
  update(plan, bank, from, to)
}

function setSpan(bank: i32, from: i32, to: i32): void {
  const span = spans + (<usize>bank << 3)
  store<i32>(span, from)
  store<i32>(span, to, 4)
}

/** Values have changed at positions [from, to]: maxima, h, and what candidates near by find in their windows. */
function update(plan: usize, bank: i32, from: i32, to: i32): void {
  const before = field(plan, BEFORE + bank)
  const first = max(0, from)
  const last = min(positions - 1, to)
  setSpan(bank, from, to)
  if (followsFar) takeLargestChanged(bank, first, last, largestAfter)
  for (let block = 0; block < blocks; block++) {
    const offset = blockOfPositions(0, bank, block)
    if (followsFar) {
      runMaxima(bank, block, first, last)
      correctFar(plan, bank, block, from, to)
      takeMaxima(bank, block, fresh + <usize>block * BLOCK)
    } else {
      const left = offset + <usize>first * rowBytes
      runLeft(values + left, fromLeft + left, rowBytes, positions - first)
      const right = offset + <usize>last * rowBytes
      runRight(values + right, fromRight + right, rowBytes, last + 1)
      takeMaxima(bank, block, fromLeft + offset + <usize>(positions - 1) * rowBytes)
    }
    const deltas = place(plan, DELTAS) + <usize>((bank * blocks + block) * 6) * <usize>taps * BLOCK
    lookWithin(plan, bank, block, before, from, to, values + offset, deltas)
    if (followsFar) takeProspects(bank, block, from - before, to - before + taps - 1)
  }
}

/** Takes a block's new maxima over, and h with them. */
function takeMaxima(bank: i32, block: i32, from: usize): void {
  const to = blockOf(maxima, bank, rowBytes, block)
  const h = hidden + <usize>bank * units
  const weights = dense + <usize>block * 16 * units
  const m0 = v128.load(from)
  const m1 = v128.load(from, 16)
  const m2 = v128.load(from, 32)
  const m3 = v128.load(from, 48)
  let bits = bits16(
    i32x4.ne(m0, v128.load(to)),
    i32x4.ne(m1, v128.load(to, 16)),
    i32x4.ne(m2, v128.load(to, 32)),
    i32x4.ne(m3, v128.load(to, 48)),
  )
  while (bits != 0) {
    const lane = <usize>ctz(bits)
    bits &= bits - 1
    const change = f32x4.splat(<f32>(load<i32>(from + (lane << 2)) - load<i32>(to + (lane << 2))))
    const row = weights + lane * units
    for (let at: usize = 0; at < units; at += 16) {
      v128.store(h + at, f32x4.add(v128.load(h + at), f32x4.mul(change, v128.load(row + at))))
    }
  }
  v128.store(to, m0)
  v128.store(to, m1, 16)
  v128.store(to, m2, 32)
  v128.store(to, m3, 48)
}

/** The candidates whose windows meet [from, to] look within the quarters that do again. */
function lookWithin(plan: usize, bank: i32, block: i32, before: i32, from: i32, to: i32, rows: usize, deltas: usize): void {
  const codes = place(plan, CODES)
  const size = taps >> 2
  const stride = rowBytes
  const windowBytes = <usize>taps * BLOCK
  const sizeBytes = <usize>size * BLOCK
  const quarterBytes = <usize>blocks * 4 * BLOCK
  const quarterOfFirst = quarters + (<usize>(bank * length) * <usize>blocks + <usize>block) * 4 * BLOCK
  const bestOfFirst = within + <usize>(bank * length) * stride + <usize>block * BLOCK
  const end = candidates + (<usize>count << 2)
  for (let candidate = candidates; candidate < end; candidate += 4) {
    const j = load<i32>(candidate)
    const first = j + before - taps + 1
    if (first > to) break
    if (j + before < from) continue
    const delta = deltas + <usize>load<u8>(codes + j) * windowBytes
    const quarter = quarterOfFirst + <usize>j * quarterBytes
    let at = rows + <isize>first * <isize>stride
    let change = delta
    let lastPosition = first + size - 1
    for (let best = quarter; best < quarter + 4 * BLOCK; best += BLOCK, lastPosition += size) {
      if (lastPosition < from) {
        at += <usize>size * stride
        change += sizeBytes
        continue
      }
      if (lastPosition - size + 1 > to) break
      let x0 = i32x4.splat(LOWEST)
      let x1 = x0
      let x2 = x0
      let x3 = x0
      const stop = change + sizeBytes
      // One position a round: with more loads a round, V8 runs out of registers (measured: 10 cycles instead of 5).
      do {
        x0 = i32x4.max_s(x0, i32x4.add(v128.load(at), v128.load(change)))
        x1 = i32x4.max_s(x1, i32x4.add(v128.load(at, 16), v128.load(change, 16)))
        x2 = i32x4.max_s(x2, i32x4.add(v128.load(at, 32), v128.load(change, 32)))
        x3 = i32x4.max_s(x3, i32x4.add(v128.load(at, 48), v128.load(change, 48)))
        at += stride
        change += BLOCK
      } while (change < stop)
      v128.store(best, x0)
      v128.store(best, x1, 16)
      v128.store(best, x2, 32)
      v128.store(best, x3, 48)
    }
    const best = bestOfFirst + <usize>j * stride
    v128.store(best, bestQuarter(quarter))
    v128.store(best, bestQuarter(quarter + 16), 16)
    v128.store(best, bestQuarter(quarter + 32), 32)
    v128.store(best, bestQuarter(quarter + 48), 48)
  }
}

@inline function bestQuarter(quarter: usize): v128 {
  return i32x4.max_s(
    i32x4.max_s(v128.load(quarter), v128.load(quarter, 64)),
    i32x4.max_s(v128.load(quarter, 128), v128.load(quarter, 192)),
  )
}

/** Brings the differences of candidates up to date; of those near by where the others are already. */
function correctCandidates(bank: i32, before: i32): void {
  const end = candidates + (<usize>count << 2)
  const from = load<i32>(spans + (<usize>bank << 3))
  const to = load<i32>(spans + (<usize>bank << 3), 4)
  const far = followsFar
  for (let candidate = candidates; candidate < end; candidate += 4) {
    const last = load<i32>(candidate) + before
    if (far) {
      if (last < from) continue
      if (last - taps + 1 > to) break
    }
    correct(bank, last - before, last)
  }
}

/** Brings a candidate's differences and its c up to date; `last` is the last position of its window. */
function correct(bank: i32, j: i32, last: i32): void {
  const entry = <usize>(bank * length + j)
  const stride = rowBytes
  const rows = <usize>bank * rowsBytes + <usize>taps * stride
  let right = fromRight + rows + <isize>(last + 1) * <isize>stride
  let left = fromLeft + rows + <isize>(last - taps) * <isize>stride
  let best = within + entry * stride
  const d = differences + entry * stride
  let maximum = maxima + <usize>bank * stride
  let old = d
  const differencesNow = fresh
  let to = differencesNow
  let bits = changed
  const end = best + <usize>blocks * BLOCK
  // What changed is told by bits, without branches; few of them are set. Each difference is stored before the next is
  // made: V8 keeps the order of loads and stores, and else would load everything first and run out of registers.
  for (; best < end; best += BLOCK) {
    const d0 = difference(best, left, right, maximum)
    v128.store(to, d0)
    const same0 = i32x4.eq(d0, v128.load(old))
    const d1 = difference(best + 16, left + 16, right + 16, maximum + 16)
    v128.store(to, d1, 16)
    const same1 = i32x4.eq(d1, v128.load(old, 16))
    const d2 = difference(best + 32, left + 32, right + 32, maximum + 32)
    v128.store(to, d2, 32)
    const same2 = i32x4.eq(d2, v128.load(old, 32))
    const d3 = difference(best + 48, left + 48, right + 48, maximum + 48)
    v128.store(to, d3, 48)
    const same3 = i32x4.eq(d3, v128.load(old, 48))
    store<u16>(bits, <u16>~bits16(same0, same1, same2, same3))
    left += BLOCK
    right += BLOCK
    maximum += BLOCK
    old += BLOCK
    to += BLOCK
    bits += 2
  }
  const first = changes
  let change = first
  const rowOfWeights = units
  let weights = dense
  let offset: usize = 0
  for (let word = changed; word < bits; word += 8) {
    let rest = load<u64>(word)
    while (rest != 0) {
      const lane = <usize>ctz(rest)
      rest &= rest - 1
      const at = offset + (lane << 2)
      const x = load<i32>(differencesNow + at)
      store<u32>(change, <u32>(weights + lane * rowOfWeights))
      store<f32>(change, <f32>(x - load<i32>(d + at)), 4)
      store<i32>(d + at, x)
      change += 8
    }
    offset += 256
    weights += rowOfWeights << 6
  }
  if (change > first) apply(corrections + entry * units, first, change)
}

@inline function difference(best: usize, left: usize, right: usize, maximum: usize): v128 {
  return i32x4.sub(i32x4.max_s(i32x4.max_s(v128.load(best), v128.load(left)), v128.load(right)), v128.load(maximum))
}

/** Adds rows of `dense`, as told from `first` to `last`. */
function apply(c: usize, first: usize, last: usize): void {
  let at: usize = 0
  for (; at + 64 <= units; at += 64) {
    const to = c + at
    let c0 = v128.load(to)
    let c1 = v128.load(to, 16)
    let c2 = v128.load(to, 32)
    let c3 = v128.load(to, 48)
    let change = first
    do {
      const weights = <usize>load<u32>(change) + at
      const x = v128.load32_splat(change, 4)
      c0 = f32x4.add(c0, f32x4.mul(x, v128.load(weights)))
      c1 = f32x4.add(c1, f32x4.mul(x, v128.load(weights, 16)))
      c2 = f32x4.add(c2, f32x4.mul(x, v128.load(weights, 32)))
      c3 = f32x4.add(c3, f32x4.mul(x, v128.load(weights, 48)))
      change += 8
    } while (change < last)
    v128.store(to, c0)
    v128.store(to, c1, 16)
    v128.store(to, c2, 32)
    v128.store(to, c3, 48)
  }
  for (; at < units; at += 16) {
    let x = v128.load(c + at)
    for (let change = first; change < last; change += 8) {
      const weights = <usize>load<u32>(change) + at
      x = f32x4.add(x, f32x4.mul(v128.load32_splat(change, 4), v128.load(weights)))
    }
    v128.store(c + at, x)
  }
}

/** h from the maxima themselves. */
function sumHidden(plan: usize, bank: i32): void {
  const bias = place(plan, DENSE_BIAS)
  const h = hidden + <usize>bank * units
  const filters = blocks << 4
  for (let at: usize = 0; at < units; at += 16) {
    let x = v128.load(bias + at)
    let maximum = maxima + <usize>bank * rowBytes
    let weights = dense + at
    for (let f = 0; f < filters; f++) {
      x = f32x4.add(x, f32x4.mul(f32x4.splat(<f32>load<i32>(maximum)), v128.load(weights)))
      maximum += 4
      weights += units
    }
    v128.store(h + at, x)
  }
}

