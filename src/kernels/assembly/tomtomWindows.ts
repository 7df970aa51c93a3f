/**
 * P(sum >= s) of the windows of the query that touch neither of its ends, for the few scores that targets of their width have.
 *
 * All windows with the middle column are a piece that ends before it and a piece that begins with it. So few distributions,
 * those of the pieces, give all windows: P(sum >= s) = sum over x of P(left = x) P(right >= s - x). Those without the middle
 * column are on its one side or on its other, which have middles of their own.
 */
import { SCORES } from '../layout/tomtomHeader'
import {
  asked, askedEnds, askedScores, byWidth, MARGIN, pieceBytes, pieceRanges, pieces, place, spans, sumsAfter, sumsBefore, targets, width,
  widths, windows,
} from './tomtomMemory'
import { begin, convolve, fillBelow, leastOf, mostOf } from './tomtomSums'

/** Sums that are multiplied at once. */
const BLOCK: i32 = 8

let lowest: i32 = 0
let tableBytes: usize = 0
/** Columns of the narrowest target. */
let narrowest: i32 = 0

/** That one of two events happens. */
@inline export function either(a: v128, b: v128): v128 {
  return f64x2.add(a, f64x2.mul(b, f64x2.sub(f64x2.splat(1), a)))
}

/** Lists the scores of the targets of each width that is less than the query's, each once. `asked` is zero before and after. */
export function listAsked(plan: usize, lowestScore: i32): void {
  lowest = lowestScore
  const scores = place(plan, SCORES)
  memory.fill(askedEnds, 0, <usize>(spans + 1) << 3)
  narrowest = load<i32>(widths + (<usize>load<i32>(byWidth) << 2))
  let to = askedScores
  for (let from = 0; from < targets; ) {
    const targetWidth = load<i32>(widths + (<usize>load<i32>(byWidth + (<usize>from << 2)) << 2))
    if (targetWidth >= width) break
    const start = to
    for (; from < targets; from++) {
      const at = <usize>load<i32>(byWidth + (<usize>from << 2)) << 2
      if (load<i32>(widths + at) != targetWidth) break
      const score = load<i32>(scores + at)
      const mark = asked + <usize>(score - lowest)
      if (load<u8>(mark)) continue
      store<u8>(mark, 1)
      store<i32>(to, score)
      to += 4
    }
    for (let at = start; at < to; at += 4) store<u8>(asked + <usize>(load<i32>(at) - lowest), 0)
    store<i32>(askedEnds + (<usize>targetWidth << 3), <i32>start)
    store<i32>(askedEnds + (<usize>targetWidth << 3), <i32>to, 4)
  }
}

/** Joins their tails to `windows`. @param bytes of a table of all scores, from `lowest` on */
export function joinInnerWindows(lowestScore: i32, bytes: usize): void {
  lowest = lowestScore
  tableBytes = bytes
  joinWithin(1, width - 1)
}

function joinWithin(from: i32, to: i32): void {
  if (to - from < narrowest) return
  const middle = (from + to) >> 1
  joinAcross(from, middle, to)
  joinWithin(from, middle)
  joinWithin(middle + 1, to)
}

/** Joins the windows that have the middle column. */
function joinAcross(from: i32, middle: i32, to: i32): void {
  layPieces(middle, min(to, middle + spans))
  let before = sumsBefore + MARGIN
  let after = sumsAfter + MARGIN
  begin(before, 0)
  fillBelow(after, 0)
  let low = 0
  let high = 0
  for (let start = middle; ; ) {
    const last = min(to, start + spans)
    for (let end = max(middle + 1, start + narrowest); end <= last; end++) {
      joinWindow(before, low, high, end - middle, end - start)
    }
    if (--start < max(from, middle + 1 - spans)) break
    const newLow = low + leastOf(start)
    const newHigh = high + mostOf(start)
    convolve(before, low, high, start, after, newLow, newHigh, 0)
    const swap = before
    before = after
    after = swap
    low = newLow
    high = newHigh
  }
}

/** Fills `pieces` with the tails of the columns from the middle on, by their number: from the largest sum down, then ones. */
function layPieces(middle: i32, to: i32): void {
  let before = sumsBefore + MARGIN
  let after = sumsAfter + MARGIN
  begin(before, 0)
  fillBelow(after, 0)
  let low = 0
  let high = 0
  for (let column = middle; column < to; column++) {
    const newLow = low + leastOf(column)
    const newHigh = high + mostOf(column)
    convolve(before, low, high, column, after, newLow, newHigh, 0)
    const swap = before
    before = after
    after = swap
    low = newLow
    high = newHigh
    const piece = <usize>(column - middle)
    store<i32>(pieceRanges + (piece << 3), low)
    store<i32>(pieceRanges + (piece << 3), high, 4)
    let to = pieces + piece * pieceBytes
    let total: f64 = 0
    for (let at = before + (<usize>(high - low) << 3); at >= before; at -= 8) {
      total += load<f64>(at)
      store<f64>(to, total)
      to += 8
    }
    for (let i = 0; i < BLOCK; i++) store<f64>(to + (<usize>i << 3), 1)
  }
}

/**
 * Joins a window to the tables of its number of columns.
 * @param left how often each sum, `low` to `high`, of its columns before the middle occurs; zeros follow
 * @param columns from the middle on
 * @param size of the window
 */
function joinWindow(left: usize, low: i32, high: i32, columns: i32, size: i32): void {
  const piece = <usize>(columns - 1)
  const rightLow = load<i32>(pieceRanges + (piece << 3))
  const rightHigh = load<i32>(pieceRanges + (piece << 3), 4)
  const right = pieces + piece * pieceBytes
  const table = windows + <usize>size * tableBytes
  const end = <usize>load<i32>(askedEnds + (<usize>size << 3), 4)
  for (let asks = <usize>load<i32>(askedEnds + (<usize>size << 3)); asks < end; asks += 4) {
    const score = load<i32>(asks)
    let sum = max(low, score - rightHigh)
    if (sum > high) continue
    let a = f64x2.splat(0)
    let b = a
    let c = a
    let d = a
    let at = right + (<usize>(rightHigh - score + sum) << 3)
    let from = left + (<usize>(sum - low) << 3)
    for (const last = min(high, score - rightLow); sum <= last; sum += BLOCK) {
      a = f64x2.add(a, f64x2.mul(v128.load(from), v128.load(at)))
      b = f64x2.add(b, f64x2.mul(v128.load(from, 16), v128.load(at, 16)))
      c = f64x2.add(c, f64x2.mul(v128.load(from, 32), v128.load(at, 32)))
      d = f64x2.add(d, f64x2.mul(v128.load(from, 48), v128.load(at, 48)))
      from += BLOCK << 3
      at += BLOCK << 3
    }
    a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d))
    let total = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)
    // With these any sum of the others is enough.
    for (; sum <= high; sum++, from += 8) total += load<f64>(from)
    const to = table + (<usize>(score - lowest) << 3)
    const joined = load<f64>(to)
    store<f64>(to, joined + total * (1 - joined))
  }
}
