/** Jobs of a batch are stages by name: in any order they make the tables of one run, and what is not whole is not merged. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { leftBehind, tableHashes, writeSheet } from './tinySamples.ts'

const directory = temporaryDirectory()
const batch = join(directory, 'batch')

async function sis(...args: string[]): Promise<string> {
  const result = await runSis(args)
  expect(result.code, result.stderr).toBe(0)
  return result.stdout
}

beforeAll(async () => {
  await sis('batch', writeSheet(directory, 2).sheet, '--shards', '2', '--write', batch)
})

describe('jobs of a batch', () => {
  const run = join(batch, 'runs/s1')
  const job = (...stages: string[]): Promise<string> =>
    sis('run', join(batch, 'configs/s1.yaml'), '--out', run, '--stage', ...stages)

  it('make the tables of one run, are told by sis status, and are done once', async () => {
    await job('prepare')
    for (const model of ['cnn', 'fc']) await job(`train.${model}`, `predict.${model}`)
    for (const part of ['cnn.2-of-2', 'cnn.1-of-2', 'fc.1-of-2']) await job(`extract.${part}`)
    const early = await runSis(['run', join(batch, 'configs/s1.yaml'), '--out', run, '--stage', 'merge'])
    expect(early.code).toBe(3)
    expect(early.stderr).toContain("shard 2/2 of 'fc' is missing: run 'sis extract")
    const [s1, s2] = JSON.parse(await sis('status', batch, '--json')) as {
      stages: { stage: string; state: string }[]
      secondsLeft: number | null
    }[]
    const stateOf = (name: string) => s1!.stages.find(({ stage }) => stage === name)?.state
    expect(['extract.fc.1-of-2', 'extract.fc.2-of-2', 'merge'].map(stateOf)).toEqual([
      'done',
      'missing',
      'missing',
    ])
    expect(s1!.secondsLeft).not.toBeNull()
    expect(new Set(s2!.stages.map(({ state }) => state))).toEqual(new Set(['missing']))

    await job('extract.fc.2-of-2')
    await job('merge', 'cluster', 'logic', 'compare', 'merge', 'report')
    const whole = join(directory, 'whole')
    await sis('run', join(batch, 'configs/s1.yaml'), '--out', whole)
    expect(await tableHashes(join(run, 'sis.duckdb'))).toEqual(await tableHashes(join(whole, 'sis.duckdb')))
    expect(leftBehind(run)).toEqual([])
    const again = await runSis([
      'run',
      join(batch, 'configs/s1.yaml'),
      '--out',
      run,
      '--stage',
      'extract.cnn.1-of-2',
    ])
    expect(again.stderr).toContain('extract.cnn.1-of-2: up to date')
  })

  it('are summed up, and what is not finished is named', async () => {
    const { code, stderr } = await runSis(['batch', batch, '--summary'])
    expect(code).toBe(3)
    expect(stderr).toContain('1 sample not finished:\n  s2: ')
    const [header, ...rows] = readFileSync(join(batch, 'summary.tsv'), 'utf8').trimEnd().split('\n')
    expect(header!.split('\t')).toEqual(
      expect.arrayContaining(['auroc_test', 'leading_motif', 'known_factor', 'q_value']),
    )
    expect(rows.map((row) => row.split('\t').slice(0, 2))).toEqual([
      ['s1', 'cnn'],
      ['s1', 'fc'],
    ])
    expect(readFileSync(join(batch, 'summary.html'), 'utf8')).toContain('href="runs/s1/report.html"')
  })

  it('are not merged where a shard is damaged, of other bytes or stale; each is named', async () => {
    const other = join(directory, 'damaged')
    cpSync(run, other, { recursive: true })
    const table = join(other, 'tables/sis/cnn.1-of-2.parquet')
    writeFileSync(table, readFileSync(join(other, 'tables/sis/cnn.2-of-2.parquet')))
    const record = join(other, 'stages/extract.fc.2-of-2.json')
    const text = readFileSync(record, 'utf8')
    writeFileSync(
      record,
      text.replace(/"tables\/predictions\/fc.parquet": "../, (match) => `${match.slice(0, -2)}00`),
    )
    const { code, stderr } = await runSis(['merge', other])
    expect(code).toBe(3)
    expect(stderr).toContain("shard 1/2 of 'cnn' is damaged: its file is not as its job left it")
    expect(stderr).toContain("shard 2/2 of 'fc' is stale")
    expect(stderr).not.toContain("shard 2/2 of 'cnn'")
    expect(existsSync(table)).toBe(true)
  })

  it.each([
    ['extract.none', 'the run has no such stage'],
    ['extract.cnn.3-of-2', 'the run has no such stage'],
    ['train', 'a stage is prepare'],
  ])('are refused by a wrong name: %s', async (stage, message) => {
    const { code, stderr } = await runSis([
      'run',
      join(batch, 'configs/s1.yaml'),
      '--out',
      run,
      '--stage',
      stage,
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
