/**
 * Backward selection as a ranking (Carter, Mueller, Jain and Gifford, AISTATS 2019): a base is worth more the later it is
 * masked. The first SIS is its top ranks, as many as reach τ; so its sufficient length is that SIS's size.
 */
import { openEngine } from '../engine/engine.ts'
import { createReferenceSelector } from '../sis/backwardSelect.ts'
import { directionSign } from '../sis/decision.ts'
import { besideQueue } from '../sis/queue/besideQueue.ts'
import { createScoreQueue } from '../sis/queue/scoreQueue.ts'
import { sequenceInput } from '../sis/sequenceInput.ts'
import type { ExplanationMethod } from './method.ts'

/** Rows of a long sequence's selection are many: so many sequences at once fill the threads. */
const sequencesAtOnce = 32

export const backwardSelection: ExplanationMethod = {
  needs: 'scores',
  samples: false,
  summary: 'the order in which backward selection masks the bases (Carter and others 2019)',
  open({ number, network, output, direction, background, threads, signal }) {
    const known = network ?? { refusal: 'its layers are not known' }
    const engine = openEngine(known, {
      preference: 'auto',
      decision: { output, direction },
      background,
      threads,
      signal,
    })
    const queue = createScoreQueue({ predictor: number, output: 0, signal })
    const selector =
      engine.selector === undefined
        ? createReferenceSelector(queue, direction)
        : besideQueue(engine.selector, queue)
    const select: typeof selector.select = async (input, present) => {
      queue.enter()
      try {
        return await selector.select(input, present)
      } finally {
        queue.leave()
      }
    }
    const sign = directionSign(direction)
    return Promise.resolve({
      backend: engine.selector === undefined ? number.backend : `engine ${engine.name} (${engine.reason})`,
      batchSize: sequencesAtOnce,
      explain: (sequences) =>
        Promise.all(
          sequences.map(async ({ name, codes }) => {
            const present = new Uint8Array(codes.length).fill(1)
            const { features } = await select(sequenceInput(name, codes), present)
            const importance = new Float32Array(codes.length)
            for (const [place, base] of features.entries())
              importance[base] = (sign * (place + 1)) / codes.length
            return { importance }
          }),
        ),
      close: () => engine.close(),
    })
  },
}
