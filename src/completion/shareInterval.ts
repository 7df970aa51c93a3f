/** The confidence interval of a share, as Clopper and Pearson have it (Biometrika 26:404, 1934): exact, never too narrow. */

/** Of the intervals that are stored and shown. */
export const confidence = 0.95

export interface ShareInterval {
  readonly low: number
  readonly high: number
}

/**
 * @param held of `trials` independent ones
 * @returns all shares that are not refuted by the trials at half of 1 - level on either side
 */
export function shareInterval(held: number, trials: number, level: number = confidence): ShareInterval {
  if (!(Number.isInteger(held) && Number.isInteger(trials) && held >= 0 && held <= trials && trials > 0)) {
    throw new RangeError(`${held} of ${trials} is no share`)
  }
  const tail = (1 - level) / 2
  const logs = logCounts(trials)
  return {
    // As many or more come up with probability `tail` at the low end, as many or fewer at the high end.
    low: held === 0 ? 0 : bisect((share) => upperTail(held, trials, share, logs) < tail),
    high: held === trials ? 1 : bisect((share) => 1 - upperTail(held + 1, trials, share, logs) > tail),
  }
}

/** @returns the share up to which `isBelow` holds */
function bisect(isBelow: (share: number) => boolean): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (isBelow(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(X >= k) of a binomial count. @param logs of the binomial coefficients [n + 1] */
function upperTail(k: number, n: number, share: number, logs: Float64Array): number {
  let sum = 0
  const [yes, no] = [Math.log(share), Math.log1p(-share)]
  for (let i = k; i <= n; i++) sum += Math.exp(logs[i]! + i * yes + (n - i) * no)
  return Math.min(1, sum)
}

function logCounts(n: number): Float64Array {
  const logs = new Float64Array(n + 1)
  for (let i = 1; i <= n; i++) logs[i] = logs[i - 1]! + Math.log((n - i + 1) / i)
  return logs
}
