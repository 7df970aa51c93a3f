/** The share of handwritten digits that a published Keras model, run by TensorFlow.js, reads rightly. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { kerasExecutable, readKerasFile } from '../../src/model/foreign/keras/kerasImport.ts'
import { openTfjsBlackBox } from '../../src/predict/tfjs/tfjsBlackBox.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'

const pixels = 28 * 28
const batch = 250

/** @param count a multiple of 250 */
export async function digitAccuracy(realData: string, count: number): Promise<number> {
  const file = join(realData, 'models/keras2_mnist_cnn_allconv.h5')
  const { topology, weights, input, output } = kerasExecutable(await readKerasFile(file), {}, file)
  const runner = await openTfjsBlackBox(await loadTensorFlow('tfjs-wasm'), {
    kind: 'tfjs-layers',
    topology,
    weights,
  })
  // IDX: 16 bytes before the images, 8 before the labels.
  const images = gunzipSync(readFileSync(join(realData, 'mnist/t10k-images-idx3-ubyte.gz'))).subarray(16)
  const labels = gunzipSync(readFileSync(join(realData, 'mnist/t10k-labels-idx1-ubyte.gz'))).subarray(8)
  let right = 0
  for (let from = 0; from < count; from += batch) {
    const values = Float32Array.from(
      images.subarray(from * pixels, (from + batch) * pixels),
      (byte) => byte / 255,
    )
    const scores = await runner.run(values, [batch, 28, 28, 1], input, output)
    for (let i = 0; i < batch; i++) {
      const own = scores.subarray(10 * i, 10 * (i + 1))
      if (own.indexOf(Math.max(...own)) === labels[from + i]) right++
    }
  }
  await runner.close()
  return right / count
}
