/** Commands mean what they say, in any order: what each needs, what it keeps, what it never deletes; with its message. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Random } from '../../src/base/random.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { readStageRecord } from '../../src/run/record/stage.ts'
import { runDirectory } from '../../src/run/record/runDirectory.ts'
import { runx1Scanner } from '../run/runx1Grammar.ts'
import { runSis, temporaryDirectory } from './runSis.ts'

const folder = temporaryDirectory()
const run = join(folder, 'run')
/** As messages have it: the run lies below no working directory of the tests. */
const shown = run
const fasta = join(folder, 'peaks.fa')
const scanner = join(folder, 'mine.onnx')

const random = new Random(11, 'commands')
/** Half of them carry RUNX1's TGTGGT, which the scanner knows. */
const peaks = Array.from({ length: 80 }, (_, i) => {
  const letters = decodeSequence(new Uint8Array(30).map(() => random.below(4)))
  const at = 2 + random.below(15)
  return `>p${i}\n${i % 2 === 0 ? letters : `${letters.slice(0, at)}AACCACAAA${letters.slice(at + 9)}`}\n`
}).join('')

async function sis(...args: string[]) {
  const { code, stdout, stderr } = await runSis(args)
  return { code, stdout, stderr, last: stderr.trimEnd().split('\n').at(-1)! }
}

async function succeeds(...args: string[]) {
  const result = await sis(...args)
  expect(result.code, `${args.join(' ')}\n${result.stderr}`).toBe(0)
  return result
}

async function fails(...args: string[]) {
  const result = await sis(...args)
  expect(result.code, `${args.join(' ')}\n${result.stderr}`).toBe(2)
  return result.last
}

function config(of = run): Record<string, Record<string, unknown>> & { models: { name: string }[] } {
  return parse(readFileSync(join(of, 'config.yaml'), 'utf8')) as ReturnType<typeof config>
}

async function countOfSis(): Promise<number> {
  const { stdout } = await succeeds(
    'query',
    run,
    'SELECT count(*) AS n FROM sis',
    '--format',
    'csv',
    '--quiet',
  )
  return Number(stdout.split('\n')[1])
}

const layers = join(folder, 'small.yaml')
const prepare = [
  'prepare',
  run,
  '--positives',
  fasta,
  '--shuffles',
  '1',
  '--length',
  '30',
  '--test-fraction',
  '0.5',
]

beforeAll(() => {
  writeFileSync(fasta, peaks)
  writeFileSync(scanner, writeOnnx(runx1Scanner(30)))
  writeFileSync(layers, '- conv1d: { filters: 2, kernel-size: 4, activation: relu }\n- global-max-pool\n')
})

describe('a run, command by command', () => {
  it('each command names the one that must come before', async () => {
    expect(await fails('extract', run)).toBe(
      `sis: ${run}: not a run directory (it has no config.yaml); make one with 'sis prepare' or 'sis run'`,
    )
    await succeeds(...prepare)
    for (const command of ['predict', 'extract', 'cluster', 'compare']) {
      expect(await fails(command, run)).toBe(
        `sis: ${shown}: no model is trained or taken over yet; run 'sis train ${shown}' first`,
      )
    }
    const noDatabase = `sis: ${shown}: no database is built yet; run 'sis train ${shown}' first`
    expect(await fails('report', run)).toBe(noDatabase)
    expect(await fails('query', run, 'FROM sis')).toBe(noDatabase)
  })

  it('prepare can be repeated as it stands', async () => {
    const before = readFileSync(join(run, 'config.yaml'), 'utf8')
    await succeeds(...prepare)
    expect(readFileSync(join(run, 'config.yaml'), 'utf8')).toBe(before)
  })

  it('prepare changes the one source that it has', async () => {
    await succeeds('prepare', run, '--shuffles', '2')
    expect(config()['sequences']!['sources']).toMatchObject([{ positives: fasta, shuffles: 2 }])
    await succeeds(...prepare)
    expect(config()['sequences']!['sources']).toMatchObject([{ positives: fasta, shuffles: 1 }])
  })

  it('train --models names what the run has, and puts others beside it', async () => {
    await succeeds('train', run, '--models', scanner)
    expect(config().models.map(({ name }) => name)).toEqual(['mine'])
    expect(await fails('cluster', run)).toBe(
      `sis: ${shown}: no SIS are extracted yet; run 'sis extract ${shown}' first`,
    )
    expect(await fails('export', run, '--as', 'bed')).toBe(
      `sis: ${shown}: no SIS are extracted yet; run 'sis extract ${shown}' first`,
    )
    await succeeds('extract', run, '--quantile', '0.6')
    expect(await fails('export', run, '--as', 'bed')).toBe(
      `sis: ${shown}: no parts are clustered yet; run 'sis cluster ${shown}' first`,
    )
    const before = await countOfSis()
    expect(before).toBeGreaterThan(5)

    const { stderr } = await succeeds('train', run, '--models', layers, '--epochs', '1', '--restarts', '0')
    expect(config().models.map(({ name }) => name)).toEqual(['mine', 'small'])
    expect(stderr).not.toContain('train.mine')
    await succeeds('extract', run, '--only', 'small')
    const { stdout } = await succeeds(
      'query',
      run,
      'SELECT DISTINCT model_id FROM sis ORDER BY 1',
      '--format',
      'csv',
    )
    expect(stdout.split('\n').slice(0, 2)).toEqual(['model_id', '0'])
    expect(await countOfSis()).toBeGreaterThanOrEqual(before)
  })

  it('a threshold that nothing reaches is not kept, and nothing is written over', async () => {
    const before = readFileSync(join(run, 'config.yaml'), 'utf8')
    const record = await readStageRecord(runDirectory(run), 'predict.mine')
    const { code, last } = await sis('extract', run, '--only', 'mine', '--threshold', '2000')
    expect({ code, last }).toEqual({
      code: 3,
      last: "sis: no sequence of split test has a score >= 2000 under model 'mine'; change the threshold or explain another split",
    })
    expect(readFileSync(join(run, 'config.yaml'), 'utf8')).toBe(before)
    expect(await readStageRecord(runDirectory(run), 'predict.mine')).toEqual(record)
  })

  it('of threshold and quantile the later one wins', async () => {
    const threshold = 0
    await succeeds('extract', run, '--only', 'mine', '--threshold', String(threshold))
    expect(config()['extract']).toMatchObject({ threshold })
    await succeeds('extract', run, '--only', 'mine', '--quantile', '0.7')
    expect(config()['extract']).toMatchObject({ quantile: 0.7 })
    expect(config()['extract']).not.toHaveProperty('threshold')
    expect(await fails('extract', run, '--quantile', '0.7', '--threshold', '1')).toBe(
      'sis: --threshold and --quantile contradict each other; give one of them',
    )
  })

  it('lists of numbers may have commas', async () => {
    await succeeds('extract', run, '--only', 'mine', '--background', '0.25,0.25,0.25,0.25')
    expect(config()['extract']!['background']).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(await fails('extract', run, '--background', '0,x,0,0')).toBe(
      "sis: --background must be a number, not 'x'",
    )
    expect(await fails('extract', run, '--background', '0,0')).toBe('sis: --background needs 4 values, has 2')
  })

  it('cluster says that k is for kmeans', async () => {
    expect(await fails('cluster', run, '--k', '3')).toBe(
      'sis: --k: k is for method kmeans; here it is dbscan',
    )
    await succeeds('cluster', run, '--method', 'kmeans', '--k', '2')
    await succeeds('cluster', run, '--method', 'dbscan')
    expect(config()['cluster']).not.toHaveProperty('k')
    await succeeds('compare', run)
    const { stderr } = await succeeds('report', run)
    expect(stderr).not.toContain('out of date')
  })

  it('export writes places and motifs, and says what its flags are for', async () => {
    const bed = join(folder, 'sites.bed')
    const { stderr } = await succeeds('export', run, '--as', 'bed', '--out', bed)
    expect(stderr).toContain("score_alone is empty: 'sis logic' scores each part alone")
    const lines = readFileSync(bed, 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) expect(line.split('\t')).toHaveLength(14)
    const { stdout } = await succeeds('export', run, '--as', 'bed', '--out', '-')
    expect(stdout).toBe(readFileSync(bed, 'utf8'))
    const { stdout: mine } = await succeeds('export', run, '--as', 'tsv', '--model', 'mine')
    const models = mine
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[8])
    expect([...new Set(models)]).toEqual(['model', 'mine'])
    const { stdout: meme } = await succeeds('export', run, '--as', 'meme')
    expect(meme).toBe(readFileSync(join(run, 'motifs.meme'), 'utf8'))
    const { stdout: kept } = await succeeds('export', run, '--as', 'meme', '--matrix', 'kept')
    expect(kept).toBe(readFileSync(join(run, 'motifs.sis.meme'), 'utf8'))
    expect(kept).not.toBe(meme)

    expect(await fails('export', run)).toContain('as')
    expect(await fails('export', run, '--as', 'bd')).toMatch(
      /^sis: --as bd: it must be one of bed, gff3, tsv, fasta, finemo, meme/,
    )
    expect(await fails('export', run, '--as', 'bed', '--matrix', 'sites')).toBe(
      'sis: --matrix is for motif files (meme, jaspar, transfac); --as bed writes the places of motifs',
    )
    expect(await fails('export', run, '--as', 'meme', '--coordinates', 'genome')).toBe(
      'sis: --coordinates is for instances (bed, gff3, tsv, fasta, finemo); --as meme writes matrices',
    )
    expect(await fails('export', run, '--as', 'meme', '--all-parts')).toContain(
      '--all-parts is for instances',
    )
    expect(await fails('export', run, '--as', 'tsv', '--all-parts')).toBe(
      'sis: --all-parts is for bed and gff3; tsv has all parts',
    )
    expect(await fails('export', run, '--as', 'bed', '--model', 'joint')).toContain(
      '--model joint is for motif files',
    )
    for (const format of ['bed', 'jaspar']) {
      expect(await fails('export', run, '--as', format, '--model', 'none')).toMatch(
        /^sis: --model none: the run has mine.*small/,
      )
    }
    expect(await fails('export', run, '--as', 'bed', '--coordinates', 'genome')).toContain(
      '--coordinates genome: the sequences of this run have none',
    )
  })

  it('what is out of date is said by every command, with the command that mends it', async () => {
    await succeeds(...prepare, '--seed', '2')
    const stale = `train.mine is out of date (tables/sequences/all.parquet was made anew since)`
    for (const command of ['predict', 'extract', 'cluster', 'compare']) {
      expect(await fails(command, run)).toBe(`sis: ${stale}; run 'sis train ${shown}' first`)
    }
    expect(await fails('export', run, '--as', 'bed')).toBe(`sis: ${stale}; run 'sis train ${shown}' first`)
    const steps = ['train', 'predict', 'extract', 'cluster', 'compare'].map(
      (step) => `'sis ${step} ${shown}'`,
    )
    const warning = `sis.duckdb is not of what the run has now: ${stale}; ${steps.join(', then ')} makes it new`
    expect((await succeeds('query', run, 'SELECT 1 AS one')).stderr).toBe(`warning: ${warning}\n`)
    expect((await succeeds('report', run)).stderr).toContain(`warning: ${warning}\n`)
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain(
      'sis.duckdb is not of what the run has now',
    )

    await succeeds('train', run, '--epochs', '1')
    await succeeds('extract', run)
    expect((await succeeds('query', run, 'SELECT 1 AS one')).stderr).toBe('')
    await succeeds('cluster', run)
    await succeeds('compare', run)
    await succeeds('report', run)
    expect(readFileSync(join(run, 'report.html'), 'utf8')).not.toContain('is not of what the run has now')
  })

  it('a config that leaves a model out does not delete its results by itself', async () => {
    const text = readFileSync(join(run, 'config.yaml'), 'utf8')
    const without = join(folder, 'without.yaml')
    const { models, ...rest } = parse(text) as ReturnType<typeof config>
    writeFileSync(without, JSON.stringify({ ...rest, models: models.filter(({ name }) => name !== 'small') }))
    expect(await fails('run', without, '--out', run)).toBe(
      `sis: ${run} has results of the model 'small', which its config does not name: name it again, use another run directory, or delete its results with 'sis run … --remove small'`,
    )
    expect(existsSync(join(run, 'models/small/model.json'))).toBe(true)
    expect(readFileSync(join(run, 'config.yaml'), 'utf8')).toBe(text)
    expect(await fails('run', without, '--out', run, '--remove', 'mine')).toMatch(
      /the config names this model/,
    )
    expect(await fails('run', without, '--out', run, '--remove', 'small', 'other')).toMatch(/no such model/)
    await succeeds('run', without, '--out', run, '--remove', 'small')
    expect(existsSync(join(run, 'models/small'))).toBe(false)
    expect(config().models.map(({ name }) => name)).toEqual(['mine'])
  })

  it('sis run takes a run directory and goes on with it', async () => {
    const { stdout, stderr } = await succeeds('run', run)
    expect(stdout.trim()).toBe(join(run, 'report.html'))
    expect(stderr).toContain('extract.mine: up to date')
  })
})

describe('what is typed in the wrong place is recognised', () => {
  const empty = join(folder, 'empty')
  const yaml = join(folder, 'some.yaml')
  beforeAll(() => {
    mkdirSync(empty)
    writeFileSync(yaml, 'extract: { quantile: 0.9 }\n')
  })

  it.each<[string, () => string[], () => string]>([
    [
      'a query before the run',
      () => ['query', 'FROM sis', run],
      () => `the run directory comes first: sis query ${run} "FROM sis"`,
    ],
    [
      'sequences before the model',
      () => ['predict', fasta, scanner],
      () => `the model comes first: sis predict ${scanner} ${fasta}`,
    ],
    [
      'a file as the run of prepare',
      () => ['prepare', fasta, '--positives', fasta],
      () => `${fasta} is a file; the first argument is the run directory`,
    ],
    [
      'a config as the run of extract',
      () => ['extract', yaml],
      () =>
        `${yaml} is a file; the first argument is the run directory; 'sis run ${yaml}' does what a config file says`,
    ],
    [
      'a directory that is no run',
      () => ['run', empty],
      () => `${empty}: a directory without config.yaml, so no run to go on with; give a config file`,
    ],
    [
      'a config that is not there',
      () => ['run', 'nowhere.yaml'],
      () => 'nowhere.yaml: no such file; check the path',
    ],
    [
      'an unknown flag before the config',
      () => ['run', '--dry-walk', yaml],
      () => "unknown flag or argument 'dry-walk' of 'sis run'; see 'sis --help'",
    ],
    [
      'a misspelt key of --set',
      () => ['run', yaml, '--set', 'extract.quantle=0.5', '--set', 'sequences.sources=[{fasta: a}]'],
      () => "--set extract.quantle: unknown key 'quantle' in extract; did you mean 'quantile'?",
    ],
    [
      'a number out of range',
      () => ['extract', run, '--quantile', '1.5'],
      () => '--quantile must be at most 1, not 1.5',
    ],
    [
      'a word for a number',
      () => ['extract', run, '--max-sis', 'all'],
      () => '--max-sis must be a number, not NaN',
    ],
    [
      'chromosomes that are not said',
      () => ['prepare', join(folder, 'new'), '--positives', fasta, '--split-by', 'chromosome'],
      () =>
        '--split-by: split-by chromosome needs test-chromosomes and valid-chromosomes, e.g. chr1 chr8 and chr7',
    ],
    [
      'a flag of another source',
      () => ['prepare', join(folder, 'new'), '--fasta', fasta, '--peaks', fasta],
      () => '--peaks: peaks is for bam, not for fasta',
    ],
  ])('%s', async (_, args, message) => {
    expect(await fails(...args())).toBe(`sis: ${message()}`)
  })
})

describe('sequences that no model can be trained on', () => {
  it.each([
    ['without labels', ['--fasta', fasta], 'no sequence of the train split has a label'],
    ['positives alone', ['--positives', fasta], 'the train split has positives only'],
  ])('%s: prepare says so, sis run stops there', async (name, flags, obstacle) => {
    const here = join(folder, name.replaceAll(' ', '-'))
    const { stderr } = await succeeds('prepare', here, ...flags)
    expect(stderr).toContain(`models can be taken over (--models mine.onnx), but not trained: ${obstacle}`)
    const { code, last } = await sis('run', here)
    expect(last).toMatch(new RegExp(`^sis: no model can be trained: ${obstacle}`))
    expect(code).toBe(3)
  })
})

describe('sis query', () => {
  it.each([
    ["COPY sis TO 'x.csv'", 'a statement that writes'],
    [`SELECT * FROM read_text('${relative(process.cwd(), fasta)}')`, 'a file of the user'],
    ["SELECT * FROM glob('*')", 'a folder'],
    ["ATTACH 'other.duckdb'", 'another database'],
  ])('%s is refused', async (sql) => {
    expect(await fails('query', run, sql)).toBe(
      'sis: SQL: a query reads the tables of the run and nothing else; --out FILE writes what it gives (--format csv, json or parquet)',
    )
    expect(existsSync('x.csv')).toBe(false)
    expect(existsSync('other.duckdb')).toBe(false)
  })

  it('settings cannot open it again', async () => {
    expect(await fails('query', run, 'SET enable_external_access = true')).toMatch(
      /configuration has been locked/,
    )
  })

  it('writes Parquet, and lines that end with LF alone', async () => {
    const out = join(folder, 'models.parquet')
    await succeeds('query', run, 'FROM models', '--format', 'parquet', '--out', out)
    expect(readFileSync(out).subarray(0, 4).toString()).toBe('PAR1')
    const { stdout } = await succeeds('query', run, 'SELECT name FROM models', '--format', 'csv')
    expect(stdout).toBe('name\nmine\n')
  })

  it('shows four digits in a table, all elsewhere', async () => {
    const sql = 'SELECT 1.0::DOUBLE / 3 AS third'
    expect((await succeeds('query', run, sql)).stdout).toContain('0.3333\n')
    expect((await succeeds('query', run, sql, '--format', 'csv')).stdout).toBe('third\n0.3333333333333333\n')
  })

  it('of the flag for a file and that for an output of a model, neither is called as the other', async () => {
    expect(await fails('query', run, 'FROM models', '--output', 'x')).toBe(
      "sis: unknown flag or argument 'output' of 'sis query'; see 'sis --help'",
    )
  })
})
