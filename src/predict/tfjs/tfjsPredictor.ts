/** A predictor over a network run by TensorFlow.js, the last activation apart. */
import { splitLastActivation } from '../../model/network/lastActivation.ts'
import type { Network } from '../../model/network/network.ts'
import { masked, uniformBackground } from '../../sequence/alphabet.ts'
import { inFixedBatches } from '../batchedPredictor.ts'
import { finishOfNetwork, finishScores } from '../finishScores.ts'
import type { Predictor } from '../predictor.ts'
import { asCodes, randomCodes } from '../sequencePredictor.ts'
import { buildTfjsModel } from './tfjsModel.ts'
import type { TensorFlowRuntime } from './tfjsRuntime.ts'

export interface TfjsPredictorOptions {
  readonly batchSize?: number | undefined
  /** What a masked base becomes. */
  readonly background?: readonly number[]
}

/** Cells are codes: Uint8Array [rows, L]. */
export async function createTfjsPredictor(
  runtime: TensorFlowRuntime,
  network: Network,
  { batchSize = 256, background = uniformBackground }: TfjsPredictorOptions = {},
): Promise<Predictor> {
  const { tf, backend } = runtime
  runtime.use()
  const model = buildTfjsModel(tf, splitLastActivation(network).logits, { strandsApart: true })
  const { inputLength: length, outputs } = network
  const finish = finishOfNetwork(network)
  const close = (): Promise<void> => {
    model.dispose()
    return Promise.resolve()
  }
  try {
    return await inFixedBatches(
      {
        width: length,
        outputs,
        backend,
        prepare(size) {
          const batch = new Uint8Array(size * length)
          return async (cells, from, rows) => {
            batch.set(asCodes(cells).subarray(from * length, (from + rows) * length))
            runtime.use()
            const numbers = tf.tidy(() => model.forwardCodes(batch, background))
            try {
              return finishScores(await numbers.data<'float32'>(), outputs.length, finish)
            } finally {
              numbers.dispose()
            }
          }
        },
        trialCells: (rows) => randomCodes(rows * length),
        otherCells: (rows) => new Uint8Array(rows * length).fill(masked),
        close,
      },
      { batchSize },
    )
  } catch (error) {
    await close()
    throw error
  }
}
