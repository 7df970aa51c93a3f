/** A predictor over a network run by TensorFlow.js. */
import type { Network } from '../model/network.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import type { Predictor } from './predictor.ts'
import { buildTfjsModel } from './tfjsModel.ts'
import type { TensorFlowRuntime } from './tfjsRuntime.ts'

export interface TfjsPredictorOptions {
  readonly batchSize?: number
  /** What a masked base becomes. */
  readonly background?: readonly number[]
}

/** Cells are codes: Uint8Array [rows, L]. */
export function createTfjsPredictor(
  { tf, backend }: TensorFlowRuntime,
  network: Network,
  { batchSize = 512, background = uniformBackground }: TfjsPredictorOptions = {},
): Predictor {
  const model = buildTfjsModel(tf, network)
  const { inputLength: length, outputs } = network
  return {
    width: length,
    outputs,
    batchSize,
    backend,
    async predict(cells, rows) {
      if (!(cells instanceof Uint8Array))
        throw new TypeError('a network of sequences reads codes (Uint8Array)')
      if (cells.length < rows * length) {
        throw new RangeError(`${rows} rows of ${length} codes need ${rows * length}, got ${cells.length}`)
      }
      const scores = new Float32Array(rows * outputs.length)
      for (let from = 0; from < rows; from += batchSize) {
        const to = Math.min(from + batchSize, rows)
        const codes = cells.subarray(from * length, to * length)
        const batch = tf.tidy(() => model.forwardCodes(codes, background))
        scores.set(await batch.data<'float32'>(), from * outputs.length)
        batch.dispose()
      }
      return scores
    },
    close: () => {
      model.dispose()
      return Promise.resolve()
    },
  }
}
