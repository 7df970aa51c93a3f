/** The order of a query's targets, best first, and their q-values. */
import { ORDER, P_VALUES, Q_VALUES, SCORES } from '../layout/tomtomHeader'
import { order, place, sortedValues, targets } from './tomtomMemory'

/** Whether target a comes before b, of the same p-value: by score; equals stay in their order. */
@inline function isHigher(a: i32, b: i32, scores: usize): bool {
  return load<i32>(scores + (<usize>a << 2)) > load<i32>(scores + (<usize>b << 2))
}

/** Merge sort of targets with their p-values at hand. */
export function rank(plan: usize): void {
  const pValues = place(plan, P_VALUES)
  const scores = place(plan, SCORES)
  const all = <usize>targets
  let from = place(plan, ORDER)
  let fromValues = sortedValues
  let to = order
  let toValues = sortedValues + (all << 3)
  for (let i: usize = 0; i < all; i++) store<i32>(from + (i << 2), <i32>i)
  memory.copy(fromValues, pValues, all << 3)
  for (let size: usize = 1; size < all; size *= 2) {
    for (let begin: usize = 0; begin < all; begin += 2 * size) {
      let left = begin
      const middle = min(all, begin + size)
      let right = middle
      const end = min(all, begin + 2 * size)
      let i = begin
      for (; left < middle && right < end; i++) {
        const a = load<i32>(from + (left << 2))
        const b = load<i32>(from + (right << 2))
        const pOfA = load<f64>(fromValues + (left << 3))
        const pOfB = load<f64>(fromValues + (right << 3))
        let takesRight = i32(pOfB < pOfA)
        if (pOfA == pOfB) takesRight = i32(isHigher(b, a, scores))
        store<i32>(to + (i << 2), select(b, a, takesRight))
        store<f64>(toValues + (i << 3), min(pOfA, pOfB))
        right += takesRight
        left += 1 - takesRight
      }
      const rest = left < middle ? left : right
      memory.copy(to + (i << 2), from + (rest << 2), (end - i) << 2)
      memory.copy(toValues + (i << 3), fromValues + (rest << 3), (end - i) << 3)
    }
    let swap = from
    from = to
    to = swap
    swap = fromValues
    fromValues = toValues
    toValues = swap
  }
  const ranked = place(plan, ORDER)
  if (from != ranked) memory.copy(ranked, from, all << 2)

  // Benjamini and Hochberg 1995, from the worst to the best.
  const qValues = place(plan, Q_VALUES)
  let least: f64 = 1
  for (let i = targets - 1; i >= 0; i--) {
    const at = <usize>load<i32>(ranked + (<usize>i << 2)) << 3
    least = min(least, (load<f64>(pValues + at) * <f64>targets) / <f64>(i + 1))
    store<f64>(qValues + at, least)
  }
}
