/** A predictor over a model directory, on ONNX Runtime. */
import { loadModelBytes, loadModelDescription } from '../model/artifact.ts'
import { createOnnxPredictor } from '../predict/onnxPredictor.ts'
import type { Predictor } from '../predict/predictor.ts'

export interface PredictorSettings {
  readonly background: readonly number[]
  readonly batchSize?: number | undefined
  readonly threads?: number | undefined
}

export async function openModel(path: string, settings: PredictorSettings): Promise<Predictor> {
  const description = await loadModelDescription(path)
  return createOnnxPredictor(await loadModelBytes(path, description), {
    length: description.inputLength,
    outputs: description.outputs,
    ...settings,
  })
}
