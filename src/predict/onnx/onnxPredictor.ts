/** The predictor over a network, on ONNX Runtime: its graph ends before the last activation, which is computed here. */
import type { Network } from '../../model/network/network.ts'
import { inputName, logitsName } from '../../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeLogitsOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { baseCount, baseLetters } from '../../sequence/alphabet.ts'
import { finishOfNetwork } from '../finishScores.ts'
import { openOnnxRunner, type OnnxDevice } from './onnxRunner.ts'
import type { Predictor } from '../predictor.ts'
import { createSequencePredictor } from '../sequencePredictor.ts'

export interface OnnxPredictorOptions {
  /** What a masked base becomes: numbers for A, C, G, T; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
  /** Rows that ONNX Runtime scores at once. */
  readonly batchSize?: number | undefined
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined
  readonly device?: OnnxDevice | undefined
}

/**
 * Measured with the graphs that we write: the five named architectures, 19 batch sizes from 1 to 700, 1 and 2 threads of
 * AVX2: all scores bit-identical, so batches of both sizes are in use.
 * @throws BackendError where ONNX Runtime or the device is missing, DataError where it cannot load the model
 */
export async function createOnnxPredictor(
  network: Network,
  { background, batchSize, threads, device }: OnnxPredictorOptions = {},
): Promise<Predictor> {
  const { inputLength: length, outputs } = network
  const runner = await openOnnxRunner(writeLogitsOnnx(network), { device, threads })
  return createSequencePredictor(
    runner,
    {
      input: {
        name: inputName,
        dims: [baseCount, length],
        order: 'NCW',
        alphabet: baseLetters,
        length,
        batch: undefined,
      },
      output: { name: logitsName, outputs, transform: 'none' },
    },
    { background, batchSize, finish: finishOfNetwork(network) },
  )
}
