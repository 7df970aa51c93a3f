/**
 * P(the best of all offsets and both strands >= s) for the scores that occurred. A sum's distribution over a span of
 * query columns is the convolution of its columns'; what cannot reach the least score asked for is left out.
 *
 * Probabilities that one of several events happens are joined as a + b - ab, which keeps the tiny ones exact.
 */
import { P_VALUES, SCORES } from '../layout/tomtomHeader'
import {
  asked, byWidth, columns, counts, endFloors, ends, limits, MARGIN, place, ranges, SCORE_VALUES, shares, SHARES_BYTES, spans, sumsAfter,
  sumsBefore, tail, targets, width, widths, windowFloors, windows,
} from './tomtomMemory'

/** The floor of what is not asked for. */
const NEVER: i32 = 1 << 30

// Scores asked for.
let lowest: i32 = 0
let highest: i32 = 0
let tableBytes: usize = 0

/** How often each score of a query column occurs, from the least to the largest that do. */
function listShares(): void {
  memory.fill(shares, 0, <usize>width * SHARES_BYTES)
  for (let i: usize = 0; i < <usize>width; i++) {
    const table = counts + (i * SCORE_VALUES << 2)
    let least = 0
    while (load<i32>(table + (<usize>least << 2)) == 0) least++
    let most = SCORE_VALUES - 1
    while (load<i32>(table + (<usize>most << 2)) == 0) most--
    for (let value = least; value <= most; value++) {
      const share = <f64>load<i32>(table + (<usize>value << 2)) / <f64>columns
      store<f64>(shares + i * SHARES_BYTES + (<usize>(value - least) << 3), share)
    }
    store<i32>(ranges + (i << 3), least - 128)
    store<i32>(ranges + (i << 3), most - 128, 4)
  }
}

@inline function leastOf(column: i32): i32 {
  return load<i32>(ranges + (<usize>column << 3))
}

@inline function mostOf(column: i32): i32 {
  return load<i32>(ranges + (<usize>column << 3), 4)
}

/**
 * Sums of `before` and one more column.
 * @param before distribution of sums `low` to `high`, with margins of zeros
 * @param after room for that of sums `newLow` to `newHigh`; what is lower is left out
 */
function convolve(before: usize, low: i32, high: i32, column: i32, after: usize, newLow: i32, newHigh: i32): void {
  const least = leastOf(column)
  const values = mostOf(column) - least + 1
  const sharesOf = shares + <usize>column * SHARES_BYTES
  let to = after
  for (let sum = newLow; sum <= newHigh; sum += 8) {
    const first = max(0, sum - high - least)
    const end = sharesOf + (<usize>min(values, sum + 8 - low - least) << 3)
    let a = f64x2.splat(0)
    let b = a
    let c = a
    let d = a
    let from = before + (<usize>(sum - least - first - low) << 3)
    // Eight shares at once, first each other one: those read the same pairs of sums, moved by one.
    for (let at = sharesOf + (<usize>first << 3); at < end; at += 64, from -= 64) {
      for (let odd: usize = 0; odd < 16; odd += 8) {
        const origin = from - 48 - odd
        const pair0 = v128.load(origin)
        const pair1 = v128.load(origin, 16)
        const pair2 = v128.load(origin, 32)
        const pair3 = v128.load(origin, 48)
        const pair4 = v128.load(origin, 64)
        const pair5 = v128.load(origin, 80)
        const pair6 = v128.load(origin, 96)
        let share = v128.load64_splat(at + odd)
        a = f64x2.add(a, f64x2.mul(share, pair3))
        b = f64x2.add(b, f64x2.mul(share, pair4))
        c = f64x2.add(c, f64x2.mul(share, pair5))
        d = f64x2.add(d, f64x2.mul(share, pair6))
        share = v128.load64_splat(at + odd, 16)
        a = f64x2.add(a, f64x2.mul(share, pair2))
        b = f64x2.add(b, f64x2.mul(share, pair3))
        c = f64x2.add(c, f64x2.mul(share, pair4))
        d = f64x2.add(d, f64x2.mul(share, pair5))
        share = v128.load64_splat(at + odd, 32)
        a = f64x2.add(a, f64x2.mul(share, pair1))
        b = f64x2.add(b, f64x2.mul(share, pair2))
        c = f64x2.add(c, f64x2.mul(share, pair3))
        d = f64x2.add(d, f64x2.mul(share, pair4))
        share = v128.load64_splat(at + odd, 48)
        a = f64x2.add(a, f64x2.mul(share, pair0))
        b = f64x2.add(b, f64x2.mul(share, pair1))
        c = f64x2.add(c, f64x2.mul(share, pair2))
        d = f64x2.add(d, f64x2.mul(share, pair3))
      }
    }
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
    to += 64
  }
  memory.fill(after + (<usize>(newHigh - newLow + 1) << 3), 0, 64)
}

/**
 * Tails of a distribution, into `tail`, from the sum `floor` on.
 * @returns how many of the scores asked for have one above 0
 */
function sumUp(sums: usize, low: i32, high: i32, floor: i32): i32 {
  let total: f64 = 0
  let sum = high
  for (; sum > highest && sum >= low; sum--) total += load<f64>(sums + (<usize>(sum - low) << 3))
  for (const last = max(low, floor); sum >= last; sum--) {
    total += load<f64>(sums + (<usize>(sum - low) << 3))
    store<f64>(tail + (<usize>(sum - lowest) << 3), min(1, total))
  }
  for (; sum >= floor; sum--) store<f64>(tail + (<usize>(sum - lowest) << 3), min(1, total))
  const reached = max(0, min(high, highest) - lowest + 1)
  store<f64>(tail + (<usize>reached << 3), 0) // pairs are joined
  return reached
}

@inline function either(a: v128, b: v128): v128 {
  return f64x2.add(a, f64x2.mul(b, f64x2.sub(f64x2.splat(1), a)))
}

/** Joins tails to a table's, from the score `floor` on. */
function join(table: usize, tails: usize, scores: i32, floor: i32): void {
  const end = table + (<usize>scores << 3)
  const from = (<usize>(floor - lowest) << 3) & ~15
  table += from
  tails += from
  for (; table < end; table += 16, tails += 16) {
    v128.store(table, either(v128.load(table), v128.load(tails)))
  }
}

/** Fills `ends` (prefixes and suffixes of the query) and `windows`, by number of columns. */
function tabulate(): void {
  memory.fill(ends, 0, <usize>(spans + 1) * tableBytes)
  memory.fill(windows, 0, <usize>(spans + 1) * tableBytes)
  memory.fill(sumsBefore, 0, MARGIN)
  memory.fill(sumsAfter, 0, MARGIN)
  for (let start = 0; start < width; start++) {
    const most = min(spans, width - start)
    // The least sum of so many columns from which a score that is asked for can be reached.
    let limit = NEVER
    for (let size = most; size > 0; size--) {
      if (size < most) limit -= mostOf(start + size)
      const isEnd = start == 0 || start + size == width
      limit = min(limit, floorOf(windowFloors, size))
      if (isEnd) limit = min(limit, floorOf(endFloors, size))
      store<i32>(limits + (<usize>size << 2), limit)
    }
    let before = sumsBefore + MARGIN
    let after = sumsAfter + MARGIN
    store<f64>(before, 1)
    memory.fill(before + 8, 0, 64)
    let low = 0
    let high = 0
    for (let size = 1; size <= most; size++) {
      const column = start + size - 1
      const newLow = max(low + leastOf(column), load<i32>(limits + (<usize>size << 2)))
      const newHigh = high + mostOf(column)
      if (newLow > newHigh) break
      convolve(before, low, high, column, after, newLow, newHigh)
      const swap = before
      before = after
      after = swap
      low = newLow
      high = newHigh
      const at = <usize>size * tableBytes
      const windowFloor = floorOf(windowFloors, size)
      const endFloor = floorOf(endFloors, size)
      const isPrefix = start == 0 && endFloor < NEVER
      const isSuffix = start + size == width && endFloor < NEVER
      if (isPrefix || isSuffix) {
        const scores = sumUp(before, low, high, min(windowFloor, endFloor))
        if (isPrefix) join(ends + at, tail, scores, endFloor)
        if (isSuffix) join(ends + at, tail, scores, endFloor)
        if (windowFloor < NEVER) join(windows + at, tail, scores, windowFloor)
      } else if (windowFloor < NEVER) {
        const scores = sumUp(before, low, high, windowFloor)
        join(windows + at, tail, scores, windowFloor)
      }
    }
  }
}

@inline function floorOf(floors: usize, size: i32): i32 {
  return load<i32>(floors + (<usize>size << 2))
}

/** That at least one of `times` such events happens. */
@inline function anyOf(event: v128, times: i32): v128 {
  let result = f64x2.splat(0)
  for (; times > 0; times >>= 1) {
    if (times & 1) result = either(result, event)
    event = either(event, event)
  }
  return result
}

/** The p-values of all targets, from the scores of their best alignments. */
export function tails(plan: usize): void {
  const scores = place(plan, SCORES)
  const pValues = place(plan, P_VALUES)
  lowest = i32.MAX_VALUE
  highest = i32.MIN_VALUE
  for (let size = 0; size <= spans; size++) store<i32>(windowFloors + (<usize>size << 2), NEVER)
  for (let target: usize = 0; target < <usize>targets; target++) {
    const score = load<i32>(scores + (target << 2))
    lowest = min(lowest, score)
    highest = max(highest, score)
    const full = min(width, load<i32>(widths + (target << 2)))
    const at = windowFloors + (<usize>full << 2)
    store<i32>(at, min(load<i32>(at), score))
  }
  let floor = NEVER
  for (let size = spans; size >= 0; size--) {
    store<i32>(endFloors + (<usize>size << 2), floor)
    floor = min(floor, floorOf(windowFloors, size))
  }
  tableBytes = (<usize>(highest - lowest + 2) << 3) & ~15
  listShares()
  tabulate()
  memory.fill(asked, 0, <usize>(highest - lowest + 2))

  // Slid over a target, the query meets it first with a suffix, then with all its windows of the full overlap, then with
  // a prefix: the tables of shorter ends are joined on the way to wider targets.
  let joined = 1
  const shorter = ends // of no columns: nothing, and then all ends so far
  for (let from = 0; from < targets; ) {
    const targetWidth = load<i32>(widths + (<usize>load<i32>(byWidth + (<usize>from << 2)) << 2))
    let to = from
    let least = i32.MAX_VALUE
    let most = i32.MIN_VALUE
    for (; to < targets; to++) {
      const at = <usize>load<i32>(byWidth + (<usize>to << 2)) << 2
      if (load<i32>(widths + at) != targetWidth) break
      const score = load<i32>(scores + at)
      least = min(least, score)
      most = max(most, score)
      store<u8>(asked + <usize>(score - lowest), 1)
    }
    const full = min(width, targetWidth)
    for (; joined < full; joined++) join(shorter, ends + <usize>joined * tableBytes, highest - lowest + 1, lowest)
    const times = max(1, targetWidth - width + 1)
    const window = windows + <usize>full * tableBytes
    let larger: f64 = 0
    for (let score = (most - lowest) | 1; score >= least - lowest; score -= 2) {
      const pairAsked = asked + <usize>(score - 1)
      if (load<u16>(pairAsked) == 0) continue
      store<u16>(pairAsked, 0)
      const at = <usize>(score - 1) << 3
      const either1 = either(v128.load(shorter + at), anyOf(v128.load(window + at), times))
      const pair = either(either1, either1) // two strands
      // Rounding must not turn the order of two scores round.
      larger = max(larger, f64x2.extract_lane(pair, 1))
      store<f64>(tail + at, larger, 8)
      larger = max(larger, f64x2.extract_lane(pair, 0))
      store<f64>(tail + at, larger)
    }
    for (; from < to; from++) {
      const at = <usize>load<i32>(byWidth + (<usize>from << 2))
      const score = load<i32>(scores + (at << 2))
      store<f64>(pValues + (at << 3), load<f64>(tail + (<usize>(score - lowest) << 3)))
    }
  }
}
