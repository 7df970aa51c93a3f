/** An engine computes beside the predictor: while it does, the batches of other inputs do not wait for this one. */
import type { BackwardSelector } from '../types.ts'
import type { ScoreQueue } from './scoreQueue.ts'

/** @returns the selector as callers inside the queue ask it; one that waits for the queue's own scores as it is */
export function besideQueue(selector: BackwardSelector, queue: ScoreQueue): BackwardSelector {
  if (selector.scoredBy === 'predictor') return selector
  return {
    scoredBy: selector.scoredBy,
    selection: selector.selection,
    select: (input, present) => queue.elsewhere(() => selector.select(input, present)),
  }
}
