/** Finished runs compared with each other: as one run with all their models would be, and refused where they cannot be. */
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Random } from '../../src/base/random.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { siteScanner } from './runx1Grammar.ts'

const length = 30
const folder = temporaryDirectory()
const at = (...names: string[]): string => join(folder, ...names)

const random = new Random(5, 'compared runs')
const motifs = { first: 'TGTGGTTT', second: 'CATGGTTT', third: 'AGATAAGC' }
/** The last but one is a site of two models, the last of none. */
const sites = [...Object.values(motifs), 'TATGGTTT', '']
const sequences = Array.from({ length: 75 }, (_, i) => {
  const letters = decodeSequence(new Uint8Array(length).map(() => random.below(4)))
  const site = sites[i % sites.length]!
  const place = random.below(length - 8)
  return {
    letters: letters.slice(0, place) + site + letters.slice(place + site.length),
    label: site === '' ? 0 : 1,
  }
})

function writeSequences(name: string, order: readonly number[], prefix: string): void {
  const some = order.map((i) => sequences[i]!)
  writeFileSync(at(`${name}.fa`), some.map(({ letters }, i) => `>${prefix}${i}\n${letters}\n`).join(''))
  writeFileSync(at(`${name}.txt`), some.map(({ label }) => `${label}\n`).join(''))
}

/** Not further than a comparison needs it. */
async function makeRun(name: string, models: readonly string[], data = 'all'): Promise<void> {
  const run = at('runs', name)
  const files = models.map((model) => at(`${model}.onnx`))
  await succeeds('prepare', run, '--fasta', at(`${data}.fa`), '--target', at(`${data}.txt`), '--seed', '3')
  await succeeds('train', run, '--models', ...files)
  await succeeds('extract', run, '--splits', 'train', 'valid', 'test', '--threshold', '0.5', '--max-sis', '2')
}

async function succeeds(...args: string[]) {
  const result = await runSis(args)
  expect(result.code, `${args.join(' ')}\n${result.stderr}`).toBe(0)
  return result
}

async function failureOf(code: number, ...args: string[]): Promise<string> {
  const result = await runSis(args)
  expect(result.code, `${args.join(' ')}\n${result.stderr}`).toBe(code)
  return result.stderr.trimEnd().split('\n').at(-1)!
}

async function rows(run: string, sql: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await succeeds('query', run, sql, '--format', 'json', '--quiet')
  return JSON.parse(stdout) as Record<string, unknown>[]
}

/** What is found of several models, in words that do not depend on how runs, models and sequences are called or numbered. */
const joint = `(SELECT clustering_id FROM clusterings WHERE model_id IS NULL)`
const modelName = (table: string, id = 'model_id'): string =>
  `(SELECT split_part(name, '/', -1) FROM models m WHERE m.model_id = ${table}.${id})`
const letters = (table: string): string =>
  `(SELECT sequence FROM sequences q WHERE q.sequence_id = ${table}.sequence_id)`
const findings = {
  sequences: 'SELECT sequence, label FROM sequences ORDER BY ALL',
  predictions: `SELECT ${letters('p')} AS s, ${modelName('p')} AS m, score FROM predictions p ORDER BY ALL`,
  sis: `SELECT ${letters('s')} AS s, ${modelName('s')} AS m, * EXCLUDE (model_id, sequence_id) FROM sis s ORDER BY ALL`,
  clusters: `SELECT cluster_id, size, medoid FROM clusters WHERE clustering_id IN ${joint} ORDER BY ALL`,
  motifs: `SELECT name, nsites, consensus, pfm, site_pfm FROM motifs WHERE model_id IS NULL ORDER BY ALL`,
  members: `SELECT cluster_id, ${letters('c')} AS s, ${modelName('c')} AS m, rank, part, strand, motif_offset
    FROM cluster_members c WHERE clustering_id IN ${joint} ORDER BY ALL`,
  shares: `SELECT cluster_id, ${modelName('c')} AS m, members, share FROM cluster_shares c ORDER BY ALL`,
  overlaps: `SELECT ${letters('o')} AS s, ${modelName('o')} AS m, ${modelName('o', 'other_model_id')} AS other,
    positions, other_positions, shared, jaccard FROM sis_overlaps o ORDER BY ALL`,
  cross: `SELECT ${letters('c')} AS s, rank, ${modelName('c')} AS m, ${modelName('c', 'other_model_id')} AS other,
    score, sufficient FROM cross_sufficiency c ORDER BY ALL`,
  sets: `SELECT ${modelName('s')} AS m, label, sis, sequences, complete FROM motif_sets s ORDER BY ALL`,
}

beforeAll(async () => {
  mkdirSync(at('runs'))
  for (const [name, motif] of Object.entries(motifs)) {
    writeFileSync(at(`${name}.onnx`), writeOnnx(siteScanner(motif, length)))
  }
  const all = [...sequences.keys()]
  writeSequences('all', all, 'p')
  writeSequences('turned', all.toReversed(), 'other')
  await makeRun('all', ['first', 'second', 'third'])
  await succeeds('run', at('runs/all'), '--quiet')
  await makeRun('a', ['first'])
  await makeRun('b', ['second', 'third'])
})

describe('sis compare with two runs', () => {
  it('finds what one run with the models of both finds', async () => {
    const { stdout, stderr } = await succeeds('compare', at('runs/a'), at('runs/b'), '--out', at('ab'))
    expect(stdout).toBe(`${at('ab', 'report.html')}\n`)
    expect(stderr).not.toContain('warning')
    for (const [what, sql] of Object.entries(findings)) {
      const found = await rows(at('ab'), sql)
      expect(found.length, what).toBeGreaterThan(1)
      expect(found, what).toEqual(await rows(at('runs/all'), sql))
    }
    expect(await rows(at('ab'), 'SELECT name FROM models ORDER BY model_id')).toEqual([
      { name: 'a/first' },
      { name: 'b/second' },
      { name: 'b/third' },
    ])
    expect(readFileSync(at('ab/report.html'), 'utf8')).toContain('all.fa')
    expect(JSON.parse(readFileSync(at('ab/models/b~second/model.json'), 'utf8'))).toMatchObject({
      name: 'b/second',
    })
  })

  it('says what they have in common and apart', async () => {
    const { stderr } = await succeeds('compare', at('runs/a'), at('runs/b'), '--out', at('ab'))
    expect(stderr).toContain('gather: up to date')
    const [pair] = await rows(
      at('ab'),
      'SELECT count(*) AS n, avg(jaccard) AS mean FROM sis_overlaps WHERE (model_id, other_model_id) = (0, 1)',
    )
    expect(stderr).toContain(
      `a/first and b/second: mean Jaccard index of SIS positions ${(pair!['mean'] as number).toFixed(2)}, in ${String(pair!['n'])} sequences that both explain`,
    )
    const crossed = await rows(
      at('ab'),
      "SELECT (100 * share_sufficient)::INTEGER AS share FROM cross_sufficiency_summary WHERE sis_of = 'a/first' AND scored_by = 'b/second'",
    )
    expect(crossed[0]!['share']).toBeGreaterThan(10)
    expect(stderr).toMatch(new RegExp(`^a/first +own +${String(crossed[0]!['share'])}\\s%`, 'm'))
  })

  it('takes the same letters for the same sequence, whatever it is called and wherever it stands', async () => {
    await makeRun('turned', ['second', 'third'], 'turned')
    const out = at('turned-vs')
    const { stderr } = await succeeds('compare', at('runs/a'), at('runs/turned'), '--out', out)
    expect(stderr).toContain('3 models, 75 sequences, 75 of them in more than one run')
    for (const what of ['sequences', 'predictions', 'sis', 'shares', 'overlaps', 'cross'] as const) {
      expect(await rows(out, findings[what]), what).toEqual(await rows(at('runs/all'), findings[what]))
    }
    expect(await rows(out, "SELECT name FROM sequences WHERE name NOT LIKE 'p%'")).toEqual([])
    // Splits go by names.
    expect(stderr).toMatch(/warning: \d+ sequences of 75 .* another split of a later run/)
  })

  it('takes three runs, tells those of one name apart, and leaves labels that they contradict unknown', async () => {
    mkdirSync(at('old/deep'), { recursive: true })
    cpSync(at('runs/b'), at('old/a'), { recursive: true })
    writeFileSync(at('all.txt'), sequences.map(({ label }, i) => `${i < 2 ? 1 - label : label}\n`).join(''))
    await makeRun('relabelled', ['first'])
    const { stderr } = await succeeds(
      ...['compare', at('runs/a'), at('old/a'), at('runs/relabelled'), '--out', at('three')],
    )
    expect(await rows(at('three'), 'SELECT name FROM models ORDER BY model_id')).toEqual(
      ['runs-a/first', 'old-a/second', 'old-a/third', 'relabelled/first'].map((name) => ({ name })),
    )
    expect(
      await rows(
        at('three'),
        'SELECT min(jaccard) AS least FROM sis_overlaps WHERE (model_id, other_model_id) = (0, 3)',
      ),
    ).toEqual([{ least: 1 }])
    expect(stderr).toContain('warning: 2 sequences of 75 in more than one run are labelled otherwise')
    expect(await rows(at('three'), 'SELECT name FROM sequences WHERE label IS NULL ORDER BY name')).toEqual([
      { name: 'p0' },
      { name: 'p1' },
    ])
  })

  it('is a run: what other commands do with one, they do with it', async () => {
    await succeeds('cluster', at('ab'), '--part-gap', '1')
    await succeeds('report', at('ab'))
    const { stdout } = await succeeds('export', at('ab'), '--as', 'bed', '--model', 'a/first')
    expect(stdout).toContain('a/first')
    // What was said of clustering is kept.
    const { stderr } = await succeeds('compare', at('runs/a'), at('runs/b'), '--out', at('ab'))
    expect(stderr).toContain('cluster: up to date')
    expect((parse(readFileSync(at('ab/config.yaml'), 'utf8')) as { cluster: object }).cluster).toMatchObject({
      'part-gap': 1,
    })
    for (const command of ['prepare', 'train', 'predict', 'extract']) {
      expect(await failureOf(2, command, at('ab'))).toMatch(
        new RegExp(
          `compares finished runs; 'sis ${command} .*runs/a' or .* is for them, then 'sis run .*ab'$`,
        ),
      )
    }
    expect(await failureOf(2, 'prepare', at('ab'), '--fasta', at('all.fa'))).toMatch(
      /finished runs are compared here/,
    )
    expect(await failureOf(2, 'run', at('runs/a/config.yaml'), '--out', at('ab'))).toMatch(
      /is a comparison of finished runs; use another directory$/,
    )
    expect(await failureOf(2, 'compare', at('ab'), at('runs/a'), '--out', at('x'))).toMatch(
      /is itself a comparison/,
    )
  })

  it('gathers anew what has changed in a run', async () => {
    cpSync(at('runs/a'), at('changing'), { recursive: true })
    await succeeds('compare', at('changing'), at('runs/b'), '--out', at('changed'), '--quiet')
    const explained = `SELECT name, count(DISTINCT sequence_id) AS n
      FROM sis JOIN models USING (model_id) GROUP BY ALL ORDER BY name DESC`
    const [changing, ...others] = await rows(at('changed'), explained)
    expect(changing!['n']).toBeGreaterThan(5)
    await succeeds('extract', at('changing'), '--max-sequences', '5', '--quiet')
    const { stderr } = await succeeds('run', at('changed'))
    expect(stderr).toMatch(/max-sequences is changing 5 and b all/)
    expect(stderr).not.toContain('up to date')
    expect(await rows(at('changed'), explained)).toEqual([{ ...changing, n: 5 }, ...others])
  })
})

describe('sis compare refuses', () => {
  const compared = (other: string): string[] => ['compare', at('runs/a'), at(other), '--out', at('none')]

  it('what is no run, or not finished', async () => {
    expect(await failureOf(2, ...compared('nowhere'))).toMatch(/not a run directory/)
    const [prepared, trained] = [at('prepared'), at('trained')]
    await succeeds('prepare', prepared, '--fasta', at('all.fa'))
    expect(await failureOf(2, ...compared('prepared'))).toMatch(
      /no model is trained .* run 'sis train .*prepared' first$/,
    )
    cpSync(prepared, trained, { recursive: true })
    await succeeds('train', trained, '--models', at('first.onnx'), at('second.onnx'))
    expect(await failureOf(2, ...compared('trained'))).toMatch(
      /no SIS are extracted yet; run 'sis extract .*trained' first$/,
    )
    await succeeds('extract', trained, '--only', 'first', '--threshold', '0.5', '--splits', 'train')
    expect(await failureOf(2, ...compared('trained'))).toMatch(
      /no SIS of model 'second' .* run 'sis extract .*trained --only second' first$/,
    )
    expect(existsSync(at('none'))).toBe(false)
  })

  it('what is stale, damaged, or of another version', async () => {
    const run = at('old/b')
    cpSync(at('runs/b'), run, { recursive: true })
    await succeeds('predict', run, '--threshold', '0.6')
    expect(await failureOf(2, ...compared('old/b'))).toMatch(
      /extract\.second is out of date .*; run 'sis extract .*old\/b' first$/,
    )
    rmSync(run, { recursive: true })
    cpSync(at('runs/b'), run, { recursive: true })
    appendFileSync(join(run, 'tables/sis/second.parquet'), 'x')
    expect(await failureOf(3, ...compared('old/b'))).toMatch(
      /was damaged or changed after 'extract\.second' wrote it/,
    )
    rmSync(join(run, 'tables/sis/second.parquet'))
    expect(await failureOf(3, ...compared('old/b'))).toMatch(
      /is no longer there; 'sis run .*old\/b' makes it again$/,
    )
    const record = join(run, 'stages/predict.second.json')
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"key": "..../, '"key": "0000'))
    writeFileSync(join(run, 'config.yaml'), 'of: another version\n')
    expect(await failureOf(2, ...compared('old/b'))).toMatch(
      /'predict\.second' was done by another version of sis .*; run 'sis run .*old\/b' first/,
    )
  })

  it('runs of other lengths or backgrounds', async () => {
    cpSync(at('runs/b'), at('masked'), { recursive: true })
    await succeeds('extract', at('masked'), '--background', '0.3,0.2,0.2,0.3', '--quiet')
    expect(await failureOf(2, ...compared('masked'))).toMatch(
      /masked\/second was explained with 0\.3 0\.2 0\.2 0\.3, not with 0\.25 0\.25 0\.25 0\.25; .*--background$/,
    )
    writeFileSync(at('shorter.onnx'), writeOnnx(siteScanner(motifs.second, 24)))
    await succeeds('prepare', at('runs/short'), '--fasta', at('turned.fa'), '--length', '24')
    await succeeds('train', at('runs/short'), '--models', at('shorter.onnx'))
    await succeeds('extract', at('runs/short'), '--threshold', '0.5', '--splits', 'train')
    expect(await failureOf(2, ...compared('runs/short'))).toMatch(
      /those of a have 30 bases and those of short have 24 bases, .* with the same --length$/,
    )
  })

  it('one run twice, and a directory that is something else', async () => {
    expect(await failureOf(2, ...compared('runs/a'))).toMatch(/is given twice/)
    const into = (out: string): string[] => ['compare', at('runs/a'), at('runs/b'), '--out', out]
    expect(await failureOf(2, ...into(at('old')))).toMatch(/is there already and is no run directory/)
    expect(await failureOf(2, ...into(at('runs/all')))).toMatch(/is a run, not a comparison/)
    expect(await failureOf(2, ...into(at('runs')))).toMatch(
      /cannot lie in a run that it compares, nor hold it/,
    )
    expect(await failureOf(2, ...into(at('runs/a/x')))).toMatch(/cannot lie in a run/)
    expect(await failureOf(2, ...into(at('three')))).toMatch(/compares other runs \(.*relabelled\)/)
    expect(await failureOf(2, 'compare', at('runs/a'), '--out', at('x'))).toMatch(/--out is for several runs/)
  })
})
