/** `sis explain` from end to end: methods of ours, attributions made elsewhere, and their export. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { npyBytes } from '../../src/io/arrays/npy.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const directory = temporaryDirectory()
const run = join(directory, 'run')
const length = 24
let explained: { sequence_id: number; name: string }[] = []
let prepared = 0

async function query<R>(sql: string): Promise<R[]> {
  const { stdout, stderr, code } = await runSis(['query', run, sql, '--format', 'json'])
  // It may warn that the scorecard is of what was there before.
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as R[]
}

/** One row a sequence: its number, again and again. */
function writeRows(name: string, rows: readonly number[]): string {
  const file = join(directory, name)
  const values = Float32Array.from({ length: rows.length * length }, (_, i) => rows[Math.floor(i / length)]!)
  writeFileSync(file, npyBytes({ shape: [rows.length, length], values }))
  return file
}

describe('sis explain', () => {
  beforeAll(async () => {
    writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(length, 100))
    writeFileSync(
      join(directory, 'config.yaml'),
      `
seed: 5
sequences:
  sources: [{ simulate: grammar.yaml }]
train: { epochs: 10, patience: 10, batch-size: 32, learning-rate: 0.01 }
models:
  - name: scanner
    layers:
      - conv1d: { filters: 16, kernel-size: 8, activation: relu }
      - global-max-pool
extract: { quantile: 0.6, max-sis: 1 }
explain: { methods: [mutagenesis], max-sequences: 8 }
`,
    )
    const { code, stderr } = await runSis(['run', join(directory, 'config.yaml'), '--out', run])
    expect(code, stderr).toBe(0)
    explained = await query('SELECT sequence_id, name FROM attributions JOIN sequences USING (sequence_id)')
    prepared = (await query<{ n: number }>('SELECT count(*) AS n FROM sequences'))[0]!.n
  }, 120_000)

  it('has what the config names, of as many sequences', async () => {
    expect(explained).toHaveLength(8)
    const [found] = await query<Record<string, number>>(
      'SELECT min(len(importance)) AS l, min(len(contributions)) AS c, max(seconds) AS s FROM attributions',
    )
    expect(found).toMatchObject({ l: length, c: 4 * length })
    expect(found!['s']).toBeGreaterThan(0)
  })

  it('adds methods that sample, each replicate from another seed', async () => {
    const given = ['explain', run, '--methods', 'lime', 'shapley-kernel', 'occlusion']
    const { code, stderr } = await runSis([...given, '--samples', '120', '--replicates', '2'])
    expect(code, stderr).toBe(0)
    const found = await query<{ method: string; n: number; different: number }>(
      `SELECT method, count(*) AS n, count(DISTINCT importance) AS different FROM attributions
       WHERE method != 'mutagenesis' GROUP BY method ORDER BY method`,
    )
    expect(found).toEqual([
      { method: 'lime', n: 16, different: 16 },
      { method: 'occlusion', n: 8, different: 8 },
      { method: 'shapley-kernel', n: 16, different: 16 },
    ])
  })

  it('takes attributions over, in order or by name', async () => {
    const ids = explained.map(({ sequence_id }) => sequence_id)
    const inOrder = writeRows('explained.npy', ids)
    const all = writeRows('all.npy', [...Array(prepared).keys()])
    const turned = writeRows('turned.npy', ids.toReversed())
    const names = join(directory, 'rows.tsv')
    writeFileSync(
      names,
      explained
        .toReversed()
        .map(({ name }) => `${name}\tmore\n`)
        .join(''),
    )
    const methods = ['--methods', 'mutagenesis']
    for (const given of [
      ['--attributions', `ordered=${inOrder}`, `whole=${all}`],
      ['--attributions', `named=${turned}`, '--attribution-rows', names],
    ]) {
      const { code, stderr } = await runSis(['explain', run, ...methods, ...given])
      expect(code, stderr).toBe(0)
    }
    const wrong = await query(
      `SELECT * FROM attributions WHERE method IN ('ordered', 'whole', 'named')
       AND (importance[1] != sequence_id OR importance[${length}] != sequence_id OR seconds IS NOT NULL)`,
    )
    expect(wrong).toEqual([])
    const [{ n }] = (await query<{ n: number }>(
      "SELECT count(*) AS n FROM attributions WHERE method IN ('ordered', 'whole', 'named')",
    )) as [{ n: number }]
    expect(n).toBe(24)
  })

  it.each<[string, readonly string[], number, string]>([
    ['too few rows', ['few=few.npy'], 3, 'has 7 rows; 8 sequences are explained'],
    ['a name of ours', ['lime=few.npy'], 2, 'is a method of ours'],
    ['no file', ['few'], 2, 'give NAME=FILE'],
    ['a file that is not there', ['few=none.npy'], 3, 'none.npy'],
  ])('refuses %s', async (_, given, code, message) => {
    writeRows('few.npy', [1, 2, 3, 4, 5, 6, 7])
    const files = given.map((text) => text.replace('=', `=${directory}/`))
    const found = await runSis(['explain', run, '--attributions', ...files])
    expect(found.code, found.stderr).toBe(code)
    expect(found.stderr).toContain(message)
  })

  it('exports what it has, by the name of the method', async () => {
    const folder = join(directory, 'arrays')
    mkdirSync(folder)
    const exported = ['export', run, '--as', 'modisco-inputs', '--method', 'mutagenesis', '--out', folder]
    const { code, stderr } = await runSis(exported)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const without = await runSis(['export', run, '--as', 'bedgraph', '--method', 'mutagenesis'])
    expect(without.code).toBe(2)
    expect(without.stderr).toContain('needs genome coordinates')
    const stray = await runSis(['export', run, '--as', 'bed', '--method', 'mutagenesis'])
    expect(stray.stderr).toContain('--method is for attributions')
    const other = await runSis(['export', run, '--as', 'bedgraph', '--all-parts'])
    expect(other.stderr).toContain('--all-parts says nothing of attributions')
  })
})
