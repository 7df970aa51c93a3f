/**
 * How fast motifs are compared with known ones: the first motifs of JASPAR against all of it, by this build, by an older
 * checkout's and by memelite (PyPI) where the Python of SIS_PYTHON has it: as it is, which rounds the targets' columns to a
 * hundredth and compares fewer of them, and without that. Rounds are interleaved; a first one, in which
 * each compiles, does not count. This build is timed as `sis cluster` uses it, which reads the matches that it stores
 * (q <= 0.1), on each number of threads (those are started in the time told), and with all matches read.
 *
 *     SIS_REAL_DATA=/path/to/data npx tsx benchmarks/motifComparison.ts [--queries 500] [--rounds 5] [--threads 1,2]
 *         [--before DIR_OF_OLDER_CHECKOUT]
 *
 * Processor time, of all threads, is told beside the clock's, since that holds on a busy machine too. Any number of threads must
 * give the same; with an older checkout, the largest difference of the p-values is told.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import type { ComparedMotif, MotifMatch } from '../src/motif/motifMatch.ts'
import { tomtom } from '../src/motif/tomtom.ts'
import type { RankedTargets } from '../src/motif/tomtomMatches.ts'
import { tomtomInThreads } from '../src/motif/tomtomThreads.ts'
import { interleave, speedUp, spreadOf, type Measure, type Spread } from './harness.ts'
import { describeMachine, machineLine } from './machine.ts'
import { jaspar } from './motifNull.ts'

type Compare = (queries: readonly ComparedMotif[], targets: readonly ComparedMotif[]) => MotifMatch[]

/** As `sis cluster` has it unless told otherwise. */
const maxQValue = 0.1

/** A measure whose processor time is kept besides, in seconds by round. */
interface Contender extends Measure {
  readonly processorSeconds: number[]
}

function ours(name: string, work: () => unknown): Contender {
  const processorSeconds: number[] = []
  return {
    name,
    processorSeconds,
    async run() {
      const begin = process.cpuUsage()
      await work()
      const { user, system } = process.cpuUsage(begin)
      processorSeconds.push((user + system) / 1e6)
      return 1
    },
  }
}

const program = `
import json, sys, time
import numpy as np
from memelite import tomtom
threads, bins, count, motifs = json.loads(sys.stdin.readline())
motifs = [np.array(motif, dtype=float).T for motif in motifs]
print('ready', flush=True)
for line in sys.stdin:
    begin = time.process_time()
    tomtom(motifs[:count], motifs, n_target_bins=bins, n_jobs=threads)
    print(time.process_time() - begin, flush=True)
`

/** Numbers of bins into which memelite rounds the targets' columns: as it does unless told otherwise, and not at all, as here. */
const targetBins = [100, null] as const

/** memelite in a process that waits for its turns. @returns undefined where Python lacks it */
async function startMemelite(
  count: number,
  targets: readonly ComparedMotif[],
  threads: number,
  bins: number | null,
): Promise<{ contender: Contender; end(): void } | undefined> {
  const python = process.env['SIS_PYTHON'] ?? 'python3'
  const child = spawn(python, ['-c', program], { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = once(child, 'error').then(() => undefined)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  // Its end shows in its output.
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify([threads, bins, count, targets.map(({ ppm }) => ppm)])}\n`)
  const ready = await Promise.race([failed, lines.next()])
  if (ready?.value !== 'ready') return undefined
  const processorSeconds: number[] = []
  return {
    contender: {
      name: `memelite${bins === null ? ', its target columns unrounded' : ''}, ${counted(threads)}`,
      processorSeconds,
      async run() {
        child.stdin.write('\n')
        const { value } = (await lines.next()) as { value?: string }
        if (value === undefined) throw new Error('memelite ended')
        processorSeconds.push(Number(value))
        return 1
      },
    },
    end: () => child.stdin.end(),
  }
}

/** The largest relative difference of p-values. @throws Error where ranks, offsets, overlaps or strands differ */
function largestDifference(before: readonly MotifMatch[], after: readonly MotifMatch[]): number {
  let largest = 0
  for (const [i, match] of after.entries()) {
    const { pValue, eValue, qValue, ...place } = match
    const was = before[i]!
    for (const [key, value] of Object.entries(place)) {
      if (was[key as keyof MotifMatch] !== value) {
        throw new Error(
          `${match.queryId} on ${match.targetId}: ${key} is ${value} and was ${was[key as keyof MotifMatch]}`,
        )
      }
    }
    for (const [now, then] of [
      [pValue, was.pValue],
      [eValue, was.eValue],
      [qValue, was.qValue],
    ] as const) {
      largest = Math.max(largest, Math.abs(now - then) / then)
    }
  }
  return largest
}

const seconds = ({ median, min, max }: Spread): string =>
  `${median.toFixed(3)} (${min.toFixed(3)}–${max.toFixed(3)})`
const times = ({ median, min, max }: Spread): string =>
  `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`

const options = await yargs(hideBin(process.argv))
  .options({
    queries: { type: 'number', default: 500, describe: 'motifs that are compared' },
    rounds: { type: 'number', default: 5 },
    threads: { type: 'string', default: '1,2', describe: 'numbers of threads' },
    before: { type: 'string', describe: 'an older checkout of this repository, its node_modules installed' },
  })
  .strict()
  .parse()

const targets = await jaspar()
const queries = targets.slice(0, options.queries)
const threadCounts = options.threads.split(',').map(Number)
const counted = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`
const inThreads = <Kept>(threads: number, read: (ranked: RankedTargets) => Kept): Promise<Kept[]> =>
  tomtomInThreads(queries, targets, read, { threads, signal: new AbortController().signal })
const contenders = threadCounts.map((threads) =>
  ours(`this build, stored matches, ${counted(threads)}`, () =>
    inThreads(threads, (ranked) => ranked.best(maxQValue)),
  ),
)
contenders.push(ours('this build, all matches, 1 thread', () => tomtom(queries, targets)))
let older: Compare | undefined
if (options.before !== undefined) {
  const url = pathToFileURL(join(resolve(options.before), 'src/motif/tomtom.ts')).href
  const compare = ((await import(url)) as { tomtom: Compare }).tomtom
  older = compare
  contenders.push(ours('the older checkout, all matches', () => void compare(queries, targets)))
}
const memelites = await Promise.all(
  targetBins.flatMap((bins) =>
    threadCounts.map((threads) => startMemelite(queries.length, targets, threads, bins)),
  ),
)
for (const memelite of memelites) {
  if (memelite === undefined) console.log('memelite is left out: the Python of SIS_PYTHON has none.\n')
  else contenders.push(memelite.contender)
}

await interleave(contenders, 1)
for (const { processorSeconds } of contenders) processorSeconds.length = 0
const timings = await interleave(contenders, options.rounds)
for (const memelite of memelites) memelite?.end()

console.log(`${queries.length} motifs against ${targets.length}, medians of ${options.rounds} rounds\n`)
const processorTimings = contenders.map(({ name, processorSeconds }) => ({
  name,
  secondsPerUnit: processorSeconds,
  units: 1,
}))
const against = threadCounts.map((threads) => `this build, ${counted(threads)}, is so many times as fast`)
console.log(`| | s | processor s | ${against.join(' | ')} | by processor time |`)
console.log(`|---|---|---|${'---|'.repeat(against.length + 1)}`)
for (const [i, timing] of timings.entries()) {
  const processor = processorTimings[i]!
  const cells = [
    timing.name,
    seconds(spreadOf(timing.secondsPerUnit)),
    seconds(spreadOf(processor.secondsPerUnit)),
    ...threadCounts.map((_, own) => times(speedUp(timing, timings[own]!))),
    times(speedUp(processor, processorTimings[0]!)),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
const whole = JSON.stringify(tomtom(queries, targets))
for (const threads of threadCounts) {
  const matches = await inThreads(threads, (ranked) => ranked.all())
  if (JSON.stringify(matches.flat()) !== whole) throw new Error(`${counted(threads)} give other matches`)
}
console.log('\nAll numbers of threads give the same matches.')
if (older !== undefined) {
  const difference = largestDifference(older(queries, targets), tomtom(queries, targets))
  console.log(
    `\nRanks and alignments are the older checkout's; p, e and q differ by ${difference.toExponential(1)} at most.`,
  )
}
console.log(`\n${machineLine(describeMachine())}`)
