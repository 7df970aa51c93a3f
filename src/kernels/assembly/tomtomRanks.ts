/** The order of a query's targets, the best first. */
import { ORDER, P_VALUES, SCORES } from '../layout/tomtomHeader'
import { order, place, targets } from './tomtomMemory'

/** Bits of a p-value by which targets are sorted at once. */
const DIGIT: i32 = 11
const DIGITS: i32 = 1 << DIGIT
const tallies = memory.data(4 << 11)

/** Sorts by some bits of the p-values, and keeps the order of equals. */
function sortByDigit(from: usize, to: usize, pValues: usize, shift: i64): void {
  memory.fill(tallies, 0, DIGITS << 2)
  for (let i: usize = 0; i < <usize>targets; i++) {
    const at = digitOf(load<i32>(from + (i << 2)), pValues, shift)
    store<i32>(at, load<i32>(at) + 4)
  }
  let before = <i32>to
  for (let at = tallies; at < tallies + (DIGITS << 2); at += 4) {
    const bytes = load<i32>(at)
    store<i32>(at, before)
    before += bytes
  }
  for (let i: usize = 0; i < <usize>targets; i++) {
    const target = load<i32>(from + (i << 2))
    const at = digitOf(target, pValues, shift)
    const place = load<i32>(at)
    store<i32>(<usize>place, target)
    store<i32>(at, place + 4)
  }
}

@inline function digitOf(target: i32, pValues: usize, shift: i64): usize {
  // Numbers that are not below 0 are in the order of their bits.
  return tallies + (<usize>((load<i64>(pValues + (<usize>target << 3)) >>> shift) & (DIGITS - 1)) << 2)
}

/** Whether target a comes before b: by p-value, then by score; equals stay in their order. */
@inline function isBefore(a: i32, b: i32, pValues: usize, scores: usize): bool {
  const pOfA = load<f64>(pValues + (<usize>a << 3))
  const pOfB = load<f64>(pValues + (<usize>b << 3))
  if (pOfA != pOfB) return pOfA < pOfB
  return load<i32>(scores + (<usize>a << 2)) > load<i32>(scores + (<usize>b << 2))
}

/** Sorts by the upper bits of p-values, a digit at a time, and then what these leave together by insertion. */
export function rank(plan: usize): void {
  const pValues = place(plan, P_VALUES)
  const scores = place(plan, SCORES)
  const ranked = place(plan, ORDER)
  for (let i = 0; i < targets; i++) store<i32>(order + (<usize>i << 2), i)
  sortByDigit(order, ranked, pValues, 41)
  sortByDigit(ranked, order, pValues, 52)
  store<i32>(ranked, load<i32>(order))
  for (let i = 1; i < targets; i++) {
    const target = load<i32>(order + (<usize>i << 2))
    let at = ranked + (<usize>i << 2)
    for (; at > ranked; at -= 4) {
      const other = load<i32>(at - 4)
      if (!isBefore(target, other, pValues, scores)) break
      store<i32>(at, other)
    }
    store<i32>(at, target)
  }
}
