/** A ranking of the bases of a sequence: how far its top reaches, how well it finds planted positions, how like another it is. */
import { directionSign, type Decision } from '../sis/decision.ts'
import { averagePrecision as averagePrecisionOf } from '../train/metrics.ts'
import { countIn } from './rows.ts'

/**
 * @param importance [L], positive where a base raises the score
 * @returns the bases, those first that speak most for the decision; equal ones from left to right
 */
export function rankingOf(importance: ArrayLike<number>, direction: Decision['direction']): Int32Array {
  const sign = directionSign(direction)
  return Int32Array.from({ length: importance.length }, (_, base) => base).sort(
    (a, b) => sign * (importance[b]! - importance[a]!) || a - b,
  )
}

/**
 * Area under the curve of precision over recall, as the mean precision at each base that is meant (average precision). Of
 * bases that are worth the same, each has the precision of all of them: their order says nothing.
 * @param worth [L], float32, higher is better
 * @param meant not empty
 */
export function averagePrecision(worth: ArrayLike<number>, meant: ReadonlySet<number>): number {
  const labels = Float32Array.from(worth, (_, base) => Number(meant.has(base)))
  return averagePrecisionOf(Float32Array.from(worth), labels)
}

/**
 * Spearman's rank correlation of two attributions; undefined where one is constant.
 * @param x its `meanRanks`
 */
export function rankCorrelation(x: Float64Array, y: Float64Array): number | undefined {
  const mean = (x.length - 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx === 0 || yy === 0 ? undefined : xy / Math.sqrt(xx * yy)
}

/** From 0 on; equal values share the mean of their ranks. */
export function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => values[i]! - values[j]!,
  )
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to - 1) / 2
    from = to
  }
  return ranks
}

/** Bases that two sets of bases share, of those in either. @returns 1 where both are empty */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const shared = countIn(a, b)
  const all = a.size + b.size - shared
  return all === 0 ? 1 : shared / all
}
