/** What the page tells of other explanation methods beside SIS, as plain values. */
import type { Row } from '../store/tables.ts'

/** A method's row of the scorecard. */
export type MethodScores = Omit<Row<'scorecard'>, 'model_id'>

/** How far two methods say the same. */
type MethodAgreement = Omit<Row<'method_agreement'>, 'model_id'>

export interface ScorecardFacts {
  /** SIS first, then those that need the fewest bases. */
  readonly methods: readonly MethodScores[]
  readonly agreement: readonly MethodAgreement[]
  /** Of the known motif that divergences are to; undefined where none names the model's leading motif. */
  readonly motif: string | undefined
}

/** What a method says of an example sequence. */
export interface ExampleAttribution {
  readonly method: string
  /** One a base, positive where it speaks for the decision. */
  readonly importance: readonly number[] // [L]
}
