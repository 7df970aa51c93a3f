/** Makes the small intact files of every format, with writers of our own and the fixtures of other programs. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Random } from '../../src/base/random.ts'
import { silentReporter } from '../../src/base/reporter.ts'
import { writeMemeMotifs } from '../../src/io/motifs/memeMotifs.ts'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import { writeKeras } from '../../src/model/artifact/kerasExport.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { writeTfjs } from '../../src/model/artifact/tfjsExport.ts'
import { openFinishedSequences } from '../../src/run/stages/finishedSequences.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import type { SisCollection } from '../../src/sis/types.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { modiscoBytes } from '../io/modiscoPatterns.ts'
import { bgzip, gziOf } from '../io/packing.ts'
import { attemptOf } from '../run/attemptsOf.ts'
import { runx1Architecture, runx1Grammar, runx1Scanner } from '../run/runx1Grammar.ts'
import type { Format } from './formats.ts'
import { plain } from './readers.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
const fixture = (path: string): Buffer => readFileSync(join(fixtures, path))

export async function makeFormats(): Promise<Format[]> {
  const random = new Random(1, 'files')
  const letters = (count: number): string =>
    Array.from({ length: count }, () => 'ACGT'[random.below(4)]!).join('')
  const names = Array.from({ length: 40 }, (_, i) => `chr1:${100 * i}-${100 * i + 60}`)
  const fasta = names.map((name) => `>${name}\n${letters(60)}\n`).join('')
  const packed = bgzip(fasta.slice(0, 900), fasta.slice(900, 2000), fasta.slice(2000))
  const lines = Array.from({ length: 40 }, () => `${letters(60)}\n`)
  const genome = `>chr1 toy\n${lines.join('')}>chr2\n${letters(50)}\n`
  const fai = 'chr1\t2400\t10\t60\t61\nchr2\t50\t2456\t50\t51\n'
  const packedGenome = bgzip(...[0, 600, 1200, 1800, 2300].map((at, i, all) => genome.slice(at, all[i + 1])))
  const table = (separator: string): string =>
    [['name', 'seq', 'Bound'], ...names.map((name, i) => [name, letters(60), `${i % 2}`])]
      .map((row) => `${row.join(separator)}\n`)
      .join('')
  const bed = names.map((_, i) => `chr1\t${50 * i}\t${50 * i + 40}\tpeak${i}\t${i}\t+\n`).join('')
  const narrowPeak = names
    .map((_, i) => `chr1\t${50 * i}\t${50 * i + 40}\tp${i}\t${i}\t.\t${i}.5\t3.2\t-1\t${i % 40}\n`)
    .join('')
  const ppm = Array.from({ length: 8 }, (_, i) => [0.7, 0.1, 0.1, 0.1].map((_, k, row) => row[(k + i) % 4]!))
  const meme = writeMemeMotifs(
    [{ id: 'M1', alternateName: 'one', ppm, nsites: 20 }],
    [0.25, 0.25, 0.25, 0.25],
  )
  const pfm = ['one', 'two']
    .map(
      (name) =>
        `>${name} ${name}\n${['A', 'C', 'G', 'T'].map((base, k) => `${base} [ ${ppm.map((row) => 10 * row[k]!).join(' ')} ]\n`).join('')}`,
    )
    .join('')
  const transfac = `AC  M1\nXX\nID  V$FOO\nP0 A C G T\n${ppm.map((row, i) => `${i + 1} ${row.join(' ')}`).join('\n')}\nXX\n//\n`
  const cisbp = `Pos\tA\tC\tG\tT\n${ppm.map((row, i) => `${i + 1}\t${row.join('\t')}`).join('\n')}\n`
  const modisco = await modiscoBytes(
    ['pos_patterns/pattern_0', 'neg_patterns/pattern_0'].map((path) => ({ path, sequence: ppm })),
  )
  const network = runx1Scanner(101)
  const { modelJson, weights } = writeTfjs(network)
  const deepbind = `# deepbind 0.1\nreverse_complement = 1\nnum_detectors = 2\ndetector_len = 6\nhas_avg_pooling = 0\nnum_hidden = 0\ndetectors = ${Array.from({ length: 48 }, () => (random.uniform() - 0.5).toFixed(4)).join(',')}\nthresholds = 0.1,-0.2\nweights1 = 0.5,0.25\nbiases1 = 0.1\nweights2 = \nbiases2 = \n`
  const one = (
    name: string,
    reader: Format['reader'],
    file: string,
    content: Uint8Array | string,
    inputs: number,
    isChecked = false,
  ): Format => ({ name, reader, files: { [file]: content }, damaged: [file], inputs, isChecked })
  const bamFiles = { 'g.fa': fixture('io/toy.fa'), 'g.fa.fai': fixture('io/toy.fa.fai') }
  return [
    one('fasta', 'fasta', 'a.fa', fasta, 250),
    one('fasta gzip', 'fasta', 'a.fa', gzipSync(fasta), 250, true),
    one('fasta bgzip', 'fasta', 'a.fa', packed, 250, true),
    one('table', 'table', 'a.tsv', table('\t'), 200),
    one('table csv gzip', 'table', 'a.tsv', gzipSync(table(',')), 150, true),
    {
      ...one('targets', 'targets', 'a.fa', fasta, 200),
      files: { 'a.fa': fasta, 'a.target': names.map((_, i) => `${i % 2} ${1 - (i % 2)}\n`).join('') },
      damaged: ['a.target', 'a.fa'],
    },
    one('bed', 'bed', 'a.bed', bed, 200),
    one('narrowPeak', 'bed', 'a.bed', narrowPeak, 200),
    {
      ...one('genome', 'genome', 'g.fa', genome, 300),
      files: { 'g.fa': genome, 'g.fa.fai': fai },
      damaged: ['g.fa.fai', 'g.fa'],
    },
    {
      ...one('genome bgzip', 'genome', 'g.fa', packedGenome, 600, true),
      files: { 'g.fa': packedGenome, 'g.fa.fai': fai, 'g.fa.gzi': gziOf(packedGenome) },
      damaged: ['g.fa', 'g.fa.gzi'],
    },
    {
      ...one('bam, bai', 'bam', 'a.bam', '', 700, true),
      files: { ...bamFiles, 'a.bam': fixture('io/toy.bam'), 'a.bam.bai': fixture('io/toy.bam.bai') },
      damaged: ['a.bam', 'a.bam.bai'],
    },
    {
      ...one('bam, csi', 'bam', 'a.bam', '', 400, true),
      files: { ...bamFiles, 'a.bam': fixture('io/csi/toy.bam'), 'a.bam.csi': fixture('io/csi/toy.bam.csi') },
      damaged: ['a.bam', 'a.bam.csi'],
    },
    one('meme', 'motifs', 'a.motifs', meme, 150),
    one('pfm', 'motifs', 'a.motifs', pfm, 150),
    one('transfac', 'motifs', 'a.motifs', transfac, 100),
    one('cis-bp', 'motifs', 'a.motifs', cisbp, 100),
    one('motifs gzip', 'motifs', 'a.motifs', gzipSync(pfm), 100, true),
    one('modisco', 'motifs', 'a.motifs', modisco, 100),
    one('grammar', 'grammar', 'grammar.yaml', runx1Grammar(40, 20), 250),
    one('config', 'config', 'config.yaml', config, 250),
    one('onnx of ours', 'onnx', 'm.onnx', writeOnnx(network), 200),
    one('onnx of pytorch', 'onnx', 'm.onnx', fixture('models/flat.onnx'), 200),
    one('keras of ours', 'keras', 'm.h5', await writeKeras(network), 150),
    one('keras h5', 'keras', 'm.h5', fixture('models/keras/plain.h5'), 150),
    one('keras zip', 'kerasZip', 'm.keras', fixture('models/keras/plain.keras'), 200, true),
    {
      ...one('keras json', 'kerasJson', 'm.json', '', 150),
      files: {
        'm.json': fixture('models/keras/plain.json'),
        'm.h5': fixture('models/keras/plain.weights.h5'),
      },
      damaged: ['m.json', 'm.h5'],
    },
    {
      ...one('tensorflow.js', 'tfjs', 'model.json', '', 200),
      files: { 'model.json': modelJson, 'weights.bin': weights },
      damaged: ['model.json', 'weights.bin'],
    },
    one('deepbind', 'deepbind', 'm.txt', deepbind, 150),
    ...(await makeRun()),
    makeFinished(),
  ]
}

const config = `
seed: 5
sequences:
  sources: [{ simulate: grammar.yaml }]
train: { epochs: 1 }
models:
  - name: scanner
    artifact: net
extract: { quantile: 0.6, max-sis: 2 }
report: { examples: 2 }
`

/** A finished run, whose own files are damaged. */
async function makeRun(): Promise<Format[]> {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(40, 40))
  writeFileSync(join(directory, 'config.yaml'), config)
  await saveModel(join(directory, 'net'), runx1Scanner(40), {
    name: 'net',
    architecture: runx1Architecture,
    training: null,
    metrics: [],
    background: uniformBackground,
  })
  const run = join(directory, 'run')
  const { code, stderr } = await runSis(['run', join(directory, 'config.yaml'), '--out', run])
  if (code !== 0) throw new Error(stderr)
  const files: Record<string, Uint8Array> = {}
  for (const name of readdirSync(run, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(run, name)).isFile()) files[`run/${name}`] = readFileSync(join(run, name))
  }
  const below = (folder: string): string[] =>
    Object.keys(files).filter((name) => name.startsWith(`run/${folder}`))
  const format = (
    name: string,
    reader: Format['reader'],
    damaged: readonly string[],
    inputs: number,
    isChecked: boolean,
  ): Format => ({ name, files, reader, damaged, inputs, isChecked })
  const model = 'run/models/scanner'
  return [
    format('run: model.onnx', 'artifact', [`${model}/model.onnx`], 100, true),
    format('run: model.json', 'artifact', [`${model}/model.json`], 100, false),
    format('run: records', 'records', below('stages/'), 100, false),
    format('run: Parquet read by itself', 'parquet', ['run/tables/sequences/all.parquet'], 60, false),
    format('run: Parquet merged', 'merge', below('tables/'), 30, true),
    format('run: records merged', 'merge', below('stages/'), 20, false),
    format('run: config.yaml', 'merge', ['run/config.yaml'], 15, false),
    format('run: run.json', 'report', ['run/run.json'], 10, false),
    format('run: database', 'query', ['run/sis.duckdb'], 60, true),
  ]
}

/** What an interrupted extraction leaves, and each of its sequences as text. */
function makeFinished(): Format {
  const path = join(temporaryDirectory(), 'net.partial')
  const { signal } = new AbortController()
  const sequences = openFinishedSequences(path, { key: 'key', signal, reporter: silentReporter })
  const random = new Random(2, 'finished')
  const files: Record<string, Uint8Array | string> = {}
  for (let id = 0; id < 12; id++) {
    const score = (): number => Math.fround(random.uniform())
    const collection: SisCollection = {
      name: `chr1:${id}`,
      scoreFull: score(),
      selection: 'exact',
      evaluations: random.below(1000),
      subsets: [0, 1].map((rank) => ({
        rank,
        features: Int32Array.from([1, 5, 9 + id]),
        certificate: {
          scoreFull: score(),
          scoreSis: score(),
          scoreResidual: score(),
          scoreMasked: score(),
          minimal: true,
          certified: true,
        },
        vacuous: false,
        recomputed: false,
      })),
    }
    sequences.add({ id, collection })
    files[`${id}`] = JSON.stringify(collection, plain)
  }
  sequences.close(false)
  files['net.partial'] = readFileSync(attemptOf(path))
  return {
    name: 'finished sequences',
    files,
    damaged: ['net.partial'],
    reader: 'finished',
    inputs: 150,
    isChecked: true,
  }
}

/** Writes the files of all formats, each in a folder of its name. */
export function writeFormats(formats: readonly Format[], directory: string): void {
  for (const { name, files } of formats) {
    for (const [file, content] of Object.entries(files)) {
      const path = join(directory, name, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }
  }
}
