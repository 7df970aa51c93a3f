/** Run as a program: how far the scores of a small network on the device that is named lie from the processor's. */
import { Random } from '../../src/base/random.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { openNetwork, type Device } from '../../src/predict/devices.ts'

const length = 31
const rows = 20
const network = initialiseNetwork(resolveArchitecture('cnn-small', 2), length, ['a', 'b'], 1)
const random = new Random(4, 'devices')
const codes = Uint8Array.from({ length: rows * length }, () => random.below(6))

async function scores(device: Device): Promise<Float32Array> {
  const predictor = await openNetwork(network, device, { batchSize: 8 })
  try {
    return await predictor.predict(codes, rows)
  } finally {
    await predictor.close()
  }
}

try {
  const expected = await scores('cpu')
  const found = await scores(process.argv[2] as Device)
  const gap = found.reduce((worst, score, i) => Math.max(worst, Math.abs(score - expected[i]!)), 0)
  console.log(JSON.stringify({ gap, scores: found.length }))
} catch (error) {
  console.log(JSON.stringify({ fault: String(error) }))
}
