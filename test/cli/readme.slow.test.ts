/**
 * The README's commands run as they stand, in its order, in a folder that has the files it speaks of. Not run: `npm install`
 * and the tests themselves (that their scripts are there is checked), and the blocks named below.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Random } from '../../src/base/random.ts'
import { configSchema } from '../../src/run/config/configSchema.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { lettersOf, modiscoBytes } from '../io/modiscoPatterns.ts'
import { runx1Scanner } from '../run/runx1Grammar.ts'
import { temporaryDirectory } from './runSis.ts'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
  language: language!,
  text: text!,
}))
const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
/** What each begins with. */
const notRun = {
  'SIS_REAL_DATA=/path/to/data npx sis run pipelines/ctcf.yaml': 'test/real/realRuns.slow.test.ts runs it',
  'npx sis batch samples.tsv': 'needs Snakemake and Slurm; test/batch runs it',
  'npm test  ': 'what a developer types; its scripts are checked',
}
const isRun = (text: string): boolean => !Object.keys(notRun).some((start) => text.startsWith(start))

const folder = temporaryDirectory()
const chromosomes = ['chr1', 'chr2', 'chr3', 'chr7', 'chr8']
const chromosomeLength = 40_000
const site = 'CCACCAGGGGGCGC'

/** What a user would have: a genome with its index, peaks of it, known motifs, patterns of modisco-lite and a model. */
async function writeFiles(): Promise<void> {
  const random = new Random(17, 'readme')
  const peaks: string[] = []
  const fasta: string[] = []
  let genome = ''
  let index = ''
  for (const name of chromosomes) {
    const codes = new Uint8Array(chromosomeLength).map(() => random.below(4))
    let letters = decodeSequence(codes)
    for (let start = 500; start + 300 < chromosomeLength; start += 400) {
      const summit = 100 + random.below(20)
      const at = start + summit - 7
      letters = letters.slice(0, at) + site + letters.slice(at + site.length)
      peaks.push(`${name}\t${start}\t${start + 220}\tpeak${peaks.length}\t0\t.\t9\t5\t4\t${summit}\n`)
      fasta.push(`>${name}:${start}-${start + 101}\n${letters.slice(start + 60, start + 161)}\n`)
    }
    index += `${name}\t${chromosomeLength}\t${genome.length + name.length + 2}\t${chromosomeLength}\t${chromosomeLength + 1}\n`
    genome += `>${name}\n${letters}\n`
  }
  const counts = (base: string): string => Array.from(site, (letter) => (letter === base ? 90 : 3)).join(' ')
  const motifs = ['CTCF', 'other', 'third'].map(
    (name, i) =>
      `>MA${i}.1\t${name}\n${['A', 'C', 'G', 'T'].map((base, j, all) => `${base} [ ${counts(all[(j + i) % 4]!)} ]`).join('\n')}\n`,
  )
  const files: Record<string, string | Uint8Array> = {
    'hg38.fa': genome,
    'hg38.fa.fai': index,
    'peaks.narrowPeak': peaks.join(''),
    'peaks.fa': fasta.join(''),
    'JASPAR2022_vertebrates.pfm': motifs.join(''),
    'ctcf.yaml': blocks.find(({ text }) => text.startsWith('# ctcf.yaml'))!.text,
    'modisco_results.h5': await modiscoBytes([{ path: 'pos_patterns/pattern_0', sequence: lettersOf(site) }]),
    'mine.onnx': writeOnnx(runx1Scanner(101)),
  }
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents)
}

beforeAll(async () => {
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'ignore' })
  const bin = join(folder, 'node_modules/.bin')
  mkdirSync(bin, { recursive: true })
  // As after `npm install` of the package: npx finds it in the folder.
  writeFileSync(join(bin, 'sis'), `#!/bin/sh\nexec node '${join(root, 'bin/sis.js')}' "$@"\n`)
  chmodSync(join(bin, 'sis'), 0o755)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  await writeFiles()
})

it('all but two blocks of shell are run', () => {
  expect(shell.filter((text) => !isRun(text))).toHaveLength(Object.keys(notRun).length)
  expect(shell.filter(isRun).length).toBeGreaterThanOrEqual(5)
})

it('every npm script that is named is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = [...readme.matchAll(/npm (?:run ([\w:]+)|(test)\b)/g)].map(
    ([, script, test]) => script ?? test!,
  )
  expect(named).toContain('test')
  expect(named).toContain('bench')
  for (const script of named) expect(Object.keys(scripts)).toContain(script)
})

it.each(shell.filter(isRun).map((text) => [text.split('\n')[0]!, text]))('%s', (_, text) => {
  const script = ['set -eu', 'npm() { :; }', text].join('\n')
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
  expect(status, `${text}\n${stdout}\n${stderr}`).toBe(0)
  expect(stderr).not.toContain('this is a bug')
})

it('what the commands should leave is there', () => {
  for (const name of [
    ...['sis-demo/report.html', 'run/report.html', 'run/sis.duckdb', 'runs/ctcf/report.html'],
    ...['filters.svg', 'scores.tsv', 'cnn.h5'],
  ]) {
    expect(existsSync(join(folder, name)), name).toBe(true)
  }
  const scores = readFileSync(join(folder, 'scores.tsv'), 'utf8').trimEnd().split('\n')
  expect(scores.length).toBeGreaterThan(400)
})

it('what it shows of configs is of the schema', () => {
  const configs = blocks.filter(({ language }) => language === 'yaml')
  expect(configs.length).toBeGreaterThanOrEqual(2)
  for (const { text } of configs) {
    const value = parse(text) as object
    configSchema.parse({ sequences: { sources: [{ fasta: 'a.fa' }] }, ...value })
  }
})
