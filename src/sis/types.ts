/** What backward selection and the collection return (Carter, Mueller, Jain, Gifford, AISTATS 2019). */
import type { Cells } from '../predict/predictor.ts'

/** What is explained: one input, how it looks fully masked, and which cells form each feature. */
export interface MaskableInput {
  /** Names the input in errors. */
  readonly name: string
  readonly cells: Cells // [width]
  /** The fully masked input. */
  readonly maskedCells: Cells // [width]
  /** Cell indexes of each feature; by default every cell is a feature (for sequences: a base). */
  readonly features?: readonly (readonly number[])[] | undefined
}

/** One backward selection: features in the order masked, with the score after each. */
export interface Ordering {
  readonly features: Int32Array // [p]
  /**
   * Score after masking features[0..j]; the last is the score of what was masked from the start plus all p. NaN where an
   * approximate selection did not ask for it: it is then not known to give the decision.
   */
  readonly scores: Float32Array // [p]
  /** Scores and gradients of masked inputs that an approximate selection needed; an exact one needs p(p+1)/2. */
  readonly evaluations?: number | undefined
}

/**
 * How features are chosen: `exact` masks the feature whose masking leaves the score highest, whatever computes it;
 * `batched-gradient` masks several at once, those that gradients say cost least, and is approximate.
 */
export const selections = ['exact', 'batched-gradient'] as const
/** How features were chosen: `exact`, whatever computed it, or `batched-gradient`, which is approximate. */
export type Selection = (typeof selections)[number]

/**
 * Writes rows [from, to) of a request, the first at target[offset], each [width] cells. It is called while the caller
 * waits for its scores, once for each batch that takes rows of the request.
 */
export type FillRows = (target: Cells, offset: number, from: number, to: number) => void

/** All that the algorithm asks of a predictor: scores of one output for masked forms of an input. */
export interface Scorer {
  /** Cells of one row. */
  readonly width: number
  /**
   * @param rows at least 1
   * @param input names the rows in errors and gives the type of cells
   * @returns scores of the decision's output: Float32Array [rows]
   * @throws DataError naming the input on a NaN score; what the predictor threw
   */
  score(input: MaskableInput, rows: number, fill: FillRows): Promise<Float32Array>
}

/**
 * The reference selector works with any predictor; an engine's works with a known network and must agree. One that need
 * not agree says so by its `selection`.
 */
export interface BackwardSelector {
  /** Whose scores its orderings have: the predictor's own, or an engine's, which are those but for rounding. */
  readonly scoredBy: 'predictor' | 'engine'
  /** `exact` unless given. */
  readonly selection?: Selection | undefined
  /** @param present Uint8Array [featureCount], 1 where the feature may be masked; the others are masked already */
  select(input: MaskableInput, present: Uint8Array): Promise<Ordering>
}

/** Proof of one SIS by the full predictor; scores are of the predictor as it is, whatever the direction. */
export interface Certificate {
  /** f(x), with what was not present from the start masked. */
  readonly scoreFull: number
  /** f(x_S). */
  readonly scoreSis: number
  /** f(x without this SIS and all SIS found before it). */
  readonly scoreResidual: number
  /** f(all masked). */
  readonly scoreMasked: number
  /** Dropping any single member loses the decision. */
  readonly minimal: boolean
  /** sufficient and minimal. */
  readonly certified: boolean
}

export interface SufficientInputSubset {
  /** 0 for the first SIS of an input. */
  readonly rank: number
  /** Feature indexes, ascending. */
  readonly features: Int32Array
  readonly certificate: Certificate
  /** f(all masked) already gives the decision: the subset is empty and says nothing about the input. */
  readonly vacuous: boolean
  /** An engine's or an approximate answer failed certification and the reference selector found this one instead. */
  readonly recomputed: boolean
}

export interface SisCollection {
  readonly name: string
  /** f(x), with what was not present from the start masked. */
  readonly scoreFull: number
  /** How the subsets were found, all but those recomputed by the reference selector. */
  readonly selection: Selection
  /** Disjoint, in the order found; none where f(x) does not give the decision. */
  readonly subsets: readonly SufficientInputSubset[]
  /** Masked inputs whose scores (or gradients) the search needed, whoever computed them; certification not counted. */
  readonly evaluations: number
}
