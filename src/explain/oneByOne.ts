/** A method that explains one sequence after another: what it asks of the model for one fills batches by itself. */
import type { Attribution, ExplainedSequence, OpenMethod } from './method.ts'

/** @param opened what computes, and what ends it; nothing unless given */
export function oneByOne(
  opened: Pick<OpenMethod, 'backend'> & Partial<Pick<OpenMethod, 'close'>>,
  attribute: (sequence: ExplainedSequence) => Promise<Attribution>,
): OpenMethod {
  return {
    backend: opened.backend,
    batchSize: 1,
    async explain(sequences) {
      const attributions = []
      for (const sequence of sequences) attributions.push(await attribute(sequence))
      return attributions
    },
    close: () => opened.close?.() ?? Promise.resolve(),
  }
}
