/** The predictor over a model that `writeOnnx` wrote, on ONNX Runtime. */
import type { InferenceSession } from 'onnxruntime-node'
import { DataError } from '../base/errors.ts'
import { inputName, outputName } from '../model/onnxGraph.ts'
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import { openOnnxRunner, type OnnxDevice } from './onnxRunner.ts'
import type { Predictor } from './predictor.ts'
import { createSequencePredictor } from './sequencePredictor.ts'

export interface OnnxPredictorOptions {
  /** L */
  readonly length: number
  readonly outputs: readonly string[]
  /** What a masked base becomes: numbers for A, C, G, T. */
  readonly background: readonly number[] // [4]
  /** Rows that ONNX Runtime scores at once. */
  readonly batchSize?: number | undefined
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined
  readonly device?: OnnxDevice | undefined
}

/**
 * Measured with the graphs that we write: the five named architectures, 19 batch sizes from 1 to 700, 1 and 2 threads of
 * AVX2: all scores bit-identical, so batches of both sizes are in use.
 * @param modelBytes an ONNX file: input `sequence` [batch, 4, L], output `scores` [batch, outputs], float32
 * @throws BackendError where ONNX Runtime or the device is missing, DataError where it cannot load the model or the
 * shapes differ
 */
export async function createOnnxPredictor(
  modelBytes: Uint8Array,
  { length, outputs, background, batchSize, threads, device }: OnnxPredictorOptions,
): Promise<Predictor> {
  const runner = await openOnnxRunner(modelBytes, { device, threads })
  try {
    checkValue(runner.inputs, inputName, [baseCount, length])
    checkValue(runner.outputs, outputName, [outputs.length])
  } catch (error) {
    await runner.close()
    throw error
  }
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
      output: { name: outputName, outputs, transform: 'none' },
    },
    { background, batchSize },
  )
}

function checkValue(
  values: readonly InferenceSession.ValueMetadata[],
  name: string,
  sizes: readonly number[],
): void {
  const value = values.find((candidate) => candidate.name === name)
  if (values.length !== 1 || !value?.isTensor || value.type !== 'float32') {
    throw new DataError(
      `the model must have one input '${inputName}' and one output '${outputName}', float32`,
    )
  }
  const [, ...found] = value.shape
  if (found.length !== sizes.length || found.some((size, i) => size !== sizes[i])) {
    throw new DataError(
      `the model's '${name}' is [${value.shape.join(', ')}], but [batch, ${sizes.join(', ')}] is expected`,
    )
  }
}
