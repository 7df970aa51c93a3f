/**
 * How fast motifs are compared with known ones: the first motifs of JASPAR against all of it, by this build, by an older
 * checkout's and by memelite (PyPI) where the Python of SIS_PYTHON has it. Rounds are interleaved; a first one, in which
 * each compiles, does not count. This build is timed as `sis cluster` uses it, which reads the matches that it stores
 * (q <= 0.1), and with all matches read.
 *
 *     SIS_REAL_DATA=/path/to/data npx tsx benchmarks/motifComparison.ts [--queries 500] [--rounds 5] [--threads 1]
 *         [--before DIR_OF_OLDER_CHECKOUT]
 *
 * `--threads` is memelite's; the two builds of `sis` compare on one thread. Processor time is told beside the
 * clock's, since that holds on a busy machine too. With an older checkout, the largest difference of the p-values is told.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import type { ComparedMotif, MotifMatch } from '../src/motif/motifMatch.ts'
import { tomtom, tomtomOneByOne } from '../src/motif/tomtom.ts'
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

function ours(name: string, work: () => void): Contender {
  const processorSeconds: number[] = []
  return {
    name,
    processorSeconds,
    run() {
      const begin = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(begin)
      processorSeconds.push((user + system) / 1e6)
      return Promise.resolve(1)
    },
  }
}

const program = `
import json, sys, time
import numpy as np
from memelite import tomtom
threads, count, motifs = json.loads(sys.stdin.readline())
motifs = [np.array(motif, dtype=float).T for motif in motifs]
print('ready', flush=True)
for line in sys.stdin:
    begin = time.process_time()
    tomtom(motifs[:count], motifs, n_jobs=threads)
    print(time.process_time() - begin, flush=True)
`

/** memelite in a process that waits for its turns. @returns undefined where Python lacks it */
async function startMemelite(
  count: number,
  targets: readonly ComparedMotif[],
  threads: number,
): Promise<{ contender: Contender; end(): void } | undefined> {
  const python = process.env['SIS_PYTHON'] ?? 'python3'
  const child = spawn(python, ['-c', program], { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = once(child, 'error').then(() => undefined)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  // Its end shows in its output.
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify([threads, count, targets.map(({ ppm }) => ppm)])}\n`)
  const ready = await Promise.race([failed, lines.next()])
  if (ready?.value !== 'ready') return undefined
  const processorSeconds: number[] = []
  return {
    contender: {
      name: `memelite, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
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
    threads: { type: 'number', default: 1, describe: "memelite's threads" },
    before: { type: 'string', describe: 'an older checkout of this repository, its node_modules installed' },
  })
  .strict()
  .parse()

const targets = jaspar()
const queries = targets.slice(0, options.queries)
const contenders = [
  ours('this build, stored matches', () => {
    for (const ranked of tomtomOneByOne(queries, targets)) ranked.best(maxQValue)
  }),
  ours('this build, all matches', () => void tomtom(queries, targets)),
]
let older: Compare | undefined
if (options.before !== undefined) {
  const url = pathToFileURL(join(resolve(options.before), 'src/motif/tomtom.ts')).href
  const compare = ((await import(url)) as { tomtom: Compare }).tomtom
  older = compare
  contenders.push(ours('the older checkout, all matches', () => void compare(queries, targets)))
}
const memelite = await startMemelite(queries.length, targets, options.threads)
if (memelite === undefined) console.log('memelite is left out: the Python of SIS_PYTHON has none.\n')
else contenders.push(memelite.contender)

await interleave(contenders, 1)
for (const { processorSeconds } of contenders) processorSeconds.length = 0
const timings = await interleave(contenders, options.rounds)
memelite?.end()

console.log(`${queries.length} motifs against ${targets.length}, medians of ${options.rounds} rounds\n`)
console.log('| | s | processor s | this build is so many times as fast | by processor time |')
console.log('|---|---|---|---|---|')
const processorTimings = contenders.map(({ name, processorSeconds }) => ({
  name,
  secondsPerUnit: processorSeconds,
  units: 1,
}))
for (const [i, timing] of timings.entries()) {
  const processor = processorTimings[i]!
  const cells = [
    timing.name,
    seconds(spreadOf(timing.secondsPerUnit)),
    seconds(spreadOf(processor.secondsPerUnit)),
    times(speedUp(timing, timings[0]!)),
    times(speedUp(processor, processorTimings[0]!)),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
if (older !== undefined) {
  const difference = largestDifference(older(queries, targets), tomtom(queries, targets))
  console.log(
    `\nRanks and alignments are the older checkout's; p, e and q differ by ${difference.toExponential(1)} at most.`,
  )
}
console.log(`\n${machineLine(describeMachine())}`)
