/**
 * Long sequences: candidates whose windows do not meet the positions that masking changes. Of these only few filters'
 * differences change, and they are found from the filters.
 *
 * Let P be a position with the maximum M of a filter. Outside a window without P the largest value is M, and so
 * d[j] = max(0, within[j] - M): it changes with M alone, and only where within[j] was above the old M or is above the
 * new one. Windows with P (at most TAPS of them) depend on what lies outside; no less than the *rival*, the largest value
 * of the segments that no such window meets. While the rival is above all that changed, before and after, they stay.
 */
import { BEFORE, PRESENT } from '../layout/scannerHeader'
import { bits16, runLeft, runRight, takeLargest } from './blocks'
import { units } from './head'
import {
  BLOCK,
  blockOf,
  blockOfPositions,
  blocks,
  corrections,
  dense,
  differences,
  field,
  floor,
  fresh,
  fromLeft,
  fromRight,
  largestAfter,
  largestBefore,
  leftOfWindow,
  length,
  LOWEST,
  maxima,
  NOWHERE,
  peaks,
  place,
  positions,
  prospectCount,
  prospects,
  rightOfWindow,
  rivals,
  rowBytes,
  SEGMENT,
  segmentCount,
  segmentOf,
  segments,
  taps,
  values,
  within,
} from './scannerMemory'

/** The largest value of each filter at positions [from, to]; before masking changes them and after. */
export function takeLargestChanged(bank: i32, from: i32, to: i32, row: usize): void {
  for (let block = 0; block < blocks; block++) {
    const at = blockOfPositions(values, bank, block) + <usize>from * rowBytes
    takeLargest(at, rowBytes, to - from + 1, LOWEST, row + <usize>block * BLOCK)
  }
}

/** Values of a block have changed at positions [from, to]: what lies outside of windows near by; maxima to `fresh`. */
export function runMaxima(bank: i32, block: i32, from: i32, to: i32): void {
  const stride = rowBytes
  const offset = blockOfPositions(0, bank, block)
  const ofSegments = blockOf(segments, bank, <usize>segmentCount * stride, block)
  for (let segment = segmentOf(from); segment <= segmentOf(to); segment++) {
    const first = segment * SEGMENT
    const at = values + offset + <usize>first * stride
    takeLargest(at, stride, min(SEGMENT, positions - first), LOWEST, ofSegments + <usize>segment * stride)
  }
  const left = segmentOf(max(0, from - taps))
  const right = segmentOf(min(positions - 1, to + taps)) + 1
  const first = left * SEGMENT
  const end = min(positions, right * SEGMENT)
  takeLargest(ofSegments, stride, left, floor, fromLeft + offset + <isize>(first - 1) * <isize>stride)
  takeLargest(
    ofSegments + <usize>right * stride,
    stride,
    segmentCount - right,
    floor,
    fromRight + offset + <usize>end * stride,
  )
  const start = offset + <usize>first * stride
  runLeft(values + start, fromLeft + start, stride, to - first + 1)
  const last = offset + <usize>(end - 1) * stride
  runRight(values + last, fromRight + last, stride, end - from)
  const row = fresh + <usize>block * BLOCK
  const l = fromLeft + offset + <usize>to * stride
  const r = fromRight + offset + <usize>(to + 1) * stride
  v128.store(row, i32x4.max_s(v128.load(l), v128.load(r)))
  v128.store(row, i32x4.max_s(v128.load(l, 16), v128.load(r, 16)), 16)
  v128.store(row, i32x4.max_s(v128.load(l, 32), v128.load(r, 32)), 32)
  v128.store(row, i32x4.max_s(v128.load(l, 48), v128.load(r, 48)), 48)
}

/** Brings a block's differences of far candidates up to date. `fresh` has the new maxima, `maxima` still the old ones. */
export function correctFar(plan: usize, bank: i32, block: i32, from: i32, to: i32): void {
  const column = <usize>block * BLOCK
  let bits = bits16(
    isMoved(bank, column),
    isMoved(bank, column + 16),
    isMoved(bank, column + 32),
    isMoved(bank, column + 48),
  )
  while (bits != 0) {
    correctFilter(plan, bank, column + (<usize>ctz(bits) << 2), from, to)
    bits &= bits - 1
  }
}

/** Which of four filters have another maximum, or changed where the rival did not stay above. */
@inline function isMoved(bank: i32, column: usize): v128 {
  const row = <usize>bank * rowBytes + column
  const rival = v128.load(rivals + row)
  return v128.or(
    i32x4.ne(v128.load(fresh + column), v128.load(maxima + row)),
    v128.or(
      i32x4.ge_s(v128.load(largestBefore + column), rival),
      i32x4.gt_s(v128.load(largestAfter + column), rival),
    ),
  )
}

/** A filter is told by the bytes before it in a row, `column`. */
function correctFilter(plan: usize, bank: i32, column: usize, from: i32, to: i32): void {
  const row = <usize>bank * rowBytes + column
  const maximum = load<i32>(fresh + column)
  const oldMaximum = load<i32>(maxima + row)
  const oldPeak = load<i32>(peaks + row)
  const peak = findPeak(bank, column, maximum, oldPeak)
  store<i32>(peaks + row, peak)
  const before = field(plan, BEFORE + bank)
  const present = place(plan, PRESENT)
  if (peak == NOWHERE) store<i32>(rivals + row, i32.MAX_VALUE)
  else {
    const low = segmentOf(max(0, peak - taps + 1))
    const high = segmentOf(min(positions - 1, peak + taps - 1)) + 1
    const rival = largestOutside(bank, column, low, high)
    store<i32>(rivals + row, rival)
    // Else windows with the peak are not far.
    if (peak < from || peak > to) {
      lookOutside(bank, column, rival, peak, low * SEGMENT, min(positions, high * SEGMENT) - 1)
      const first = peak - before
      for (let k = max(0, -first); k < min(taps, length - first); k++) {
        if (load<u8>(present + (first + k)) == 0 || meets(peak + k, from, to)) continue
        const at = <usize>k << 2
        setDifference(bank, first + k, column, max(load<i32>(leftOfWindow + at), load<i32>(rightOfWindow + at)), maximum)
      }
    }
  }
  if (maximum == oldMaximum) return
  if (oldPeak != NOWHERE && oldPeak != peak) {
    const first = oldPeak - before
    for (let k = max(0, -first); k < min(taps, length - first); k++) {
      const last = oldPeak + k
      if (load<u8>(present + (first + k)) == 0 || meets(last, from, to) || meets(last, peak, peak)) continue
      setDifference(bank, first + k, column, maximum, maximum)
    }
  }
  const least = min(oldMaximum, maximum)
  const ofProspects = prospects + <usize>(bank * prospectCount) * rowBytes + column
  for (let prospect = 0; prospect < prospectCount; prospect++) {
    if (load<i32>(ofProspects + <usize>prospect * rowBytes) <= least) continue
    const end = min(length, (prospect + 1) * SEGMENT)
    for (let j = prospect * SEGMENT; j < end; j++) {
      const last = j + before
      if (load<u8>(present + j) == 0 || meets(last, from, to) || meets(last, peak, peak)) continue
      setDifference(bank, j, column, maximum, maximum)
    }
  }
}

/** Whether the window that ends with position `last` meets [from, to]. */
@inline function meets(last: i32, from: i32, to: i32): bool {
  return last >= from && last - taps + 1 <= to
}

/** A position with a filter's maximum: the old one, if it still is. */
function findPeak(bank: i32, column: usize, maximum: i32, oldPeak: i32): i32 {
  if (maximum == floor) return NOWHERE
  const rows = blockOfPositions(values, bank, 0) + column
  if (oldPeak != NOWHERE && load<i32>(rows + <usize>oldPeak * rowBytes) == maximum) return oldPeak
  let segment = segments + <usize>(bank * segmentCount) * rowBytes + column
  let peak = 0
  for (; load<i32>(segment) != maximum; peak += SEGMENT) segment += rowBytes
  while (load<i32>(rows + <usize>peak * rowBytes) != maximum) peak++
  return peak
}

/** A filter's largest value outside of segments [low, high). */
function largestOutside(bank: i32, column: usize, low: i32, high: i32): i32 {
  const rows = segments + <usize>(bank * segmentCount) * rowBytes + column
  let largest = floor
  for (let segment = 0; segment < low; segment++) {
    largest = max(largest, load<i32>(rows + <usize>segment * rowBytes))
  }
  for (let segment = high; segment < segmentCount; segment++) {
    largest = max(largest, load<i32>(rows + <usize>segment * rowBytes))
  }
  return largest
}

/** The largest values left and right of each window with the peak, the rival and positions [low, high] taken. */
function lookOutside(bank: i32, column: usize, rival: i32, peak: i32, low: i32, high: i32): void {
  const stride = rowBytes
  const rows = blockOfPositions(values, bank, 0) + column
  let largest = rival
  let position = low
  for (let k = 0; k < taps; k++) {
    for (; position < peak - taps + 1 + k; position++) largest = max(largest, load<i32>(rows + <usize>position * stride))
    store<i32>(leftOfWindow + (<usize>k << 2), largest)
  }
  largest = rival
  position = high
  for (let k = taps - 1; k >= 0; k--) {
    for (; position > peak + k; position--) largest = max(largest, load<i32>(rows + <usize>position * stride))
    store<i32>(rightOfWindow + (<usize>k << 2), largest)
  }
}

/** A candidate's difference of one filter, and c with it. */
function setDifference(bank: i32, j: i32, column: usize, outside: i32, maximum: i32): void {
  const entry = <usize>(bank * length + j)
  const at = entry * rowBytes + column
  const old = load<i32>(differences + at)
  const x = max(load<i32>(within + at), outside) - maximum
  if (x == old) return
  store<i32>(differences + at, x)
  const change = f32x4.splat(<f32>(x - old))
  const c = corrections + entry * units
  const weights = dense + (column >> 2) * units
  for (let at: usize = 0; at < units; at += 16) {
    v128.store(c + at, f32x4.add(v128.load(c + at), f32x4.mul(change, v128.load(weights + at))))
  }
}

/** Candidates [from, to] have looked within again. */
export function takeProspects(bank: i32, block: i32, from: i32, to: i32): void {
  const rows = blockOf(within, bank, <usize>length * rowBytes, block)
  const ofProspects = blockOf(prospects, bank, <usize>prospectCount * rowBytes, block)
  const last = segmentOf(min(length - 1, to))
  for (let prospect = segmentOf(max(0, from)); prospect <= last; prospect++) {
    const first = prospect * SEGMENT
    takeLargest(
      rows + <usize>first * rowBytes,
      rowBytes,
      min(SEGMENT, length - first),
      LOWEST,
      ofProspects + <usize>prospect * rowBytes,
    )
  }
}
