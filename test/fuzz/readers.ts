/** What is asked of the files of a format: all that this program would take from them. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { DataError } from '../../src/base/errors.ts'
import { silentReporter } from '../../src/base/reporter.ts'
import { main } from '../../src/cli/main.ts'
import { readBamWindows } from '../../src/io/alignments/bam.ts'
import { readBed } from '../../src/io/regions/bed.ts'
import { readFasta } from '../../src/io/sequences/fasta.ts'
import { openGenome } from '../../src/io/regions/genome.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { readSequenceTable } from '../../src/io/sequences/sequenceTable.ts'
import { readFastaWithTargets } from '../../src/io/sequences/targets.ts'
import { loadModelDescription, loadNetwork } from '../../src/model/artifact/artifact.ts'
import { readDeepbind } from '../../src/model/foreign/deepbind.ts'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { importTfjs } from '../../src/model/foreign/tfjs/tfjsImport.ts'
import { openFinishedSequences } from '../../src/run/stages/finishedSequences.ts'
import { readConfigFile } from '../../src/run/config/readConfig.ts'
import { runDirectory } from '../../src/run/record/runDirectory.ts'
import { readGrammar } from '../../src/run/inputs/sources.ts'
import { readStageRecords } from '../../src/run/record/stage.ts'
import { readTable } from '../../src/store/tableReader.ts'
import { toyInput } from '../sis/toyPredictors.ts'

const length = 101

/** Each takes the folder of the format's files. */
export const readers = {
  fasta: (folder: string) => all(readFasta(join(folder, 'a.fa'))),
  targets: (folder: string) => all(readFastaWithTargets(join(folder, 'a.fa'), join(folder, 'a.target'))),
  table: (folder: string) => all(readSequenceTable(join(folder, 'a.tsv'))),
  bed: (folder: string) => all(readBed(join(folder, 'a.bed'), { summits: true })),
  genome: (folder: string) => wholeGenome(join(folder, 'g.fa')),
  bam,
  motifs: (folder: string) => readKnownMotifs(join(folder, 'a.motifs')),
  grammar: (folder: string) => readGrammar(join(folder, 'grammar.yaml')),
  config: (folder: string) => readConfigFile(join(folder, 'config.yaml')),
  onnx: (folder: string) => importOnnx(join(folder, 'm.onnx'), {}),
  keras: (folder: string) => importKeras(join(folder, 'm.h5'), {}),
  kerasZip: (folder: string) => importKeras(join(folder, 'm.keras'), {}),
  kerasJson: (folder: string) => importKeras(join(folder, 'm.json'), { weights: join(folder, 'm.h5') }),
  tfjs: (folder: string) => importTfjs(join(folder, 'model.json'), {}),
  deepbind: (folder: string) => {
    const file = join(folder, 'm.txt')
    return Promise.resolve(readDeepbind(readFileSync(file, 'utf8'), file, { length }))
  },
  finished,
  parquet: (folder: string) =>
    all(readTable(join(folder, 'run'), 'sequences', ['sequence_id', 'name', 'sequence', 'label', 'split'])),
  artifact: async (folder: string) => {
    const path = join(folder, 'run/models/scanner')
    const description = await loadModelDescription(path)
    return [description, await loadNetwork(path, description)]
  },
  records: (folder: string) => readStageRecords(runDirectory(join(folder, 'run'))),
  merge,
  query: (folder: string) =>
    command(['query', join(folder, 'run'), 'FROM sis ORDER BY ALL', '--format', 'csv']),
  report: (folder: string) => command(['report', join(folder, 'run')]),
} as const satisfies Readonly<Record<string, (folder: string) => Promise<unknown>>>

export type Reader = keyof typeof readers

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

async function wholeGenome(path: string): Promise<unknown> {
  const genome = await openGenome(path)
  try {
    const letters: string[] = []
    for (const [chrom, bases] of genome.chromosomes) letters.push(chrom, await genome.fetch(chrom, 0, bases))
    return letters
  } finally {
    await genome.close()
  }
}

async function bam(folder: string): Promise<unknown> {
  const genome = await openGenome(join(folder, 'g.fa'))
  try {
    return await all(
      readBamWindows(join(folder, 'a.bam'), genome, { length: 30, onBadRecord: () => undefined }),
    )
  } finally {
    await genome.close()
  }
}

/** The finished sequences that come back, which have to be as they were; how many come back does not matter. */
async function finished(folder: string): Promise<unknown> {
  const path = join(folder, 'net.partial')
  const ids = (await readdir(folder)).filter((name) => /^\d+$/.test(name))
  const signal = new AbortController().signal
  const sequences = openFinishedSequences(path, { key: 'key', signal, reporter: silentReporter })
  try {
    for (const id of ids) {
      const found = sequences.get({ id: Number(id), ...toyInput([], `chr1:${id}`) })
      if (found === undefined) continue
      if (JSON.stringify(found, plain) !== readFileSync(join(folder, id), 'utf8')) return `another ${id}`
    }
    return 'as they were, or none'
  } finally {
    sequences.close(true)
  }
}

/** Typed arrays as lists. */
export function plain(_: string, value: unknown): unknown {
  return value instanceof Int32Array ? [...value] : value
}

/** All of the database that is built anew; a table that is left out, which is said, counts as refused. */
async function merge(folder: string): Promise<unknown> {
  const run = join(folder, 'run')
  await command(['merge', run])
  const answers: string[] = []
  for (const table of ['sequences', 'sis', 'clusters']) {
    answers.push(await command(['query', run, `FROM ${table} ORDER BY ALL`, '--format', 'csv']))
  }
  return answers
}

/** @returns what a command prints; throws what it says where it fails */
async function command(args: readonly string[]): Promise<string> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const read = { stdout: '', stderr: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => (read.stdout += text))
  stderr.setEncoding('utf8').on('data', (text: string) => (read.stderr += text))
  const code = await main(args, { stdout, stderr }, new AbortController().signal)
  await new Promise(setImmediate)
  if (code === 0 && !read.stderr.includes('left out')) return read.stdout
  if (code === 1) throw new Error(read.stderr)
  throw new DataError(read.stderr)
}
