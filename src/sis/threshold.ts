/** Thresholds from the predictions themselves: the paper takes the 90th percentile of the test predictions. */
import { ConfigError, DataError } from '../base/errors.ts'
import { directionSign, type Decision } from './decision.ts'

export const defaultQuantile = 0.9

/**
 * The q-quantile with linear interpolation (numpy's default), or for `<=` the same distance from the other end: the
 * (1-q)-quantile. So q is always the share of predictions on the far side of the decision.
 * @param scores [n], finite
 * @returns τ, a float32 number, so that the sequences at the threshold fall on the same side wherever it is compared
 * @throws ConfigError on q outside [0, 1]; DataError on no scores or NaN
 */
export function quantileThreshold(
  scores: ArrayLike<number>,
  q: number = defaultQuantile,
  direction: Decision['direction'] = '>=',
): number {
  if (!(q >= 0 && q <= 1)) throw new ConfigError(`quantile ${q} is outside 0 to 1`)
  if (scores.length === 0) {
    throw new DataError('no predictions to take the threshold from; give a threshold or another split')
  }
  const sign = directionSign(direction)
  const ascending = Float64Array.from(scores, (score) => sign * score).sort()
  if (ascending.some(Number.isNaN)) throw new DataError('a prediction is not a number (NaN); check the model')
  const rank = q * (ascending.length - 1)
  const below = ascending[Math.floor(rank)]!
  const above = ascending[Math.ceil(rank)]!
  return Math.fround(sign * (below + (above - below) * (rank - Math.floor(rank))))
}
