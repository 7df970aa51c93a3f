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
import type { BackwardSelector, MaskableInput, Scorer } from '../types.ts'

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
 * So many features are ordered exactly (8,256 masked inputs) without narrowing them down by smaller steps first. Steps of
 * k leave at most k features more than steps of 1 do where scores fall steadily; where they do not, it may be nearly all.
 */
const exactAtMost = 128

/** What k is divided by where more features than that are left. */
const narrowing = 4

/**
 * The paper reads a subset off at the end of a step, so up to k − 1 of its members may be superfluous, and the gradient
 * may have kept others. Here the exact selector orders the features of the smallest such subset that gives the decision,
 * so that FindSIS goes on within it, one feature at a time: the SIS is 1-minimal, as every SIS is. It costs
 * m(m + 1)/2 evaluations for m features, few where the subset is small.
 *
 * p features take p/k gradients, p/k scores and those m(m + 1)/2; a large subset is narrowed down by smaller steps first.
 * Features of equal gradient are masked from the lowest index on. The paper adds noise instead, so its ties fall by chance.
 *
 * Scores in the ordering are NaN but after the last feature of a step and in the exact part. The ordering depends on the
 * threshold, so it serves no other.
 */
export function createBatchedGradientSelector(options: BatchedGradientOptions): BackwardSelector {
  const { scorer, gradients, decision, batchFeatures } = options
  if (!(Number.isInteger(batchFeatures) && batchFeatures > 0)) {
    throw new ConfigError(`${batchFeatures} features a step: give a whole number above 0`)
  }
  const exact = options.exact ?? createReferenceSelector(scorer, decision.direction)
  const sign = directionSign(decision.direction)

  /**
   * Orders the present features, the others being masked.
   * @returns Int32Array [p]
   */
  async function orderByGradient(input: MaskableInput, present: Uint8Array, k: number): Promise<Int32Array> {
    const reference = input.cells.slice()
    writeKept(input, present, reference, 0)
    let left = featuresOf(present)
    const order = new Int32Array(left.length)
    for (let done = 0; done < order.length;) {
      const ofCells = await gradients.gradients(input, reference)
      const losses = new Float64Array(present.length)
      for (const feature of left) {
        for (const cell of cellsOfFeature(input, feature)) losses[feature]! += sign * ofCells[cell]!
      }
      left = left.sort((a, b) => losses[a]! - losses[b]! || a - b)
      const masked = left.subarray(0, k)
      for (const feature of masked) maskFeature(input, feature, reference, 0)
      order.set(masked, done)
      done += masked.length
      left = left.subarray(k)
    }
    return order
  }

  /** @returns the score after the last feature of each step: Float32Array [⌈p/k⌉] */
  function scoresAfterSteps(
    input: MaskableInput,
    present: Uint8Array,
    order: Int32Array,
    k: number,
  ): Promise<Float32Array> {
    const steps = Math.ceil(order.length / k)
    return scorer.score(input, steps, (target, offset, from, to) => {
      const kept = present.slice()
      for (const feature of order.subarray(0, from * k)) kept[feature] = 0
      for (let step = from; step < to; step++) {
        for (const feature of order.subarray(step * k, (step + 1) * k)) kept[feature] = 0
        writeKept(input, kept, target, offset + (step - from) * scorer.width)
      }
    })
  }

  return {
    scoredBy: 'predictor',
    selection: 'batched-gradient',
    async select(input, present) {
      const p = featuresOf(present).length
      const features = new Int32Array(p)
      const scores = new Float32Array(p).fill(NaN)
      const left = present.slice()
      let evaluations = 0
      /** features[0..done) are masked for good. */
      let done = 0

      for (let k = batchFeatures; done < p; k = Math.max(1, Math.floor(k / narrowing))) {
        const order = await orderByGradient(input, left, k)
        const afterSteps = await scoresAfterSteps(input, left, order, k)
        evaluations += 2 * afterSteps.length
        features.set(order, done)
        scores.fill(NaN, done)
        for (const [step, score] of afterSteps.entries()) {
          scores[done + Math.min((step + 1) * k, order.length) - 1] = score
        }
        let keptFrom = p
        while (keptFrom > done && !decisionHolds(decision, scores[keptFrom - 1]!)) keptFrom--
        for (; done < keptFrom; done++) left[features[done]!] = 0
        if (p - done <= exactAtMost || k === 1) break
      }
      if (done < p) {
        const ordering = await exact.select(input, left)
        features.set(ordering.features, done)
        scores.set(ordering.scores, done)
        evaluations += ((p - done) * (p - done + 1)) / 2
      }
      return { features, scores, evaluations }
    },
  }
}

/** @returns indexes of the features present, ascending: Int32Array [p] */
function featuresOf(present: Uint8Array): Int32Array {
  return Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
}
