/** Other explanation methods in a run, and the scorecard: what must be equal to what. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const config = `
seed: 5
sequences:
  sources: [{ simulate: grammar.yaml }]
train: { epochs: 10, patience: 10, batch-size: 32, learning-rate: 0.01 }
models:
  - name: scanner
    layers:
      - conv1d: { filters: 16, kernel-size: 8, activation: relu }
      - global-max-pool
extract: { quantile: 0.6, max-sis: 3 }
explain: { methods: [backward-selection, occlusion], window: 3 }
`

const directory = temporaryDirectory()
const run = join(directory, 'run')
const configFile = join(directory, 'config.yaml')

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { stdout, stderr, code } = await runSis(['query', run, sql, '--format', 'json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>[]
}

describe('the scorecard of a run', () => {
  beforeAll(async () => {
    writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(24, 200))
    writeFileSync(configFile, config)
    const { code, stderr } = await runSis(['run', configFile, '--out', run])
    expect(code, stderr).toBe(0)
  }, 120_000)

  it('holds one attribution for each sequence, model and method', async () => {
    const [counts] = await query(
      `SELECT (SELECT count(DISTINCT sequence_id) FROM sis) AS explained, (SELECT count(*) FROM attributions) AS rows,
       (SELECT min(len(importance)) = 24 AND max(len(importance)) = 24 FROM attributions) AS whole`,
    )
    expect(counts!['explained']).toBeGreaterThan(10)
    expect(counts).toMatchObject({ rows: 2 * Number(counts!['explained']), whole: true })
  })

  it("gives backward selection the sizes of the first SIS, and so all of the SIS's scores", async () => {
    expect(
      await query(
        `SELECT count(*) AS n FROM attribution_scores WHERE method = 'backward-selection' AND
         (sufficient_length IS DISTINCT FROM sis_size OR NOT kept_holds)`,
      ),
    ).toEqual([{ n: 0 }])
    const rows = await query(
      `SELECT a.kept_score - b.kept_score AS apart FROM attribution_scores a JOIN attribution_scores b
       USING (model_id, sequence_id) WHERE a.method = 'sis' AND b.method = 'backward-selection'`,
    )
    for (const { apart } of rows) expect(Math.abs(Number(apart))).toBeLessThan(1e-6)
    expect(
      await query(
        `SELECT overlap FROM method_agreement WHERE other_method = 'sis' AND method = 'backward-selection'`,
      ),
    ).toEqual([{ overlap: 1 }])
  })

  it('no method needs fewer bases than one of its tops has, and occlusion finds what was planted', async () => {
    const [card] = await query(
      `SELECT s.f1 = t.f1 AS same, o.f1 > 0.5 AS finds, o.insertion_area > o.deletion_area AS orders, o.sequences = s.sequences AS all_of_them
       FROM scorecard s JOIN truth_scores t USING (model_id) JOIN scorecard o USING (model_id)
       WHERE s.method = 'sis' AND o.method = 'occlusion'`,
    )
    expect(card).toEqual({ same: true, finds: true, orders: true, all_of_them: true })
  })

  it('is up to date on a second run, and makes only what is asked for besides', async () => {
    const again = await runSis(['run', configFile, '--out', run])
    expect(again.stderr).toContain('explain.scanner.occlusion: up to date')
    expect(again.stderr).toContain('evaluate: up to date')
    const other = await runSis(['explain', run, '--methods', 'occlusion', '--window', '5'])
    expect(other.code, other.stderr).toBe(0)
    expect(other.stderr).not.toContain('backward-selection')
    const judged = await runSis(['evaluate', run])
    expect(judged.code, judged.stderr).toBe(0)
    expect(judged.stdout).toMatch(/^scanner: \d+ sequences/)
    expect(judged.stdout).toMatch(/sis +\d+ \(\d+ to \d+\) +0\.0 % +100\.0 %/)
  })

  it.each([
    [['explain', run, '--methods', 'occlusin'], 2, /--methods/],
    [['explain', run, '--only', 'cnn'], 2, /no such model/],
    [['evaluate', run, '--motif', 'CTCF'], 2, /--motif CTCF: no motif of the run matches it; it has/],
  ])('refuses %j', async (args, exitCode, message) => {
    const { code, stderr } = await runSis(args)
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringMatching(message) as string })
  })
})
