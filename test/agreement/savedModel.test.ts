/** A SavedModel that TensorFlow made scores in @tensorflow/tfjs-node as TensorFlow said, from its file to its SIS. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { BackendError } from '../../src/base/errors.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { readModel } from '../../src/import/importModel.ts'
import { openPredictor } from '../../src/import/modelPredictor.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'

const directory = join(import.meta.dirname, '../fixtures/models/saved_model')
const expected = JSON.parse(readFileSync(`${directory}.scores`, 'utf8')) as {
  readonly sequences: readonly string[]
  readonly scores: readonly (readonly number[])[]
}
const settings = { background: uniformBackground, device: 'auto', threads: 1 } as const

async function fault(): Promise<string | undefined> {
  try {
    await loadTensorFlow('tfjs-node')
    return undefined
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return error.message
  }
}
const absent = await fault()

describe('a SavedModel without @tensorflow/tfjs-node', () => {
  it.skipIf(absent === undefined)('is an error that says how to get it', async () => {
    const { code, stderr } = await runSis(['model', 'show', directory])
    expect(stderr).toContain('npm install @tensorflow/tfjs-node')
    expect(code).toBe(4)
  })
})

describe.skipIf(absent !== undefined)(
  `a SavedModel${absent === undefined ? '' : ` (skipped: ${absent})`}`,
  () => {
    const run = temporaryDirectory()

    beforeAll(() => {
      writeFileSync(
        join(run, 'some.fa'),
        expected.sequences.map((letters, i) => `>s${i}\n${letters}\n`).join(''),
      )
    })

    it('scores as TensorFlow does', async () => {
      const { model } = await readModel(directory, {}, settings)
      const predictor = await openPredictor(model, settings)
      expect(predictor.backend).toContain('tfjs-node')
      const codes = encodeSequence(expected.sequences.join(''))
      const scores = await predictor.predict(codes, expected.sequences.length)
      await predictor.close()
      const largest = expected.scores.flat().map((score, i) => Math.abs(score - scores[i]!))
      expect(largest.length).toBe(32)
      expect(Math.max(...largest)).toBeLessThan(1e-5)
    })

    it('is explained as a black box, its files taken along', async () => {
      const config = join(run, 'config.yaml')
      writeFileSync(
        config,
        `
sequences: { sources: [{ fasta: some.fa, label: 1 }], duplicates: keep }
models: [{ name: saved, file: ${directory}, output-names: [first, second] }]
extract: { splits: [train, valid, test], quantile-split: all, quantile: 0.5, max-sis: 1, output: second }
report: { examples: 1 }
`,
      )
      const { code, stderr } = await runSis(['run', config, '--out', join(run, 'run')])
      expect(code, stderr).toBe(0)
      expect(stderr).toContain('saved: engine naive')
      const sql = 'SELECT count(*)::INTEGER AS n, min(certified::INTEGER) AS certified FROM sis'
      const { stdout } = await runSis(['query', join(run, 'run'), sql, '--format', 'json'])
      expect(JSON.parse(stdout)).toEqual([{ n: 8, certified: 1 }])
      expect(readFileSync(join(run, 'run/models/saved/saved_model/saved_model.pb')).length).toBeGreaterThan(
        1000,
      )
    })
  },
)
