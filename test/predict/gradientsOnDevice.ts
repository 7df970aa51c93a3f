/** Run as a program: how far gradients and a step of training on the device that is named lie from the processor's. */
import { Random } from '../../src/base/random.ts'
import { createOnnxGradientPredictor } from '../../src/predict/onnx/onnxGradients.ts'
import type { OnnxDevice } from '../../src/predict/onnx/onnxRunner.ts'
import { onnxTraining } from '../../src/train/onnxTraining.ts'
import { batchesOf, comparableWeights, largestDifference, takeSteps } from '../train/steps.ts'
import { trialLength, trialNetwork } from './tfjsNetworks.ts'

const rows = 4
const random = new Random(2, 'devices')
const codes = new Uint8Array(rows * trialLength).map(() => random.below(6))

async function on(
  name: string,
  device: OnnxDevice,
): Promise<{ gradients: Float32Array; weights: Float32Array[] }> {
  const network = trialNetwork(name)
  const predictor = await createOnnxGradientPredictor(network, { device, batchSize: rows })
  const gradients = await predictor.gradients(codes, rows, 0)
  await predictor.close()
  const logits = { ...network, layers: network.layers.slice(0, -1) }
  const trained = await takeSteps(onnxTraining({ device, threads: 1 }), logits, batchesOf(logits, 1))
  return { gradients, weights: comparableWeights(trained.network.layers, 1) }
}

try {
  let gap = 0
  for (const name of [
    'global max of a second conv1d',
    'residual',
    'max pool overlapping',
    'max pool apart, same',
  ]) {
    const [expected, found] = [await on(name, 'cpu'), await on(name, process.argv[2] as OnnxDevice)]
    gap = Math.max(
      gap,
      largestDifference([expected.gradients], [found.gradients]),
      largestDifference(expected.weights, found.weights),
    )
  }
  console.log(JSON.stringify({ gap }))
} catch (error) {
  console.log(JSON.stringify({ fault: String(error) }))
}
