/**
 * A million unlabelled sequences through the commands themselves, each a process of its own: prepared, scored by the
 * paper's CNN (random weights), the 20 highest explained, all merged. Wall time and peak memory of each; goal: < 2 GiB.
 *
 *     npm run build && npx tsx benchmarks/millionSequences.ts [sequences] [length] [directory]
 */
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'yaml'
import { Random } from '../src/base/random.ts'
import { resolveArchitecture } from '../src/model/network/architecture.ts'
import { saveModel } from '../src/model/artifact/artifact.ts'
import { initialiseNetwork } from '../src/model/network/initialise.ts'
import { decodeSequence, uniformBackground } from '../src/sequence/alphabet.ts'
import { measureCommand } from './measuredCommand.ts'

const [sequences, length] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 101)]
const folder = await mkdtemp(join(process.argv[4] ?? tmpdir(), 'million-sequences-'))
const [fasta, artifact, run] = ['sequences.fa', 'artifact', 'run'].map((name) => join(folder, name))
const goal = 2 * 2 ** 30

function* records(): Generator<string> {
  const random = new Random(1, 'sequences')
  const codes = new Uint8Array(length)
  for (let from = 0; from < sequences; from += 1000) {
    let block = ''
    for (let id = from; id < Math.min(from + 1000, sequences); id++) {
      for (let i = 0; i < length; i++) codes[i] = random.below(4)
      block += `>s${id}\n${decodeSequence(codes)}\n`
    }
    yield block
  }
}

async function measure(label: string, args: readonly string[], output: string): Promise<void> {
  const { seconds, peakBytes } = await measureCommand(args)
  const { size } = await stat(join(run!, output))
  console.log(
    [
      label.padEnd(34),
      `${seconds.toFixed(1)} s`.padStart(9),
      `${Math.round(sequences / seconds).toLocaleString('en-US')}/s`.padStart(12),
      `peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`.padStart(15),
      peakBytes < goal ? '' : 'OVER THE GOAL',
      `${output} ${(size / 2 ** 20).toFixed(1)} MiB`,
    ].join('  '),
  )
}

try {
  console.log(`${sequences.toLocaleString('en-US')} sequences of ${length} bp, in ${folder}`)
  await pipeline(Readable.from(records()), createWriteStream(fasta!))
  const architecture = resolveArchitecture('cnn', 1)
  await saveModel(artifact!, initialiseNetwork(architecture, length, ['label'], 1), {
    name: 'cnn',
    architecture,
    background: uniformBackground,
    training: null,
    metrics: [],
  })
  await mkdir(run!)
  const config = {
    sequences: { sources: [{ fasta }] },
    models: [{ name: 'cnn', artifact }],
    extract: { direction: '<=' }, // this net gives a masked sequence a high score: only low ones need a reason
  }
  await writeFile(join(run!, 'config.yaml'), stringify(config))
  await measure('prepare', ['prepare', run!, '--split-by', 'hash'], 'tables/sequences/all.parquet')
  await measure('train (take over, and predict)', ['train', run!], 'models/cnn/model.onnx')
  await measure('predict', ['predict', run!], 'tables/predictions/cnn.parquet')
  const few = ['--max-sequences', '20']
  await measure('extract (20 sequences, and merge)', ['extract', run!, ...few], 'tables/sis/cnn.parquet')
  await measure('merge', ['merge', run!], 'sis.duckdb')
} finally {
  await rm(folder, { recursive: true })
}
