/**
 * P(the best of all offsets and both strands >= s) for the scores that occurred. A sum's distribution over a span of
 * query columns is the convolution of its columns'; what cannot reach the least score asked for is left out.
 *
 * Probabilities that one of several events happens are joined as a + b - ab, which keeps the tiny ones exact.
 */
import { P_VALUES, SCORES } from '../layout/tomtomHeader'
import {
  asked, byWidth, endFloors, ends, limits, MARGIN, place, spans, sumsAfter, sumsBefore, tail, targets, width, widths, windowFloors, windows,
} from './tomtomMemory'
import { begin, convolve, fillBelow, leastOf, listShares, MOST_VALUES, mostOf } from './tomtomSums'
import { either, joinInnerWindows, listAsked } from './tomtomWindows'

/** The floor of what is not asked for. */
const NEVER: i32 = 1 << 30

// Scores asked for.
let lowest: i32 = 0
let highest: i32 = 0
let tableBytes: usize = 0

/** Joins tails to a table's, of the scores `floor` to `reached`. @param tails where that of the lowest asked for would be */
function join(table: usize, tails: usize, floor: i32, reached: i32): void {
  if (floor > reached) return
  const end = table + (<usize>(reached + 1 - lowest) << 3)
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
  joinEnds(1, 0, spans)
  joinEnds(-1, width - 1, min(spans, width - 1))
  joinInnerWindows(lowest, tableBytes)
}

/** Joins the tails of all prefixes, or suffixes, of so many columns at most to those of ends and of windows. */
function joinEnds(direction: i32, first: i32, most: i32): void {
  // The least sum of so many columns from which a score that is asked for can be reached.
  let limit = NEVER
  for (let size = most; size > 0; size--) {
    if (size < most) limit -= mostOf(first + direction * size)
    limit = min(limit, min(limitAt(windowFloors, size), limitAt(endFloors, size)))
    store<i32>(limits + (<usize>size << 2), limit)
  }
  let before = sumsBefore + MARGIN
  let after = sumsAfter + MARGIN
  begin(before, 1)
  fillBelow(after, 1)
  let low = 0
  let high = 0
  for (let size = 1; size <= most; size++) {
    const column = first + direction * (size - 1)
    const newLow = max(low + leastOf(column), limitAt(limits, size))
    const newHigh = high + mostOf(column)
    if (newLow > newHigh) break
    convolve(before, low, high, column, after, newLow, newHigh, MOST_VALUES)
    const swap = before
    before = after
    after = swap
    low = newLow
    high = newHigh
    const at = <usize>size * tableBytes
    const tails = before + (<usize>(lowest - low) << 3)
    const reached = min(high, highest)
    join(ends + at, tails, limitAt(endFloors, size), reached)
    join(windows + at, tails, limitAt(windowFloors, size), reached)
  }
}

@inline function limitAt(table: usize, size: i32): i32 {
  return load<i32>(table + (<usize>size << 2))
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
  for (let size: usize = 0; size <= <usize>spans; size++) {
    store<i32>(windowFloors + (size << 2), NEVER)
  }
  for (let target: usize = 0; target < <usize>targets; target++) {
    const score = load<i32>(scores + (target << 2))
    lowest = min(lowest, score)
    highest = max(highest, score)
    const full = min(width, load<i32>(widths + (target << 2)))
    store<i32>(windowFloors + (<usize>full << 2), min(limitAt(windowFloors, full), score))
  }
  let floor = NEVER
  for (let size = spans; size >= 0; size--) {
    store<i32>(endFloors + (<usize>size << 2), floor)
    floor = min(floor, limitAt(windowFloors, size))
  }
  tableBytes = (<usize>(highest - lowest + 2) << 3) & ~15
  listShares()
  memory.fill(asked, 0, <usize>(highest - lowest + 2))
  listAsked(plan, lowest)
  tabulate()

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
    for (; joined < full; joined++) join(shorter, ends + <usize>joined * tableBytes, lowest, highest)
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
      larger = max(larger, min(1, f64x2.extract_lane(pair, 1)))
      store<f64>(tail + at, larger, 8)
      larger = max(larger, min(1, f64x2.extract_lane(pair, 0)))
      store<f64>(tail + at, larger)
    }
    for (; from < to; from++) {
      const at = <usize>load<i32>(byWidth + (<usize>from << 2))
      const score = load<i32>(scores + (at << 2))
      store<f64>(pValues + (at << 3), load<f64>(tail + (<usize>(score - lowest) << 3)))
    }
  }
}
