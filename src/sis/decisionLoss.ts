/**
 * Necessity beside sufficiency: how few features of an input must be masked for its decision to end. Greedy, forward: each
 * time the feature whose masking takes the score furthest from the decision; the least number there is may be smaller.
 */
import { decisionHolds, directionSign, type Decision } from './decision.ts'
import { featureCount, maskFeature, repeatRow, writeKept } from './masking.ts'
import type { BackwardSelector, MaskableInput, Scorer } from './types.ts'

export interface DecisionLoss {
  /** In the order masked: with all but the last, the decision holds; with the last, it does not. */
  readonly features: Int32Array
  /** The score that is left, by the full predictor. */
  readonly score: number
}

export interface DecisionLossOptions {
  readonly scorer: Scorer
  readonly decision: Decision
  /**
   * An engine's, opened for the opposite direction: what it masks first leaves the score furthest from the decision. Without
   * one the predictor is asked, step by step.
   */
  readonly selector?: BackwardSelector | undefined
}

/** Prefixes of an engine's ordering that are scored at a time. */
const prefixesAtOnce = 16

/** @returns undefined where the decision does not hold for the input, or holds with everything masked */
export async function decisionLoss(
  input: MaskableInput,
  { scorer, decision, selector }: DecisionLossOptions,
): Promise<DecisionLoss | undefined> {
  const nothing = new Uint8Array(featureCount(input))
  const all = nothing.slice().fill(1)
  const [full, empty] = await scorer.score(input, 2, (target, offset, from, to) => {
    for (let row = from; row < to; row++) {
      writeKept(input, row === 0 ? all : nothing, target, offset + (row - from) * scorer.width)
    }
  })
  if (!decisionHolds(decision, full!) || decisionHolds(decision, empty!)) return undefined
  return selector === undefined
    ? stepByStep(input, scorer, decision)
    : alongOrdering(input, scorer, decision, (await selector.select(input, all)).features)
}

async function stepByStep(
  input: MaskableInput,
  scorer: Scorer,
  decision: Decision,
): Promise<DecisionLoss | undefined> {
  const sign = directionSign(decision.direction)
  const reference = input.cells.slice()
  const left = Array.from({ length: featureCount(input) }, (_, feature) => feature)
  const lost: number[] = []
  while (left.length > 0) {
    const scores = await scorer.score(input, left.length, (target, offset, from, to) => {
      repeatRow(reference, target, offset, to - from)
      for (let i = from; i < to; i++) {
        maskFeature(input, left[i]!, target, offset + (i - from) * scorer.width)
      }
    })
    let worst = 0
    for (let i = 1; i < left.length; i++) if (sign * scores[i]! < sign * scores[worst]!) worst = i
    const [feature] = left.splice(worst, 1)
    lost.push(feature!)
    maskFeature(input, feature!, reference, 0)
    if (!decisionHolds(decision, scores[worst]!)) {
      return { features: Int32Array.from(lost), score: scores[worst]! }
    }
  }
  return undefined
}

/** The engine says in what order; where the decision ends, the predictor says. */
async function alongOrdering(
  input: MaskableInput,
  scorer: Scorer,
  decision: Decision,
  features: Int32Array,
): Promise<DecisionLoss | undefined> {
  for (let begun = 0; begun < features.length; begun += prefixesAtOnce) {
    const rows = Math.min(prefixesAtOnce, features.length - begun)
    const scores = await scorer.score(input, rows, (target, offset, from, to) => {
      const row = input.cells.slice()
      for (let i = 0; i < begun + from; i++) maskFeature(input, features[i]!, row, 0)
      for (let i = from; i < to; i++) {
        maskFeature(input, features[begun + i]!, row, 0)
        target.set(row, offset + (i - from) * scorer.width)
      }
    })
    const end = scores.findIndex((score) => !decisionHolds(decision, score))
    if (end >= 0) return { features: features.slice(0, begun + end + 1), score: scores[end]! }
  }
  return undefined
}
