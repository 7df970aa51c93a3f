/** Quantiles of a sample, as NumPy has them by default: linear between the two nearest values. */

/**
 * @param values in any order; infinite ones may be among them
 * @param share in [0, 1]
 * @returns NaN where there are no values
 */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return Number.NaN
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  // Between infinite values there is nothing to go along.
  return low === high ? low : low + (high - low) * (at - Math.floor(at))
}

/** NaN where there are no values. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5)
}
