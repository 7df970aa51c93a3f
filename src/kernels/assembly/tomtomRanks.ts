/** The order of a query's targets, best first, and their q-values. */
import { ORDER, P_VALUES, Q_VALUES, SCORES } from '../layout/tomtomHeader'
import { order, place, targets } from './tomtomMemory'

/** Whether target a comes before b: by p-value, then by score; equals stay in their order. */
@inline function isBefore(a: i32, b: i32, pValues: usize, scores: usize): bool {
  const pOfA = load<f64>(pValues + (<usize>a << 3))
  const pOfB = load<f64>(pValues + (<usize>b << 3))
  if (pOfA != pOfB) return pOfA < pOfB
  return load<i32>(scores + (<usize>a << 2)) > load<i32>(scores + (<usize>b << 2))
}

/** Merge sort. */
export function rank(plan: usize): void {
  const pValues = place(plan, P_VALUES)
  const scores = place(plan, SCORES)
  let from = place(plan, ORDER)
  let to = order
  for (let i = 0; i < targets; i++) store<i32>(from + (<usize>i << 2), i)
  for (let size = 1; size < targets; size *= 2) {
    for (let begin = 0; begin < targets; begin += 2 * size) {
      let left = begin
      const middle = min(targets, begin + size)
      let right = middle
      const end = min(targets, begin + 2 * size)
      for (let i = begin; i < end; i++) {
        const a = load<i32>(from + (<usize>left << 2))
        const b = load<i32>(from + (<usize>right << 2))
        const takesRight = left == middle || (right < end && isBefore(b, a, pValues, scores))
        store<i32>(to + (<usize>i << 2), takesRight ? b : a)
        if (takesRight) right++
        else left++
      }
    }
    const swap = from
    from = to
    to = swap
  }
  const ranked = place(plan, ORDER)
  if (from != ranked) memory.copy(ranked, from, <usize>targets << 2)

  // Benjamini and Hochberg 1995, from the worst to the best.
  const qValues = place(plan, Q_VALUES)
  let least: f64 = 1
  for (let i = targets - 1; i >= 0; i--) {
    const at = <usize>load<i32>(ranked + (<usize>i << 2)) << 3
    least = min(least, (load<f64>(pValues + at) * <f64>targets) / <f64>(i + 1))
    store<f64>(qValues + at, least)
  }
}
