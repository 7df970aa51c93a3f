/** The shipped run configs on real data: what a user with the data gets from one command. */
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareRun } from '../../benchmarks/sameSubsets.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'

const realData = process.env['SIS_REAL_DATA']
const pipelines = resolve(import.meta.dirname, '../../pipelines')

interface Run {
  readonly directory: string
  /** Asks its database. */
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>
}

/** Runs a config. */
async function run(name: string, ...settings: string[]): Promise<Run> {
  const directory = join(temporaryDirectory(), name)
  const flags = settings.flatMap((setting) => ['--set', setting])
  const { code, stderr } = await runSis([
    'run',
    join(pipelines, `${name}.yaml`),
    '--out',
    directory,
    ...flags,
  ])
  expect(code, stderr).toBe(0)
  return {
    directory,
    async query(sql) {
      const { stdout } = await runSis(['query', directory, sql, '--format', 'json'])
      return JSON.parse(stdout) as Record<string, unknown>[]
    },
  }
}

/**
 * The engine does not stand in the key of a stage, since subsets do not depend on it: of every model, in both directions, at
 * three thresholds each.
 */
async function expectSameSubsets(directory: string, sequences: number): Promise<void> {
  let compared = 0
  for await (const agreement of compareRun(directory, sequences)) {
    expect(agreement, JSON.stringify(agreement)).toMatchObject({ different: 0, recomputed: 0 })
    // Orderings part where scores tie within rounding, which is rare.
    expect(agreement.ties).toBeLessThanOrEqual(0.1 * agreement.sequences)
    compared += agreement.subsets
  }
  expect(compared).toBeGreaterThanOrEqual(12 * sequences)
}

const largestMotif = `SELECT target_name, q_value FROM motif_matches JOIN motifs USING (motif_id)
  JOIN models USING (model_id) WHERE models.name = 'cnn' AND cluster_id = 0 ORDER BY match_rank`

describe('sis demo', () => {
  it('finds the planted motifs and positions', async () => {
    const { directory, query } = await run('demo')
    const [truth] = await query(`SELECT f1 FROM truth_scores JOIN models USING (model_id) WHERE name = 'cnn'`)
    expect(truth!['f1']).toBeGreaterThanOrEqual(0.8)
    const best = await query(
      `SELECT target_id FROM motif_matches JOIN motifs USING (motif_id) JOIN models USING (model_id)
       WHERE models.name = 'cnn' AND match_rank = 0 AND cluster_id < 2 ORDER BY target_id`,
    )
    expect(best).toEqual([{ target_id: 'GATA1' }, { target_id: 'RUNX1' }])
    await expectSameSubsets(directory, 25)
  })
})

describe.skipIf(realData === undefined)('real data (SIS_REAL_DATA)', () => {
  it('CTCF: the CNN has learnt the CTCF motif, and the fully connected net something else', async () => {
    const { directory, query } = await run('ctcf')
    const [cnn, fc] = await query(
      `SELECT models.name, auroc_test, sequences_explained, share_certified
       FROM models JOIN sis_summary USING (model_id) ORDER BY model_id`,
    )
    expect(cnn!['auroc_test']).toBeGreaterThanOrEqual(0.95)
    for (const model of [cnn!, fc!]) {
      expect(model['sequences_explained']).toBeGreaterThanOrEqual(500)
      expect(model['share_certified']).toBe(1)
    }
    const [match] = await query(largestMotif)
    expect(match!['target_name']).toBe('CTCF')
    expect(match!['q_value']).toBeLessThan(0.01)
    const cross = await query('SELECT share_sufficient FROM cross_sufficiency_summary')
    expect(cross).toHaveLength(2)
    for (const { share_sufficient } of cross) expect(share_sufficient).toBeLessThan(0.5)
    await expectSameSubsets(directory, 10)
  })

  it('USF1: the E-box CACGTG is found and named', async () => {
    const { directory, query } = await run('usf1')
    const matches = await query(largestMotif)
    expect(matches[0]!['q_value']).toBeLessThan(0.01)
    // USF1 and USF2 bind as one dimer, to GTCACGTGAC; of the two, JASPAR's matrix of USF1 has the vaguer flanks.
    expect(['USF1', 'USF2']).toContain(matches[0]!['target_name'])
    expect(matches.find(({ target_name }) => target_name === 'USF1')!['q_value']).toBeLessThan(1e-4)
    const [motif] = await query(
      `SELECT site_consensus FROM motifs JOIN models USING (model_id) WHERE models.name = 'cnn' AND cluster_id = 0`,
    )
    expect(motif!['site_consensus']).toContain('CACGTG')
    await expectSameSubsets(directory, 10)
  })

  it.each([
    ['task2', /^GATA\d/i],
    ['task3', /^TAL1::TCF3$/],
  ])("TAL1 and GATA: somebody's Keras model, explained by %s", async (output, name) => {
    const { query } = await run('tal-gata', `extract.output=${output}`)
    const [model] = await query(
      'SELECT output_name, auroc_test, share_certified FROM models JOIN sis_summary USING (model_id)',
    )
    expect(model).toMatchObject({ output_name: output, share_certified: 1 })
    expect(model!['auroc_test']).toBeGreaterThanOrEqual(0.97)
    const [match] = await query(largestMotif.replace("'cnn'", "'keras'"))
    expect(match!['target_name']).toMatch(name)
    expect(match!['q_value']).toBeLessThan(0.01)
  })
})
