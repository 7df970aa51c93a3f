/**
 * A million sequences through the store: written, streamed back, predictions of two models written, all merged into
 * sis.duckdb; time, file size and peak memory after each step. Goal: under 1.5 GiB.
 *
 *     npx tsx benchmarks/storeMillion.ts [sequences] [length] [directory]
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../src/base/random.ts'
import { decodeSequence } from '../src/sequence/alphabet.ts'
import { buildDatabase } from '../src/store/buildDatabase.ts'
import { readSequenceSet, streamSequenceBatches } from '../src/store/tableReader.ts'
import { openTableWriter, writeTable } from '../src/store/tableWriter.ts'

const [sequences, length] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 101)]
const run = await mkdtemp(join(process.argv[4] ?? tmpdir(), 'store-million-'))
const part = (table: string, name: string): string => join(run, 'tables', table, `${name}.parquet`)

async function step(label: string, work: () => Promise<string | undefined>): Promise<void> {
  const begin = performance.now()
  const file = await work()
  const seconds = (performance.now() - begin) / 1000
  const size = file === undefined ? '' : `${((await stat(file)).size / 2 ** 20).toFixed(0)} MiB`
  const peak = process.resourceUsage().maxRSS / 1024
  const rate = Math.round(sequences / seconds).toLocaleString('en-US')
  console.log(
    [
      label.padEnd(34),
      `${seconds.toFixed(1)} s`.padStart(8),
      `${rate}/s`.padStart(14),
      size.padStart(9),
    ].join(' '),
    `peak ${peak.toFixed(0)} MiB`.padStart(15),
  )
}

function* madeSequences(): Generator<string> {
  const random = new Random(1, 'sequences')
  const codes = new Uint8Array(length)
  for (let id = 0; id < sequences; id++) {
    for (let i = 0; i < length; i++) codes[i] = random.below(4)
    yield decodeSequence(codes)
  }
}

async function writeSequences(): Promise<string> {
  const path = part('sequences', 'all')
  const writer = await openTableWriter('sequences', path)
  let id = 0
  for (const sequence of madeSequences()) {
    writer.append({
      sequence_id: id,
      name: `chr1:${id * length}-${(id + 1) * length}`,
      chrom: 'chr1',
      start: id * length,
      end: (id + 1) * length,
      strand: '+',
      sequence,
      label: id % 2,
      labels: [id % 2],
      split: id % 10 === 0 ? 'test' : 'train',
      parent_id: null,
    })
    id++
  }
  await writer.close()
  return path
}

async function predict(model: number): Promise<string> {
  const path = part('predictions', `model${model}`)
  const writer = await openTableWriter('predictions', path)
  for await (const { ids, codes } of streamSequenceBatches(run, 4096)) {
    ids.forEach((id, row) => {
      writer.append({ model_id: model, sequence_id: id, output: 0, score: codes[row * length]! / 4 })
    })
  }
  await writer.close()
  return path
}

try {
  console.log(`${sequences.toLocaleString('en-US')} sequences of ${length} bp, in ${run}`)
  for (const model of [0, 1]) {
    await writeTable('models', part('models', `model${model}`), [
      {
        model_id: model,
        name: `model${model}`,
        architecture: 'cnn',
        parameters: 0,
        auroc_train: null,
        auprc_train: null,
        auroc_valid: null,
        auprc_valid: null,
        auroc_test: null,
        auprc_test: null,
        output: 0,
        output_name: 'bound',
        direction: '>=',
        threshold: 0.5,
        quantile: null,
        background: [0.25, 0.25, 0.25, 0.25],
        score_masked: 0,
        model_hash: '',
      },
    ])
  }
  await step('make sequences', () => {
    let made = 0
    for (const sequence of madeSequences()) made += sequence.length
    if (made !== sequences * length) throw new Error(`${made} bases`)
    return Promise.resolve(undefined)
  })
  await step('make and write sequences', writeSequences)
  await step('stream in batches of 4,096', async () => {
    for await (const batch of streamSequenceBatches(run, 4096))
      if (batch.length !== length) throw new Error('length')
    return undefined
  })
  await step('stream and write predictions, model 0', () => predict(0))
  await step('stream and write predictions, model 1', () => predict(1))
  await step('build sis.duckdb', async () => {
    const path = join(run, 'sis.duckdb')
    const { tables } = await buildDatabase(run, path)
    if (tables.predictions !== 2 * sequences) throw new Error(`${tables.predictions} predictions`)
    return path
  })
  await step('read packed (codes, labels, splits)', async () => {
    const set = await readSequenceSet(run)
    if (set.count !== sequences) throw new Error(`${set.count} sequences`)
    return undefined
  })
} finally {
  await rm(run, { recursive: true })
}
