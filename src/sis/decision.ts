/** The decision that is explained: which output, on which side of which threshold. */

export interface Decision {
  /** Index into the predictor's outputs. */
  readonly output: number
  readonly direction: '>=' | '<='
  /** τ, compared in float32 as the scores are. */
  readonly threshold: number
}

/** Times a score, it makes more always closer to the decision: a low-score decision negates f and τ. */
export function directionSign(direction: Decision['direction']): 1 | -1 {
  return direction === '>=' ? 1 : -1
}

/** Whether a score gives the decision; false for NaN. */
export function decisionHolds(decision: Pick<Decision, 'direction' | 'threshold'>, score: number): boolean {
  const sign = directionSign(decision.direction)
  return sign * score >= sign * Math.fround(decision.threshold)
}
