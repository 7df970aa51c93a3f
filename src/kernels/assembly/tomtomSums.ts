/**
 * Sums of the scores of several query columns against columns drawn at random: one column more at a time, either how often
 * each sum occurs or how often it is reached.
 */
import { columns, counts, MARGIN, ranges, SCORE_VALUES, shares, SHARES_BYTES, width } from './tomtomMemory'

/** Scores of a column, at most. */
export const MOST_VALUES: i32 = 101

/** How often each score of a query column occurs, from the least to the largest that do. */
export function listShares(): void {
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

@inline export function leastOf(column: i32): i32 {
  return load<i32>(ranges + (<usize>column << 3))
}

@inline export function mostOf(column: i32): i32 {
  return load<i32>(ranges + (<usize>column << 3), 4)
}

/**
 * Adds a column: P(sum = s), or P(sum >= s), is the mean of that of s less the column's score.
 * @param before of the sums `low` to `high`; `fill` has filled what is below them, and zeros are above
 * @param after room for those of the sums `newLow` to `newHigh`
 * @param below how many below `low` are not 0: none, or MOST_VALUES where they are ones
 */
export function convolve(
  before: usize, low: i32, high: i32, column: i32, after: usize, newLow: i32, newHigh: i32, below: i32,
): void {
  const least = leastOf(column)
  const values = mostOf(column) - least + 1
  const sharesOf = shares + <usize>column * SHARES_BYTES
  let to = after
  for (let sum = newLow; sum <= newHigh; sum += 8) {
    const first = max(0, sum - high - least)
    const end = sharesOf + (<usize>min(values, sum + 8 - low - least + below) << 3)
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

/** Begins with the sum of no columns, which is 0. @param below what stands below all sums: 0, or 1 where tails are wanted */
export function begin(sums: usize, below: f64): void {
  store<f64>(sums, 1)
  memory.fill(sums + 8, 0, 64)
  fillBelow(sums, below)
}

export function fillBelow(sums: usize, below: f64): void {
  const pair = f64x2.splat(below)
  for (let at = sums - MARGIN; at < sums; at += 16) v128.store(at, pair)
}
