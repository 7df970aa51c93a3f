/** A model that is no better than chance is said to be in the log, in run.json and on the page; its SIS are found all the same. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { runRecordSchema } from '../../src/run/record/runRecord.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const directory = temporaryDirectory()
const run = join(directory, 'run')

/** Both classes carry the site, so that it tells nothing of the label. */
const grammar = runx1Grammar(30, 60).replace('labels: [0]\n', '$&    elements: [{ motif: RUNX1 }]\n')

describe('models that have learnt nothing', () => {
  let log = ''
  beforeAll(async () => {
    writeFileSync(join(directory, 'grammar.yaml'), grammar)
    writeFileSync(join(directory, 'mine.onnx'), writeOnnx(runx1Scanner(30)))
    const file = join(directory, 'config.yaml')
    writeFileSync(
      file,
      `
seed: 3
sequences: { sources: [{ simulate: grammar.yaml }] }
train: { epochs: 2, patience: 1, restarts: 1 }
models:
  - { name: mine, file: mine.onnx }
  - { name: trained, layers: [{ conv1d: { filters: 2, kernel-size: 4, activation: relu } }, global-max-pool] }
extract: { splits: [test], quantile: 0.5, max-sis: 1 }
report: { examples: 1 }
`,
    )
    const { code, stderr } = await runSis(['run', file, '--out', run])
    expect(code, stderr).toBe(0)
    log = stderr
  }, 60_000)

  const warned = (name: string): RegExp =>
    new RegExp(
      `${name}:? has learnt nothing that shows \\(test auROC 0\\.\\d{3}, 95 % confidence interval 0\\.\\d{3} to 0\\.\\d{3}, which includes 0\\.5\\)`,
    )

  it.each(['mine', 'trained'])('%s is warned of in the log, in run.json and on the page', (name) => {
    expect(log).toMatch(new RegExp(`^warning: ${warned(name).source}`, 'm'))
    const record = runRecordSchema.parse(JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')))
    expect(record.warnings.filter((warning) => warned(name).test(warning))).toHaveLength(1)
    const page = readFileSync(join(run, 'report.html'), 'utf8')
    const banners = [...page.matchAll(/<p class="certificate wary chance">(.*?)<\/p>/gs)].filter(([, body]) =>
      warned(name).test(body!.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')),
    )
    expect(banners).toHaveLength(2)
  })

  it('are explained', async () => {
    const { stdout } = await runSis([
      'query',
      run,
      'SELECT name, count(*) > 0 AS explained FROM sis JOIN models USING (model_id) GROUP BY name ORDER BY name',
      '--format',
      'json',
    ])
    expect(JSON.parse(stdout)).toEqual([
      { name: 'mine', explained: true },
      { name: 'trained', explained: true },
    ])
  })

  it('keep every attempt in run.json, in model.json and in the table of the training', async () => {
    const record = runRecordSchema.parse(JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')))
    const attempts = record.stages.find(({ stage }) => stage === 'train.trained')!.details['attempts']
    expect(attempts).toMatchObject([{ seed: 3, learnt: false }, { learnt: false }])
    const description = JSON.parse(readFileSync(join(run, 'models/trained/model.json'), 'utf8')) as {
      training: { attempts: unknown; seed: number }
    }
    expect(description.training.attempts).toEqual(attempts)
    const { stdout } = await runSis([
      'query',
      run,
      'SELECT attempt, seed, bool_and(kept) AS kept, count(*) AS epochs FROM training_history GROUP BY ALL ORDER BY attempt',
      '--format',
      'json',
    ])
    expect(JSON.parse(stdout)).toEqual(
      (attempts as { seed: number; epochs: number }[]).map(({ seed, epochs }, i) => ({
        attempt: i + 1,
        seed,
        kept: seed === description.training.seed,
        epochs,
      })),
    )
  })
})
