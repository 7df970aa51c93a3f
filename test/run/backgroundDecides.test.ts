/**
 * A run with a model that gives its decision with everything masked, beside one that does not: its SIS are empty, and are
 * told as such wherever the run is told, and counted nowhere else.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import type { Network } from '../../src/model/network/network.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from '../cli/runSis.ts'
import { parseStrictly } from '../report/wellFormed.ts'
import { runx1Architecture, runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const length = 30
const sequences = 120
const directory = temporaryDirectory()
const run = join(directory, 'run')

const config = `
seed: 3
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
models:
  - { name: net, artifact: ${join(directory, 'net')} }
  - { name: always, artifact: ${join(directory, 'always')} }
extract: { splits: [train, valid, test], threshold: 0.5, max-sis: 3 }
report: { examples: 1 }
`

/** Scores above 0.5 whatever it reads. */
function always(): Network {
  const network = runx1Scanner(length)
  const layers = network.layers.map((layer) =>
    layer.kind === 'dense' ? { ...layer, bias: Float32Array.of(1) } : layer,
  )
  return { ...network, layers }
}

async function query<T>(sql: string): Promise<T[]> {
  const { stdout, stderr, code } = await runSis(['query', run, sql, '--format', 'json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T[]
}

describe('a run with a model that decides by the background', () => {
  let result: SisResult
  let page: string

  beforeAll(async () => {
    writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(length, sequences / 2))
    writeFileSync(join(directory, 'config.yaml'), config)
    for (const [name, network] of [
      ['net', runx1Scanner(length)],
      ['always', always()],
    ] as const) {
      await saveModel(join(directory, name), network, {
        name,
        architecture: runx1Architecture,
        background: uniformBackground,
        training: null,
        metrics: [],
      })
    }
    result = await runSis(['run', join(directory, 'config.yaml'), '--out', run])
    expect(result.code, result.stderr).toBe(0)
    const html = readFileSync(join(run, 'report.html'), 'utf8')
    page = parseStrictly(html).text.replace(/\s+/g, ' ')
  }, 120_000)

  it('says so in the log, counts no SIS and scores none by it', () => {
    expect(result.stderr).toMatch(
      new RegExp(`always: finding SIS: .*, the background decides all ${sequences} inputs`),
    )
    expect(result.stderr).toContain(
      `always: ${sequences} of ${sequences} inputs keep the decision with everything masked, so their SIS is empty and explains nothing`,
    )
    expect(result.stderr).toContain(
      'always gives its decision with everything masked, so any subset would be sufficient for it',
    )
    expect(result.stderr).toMatch(/building sis\.duckdb: .*, 37 SIS/) // those of net
    expect(result.stderr).toMatch(/net: the largest motif, \S+ \(\d+ of \d+ parts\), matches RUNX/)
    expect(result.stderr).not.toMatch(/always: the largest motif/)
  })

  it('records it', () => {
    const details = (stage: string): unknown =>
      (JSON.parse(readFileSync(join(run, `stages/${stage}.json`), 'utf8')) as { details: unknown }).details
    expect(details('extract.always')).toMatchObject({ sequences, decidedByBackground: sequences, subsets: 0 })
    expect(details('extract.net')).toMatchObject({ decidedByBackground: 0 })
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { warnings: string[] }
    expect(record.warnings.filter((line) => line.includes('everything masked'))).toHaveLength(2)
  })

  it('leaves it out of every table and view but its own rows', async () => {
    const [net, other] = await query<Record<string, unknown>>('FROM sis_summary')
    expect(net).toMatchObject({ model: 'net', sequences_decided_by_background: 0 })
    expect(net!['sequences_explained']).toBeGreaterThan(30)
    expect(net!['min_size']).toBeGreaterThan(0)
    expect(other).toEqual({
      model_id: 1,
      model: 'always',
      sequences_explained: 0,
      sis: 0,
      mean_size: null,
      median_size: null,
      min_size: null,
      max_size: null,
      share_certified: null,
      recomputed: 0,
      sequences_decided_by_background: sequences,
    })
    expect(await query('SELECT count(*)::INTEGER AS n FROM sis WHERE model_id = 1 AND vacuous')).toEqual([
      { n: sequences },
    ])
    // Neither are its empty SIS asked about, nor is it asked.
    for (const table of ['cross_sufficiency', 'cross_sufficiency_summary', 'sis_overlaps']) {
      expect(await query(`SELECT count(*)::INTEGER AS n FROM ${table}`), table).toEqual([{ n: 0 }])
    }
    const [parts] = await query<{ n: number; sis: number }>(
      'SELECT count(*)::INTEGER AS n, count(DISTINCT (sequence_id, rank))::INTEGER AS sis FROM sis_parts',
    )
    expect(parts!.sis).toBe(net!['sis'])
    expect(await query('SELECT name, parts, noise FROM clusterings ORDER BY clustering_id')).toMatchObject([
      { name: 'net', parts: parts!.n },
      { name: 'always', parts: 0, noise: 0 },
      { name: 'joint', parts: parts!.n },
    ])
    expect(await query('SELECT summary FROM model_logic WHERE model_id = 1')).toEqual([
      { summary: 'always has no SIS.' },
    ])
    expect(await query('SELECT DISTINCT share FROM cluster_shares ORDER BY share')).toEqual([
      { share: 0 },
      { share: 1 },
    ])
    expect(await query('SELECT model_id FROM truth_scores')).toEqual([{ model_id: 0 }])
  })

  it('tells it in the report by its own words', async () => {
    const [{ sis }] = (await query<{ sis: number }>('SELECT sis FROM sis_summary LIMIT 1')) as [
      { sis: number },
    ]
    const why = `the background alone gives the decision, with every base masked, so the SIS of ${sequences} sequences are empty and explain nothing`
    expect(page).toMatch(new RegExp(`always( \\(test auROC [\\d.]+\\))? has no explained sequence: ${why}`))
    expect(page).toContain(`${sis} SIS stored, 100 % certified`)
    expect(page).toContain(`Not counted: ${sequences} sequences under always`)
    expect(page).toContain(`No SIS, hence no motifs: ${why}.`)
    expect(page).toContain(`No sequence was explained under this model: ${why}.`)
    expect(page).toContain('any subset: its background decides')
    expect(page).not.toMatch(/sufficient for always|none reached τ|no sequence reached τ/)
  })
})
