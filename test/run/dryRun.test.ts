/** `sis run --dry-run` tells what a run would do, and does none of it. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from '../cli/runSis.ts'
import { runx1Architecture, runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const length = 20
const directory = temporaryDirectory()
const run = join(directory, 'run')
const names = [
  'prepare',
  'train.net',
  'predict.net',
  'extract.net',
  'cluster',
  'logic',
  'compare',
  'merge',
  'report',
]

const sis = async (...flags: string[]): Promise<SisResult> =>
  runSis(['run', join(directory, 'config.yaml'), '--out', run, ...flags])

/** The stages that it says would run, with what it says of each. */
async function planned(...flags: string[]): Promise<Map<string, string>> {
  const { code, stdout, stderr } = await sis('--dry-run', ...flags)
  expect(code, stderr).toBe(0)
  const lines = stdout.matchAll(/^(up to date|would run) +(\S+)(?: +(.*))?$/gm)
  const stages = [...lines].map(
    ([, state, name, what]) => [name!, state === 'up to date' ? '' : what!] as const,
  )
  expect(stages.map(([name]) => name)).toEqual(names)
  return new Map(stages.filter(([, what]) => what !== ''))
}

/** Every file with its content's size and time. */
function tree(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(path, name))
      return `${name} ${size} ${mtimeMs}`
    })
}

beforeAll(async () => {
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(length, 40))
  writeFileSync(
    join(directory, 'config.yaml'),
    `
seed: 3
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
models: [{ name: net, artifact: ${join(directory, 'net')} }]
extract: { splits: [train, valid, test], threshold: 0.5, max-sis: 3 }
report: { examples: 1 }
`,
  )
  await saveModel(join(directory, 'net'), runx1Scanner(length), {
    name: 'net',
    architecture: runx1Architecture,
    background: uniformBackground,
    training: null,
    metrics: [],
  })
})

describe('--dry-run', () => {
  it('names all stages of a run that is not there, and makes no directory', async () => {
    const would = await planned()
    expect([...would.keys()]).toEqual(names)
    expect(would.get('prepare')).toBe(
      'not done yet; writes tables/sequences/all.parquet, tables/truth/all.parquet',
    )
    expect(would.get('extract.net')).toBe('prepare comes before it; writes tables/sis/net.parquet')
    expect(existsSync(run)).toBe(false)
  })

  it('finds nothing to do after the run, whose stages ran in the order told', async () => {
    const { code, stderr } = await sis()
    expect(code, stderr).toBe(0)
    const before = tree(run)
    expect([...(await planned()).keys()]).toEqual([])
    expect(tree(run)).toEqual(before)
    const started = names.map((name) => {
      const record = JSON.parse(readFileSync(join(run, `stages/${name}.json`), 'utf8')) as { started: string }
      return record.started
    })
    expect(started).toEqual(started.toSorted())
  })

  it('says which setting changed and what comes after it, and leaves every file as it is', async () => {
    const before = tree(run)
    const would = await planned('--set', 'extract.max-sis=2')
    expect([...would.keys()]).toEqual(names.slice(names.indexOf('extract.net')))
    expect(would.get('extract.net')).toBe('maxSis: 3 → 2; writes tables/sis/net.parquet')
    expect(would.get('logic')).toMatch(/^cluster comes before it; writes /)
    expect([...(await planned('--force')).keys()]).toEqual(names)
    expect(tree(run)).toEqual(before)
  })

  it('sees what is missing or changed by hand', async () => {
    rmSync(join(run, 'report.html'))
    expect(await planned()).toEqual(
      new Map([['report', 'report.html is no longer there; writes report.html']]),
    )
    const model = join(directory, 'net/model.json')
    writeFileSync(model, `${readFileSync(model, 'utf8')}\n`)
    expect((await planned()).get('train.net')).toMatch(/net\/model\.json has changed; writes /)
  })

  it('fails where the run would, before anything', async () => {
    const { code, stderr } = await sis('--dry-run', '--set', 'cluster.known-motifs=none.meme')
    expect(code).toBe(3)
    expect(stderr).toMatch(/none\.meme/)
  })
})
