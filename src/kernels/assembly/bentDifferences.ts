/**
 * Maxima and activations of the differences kernel: where differences become others. Where winner and sign stay, the
 * difference behind is the difference before, bit for bit.
 */
import { LINEAR, RELU } from '../layout/activationCodes'
import { CONSTANT, TRANSIENT } from '../layout/blockKinds'
import { NOTHING, ROW } from '../layout/differencesHeader'
import {
  ACTIVATED,
  ACTIVATION,
  AFTER,
  BEFORE,
  INPUT,
  OUTPUT,
  PADDING,
  READOUT,
  SIZE,
  STRIDE,
} from '../layout/differencesOperation'
import { KIND, POSITION_COUNT, REFERENCE, WIDTH } from '../layout/differencesValue'
import {
  blockOf,
  candidateAt,
  changesOf,
  field,
  high,
  hullAt,
  isTransient,
  logits,
  low,
  LOWEST,
  place,
  plan,
  size,
  state,
  sum,
  valueAt,
} from './differencesMemory'
import { poolHigh, poolLow, readRow } from './linearDifferences'
import { activateVector } from './vectorActivations'

export function bend(operation: usize, count: i32, afresh: bool, masked: i32): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const rowBytes = size(input, WIDTH) << 2
  const kind = field(output, KIND)
  const readout = size(operation, READOUT)
  const all = afresh || isTransient(operation)
  const work = place(ROW)
  const rectifier =
    field(operation, ACTIVATION) == RELU && field(operation, SIZE) == 1 && field(operation, STRIDE) == 1
  const single = readout != 0 && rectifier && field(input, POSITION_COUNT) == 1
  const reference = state + size(input, REFERENCE)
  // Of one row the sum itself is as good as the sum of differences, and half the work.
  const total = single ? rectifiedSum(reference, place(NOTHING), plan + readout, rowBytes) : 0
  for (let slot = 0; slot < count; slot++) {
    const candidate = candidateAt(slot)
    const lowest = low(output, candidate)
    const highest = high(output, candidate)
    let from = lowest
    let to = highest
    if (!all) {
      from = i32.MAX_VALUE
      to = -1
      if (field(input, KIND) != CONSTANT) {
        const hull = hullAt(input, slot)
        const begin = load<i32>(hull)
        const end = load<i32>(hull, 4)
        if (begin <= end) {
          from = max(poolLow(operation, begin), lowest)
          to = min(poolHigh(operation, end), highest)
        }
      }
      if (masked >= 0) {
        const begin = max(low(output, masked), lowest)
        const end = min(high(output, masked), highest)
        if (begin <= end) {
          from = min(from, begin)
          to = max(to, end)
        }
      }
    }
    const block = blockOf(input, candidate, slot)
    if (readout != 0) {
      if (from > to) continue
      if (single) {
        const sum = rectifiedSum(reference, block, plan + readout, rowBytes)
        store<f64>(logits + (<usize>candidate << 3), <f64>sum - <f64>total)
        continue
      }
      let total: f64 = 0
      for (let p = lowest; p <= highest; p++) {
        bendRow(operation, input, output, candidate, p, block, work)
        total += <f64>readRow(work, plan + readout + <usize>p * rowBytes, rowBytes)
      }
      store<f64>(logits + (<usize>candidate << 3), total)
      continue
    }
    const hull = hullAt(output, slot)
    const changes = changesOf(output, candidate, slot)
    if (kind == TRANSIENT) {
      for (let p = from; p <= to; p++) {
        bendRow(operation, input, output, candidate, p, block, changes + <usize>p * rowBytes)
      }
      store<i32>(hull, from)
      store<i32>(hull, to, 4)
      continue
    }
    const kept = blockOf(output, candidate, slot)
    let begin = i32.MAX_VALUE
    let end: i32 = -1
    for (let p = from; p <= to; p++) {
      const row = <usize>p * rowBytes
      if (rectifier) {
        if (!rectifyRow(reference + row, block + row, kept + row, changes + row, rowBytes)) continue
        begin = min(begin, p)
        end = p
        continue
      }
      bendRow(operation, input, output, candidate, p, block, work)
      let different = f32x4.splat(0)
      for (let k: usize = 0; k < rowBytes; k += 16) {
        const now = v128.load(work + k)
        const change = f32x4.sub(now, v128.load(kept + row + k))
        v128.store(kept + row + k, now)
        v128.store(changes + row + k, change)
        different = v128.or(different, f32x4.ne(change, f32x4.splat(0)))
      }
      if (v128.any_true(different)) {
        begin = min(begin, p)
        end = p
      }
    }
    store<i32>(hull, begin)
    store<i32>(hull, end, 4)
  }
}

/** Brings a kept row behind a rectifier up to date. @returns whether it changed */
function rectifyRow(reference: usize, difference: usize, kept: usize, changes: usize, rowBytes: usize): bool {
  const zero = f32x4.splat(0)
  let different = zero
  for (let k: usize = 0; k < rowBytes; k += 16) {
    const now = rectified(v128.load(reference + k), v128.load(difference + k))
    const change = f32x4.sub(now, v128.load(kept + k))
    v128.store(kept + k, now)
    v128.store(changes + k, change)
    different = v128.or(different, change)
  }
  // Minus zero counts as a change, which does no harm.
  return v128.any_true(different)
}

/** The difference behind a rectifier: where it is open before and after, the same one bit for bit. */
@inline function rectified(before: v128, difference: v128): v128 {
  const zero = f32x4.splat(0)
  const after = f32x4.add(before, difference)
  const both = f32x4.gt(f32x4.min(before, after), zero)
  return v128.bitselect(difference, f32x4.sub(f32x4.max(after, zero), f32x4.max(before, zero)), both)
}

/** The weighted sum of a rectified row and its difference. */
export function rectifiedSum(reference: usize, difference: usize, weights: usize, rowBytes: usize): f32 {
  const zero = f32x4.splat(0)
  let a = zero
  let b = zero
  let k: usize = 0
  for (; k + 32 <= rowBytes; k += 32) {
    const x = f32x4.add(v128.load(reference + k), v128.load(difference + k))
    const y = f32x4.add(v128.load(reference + k, 16), v128.load(difference + k, 16))
    a = f32x4.add(a, f32x4.mul(f32x4.max(x, zero), v128.load(weights + k)))
    b = f32x4.add(b, f32x4.mul(f32x4.max(y, zero), v128.load(weights + k, 16)))
  }
  if (k < rowBytes) {
    const x = f32x4.add(v128.load(reference + k), v128.load(difference + k))
    a = f32x4.add(a, f32x4.mul(f32x4.max(x, zero), v128.load(weights + k)))
  }
  return sum(f32x4.add(a, b))
}

/** The difference that a candidate makes to one row of a BEND's output. */
function bendRow(
  operation: usize,
  input: usize,
  output: usize,
  candidate: i32,
  position: i32,
  block: usize,
  to: usize,
): void {
  const rowBytes = size(input, WIDTH) << 2
  const activation = field(operation, ACTIVATION)
  const reference = state + size(input, REFERENCE)
  const activated = state + size(operation, ACTIVATED) + <usize>position * rowBytes
  const zero = f32x4.splat(0)
  if (field(operation, SIZE) == 1 && field(operation, STRIDE) == 1) {
    const row = <usize>position * rowBytes
    if (activation == RELU) {
      for (let k: usize = 0; k < rowBytes; k += 16) {
        v128.store(to + k, rectified(v128.load(reference + row + k), v128.load(block + row + k)))
      }
      return
    }
    for (let k: usize = 0; k < rowBytes; k += 16) {
      const after = f32x4.add(v128.load(reference + row + k), v128.load(block + row + k))
      v128.store(to + k, f32x4.sub(activateVector(activation, after), v128.load(activated + k)))
    }
    return
  }
  const windowFirst = low(input, candidate)
  const windowLast = high(input, candidate)
  let from = max(position * field(operation, STRIDE) - field(operation, PADDING), 0)
  let end = min(
    position * field(operation, STRIDE) - field(operation, PADDING) + field(operation, SIZE),
    field(input, POSITION_COUNT),
  )
  const everything = field(operation, BEFORE) >= 0
  if (everything) {
    from = windowFirst
    end = windowLast + 1
  }
  const before = state + size(operation, BEFORE) + <usize>windowFirst * rowBytes
  const after = state + size(operation, AFTER) + <usize>windowLast * rowBytes
  for (let k: usize = 0; k < rowBytes; k += 16) {
    // The winners of the reference and of the candidate: value, position, the candidate's difference there.
    let winner = f32x4.splat(LOWEST)
    let winnerAt = i32x4.splat(-1)
    let next = winner
    let nextAt = winnerAt
    let nextDifference = zero
    for (let q = from; q < end; q++) {
      const at = <usize>q * rowBytes + k
      const value = v128.load(reference + at)
      const difference = q >= windowFirst && q <= windowLast ? v128.load(block + at) : zero
      const changed = f32x4.add(value, difference)
      const here = i32x4.splat(q)
      const wins = f32x4.gt(value, winner)
      winner = v128.bitselect(value, winner, wins)
      winnerAt = v128.bitselect(here, winnerAt, wins)
      const winsNext = f32x4.gt(changed, next)
      next = v128.bitselect(changed, next, winsNext)
      nextAt = v128.bitselect(here, nextAt, winsNext)
      nextDifference = v128.bitselect(difference, nextDifference, winsNext)
    }
    if (everything) {
      const outside = f32x4.max(v128.load(before + k), v128.load(after + k))
      const wins = f32x4.gt(outside, winner)
      winner = v128.bitselect(outside, winner, wins)
      winnerAt = v128.bitselect(i32x4.splat(-1), winnerAt, wins)
      const winsNext = f32x4.gt(outside, next)
      next = v128.bitselect(outside, next, winsNext)
      nextAt = v128.bitselect(i32x4.splat(-1), nextAt, winsNext)
      nextDifference = v128.bitselect(zero, nextDifference, winsNext)
    }
    const same = i32x4.eq(winnerAt, nextAt)
    const difference = v128.bitselect(nextDifference, f32x4.sub(next, winner), same)
    if (activation == LINEAR) v128.store(to + k, difference)
    else if (activation == RELU) {
      const both = v128.and(f32x4.gt(winner, zero), f32x4.gt(next, zero))
      const other = f32x4.sub(f32x4.max(next, zero), f32x4.max(winner, zero))
      v128.store(to + k, v128.bitselect(difference, other, both))
    } else {
      v128.store(to + k, f32x4.sub(activateVector(activation, next), v128.load(activated + k)))
    }
  }
}
