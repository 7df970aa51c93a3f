/** A published Keras model of TAL1 and GATA motifs scores its test sequences as it should, as a network of ours. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { openNetwork } from '../../src/predict/devices.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { binaryMetrics } from '../../src/train/metrics.ts'

const realData = process.env['SIS_REAL_DATA']

describe.skipIf(realData === undefined)('Keras models as published (SIS_REAL_DATA)', () => {
  it('TAL1 and GATA: test auROC of at least 0.97 on each task', async () => {
    const directory = join(realData!, 'tal-gata-simulated')
    const lines = (file: string) =>
      gunzipSync(readFileSync(join(directory, file)))
        .toString()
        .trim()
        .split('\n')
    const tested = new Set(lines('test-split.txt.gz'))
    const rows = lines('sequences.tsv.gz')
      .slice(1)
      .map((line) => line.split('\t'))
      .filter(([name]) => tested.has(name!))
    expect(rows.length).toBe(tested.size)

    const outputNames = ['task1', 'task2', 'task3']
    const { network } = await importKeras(join(directory, 'model.json'), { outputNames })
    if ('refusal' in network) throw new Error(network.refusal)
    const predictor = await openNetwork(network, 'cpu')
    const scores = await predictor.predict(
      encodeSequence(rows.map(([, sequence]) => sequence!).join('')),
      rows.length,
    )
    await predictor.close()
    for (const [t, task] of outputNames.entries()) {
      const labels = Float32Array.from(rows, (row) => Number(row[2 + t]))
      const own = scores.filter((_, i) => i % 3 === t)
      expect(binaryMetrics(own, labels).auroc, task).toBeGreaterThanOrEqual(0.97)
    }
  })
})
