/** The whole chain on a small simulated set: every stage, its resumption, its shards, its database. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { beforeAll, describe, expect, it } from 'vitest'
import { unpackedPage } from '../report/client/madeColumns.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { lettersOf, modiscoBytes } from '../io/modiscoPatterns.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const grammar = runx1Grammar(24, 200)

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
  - name: fc
    layers:
      - flatten
      - dense: { units: 16, activation: relu }
    strands: both
    epochs: 3
extract: { quantile: 0.6, max-sis: 3 }
report: { examples: 2 }
`

const directory = temporaryDirectory()
const run = join(directory, 'run')
const configFile = join(directory, 'config.yaml')

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { stdout, stderr, code } = await runSis(['query', run, sql, '--format', 'json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>[]
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
}

describe('the chain', () => {
  beforeAll(async () => {
    writeFileSync(join(directory, 'grammar.yaml'), grammar)
    writeFileSync(configFile, config)
    const { code, stdout, stderr } = await runSis(['run', configFile, '--out', run])
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${join(run, 'report.html')}\n` })
  }, 120_000)

  it('the page holds the ordering of each explained sequence, and it ends in the first SIS', () => {
    const { columns, details } = unpackedPage(readFileSync(join(run, 'report.html'), 'utf8'))
    expect(columns.rows.count).toBeGreaterThan(20)
    for (let row = 0; row < columns.rows.count; row++) {
      const first = columns.rows.first[row]!
      const { positions, scores } = details.ordering(row)!
      const size = columns.sis.size[first]!
      expect([...positions].sort((a, b) => a - b)).toEqual([...positions.keys()])
      expect([...positions.slice(-size)].sort((a, b) => a - b)).toEqual(details.positions(first))
      expect(scores[scores.length - size - 1]).toBeCloseTo(columns.sis.scoreSis[first]!, 4)
    }
  })

  it('finds what was planted, and certifies all of it', async () => {
    const [scores] = await query(
      "SELECT f1 FROM truth_scores JOIN models USING (model_id) WHERE name = 'scanner'",
    )
    expect(scores!['f1']).toBeGreaterThan(0.8)
    const [share] = await query(
      'SELECT count(*) AS n, bool_and(certified AND minimal AND score_sis >= threshold AND (score_residual < threshold OR rank = 2 OR size > 0)) AS sound FROM sis JOIN models USING (model_id)',
    )
    expect(share).toEqual({ n: expect.any(Number) as number, sound: true })
    expect(share!['n']).toBeGreaterThan(20)
  })

  it('says which models read both strands', async () => {
    expect(await query('SELECT name, architecture FROM models ORDER BY name')).toEqual([
      { name: 'fc', architecture: 'custom, both strands' },
      { name: 'scanner', architecture: 'custom' },
    ])
  })

  it('keeps SIS of one sequence disjoint, and the last residual below τ unless max-sis stopped', async () => {
    expect(
      await query(
        `SELECT sequence_id FROM sis GROUP BY model_id, sequence_id
         HAVING len(flatten(list(positions))) <> len(list_distinct(flatten(list(positions))))`,
      ),
    ).toEqual([])
    expect(
      await query(
        `SELECT sequence_id FROM sis JOIN models USING (model_id) GROUP BY model_id, sequence_id
         HAVING count(*) < 3 AND arg_max(score_residual, rank) >= any_value(threshold)`,
      ),
    ).toEqual([])
  })

  it('names the motif of the scanner', async () => {
    const matches = await query(
      `SELECT target_name, q_value FROM motif_matches JOIN motifs USING (motif_id) JOIN models USING (model_id)
       WHERE models.name = 'scanner' AND cluster_id = 0 AND match_rank = 0`,
    )
    expect(matches).toHaveLength(1)
    expect(matches[0]!['q_value']).toBeLessThan(0.05)
    expect(readFileSync(join(run, 'motifs.meme'), 'utf8')).toMatch(/^MEME version 5[^]*MOTIF scanner_1/)
  })

  it('skips everything that is up to date, and removes what killed runs have left', async () => {
    const left = ['', 'stages', 'models/fc', 'tables/sis'].map((folder) =>
      join(run, folder, '.half.tmp-00000000-1-1-abcdef'),
    )
    for (const path of left) {
      mkdirSync(path)
      utimesSync(path, 0, 0)
    }
    const { code, stderr } = await runSis(['run', configFile, '--out', run])
    expect(code).toBe(0)
    const lines = stderr.trimEnd().split('\n')
    expect(lines.filter((line) => !line.endsWith(': up to date'))).toEqual([])
    expect(lines).toHaveLength(12)
    expect(left.filter(existsSync)).toEqual([])
  })

  it('redoes a stage whose output is not what it wrote', async () => {
    writeFileSync(join(run, 'motifs.meme'), 'edited')
    const { stderr } = await runSis(['run', configFile, '--out', run])
    expect(stderr).not.toContain('cluster: up to date')
    expect(stderr).toContain('compare: up to date')
    expect(readFileSync(join(run, 'motifs.meme'), 'utf8')).toMatch(/^MEME/)
  })

  it('redoes only what a changed setting reaches', async () => {
    const { stderr } = await runSis(['run', configFile, '--out', run, '--set', 'cluster.min-samples=2'])
    const upToDate = stderr.split('\n').flatMap((line) => /^(\S+): up to date$/.exec(line)?.[1] ?? [])
    expect(upToDate).toEqual([
      'prepare',
      'train.scanner',
      'train.fc',
      'predict.scanner',
      'predict.fc',
      'extract.scanner',
      'extract.fc',
    ])
  })

  it("names motifs by modisco-lite's patterns", async () => {
    const path = join(directory, 'patterns.h5')
    const words = { 'pos_patterns/pattern_0': 'AAGTTTAACC', 'neg_patterns/pattern_0': 'TTTGTGGTTTA' }
    const patterns = Object.entries(words).map(([at, word]) => ({ path: at, sequence: lettersOf(word) }))
    writeFileSync(path, await modiscoBytes(patterns))
    const { code, stderr } = await runSis(['cluster', run, '--known-motifs', path])
    expect(code, stderr).toBe(0)
    const matches = await query(
      `SELECT target_name FROM motif_matches JOIN motifs USING (motif_id) JOIN models USING (model_id)
       WHERE models.name = 'scanner' AND cluster_id = 0 AND match_rank = 0`,
    )
    expect(matches).toEqual([{ target_name: 'neg_patterns.pattern_0' }])
  })

  it('gives the same SIS from shards in any order, and misses a shard that is not there', async () => {
    const all = 'SELECT * FROM sis ORDER BY ALL'
    const whole = await query(all)
    for (const shard of ['3/3', '1/3']) {
      expect(await runSis(['extract', run, '--shard', shard])).toMatchObject({ code: 0 })
    }
    const early = await runSis(['merge', run])
    expect(early.code).toBe(3)
    for (const model of ['scanner', 'fc'])
      expect(early.stderr).toContain(`shard 2/3 of '${model}' is missing: run 'sis extract`)
    expect(await runSis(['extract', run, '--shard', '2/3'])).toMatchObject({ code: 0 })
    expect(await runSis(['merge', run])).toMatchObject({ code: 0 })
    expect(await query(all)).toEqual(whole)
    expect(await runSis(['run', configFile, '--out', run])).toMatchObject({ code: 0 })
    expect(await query(all)).toEqual(whole)
  })

  it('leaves out of the database what has become stale', async () => {
    const { code, stderr } = await runSis(['extract', run, '--max-sis', '1'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain("cluster: out of date and left out; 'sis cluster' makes it again")
    expect(await query('SELECT count(*)::INTEGER AS n FROM clusters')).toEqual([{ n: 0 }])
  })

  it('prepares the same bytes from the same seed', async () => {
    const [a, b] = [join(directory, 'a'), join(directory, 'b')]
    for (const out of [a, b]) {
      const made = await runSis([
        'prepare',
        out,
        '--simulate',
        join(directory, 'grammar.yaml'),
        '--seed',
        '5',
      ])
      expect(made.code).toBe(0)
    }
    const bytes = (out: string): Buffer => readFileSync(join(out, 'tables/sequences/all.parquet'))
    expect(bytes(a).equals(bytes(b))).toBe(true)
  })

  it('comes to a stop when interrupted and leaves nothing half-written', async () => {
    const out = join(directory, 'interrupted')
    const short = join(directory, 'short.yaml')
    const { models, ...rest } = parse(config) as { models: unknown[] }
    writeFileSync(short, stringify({ ...rest, models: models.slice(1) }))
    const { code, stderr } = await runSis(['run', short, '--out', out], { interruptAt: 'train.fc' })
    expect(code).toBe(130)
    expect(stderr).not.toMatch(/interrupted|bug/) // whoever was sent the signal says it
    expect(filesIn(out)).toEqual([
      'config.yaml',
      'stages',
      'stages/prepare.json',
      'tables',
      'tables/sequences',
      'tables/sequences/all.parquet',
      'tables/truth',
      'tables/truth/all.parquet',
    ])
    const resumed = await runSis(['run', short, '--out', out])
    expect(resumed.code).toBe(0)
    expect(resumed.stderr).toContain('prepare: up to date')
  })

  it('records what was done', () => {
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
      seed: number
      versions: Record<string, string>
      stages: { stage: string; seconds: number; inputs: Record<string, string> }[]
    }
    expect(record.seed).toBe(5)
    expect(record.versions['onnxruntime-node']).toMatch(/^\d/)
    expect(record.stages.map(({ stage }) => stage)).toContain('prepare')
    const prepared = record.stages.find(({ stage }) => stage === 'prepare')!
    expect(Object.values(prepared.inputs).every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true)
  })
})
