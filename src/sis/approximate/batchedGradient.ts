/**
 * Batched-gradient backward selection (Carter, Jain, Mueller, Gifford, "Overinterpretation reveals image classification
 * model pathologies", NeurIPS 2021): at each step the k features are masked that to first order cost the score least, by
 * the gradient with respect to the mask. It is approximate: gradients do not see what masking several features at once
 * does. What it gives is certified all the same, see `createBatchedGradientSelector`.
 */
import { ConfigError } from '../../base/errors.ts'
import { createReferenceSelector } from '../backwardSelect.ts'
import { decisionHolds, directionSign, type Decision } from '../decision.ts'
import type { GradientQueue } from '../queue/gradientQueue.ts'
import { cellsOfFeature, maskFeature, writeKept } from '../masking.ts'
import type { BackwardSelector, Scorer } from '../types.ts'
import { beginNarrowing, dropMembers, mask, maskFirst, type Narrowing } from './narrow.ts'

export interface BatchedGradientOptions {
  readonly scorer: Scorer
  readonly gradients: GradientQueue
  readonly decision: Decision
  /** k, the features masked at each step. */
  readonly batchFeatures: number
  /** Orders the features that are left in the end; the reference selector unless given. */
  readonly exact?: BackwardSelector | undefined
}

/**
 * So many features at most are ordered exactly, in 136 masked inputs; more are narrowed down by dropping members first,
 * which takes fewer (./narrow.ts).
 */
export const exactAtMost = 16

/**
 * Scores that a selection asks for besides its gradients, for estimates: with nets that were trained, L = 101 to 2,114,
 * about 150 to 210, some of them an engine's; with random weights, where SIS had 200 bases, 625.
 */
export const usualScores = 200

/**
 * The paper reads a subset off at the end of a step, so up to k − 1 of its members may be superfluous, and the gradient
 * may have kept others. Here the smallest such subset that gives the decision is narrowed down by what the predictor says
 * of its members, many at once while they are many, and by the exact selector once they are few: the SIS is 1-minimal, as
 * every SIS is. p features take p/k gradients, and of the scores only those that are needed: in practice some tens, or a
 * few times the members where these are many.
 *
 * Features of equal gradient are masked from the lowest index on. The paper adds noise instead, so its ties fall by chance.
 *
 * The one score in an ordering is that of the SIS (or of nothing, where that gives the decision): it depends on the
 * threshold and serves no other. An engine's answer is scored by the predictor, so that rounding at the threshold costs a
 * few evaluations more, not a selection anew.
 */
export function createBatchedGradientSelector(options: BatchedGradientOptions): BackwardSelector {
  const { scorer, gradients, decision, batchFeatures: k } = options
  if (!(Number.isInteger(k) && k > 0)) {
    throw new ConfigError(`${k} features a step: give a whole number above 0`)
  }
  const exact = options.exact ?? createReferenceSelector(scorer, decision.direction)
  const sign = directionSign(decision.direction)

  /** @returns what is kept in the order that gradients give, masked k at a time */
  async function orderByGradient(narrowing: Narrowing): Promise<number[]> {
    const { input, kept } = narrowing
    const reference = input.cells.slice()
    writeKept(input, kept, reference, 0)
    let left = [...narrowing.members]
    const order: number[] = []
    while (left.length > 0) {
      const ofCells = await gradients.gradients(input, reference)
      narrowing.evaluations++
      const losses = new Float64Array(kept.length)
      for (const feature of left) {
        for (const cell of cellsOfFeature(input, feature)) losses[feature]! += sign * ofCells[cell]!
      }
      left.sort((a, b) => losses[a]! - losses[b]! || a - b)
      for (const feature of left.slice(0, k)) {
        maskFeature(input, feature, reference, 0)
        order.push(feature)
      }
      left = left.slice(k)
    }
    return order
  }

  /** Goes on where the exact selector leads, as far as the predictor says that the decision is kept. */
  async function narrowExactly(narrowing: Narrowing): Promise<void> {
    const { length } = narrowing.members
    const ordering = await exact.select(narrowing.input, narrowing.kept)
    narrowing.evaluations += (length * (length + 1)) / 2
    const order = [...ordering.features]
    if (exact.scoredBy === 'engine') {
      await maskFirst(narrowing, order, endsOfSteps(length, 1), 'from the end')
      await dropMembers(narrowing, 0)
      return
    }
    const last = ordering.scores.findLastIndex((score) => decisionHolds(decision, score))
    narrowing.members = order
    if (last >= 0) mask(narrowing, order.slice(0, last + 1), ordering.scores[last]!)
  }

  return {
    scoredBy: 'predictor',
    selection: 'batched-gradient',
    async select(input, present) {
      const narrowing = beginNarrowing(scorer, decision, input, present)
      const p = narrowing.members.length
      await maskFirst(narrowing, await orderByGradient(narrowing), endsOfSteps(p, k), 'from the end')
      const minimal = await dropMembers(narrowing, exactAtMost)
      if (!minimal && narrowing.members.length > 0) await narrowExactly(narrowing)

      const { masked, members, score, evaluations } = narrowing
      const scores = new Float32Array(p).fill(NaN)
      if (masked.length > 0) scores[masked.length - 1] = score
      return { features: Int32Array.of(...masked, ...members), scores, evaluations }
    },
  }
}

/** @returns how many of p features are masked after each step of k */
function endsOfSteps(p: number, k: number): number[] {
  return Array.from({ length: Math.ceil(p / k) }, (_, step) => Math.min((step + 1) * k, p))
}
