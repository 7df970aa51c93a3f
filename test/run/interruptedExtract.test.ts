/**
 * Extraction is the stage that takes hours: interrupted anywhere it keeps what it has finished, goes on from there, and
 * ends with the bytes of a run that nobody interrupted; so do any number of threads, and shards when they are merged.
 */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from '../cli/runSis.ts'
import { attemptOf, attemptsOf } from './attemptsOf.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const length = 40
const directory = temporaryDirectory()
const prepared = join(directory, 'prepared')

const grammar = runx1Grammar(length, 100)

const config = `
seed: 3
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
models: [{ name: net, artifact: ${join(directory, 'net')} }]
extract: { splits: [train, valid, test], quantile: 0.5, max-sis: 3, batch-size: 32 }
`

const table = (run: string, part = 'net'): string => join(run, `tables/sis/${part}.parquet`)
const partial = (run: string, part = 'net'): string => join(run, `tables/sis/${part}.partial`)

/** A run whose next stage is the extraction. */
function newRun(name: string): string {
  const run = join(directory, name)
  cpSync(prepared, run, { recursive: true })
  return run
}

async function extract(run: string, ...flags: string[]): Promise<SisResult> {
  const result = await runSis(['extract', run, ...flags])
  expect(result.code, result.stderr).toBe(0)
  return result
}

/** Interrupts the reference selector, which leaves time to, when it has found something. */
async function interrupt(run: string, ...flags: string[]): Promise<SisResult> {
  const options = { terminal: true, interruptAt: / [1-9][\d,]* SIS/ }
  const result = await runSis(['extract', run, '--engine', 'naive', ...flags], options)
  expect(result.code, result.stderr).toBe(130)
  return result
}

function finishedIn(path: string): number {
  return readFileSync(path, 'utf8').trimEnd().split('\n').length - 1
}

function recordOf(run: string) {
  return JSON.parse(readFileSync(join(run, 'stages/extract.net.json'), 'utf8')) as {
    readonly details: Readonly<Record<string, unknown>>
    readonly warnings: readonly string[]
  }
}

beforeAll(async () => {
  writeFileSync(join(directory, 'grammar.yaml'), grammar)
  writeFileSync(join(directory, 'config.yaml'), config)
  const layers = [{ conv1d: { filters: 16, 'kernel-size': 8, activation: 'relu' } }, 'global-max-pool']
  const architecture = resolveArchitecture(layers, 1)
  // From this seed the background alone gives a lower score than half of the sequences do.
  await saveModel(join(directory, 'net'), initialiseNetwork(architecture, length, ['bound'], 5), {
    name: 'net',
    architecture,
    background: uniformBackground,
    training: null,
    metrics: [],
  })
  const made = await runSis(['run', join(directory, 'config.yaml'), '--out', prepared], {
    interruptAt: 'net: engine',
  })
  expect(made.code, made.stderr).toBe(130)
})

describe('an interrupted extraction', () => {
  it('keeps what it finished, and the next one goes on from there to the same bytes', async () => {
    const whole = newRun('whole')
    await extract(whole, '--engine', 'naive')
    const { details, warnings } = recordOf(whole)
    const sequences = details['sequences'] as number
    expect(sequences).toBeGreaterThan(80)

    const run = newRun('interrupted')
    expect(await interrupt(run)).toMatchObject({ code: 130 })
    expect(existsSync(table(run))).toBe(false)
    const finished = finishedIn(attemptOf(partial(run)))
    expect(finished).toBeGreaterThan(0)
    expect(finished).toBeLessThan(sequences)

    const merged = await runSis(['merge', run])
    expect(merged.code, merged.stderr).toBe(0)
    expect(merged.stderr).toContain(', 0 SIS')

    const resumed = await extract(run, '--engine', 'naive')
    expect(resumed.stderr).toContain(
      `net: ${finished} of ${sequences} sequences were finished before an interruption; going on with the others`,
    )
    expect(readFileSync(table(run)).equals(readFileSync(table(whole)))).toBe(true)
    expect(attemptsOf(partial(run))).toEqual([])
    expect(recordOf(run)).toMatchObject({ details, warnings })
  })

  it('counts for nothing under other settings or in other shards', async () => {
    const run = newRun('other')
    await interrupt(run)
    await interrupt(run, '--max-sis', '2')
    const { stderr } = await extract(run, '--engine', 'naive', '--max-sis', '1')
    expect(stderr).toContain('had finished does not count')
    expect(stderr).not.toContain('going on with the others')
    expect(recordOf(run).details['subsets']).toBe(recordOf(run).details['sequences'])

    await interrupt(run)
    await interrupt(run, '--shard', '1/2')
    const left = [partial(run), partial(run, 'net.1-of-2')].map((path) => attemptsOf(path).length)
    expect(left).toEqual([0, 1])
  })
})

describe('the SIS table', () => {
  it('is the same for any number of threads and shards', async () => {
    const tables = new Set<string>()
    const rows = new Set<string>()
    const run = newRun('threads')
    const select = async (): Promise<void> => {
      rows.add((await runSis(['query', run, 'SELECT * FROM sis ORDER BY ALL', '--format', 'csv'])).stdout)
    }
    for (const threads of [1, 2]) {
      const { stderr } = await extract(run, '--engine', 'incremental', '--threads', String(threads))
      expect(stderr).toMatch(/net: engine scanner \(one convolution of 16 × 8, .*, [12] threads?\)/)
      expect(recordOf(run).details).toMatchObject({ engine: 'scanner', threads })
      tables.add(readFileSync(table(run), 'base64'))
      await select()
    }
    for (const shard of ['2/3', '1/3', '3/3']) await extract(run, '--shard', shard)
    expect((await runSis(['merge', run])).code).toBe(0)
    await select()
    expect([tables.size, rows.size]).toEqual([1, 1])
    expect([...rows][0]!.split('\n').length).toBeGreaterThan(80)
  })
})
