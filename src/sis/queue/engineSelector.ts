/** An engine's selections beside the predictor's batches: whoever asks for one counts as waiting meanwhile. */
import type { BackwardSelector } from '../types.ts'
import type { ScoreQueue } from './scoreQueue.ts'

/**
 * @returns the selector; where it computes on its own, the batches of other callers do not wait for those who asked it. One
 * that asks the predictor is left as it is: the queue sees it wait.
 */
export function besideQueue(queue: ScoreQueue, selector: BackwardSelector): BackwardSelector {
  if (selector.scoredBy === 'predictor') return selector
  return {
    ...selector,
    select: (input, present) => queue.elsewhere(() => selector.select(input, present)),
  }
}
