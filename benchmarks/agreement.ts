/**
 * Whether an engine's ordering is the reference selector's. The predictor scores every candidate of every step along the
 * engine's path: where the engine masked the candidate that the reference would (highest score, lowest position), both
 * paths stay the same; where it did not, the difference of the two reference scores tells whether that was a tie.
 */
import type { Predictor } from '../src/predict/predictor.ts'
import type { Ordering } from '../src/sis/types.ts'
import { maskedRows, type SelectionPath } from './baseline.ts'

/** Scores this close, relative to the higher one, count as a tie. */
export const tieTolerance = 1e-5

export interface Agreement {
  readonly outcome: 'identical' | 'ties' | 'different'
  /** The largest relative distance of a chosen candidate's score from the best of its step, both by the predictor. */
  readonly worstGap: number
  /** Share of the steps with a choice in which no other candidate ties with the best: those that tell something. */
  readonly decided: number
  /** The largest relative difference between the engine's score and the predictor's. */
  readonly worstScore: number
}

/**
 * Of the first output, for the highest scores.
 * @param steps those that are compared, ascending
 */
export async function compareOrdering(
  predictor: Predictor,
  path: Omit<SelectionPath, 'features'>,
  { features, scores }: Ordering,
  steps: readonly number[] = [...features.keys()],
): Promise<Agreement> {
  const outputs = predictor.outputs.length
  let identical = true
  let [worstGap, worstScore] = [0, 0]
  let [choices, decided] = [0, 0]
  for (let from = 0; from < steps.length;) {
    // Steps whose rows fill some batches together; single steps would leave most of a batch empty.
    let to = from
    for (let rows = 0; to < steps.length && rows < 8 * predictor.batchSize; to++) {
      rows += features.length - steps[to]!
    }
    const together = steps.slice(from, to)
    const { rows, candidates } = maskedRows({ ...path, features }, together)
    const found = await predictor.predict(rows, candidates.length)
    let row = 0
    for (const step of together) {
      let [best, chosen] = [row, -1]
      const end = row + features.length - step
      for (let i = row; i < end; i++) {
        if (found[i * outputs]! > found[best * outputs]!) best = i
        if (candidates[i] === features[step]) chosen = i
      }
      const [bestScore, chosenScore] = [found[best * outputs]!, found[chosen * outputs]!]
      if (chosen !== best) identical = false
      let tied = 0
      for (let i = row; i < end; i++) if (relative(bestScore, found[i * outputs]!) <= tieTolerance) tied++
      if (end - row > 1) choices++
      if (end - row > 1 && tied === 1) decided++
      worstGap = Math.max(worstGap, relative(bestScore, chosenScore))
      worstScore = Math.max(worstScore, relative(chosenScore, scores[step]!))
      row = end
    }
    from = to
  }
  const outcome = identical ? 'identical' : worstGap <= tieTolerance ? 'ties' : 'different'
  return { outcome, worstGap, worstScore, decided: choices === 0 ? 1 : decided / choices }
}

function relative(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))
}
