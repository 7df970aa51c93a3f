/**
 * BackSelect of the paper (Carter et al. 2019, algorithm 1): masks, one at a time, the present feature whose masking
 * leaves the score highest. It needs nothing of the predictor but scores; engines are held to what it returns.
 */
import { directionSign, type Decision } from './decision.ts'
import { maskFeature, repeatRow, writeKept } from './masking.ts'
import type { BackwardSelector, Scorer } from './types.ts'

/**
 * p present features take exactly p(p+1)/2 evaluations, the last of them with everything masked. Ties go to the lowest
 * index. For a low-score decision the masking that leaves the score lowest is taken.
 */
export function createReferenceSelector(scorer: Scorer, direction: Decision['direction']): BackwardSelector {
  const sign = directionSign(direction)
  const { width } = scorer
  return {
    scoredBy: 'predictor',
    async select(input, present) {
      const reference = input.cells.slice()
      writeKept(input, present, reference, 0)
      const candidates = Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
      const features = new Int32Array(candidates.length)
      const scores = new Float32Array(candidates.length)

      for (let step = 0; step < features.length; step++) {
        const left = features.length - step
        const candidateScores = await scorer.score(input, left, (target, offset, from, to) => {
          repeatRow(reference, target, offset, to - from)
          for (let i = from; i < to; i++) {
            maskFeature(input, candidates[i]!, target, offset + (i - from) * width)
          }
        })
        let best = 0
        for (let i = 1; i < left; i++) {
          if (sign * candidateScores[i]! > sign * candidateScores[best]!) best = i
        }
        features[step] = candidates[best]!
        scores[step] = candidateScores[best]!
        maskFeature(input, candidates[best]!, reference, 0)
        candidates.copyWithin(best, best + 1, left)
      }
      return { features, scores }
    },
  }
}
