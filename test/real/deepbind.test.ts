/** Published DeepBind models give their published scores, through every runtime. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDeepbind } from '../../src/model/foreign/deepbind.ts'
import type { Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'

const realData = process.env['SIS_REAL_DATA']

/** README.TXT beside the models, DeepBind 0.11 as published: rows are sequences, columns models. */
const models = ['D00210.001', 'D00120.001', 'D00410.003', 'D00328.003'] // RBFOX1, MBNL1, GATA3, CTCF
const sequences = [
  'AGGUAAUAAUUUGCAUGAAAUAACUUGGAGAGGAUAGC',
  'AGACAGAGCUUCCAUCAGCGCUAGCAGCAGAGACCAUU',
  'GAGGTTACGCGGCAAGATAA',
  'TACCACTAGGGGGCGCCACC',
]
const published = [
  [7.45142, -0.166146, -0.408751, -0.02618],
  [-0.155398, 4.113817, 0.516956, -0.248167],
  [-0.140683, 0.181295, 5.885349, -0.02618],
  [-0.174985, -0.152521, -0.379695, 17.682623],
]

const runtimes: Record<string, (network: Network) => Promise<Predictor>> = {
  'ONNX Runtime': (network) =>
    createOnnxPredictor(network, {
      background: uniformBackground,
      batchSize: 2,
      threads: 1,
    }),
  'TensorFlow.js': async (network) =>
    createTfjsPredictor(await loadTensorFlow('tfjs-wasm'), network, { batchSize: 2 }),
}

describe.skipIf(realData === undefined)('DeepBind as published (SIS_REAL_DATA)', () => {
  it.each(Object.entries(runtimes))('sixteen scores, by %s', async (_, open) => {
    const directory = join(realData!, 'models/deepbind')
    const readme = readFileSync(join(directory, 'README.TXT'), 'utf8')
    for (const [m, model] of models.entries()) {
      const text = readFileSync(join(directory, `${model}.txt`), 'utf8')
      for (const [s, sequence] of sequences.entries()) {
        const score = published[s]![m]!
        expect(readme).toContain(score.toFixed(6))
        const { network } = readDeepbind(text, model, { length: sequence.length })
        const predictor = await open(network as Network)
        const [found] = await predictor.predict(encodeSequence(sequence.replaceAll('U', 'T')), 1)
        await predictor.close()
        expect(Math.abs(found! - score), `${model}, sequence ${s + 1}`).toBeLessThan(1e-4)
      }
    }
  })
})
