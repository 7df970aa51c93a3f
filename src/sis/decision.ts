/** The decision that is explained: which output, on which side of which threshold. */

export interface Decision {
  /** Index into the predictor's outputs. */
  readonly output: number
  readonly direction: '>=' | '<='
  /** τ, compared in float32 as the scores are. */
  readonly threshold: number
}
