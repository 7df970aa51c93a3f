/** Approximate modes from the command line: never the default, said wherever the SIS are told, certified all the same. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from '../cli/runSis.ts'
import { runx1Architecture, runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const length = 30
const directory = temporaryDirectory()
const run = join(directory, 'run')

const grammar = runx1Grammar(length, 60)

const config = `
seed: 3
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
models: [{ name: net, artifact: ${join(directory, 'net')} }]
extract: { splits: [train, valid, test], threshold: 0.5, max-sis: 3 }
report: { examples: 1 }
`

async function sisRun(...settings: string[]): Promise<SisResult> {
  const flags = settings.length === 0 ? [] : ['--set', ...settings.map((setting) => `extract.${setting}`)]
  const result = await runSis(['run', join(directory, 'config.yaml'), '--out', run, ...flags])
  expect(result.code, result.stderr).toBe(0)
  return result
}

async function storedSis(): Promise<{ positions: number[]; size: number; sound: boolean }[]> {
  const sql = `SELECT positions, size, certified AND minimal AND score_sis >= threshold AS sound
    FROM sis JOIN models USING (model_id) ORDER BY sequence_id, rank`
  const { stdout, stderr, code } = await runSis(['query', run, sql, '--format', 'json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as { positions: number[]; size: number; sound: boolean }[]
}

function details(): unknown {
  const record = JSON.parse(readFileSync(join(run, 'stages/extract.net.json'), 'utf8')) as {
    readonly details: unknown
  }
  return record.details
}

function report(): string {
  return readFileSync(join(run, 'report.html'), 'utf8').replace(/\s+/g, ' ')
}

beforeAll(async () => {
  writeFileSync(join(directory, 'grammar.yaml'), grammar)
  writeFileSync(join(directory, 'config.yaml'), config)
  await saveModel(join(directory, 'net'), runx1Scanner(length), {
    name: 'net',
    architecture: runx1Architecture,
    background: uniformBackground,
    training: null,
    metrics: [],
  })
})

describe('a run', () => {
  it('is exact, base by base, unless asked otherwise', async () => {
    const { stderr } = await sisRun()
    expect(stderr).not.toMatch(/approximate|blocks of/)
    expect(details()).toMatchObject({ selection: 'exact', blockSize: 1, departures: [] })
    expect(report().includes('loses it when any single base is dropped')).toBe(true)
    expect(report().includes('Not the exact method')).toBe(false)
  })

  it('by batched gradients says that it is approximate, and stores certified SIS', async () => {
    const settings = ['selection=batched-gradient', 'batch-features=4'] as const
    const { stderr } = await sisRun(...settings)
    const said = 'approximate: batched-gradient selection (Carter et al. 2021), 4 bases a step'
    expect(stderr).toContain(`net: ${said}`)
    expect(stderr).not.toContain('extract.net: up to date')
    expect(details()).toMatchObject({
      selection: 'batched-gradient',
      batchFeatures: 4,
      gradientBackend: expect.stringContaining('onnxruntime') as string,
      recomputed: 0,
      uncertified: 0,
    })
    const stored = await storedSis()
    expect(stored.length).toBeGreaterThan(30)
    expect(stored.every(({ sound, positions, size }) => sound && positions.length === size)).toBe(true)
    expect(report().includes(said)).toBe(true)
    expect(report().includes('batched-gradient, 4 a step, approximate; gradients by')).toBe(true)

    expect((await sisRun(...settings)).stderr).toContain('extract.net: up to date')
    const other = await sisRun(settings[0], 'batch-features=5')
    expect(other.stderr).not.toContain('extract.net: up to date')
  })

  it('over blocks stores the bases of whole blocks, and says what minimal means', async () => {
    const { stderr } = await sisRun('block-size=4')
    expect(stderr).toContain('net: blocks of 4 bases are masked together')
    expect(stderr).toContain('engine naive (engines mask base by base, not blocks)')
    expect(details()).toMatchObject({ selection: 'exact', blockSize: 4 })
    const stored = await storedSis()
    expect(stored.length).toBeGreaterThan(20)
    for (const { positions, size, sound } of stored) {
      expect(sound).toBe(true)
      expect(size).toBe(positions.length)
      const blocks = new Set(positions.map((position) => Math.floor(position / 4)))
      const bases = [...blocks].flatMap((block) => [0, 1, 2, 3].map((i) => 4 * block + i))
      expect(positions).toEqual(bases.filter((base) => base < length))
    }
    expect(report().includes('loses it when any single block of 4 bases is dropped')).toBe(true)
  })

  it('may do both', async () => {
    const { stderr } = await sisRun('block-size=3', 'selection=batched-gradient', 'batch-features=2')
    expect(stderr).toContain('2 blocks a step')
    expect((await storedSis()).every(({ sound, size }) => sound && size % 3 === 0)).toBe(true)
  })

  it('has no engine for blocks', async () => {
    const { code, stderr } = await runSis(['extract', run, '--block-size', '4', '--engine', 'incremental'])
    expect(code).toBe(2)
    expect(stderr).toContain('no incremental engine for blocks of 4 bases: engines mask base by base')
  })
})

describe('an estimate', () => {
  async function estimate(...flags: string[]): Promise<string[]> {
    const { stdout, stderr, code } = await runSis(['extract', run, '--estimate', '--threads', '1', ...flags])
    expect(code, stderr).toBe(0)
    return stdout.trimEnd().split('\n')
  }

  it('tells what either selection may take, and neither extracts nor keeps a setting', async () => {
    await sisRun()
    const files = ['config.yaml', 'stages/extract.net.json', 'tables/sis/net.parquet'].map((file) =>
      join(run, file),
    )
    const before = files.map((file) => readFileSync(file))
    const [head, exact, approximate, further, ...rest] = await estimate(
      '--selection',
      'batched-gradient',
      '--batch-features',
      '4',
      '--max-sis',
      '2',
    )
    expect(head).toMatch(
      /^net: [1-9]\d* sequences to explain, 1 thread; an estimate, from a trial of seconds$/,
    )
    // Of 30 bases the trial is the whole selection.
    expect(exact).toMatch(
      /^ {2}exact: about [\d.]+ m?s, [\d.]+ m?s a sequence; \d+ MiB of memory; engine scanner \(/,
    )
    expect(exact).toMatch(/, measured on a whole selection$/)
    expect(approximate).toMatch(
      /^ {2}batched-gradient: about .*; k = 4, 8 gradients and about 200 scores each, gradients by \S+/,
    )
    expect(further).toBe('  for one SIS a sequence; each further SIS (max-sis 2) takes as long again at most')
    expect(rest).toEqual([
      expect.stringMatching(/^ {2}all in one job: ask for \d+ MiB and \d+ minutes \(exact\)$/),
    ])
    expect(files.map((file) => readFileSync(file))).toEqual(before)
  })

  it('without an engine counts scores', async () => {
    const [, exact] = await estimate('--engine', 'naive')
    expect(exact).toMatch(/engine naive \(asked for\), 465 scores each$/)
    const [, inBlocks, byGradients] = await estimate('--block-size', '3')
    expect(inBlocks).toMatch(/engines mask base by base, not blocks\), 55 scores each$/)
    expect(byGradients).toMatch(/; k = 16, 1 gradient and about/)
  })

  it('says what a model cannot have', async () => {
    const lines = await estimate('--block-size', '4', '--engine', 'incremental')
    expect(lines[1]).toMatch(/^ {2}exact: no incremental engine for blocks of 4 bases/)
  })
})
