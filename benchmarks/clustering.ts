/**
 * Clustering at scale, each measure in a process of its own. 20,000 unique patterns, eps 2, both strands: this build, an older
 * checkout and rapidfuzz with scikit-learn (where SIS_PYTHON has them), interleaved; their labels must be the same.
 * And from 100,000 parts to motifs, all in.
 *
 *     SIS_REAL_DATA=/path/to/data npx tsx benchmarks/clustering.ts [--before CHECKOUT] [--patterns N] [--parts N] [--rounds N]
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type * as Dbscan from '../src/cluster/dbscan.ts'
import type * as EditDistance from '../src/cluster/editDistance.ts'
import type * as Neighbours from '../src/cluster/neighbours.ts'
import { uniquePatterns } from '../src/cluster/uniquePatterns.ts'
import { readKnownMotifs } from '../src/io/motifs/knownMotifs.ts'
import { findPartMotifs } from '../src/motif/partMotifs.ts'
import { reverseComplementPattern } from '../src/sequence/pattern.ts'
import { describeMachine, machineLine } from './machine.ts'
import { spreadOf } from './harness.ts'
import { recoveryOf } from './plantedMotifs.ts'
import { realData } from './sequences.ts'
import { simulateParts, simulatePatterns } from './simulatedParts.ts'

const eps = 2
const minSamples = 10
const seed = 1
const root = resolve(import.meta.dirname, '..')
const self = fileURLToPath(import.meta.url)

interface Answer {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly labels: readonly number[]
  readonly note?: string
}

const python = `
import json, resource, sys, time
import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist
from sklearn.cluster import DBSCAN
case = json.load(sys.stdin)
begin, cpu = time.perf_counter(), time.process_time()
apart = None
for strand in (case['patterns'], case['reversed']):
    one = cdist(case['patterns'], strand, scorer=Levenshtein.distance, score_cutoff=case['eps'], dtype=np.uint8, workers=2)
    apart = one if apart is None else np.minimum(apart, one)
labels = DBSCAN(eps=case['eps'], min_samples=case['minSamples'], metric='precomputed').fit(apart).labels_
json.dump({'seconds': time.perf_counter() - begin, 'cpuSeconds': time.process_time() - cpu,
  'peakBytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 'labels': labels.tolist()}, sys.stdout)
`

function measured<Result extends Pick<Answer, 'labels'>>(work: () => Result): Result & Answer {
  const [begin, cpu] = [performance.now(), process.cpuUsage()]
  const result = work()
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes, ...result }
}

async function searchOf(checkout: string, patterns: readonly string[]): Promise<Answer> {
  const room = pathToFileURL(`${resolve(checkout)}/src/cluster/`).href
  const { EditDistances } = (await import(`${room}editDistance.ts`)) as typeof EditDistance
  const { neighboursWithin } = (await import(`${room}neighbours.ts`)) as typeof Neighbours
  const { dbscan } = (await import(`${room}dbscan.ts`)) as typeof Dbscan
  const weights = new Float64Array(patterns.length).fill(1)
  return measured(() => ({
    labels: [...dbscan(neighboursWithin(new EditDistances(patterns, true), eps), weights, minSamples).labels],
  }))
}

async function motifsOf(count: number): Promise<Answer> {
  const parts = simulateParts(await jaspar(), count, seed)
  const { motifs, noise, parameters, ...answer } = measured(() => {
    const { motifs, noise, parameters } = findPartMotifs(parts, {
      method: 'dbscan',
      reverseComplements: true,
      seed,
    })
    return { labels: [], motifs, noise, parameters }
  })
  const { kinds, recovered, pure, adoptable, inOwn, strangers, adjustedRand } = recoveryOf(parts, motifs)
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
  const note = [
    `${motifs.length} motifs, ${pure} of one kind; ${recovered} of ${kinds} kinds planted have one`,
    `${percent(inOwn)} of planted parts with their own (the planted motifs would adopt ${percent(adoptable)}), ${percent(strangers)} of random parts in one`,
    `adjusted Rand ${adjustedRand.toFixed(2)}`,
    `${percent(noise.length / count)} in none`,
    `eps ${parameters['eps']}, minSamples ${parameters['minSamples']}`,
  ].join('; ')
  return { ...answer, note }
}

const jaspar = () => readKnownMotifs(realData('motifs', 'JASPAR2022_vertebrates.pfm'))

function inProcess(program: string, args: readonly string[], input: unknown): Answer {
  const stdout = execFileSync(program, args, {
    // What a child does not read would break the pipe.
    ...(input === null ? {} : { input: JSON.stringify(input) }),
    stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  })
  return JSON.parse(stdout.toString()) as Answer
}

/** Each label replaced by the number of labels met before it; noise stays. */
function inOrderMet(labels: readonly number[]): string {
  const met = new Map<number, number>()
  return labels
    .map((label) => {
      if (label >= 0 && !met.has(label)) met.set(label, met.size)
      return met.get(label) ?? -1
    })
    .join()
}

function row(name: string, answers: readonly Answer[], note: string): void {
  const cells = [
    ...(['seconds', 'cpuSeconds'] as const).map((key) => {
      const { median, min, max } = spreadOf(answers.map((answer) => answer[key]))
      return `${median.toFixed(1)} s (${min.toFixed(1)}–${max.toFixed(1)})`
    }),
    `${(Math.max(...answers.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0)} MiB`,
  ]
  console.log(`| ${[name, ...cells, note].join(' | ')} |`)
}

async function main(options: {
  before?: string
  patterns: number
  parts: number
  rounds: number
}): Promise<void> {
  const drawn = simulatePatterns(await jaspar(), Math.ceil(1.2 * options.patterns), seed)
  const { patterns } = uniquePatterns(
    drawn.map((pattern) => ({ pattern })),
    true,
  )
  const chosen = patterns.slice(0, options.patterns)
  const reversed = chosen.map((pattern) => reverseComplementPattern(pattern))
  const child = (args: readonly string[], input: unknown = null) =>
    inProcess(process.execPath, ['--import', 'tsx', self, ...args], input)
  const measures: [string, () => Answer][] = [['this build', () => child(['--search', root], chosen)]]
  const { before } = options
  if (before !== undefined) measures.push(['older checkout', () => child(['--search', before], chosen)])
  const interpreter = process.env['SIS_PYTHON']
  if (interpreter !== undefined) {
    const input = { patterns: chosen, reversed, eps, minSamples }
    measures.push(['rapidfuzz + scikit-learn', () => inProcess(interpreter, ['-c', python], input)])
  }
  const answers = measures.map((): Answer[] => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, [, run]] of measures.entries()) answers[i]!.push(run())
  }
  console.log(machineLine(describeMachine()))
  console.log('\n| work | wall | CPU | peak memory | what it gives |\n|---|---|---|---|---|')
  const expected = inOrderMet(answers[0]![0]!.labels)
  const title = `${chosen.length} unique patterns, eps ${eps}, both strands`
  for (const [i, [name]] of measures.entries()) {
    const labels = answers[i]!.map((answer) => inOrderMet(answer.labels))
    const areSame = labels.every((each) => each === expected)
    row(`${title}: ${name}`, answers[i]!, areSame ? 'the same labels' : 'OTHER LABELS')
    if (!areSame) process.exitCode = 1
  }
  const all = Array.from({ length: options.rounds }, () => child(['--motifs', String(options.parts)]))
  row(`${options.parts} parts to motifs, all in`, all, all[0]!.note!)
}

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    patterns: { type: 'string', default: '20000' },
    parts: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    search: { type: 'string' },
    motifs: { type: 'string' },
  },
})
if (values.search !== undefined) {
  const patterns = JSON.parse(readFileSync(0, 'utf8')) as string[]
  console.log(JSON.stringify(await searchOf(values.search, patterns)))
} else if (values.motifs !== undefined) {
  console.log(JSON.stringify(await motifsOf(Number(values.motifs))))
} else {
  const { before, patterns, parts, rounds } = values
  await main({
    ...(before === undefined ? {} : { before }),
    patterns: Number(patterns),
    parts: Number(parts),
    rounds: Number(rounds),
  })
}
