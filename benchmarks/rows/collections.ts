/** Whole SIS-collections of 10,000 real peaks by the command itself, in a process of its own: time and memory. */
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Network } from '../../src/model/network/network.ts'
import { runDirectory } from '../../src/run/record/runDirectory.ts'
import { readStageRecord } from '../../src/run/record/stage.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { spreadOf } from '../harness.ts'
import { measureCommand, staleBuild, type CommandMeasure } from '../measuredCommand.ts'
import { scoresOf, trainedModel } from '../networks.ts'
import { figure, secondsText, shareText, type Section } from '../results.ts'
import { hasRealData, noRealData, realPeaks } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'
import { trainedEpochs } from './backwardSelection.ts'

/** Where the network calls a peak. */
const threshold = 0.5
const memoryGoal = 2 ** 30
/** A pilot that promises to take longer than this is the measurement. */
const patience = 900
const pilotSequences = 100

interface Extraction extends CommandMeasure {
  readonly details: Readonly<Record<string, unknown>>
}

export async function collectionsSection(settings: BenchSettings): Promise<Section> {
  if (!hasRealData()) {
    const work = 'SIS-collections of 10,000 real 101 bp peaks, trained paper CNN'
    return {
      verdicts: [{ work, measured: noRealData, goal: '≤ 1 GiB', met: undefined }],
      tables: [],
      data: null,
    }
  }
  const { threads, rounds, quick, reporter } = settings
  const wanted = quick ? 1000 : 10_000
  const { network, directory: artifact } = await trainedModel('cnn', trainedEpochs, reporter)
  const { peaks, read } = await calledPeaks(network, wanted)
  const folder = await mkdtemp(join(tmpdir(), 'sis-bench-collections-'))
  try {
    await prepare(folder, peaks, artifact)
    reporter.info(`collections: ${pilotSequences} of ${peaks.length} sequences`)
    const pilot = await extract(folder, threads, pilotSequences)
    const scaled = (pilot.seconds * peaks.length) / pilotSequences
    const whole: Extraction[] = []
    if (scaled <= patience) {
      for (let round = 0; round < (quick ? 1 : Math.min(3, rounds)); round++) {
        reporter.info(`collections: all ${peaks.length} sequences`)
        whole.push(await extract(folder, threads, peaks.length))
      }
    }
    return tell(whole.length > 0 ? whole : [pilot], { wanted: peaks.length, read, threads, scaled })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The first real peaks that the network calls. */
async function calledPeaks(network: Network, wanted: number): Promise<{ peaks: string[]; read: number }> {
  const peaks: string[] = []
  let read = 0
  let block: string[] = []
  const take = async (): Promise<void> => {
    const scores = await scoresOf(network, block.map(encodeSequence))
    for (const [i, peak] of block.entries()) {
      if (peaks.length === wanted) break
      read++
      if (scores[i]! >= threshold) peaks.push(peak)
    }
    block = []
  }
  for await (const peak of realPeaks()) {
    block.push(peak)
    if (block.length === 1024) await take()
    if (peaks.length === wanted) break
  }
  await take()
  return { peaks, read }
}

async function prepare(folder: string, peaks: readonly string[], artifact: string): Promise<void> {
  const fasta = join(folder, 'peaks.fa')
  await writeFile(fasta, peaks.map((peak, i) => `>peak${i}\n${peak}\n`).join(''))
  const run = join(folder, 'run')
  mkdirSync(run)
  const config = {
    sequences: { sources: [{ fasta, split: 'test' }], 'split-by': 'source' },
    models: [{ name: 'cnn', artifact }],
    extract: { threshold },
  }
  await writeFile(join(run, 'config.yaml'), stringify(config))
  for (const command of ['prepare', 'train', 'predict']) await measureCommand([command, run])
}

async function extract(folder: string, threads: number, sequences: number): Promise<Extraction> {
  const directory = runDirectory(join(folder, 'run'))
  await rm(directory.stageRecord('extract.cnn'), { force: true })
  await rm(directory.table('sis', 'cnn'), { force: true })
  // The run remembers flags, so that both are given every time.
  const flags = ['--threads', String(threads), '--max-sequences', String(sequences)]
  const measured = await measureCommand(['extract', directory.path, ...flags])
  const record = await readStageRecord(directory, 'extract.cnn')
  if (record === undefined) throw new Error('sis extract left no record of its stage')
  return { ...measured, details: record.details }
}

interface Task {
  readonly wanted: number
  /** Peaks looked at to find so many that the network calls. */
  readonly read: number
  readonly threads: number
  /** Seconds for all, as the pilot promised. */
  readonly scaled: number
}

function tell(extractions: readonly Extraction[], { wanted, read, threads, scaled }: Task): Section {
  const { details } = extractions[0]!
  const count = (name: string): number => {
    const value = details[name]
    if (typeof value !== 'number') throw new Error(`the record of sis extract has no count '${name}'`)
    return value
  }
  const sequences = count('sequences')
  const partial = sequences < wanted
  const seconds = spreadOf(extractions.map((extraction) => extraction.seconds))
  const peakBytes = Math.max(...extractions.map((extraction) => extraction.peakBytes))
  const certified = count('subsets') / (count('subsets') + count('uncertified'))
  const recomputed = count('recomputed') / count('subsets')
  const engine = typeof details['engine'] === 'string' ? details['engine'] : 'naive'
  const time = `${secondsText(seconds.median)} (${figure(sequences / seconds.median)} sequences/s)`
  const notes = [
    `\`sis extract\`, ${threads} threads, from its start to the merged database; f(x) ≥ ${threshold}, at most 10 SIS a sequence; real peaks (CTCF, then other factors) that the network calls, found among ${figure(read)}.`,
    ...(partial
      ? [`${sequences} of ${figure(wanted)} sequences: all would take about ${secondsText(scaled)}.`]
      : []),
  ]
  const stale = staleBuild()
  if (stale !== undefined) notes.push(stale)
  return {
    verdicts: [
      {
        work: `SIS-collections of ${figure(wanted)} real 101 bp peaks, trained paper CNN`,
        measured: `${partial ? `${sequences} only: ` : ''}${time}, ${figure(peakBytes / 2 ** 20)} MiB, engine ${engine}`,
        goal: '≤ 1 GiB',
        met: partial ? undefined : peakBytes <= memoryGoal,
      },
      {
        work: 'SIS recomputed by the reference selector, of those',
        measured: `${count('recomputed')} of ${figure(count('subsets'))} (${shareText(recomputed, 3)})`,
        goal: '< 0.1 %',
        met: engine === 'naive' ? undefined : recomputed < 0.001,
      },
    ],
    tables: [
      {
        title: `SIS-collections of ${figure(wanted)} real peaks of 101 bp, trained paper CNN`,
        columns: [
          'engine',
          'sequences',
          'seconds (least–largest)',
          'sequences/s',
          'peak memory',
          'SIS',
          'certified',
          'recomputed',
          'masked inputs whose scores were needed',
        ],
        rows: [
          [
            engine,
            figure(sequences),
            `${figure(seconds.median)} (${figure(seconds.min)}–${figure(seconds.max)})`,
            figure(sequences / seconds.median),
            `${figure(peakBytes / 2 ** 20)} MiB`,
            figure(count('subsets')),
            shareText(certified, 2),
            shareText(recomputed, 3),
            figure(count('evaluations')),
          ],
        ],
        notes,
      },
    ],
    data: extractions.map(({ seconds: wall, peakBytes: bytes, details: found }) => ({
      seconds: wall,
      peakBytes: bytes,
      ...found,
    })),
  }
}
