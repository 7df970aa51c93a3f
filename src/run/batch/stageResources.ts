/**
 * What a scheduler is asked for: memory and minutes of each stage's job, at most, before anything is known but the config and
 * the sizes of its files. The numbers were measured (docs/clusters.md); a job that needs more is given twice as much at its
 * next attempt, and `sis extract --estimate` measures the network itself.
 */
import { statSync } from 'node:fs'
import { readHead } from '../../io/files/fileHead.ts'
import type { Config } from '../config/configSchema.ts'
import { readGrammar } from '../inputs/sources.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { Resources } from './batch.ts'

type Source = Config['sequences']['sources'][number]

/** Node, its libraries and ONNX Runtime. */
const programMiB = 350
/** A process that holds all sequences to train on them or to score them, a base. */
const bytesPerBase = 24
/** The database's limit (store/buildDatabase.ts), and what it needs beside it. */
const mergeMiB = 1100
/** What an engine keeps, a thread: little for one convolution, all layers' numbers for deep stacks. */
const engineMiB = { scanner: 16, dense: 64, deep: 512 } as const
/** Jobs are asked for whole minutes, and a node may be busy with others. */
const startMinutes = 5
const safety = 4

/** Of a selection, on two threads; the exponent is that of the length. */
const selectionCost = {
  scanner: { seconds: 0.0013, length: 101, exponent: 1.32 },
  dense: { seconds: 0.011, length: 101, exponent: 2 },
  deep: { seconds: 2.34, length: 600, exponent: 2 },
} as const
/** The same for an epoch's base. */
const trainingSecondsPerBase = { scanner: 4.6e-7, dense: 4.6e-7, deep: 2e-5 } as const

type Engine = keyof typeof engineMiB

/** @returns by kind of stage */
export async function stageResources(config: Config, shards: number): Promise<Record<string, Resources>> {
  const length = config.sequences.length ?? (await lengthOf(config))
  const sequences = await sequencesOf(config, length)
  const engines = config.models.map(engineOf)
  const most = <T>(numbers: readonly T[], of: (one: T) => number): number => Math.max(...numbers.map(of))
  const held = programMiB + (bytesPerBase * sequences * length) / 2 ** 20
  const explained = sequences * Math.min(1, shareExplained(config)) * config.extract.maxSis
  const threads = 2
  const selection = most(engines, (engine) => {
    const { seconds, length: known, exponent } = selectionCost[engine]
    return seconds * (length / known) ** exponent
  })
  const epoch = most(engines, (engine) => trainingSecondsPerBase[engine] * sequences * length)
  const attempts = 1 + config.train.restarts
  return {
    prepare: told(held, sequences * 1e-4),
    train: told(held + 256, epoch * config.train.epochs * attempts),
    predict: told(held, epoch),
    extract: told(
      held + threads * most(engines, (engine) => engineMiB[engine]),
      (explained / shards) * selection,
    ),
    merge: told(mergeMiB, explained * 1e-3),
    cluster: told(mergeMiB, explained * 1e-2),
    logic: told(mergeMiB, explained * 1e-2),
    compare: told(mergeMiB, explained * 1e-2),
    report: told(mergeMiB, explained * 1e-3),
  }
}

function told(mebibytes: number, seconds: number): Resources {
  return {
    memoryMiB: 50 * Math.ceil(mebibytes / 50),
    minutes: startMinutes + Math.ceil((safety * seconds) / 60),
  }
}

/** What is not known to be simpler is taken for a deep stack. */
function engineOf({ architecture }: ModelConfig): Engine {
  if (architecture === 'fc') return 'dense'
  return architecture !== undefined && ['cnn', 'cnn-small', 'deepbind'].includes(architecture)
    ? 'scanner'
    : 'deep'
}

/** Of all sequences, those whose SIS are searched for. */
function shareExplained({ sequences, extract }: Config): number {
  const inSplits = extract.splits.includes('train') || sequences.splitBy !== 'hash' ? 1 : 0.5
  return inSplits * (extract.threshold === undefined ? 1 - extract.quantile : 1)
}

const unknownLength = 1000

async function lengthOf({ sequences }: Config): Promise<number> {
  const [source] = sequences.sources
  if (source?.simulate !== undefined) return (await readGrammar(source.simulate)).length
  const file = source?.positives ?? source?.fasta
  if (file === undefined) return unknownLength
  const text = Buffer.from(await readHead(file, 1 << 16)).toString('latin1')
  const record = /^>[^\n]*\n([^>]+)/.exec(text)?.[1]
  return record === undefined ? unknownLength : record.replace(/\s/g, '').length
}

/** Compressed text is taken to be a quarter as long. */
async function sequencesOf(config: Config, length: number): Promise<number> {
  let sum = 0
  for (const source of config.sequences.sources)
    sum += (await recordsOf(source, length)) * (1 + source.shuffles + source.genomicNegatives)
  return Math.ceil(sum)
}

async function recordsOf(source: Source, length: number): Promise<number> {
  if (source.simulate !== undefined) {
    return (await readGrammar(source.simulate)).classes.reduce((sum, { count }) => sum + count, 0)
  }
  const bytesARecord = source.bed === undefined ? length + 10 : 25
  const files = [source.fasta, source.positives, source.negatives, source.table, source.bed, source.peaks]
  return files
    .filter((file) => file !== undefined)
    .reduce((sum, file) => sum + (statSync(file).size * (file.endsWith('gz') ? 4 : 1)) / bytesARecord, 0)
}
