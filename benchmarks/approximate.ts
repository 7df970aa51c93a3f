/**
 * What approximate modes give up and save: sizes and overlap of their SIS with the exact ones, and the masked inputs and
 * gradients that they take. Times are of one run each, on whatever else the machine does: evaluations are the measure.
 *
 *     npm run build:kernels && npx tsx benchmarks/approximate.ts [--quick] [--threads n]
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Network } from '../src/model/network/network.ts'
import { createOnnxPredictor } from '../src/predict/onnx/onnxPredictor.ts'
import { createTfjsGradientPredictor } from '../src/predict/tfjs/tfjsGradients.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../src/predict/tfjs/tfjsRuntime.ts'
import { createTerminalReporter } from '../src/run/terminalReporter.ts'
import { uniformBackground } from '../src/sequence/alphabet.ts'
import { blockInput } from '../src/sis/approximate/blockInput.ts'
import {
  extractCollections,
  type ExtractOptions,
  type IdentifiedInput,
} from '../src/sis/extractCollections.ts'
import { cellsOfFeatures } from '../src/sis/masking.ts'
import { sequenceInput } from '../src/sis/sequenceInput.ts'
import { confidentInputs } from './decisions.ts'
import { describeMachine } from './machine.ts'
import { randomNetwork, trainedModel } from './networks.ts'
import { secondsText, shareText, toMarkdown, type Cell, type Table } from './results.ts'
import { confidentPeaks, trainedEpochs } from './rows/backwardSelection.ts'
import { openAutomatically } from './selections.ts'
import { hasRealData, noRealData } from './sequences.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, threads: { type: 'string' } },
})
const threads = Number(values.threads ?? availableParallelism())

interface Case {
  readonly title: string
  readonly network: Network
  readonly inputs: readonly IdentifiedInput[]
  readonly threshold: number
  /** Features a step. */
  readonly batches: readonly number[]
  /** Bases of a block. */
  readonly blocks: readonly number[]
  readonly maxSis: number
}

interface Outcome {
  /** Base positions of the SIS of each input, by rank. */
  readonly positions: readonly (readonly ReadonlySet<number>[])[]
  readonly evaluations: number
  readonly certified: boolean
  readonly seconds: number
}

async function* cases(): AsyncGenerator<Case> {
  const share = (n: number): number => (values.quick ? Math.ceil(n / 10) : n)
  const random = await randomNetwork('cnn', 101, 3)
  yield {
    title: 'paper CNN, random weights, L = 101',
    network: random,
    ...(await confidentInputs(random, share(50))),
    batches: [1, 4, 16],
    blocks: [2, 4, 8],
    maxSis: 10,
  }
  if (hasRealData()) {
    const { network } = await trainedModel('cnn', trainedEpochs, reporter)
    const peaks = (await confidentPeaks(network)).slice(0, share(200))
    yield {
      title: 'paper CNN, trained, L = 101',
      network,
      inputs: peaks.map((codes, id) => ({ id, ...sequenceInput(`peak ${id}`, codes) })),
      threshold: 0.5,
      batches: [1, 4, 16],
      blocks: [2, 4, 8],
      maxSis: 10,
    }
  }
  const long = await randomNetwork('cnn', 1000, 3)
  yield {
    title: 'paper CNN, random weights, L = 1,000',
    network: long,
    ...(await confidentInputs(long, share(4))),
    batches: [1, 16, 64],
    blocks: [16],
    maxSis: 1,
  }
}

async function extract(
  { network, threshold, maxSis }: Case,
  inputs: readonly IdentifiedInput[],
  how: Pick<ExtractOptions, 'selector' | 'busySelections' | 'batchedGradient'>,
): Promise<Outcome> {
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    threads,
    batchSize: network.inputLength > 500 ? 64 : 256,
  })
  const decision = { output: 0, direction: '>=', threshold } as const
  const positions = []
  let evaluations = 0
  let certified = true
  const begin = performance.now()
  for await (const { id, collection } of extractCollections({
    inputs,
    predictor,
    decision,
    maxSis,
    ...how,
  })) {
    const input = inputs.find((one) => one.id === id)!
    positions.push(collection.subsets.map(({ features }) => new Set(cellsOfFeatures(input, features))))
    evaluations += collection.evaluations
    certified &&= collection.subsets.every(({ certificate }) => certificate.certified)
  }
  const seconds = (performance.now() - begin) / 1000
  await predictor.close()
  return { positions, evaluations, certified, seconds }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** Of two empty sets: 1. */
function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const shared = [...a].filter((position) => b.has(position)).length
  const all = a.size + b.size - shared
  return all === 0 ? 1 : shared / all
}

function union(sets: readonly ReadonlySet<number>[]): Set<number> {
  return new Set(sets.flatMap((set) => [...set]))
}

function row(name: string, found: Outcome, exact: Outcome): Cell[] {
  const n = exact.positions.length
  const first = found.positions.map((sets, i) => jaccard(sets[0]!, exact.positions[i]![0]!))
  return [
    name,
    mean(found.positions.map((sets) => sets[0]!.size)),
    mean(found.positions.map((sets) => sets.length)),
    shareText(first.filter((overlap) => overlap === 1).length / n),
    mean(first),
    mean(found.positions.map((sets, i) => jaccard(union(sets), union(exact.positions[i]!)))),
    found.evaluations / n,
    exact.evaluations / found.evaluations,
    secondsText(found.seconds / n),
    found.certified ? 'all' : '**not all**',
  ]
}

async function measure(one: Case, runtime: TensorFlowRuntime): Promise<Table> {
  const { title, network, inputs, batches, blocks: sizes, maxSis } = one
  const engine = openAutomatically(network, threads)
  const exact = await extract(one, inputs, { selector: engine.selector, busySelections: 2 * threads })
  await engine.close()
  const rows = [row(`exact (engine ${engine.name})`, exact, exact)]
  const gradients = createTfjsGradientPredictor(runtime, network)
  for (const batchFeatures of batches) {
    reporter.info(`${title}: ${batchFeatures} a step`)
    const found = await extract(one, inputs, { batchedGradient: { predictor: gradients, batchFeatures } })
    rows.push(row(`batched gradient, k = ${batchFeatures}`, found, exact))
  }
  await gradients.close()
  for (const size of sizes) {
    reporter.info(`${title}: blocks of ${size}`)
    const blocks = inputs.map(({ id, name, cells }) => ({
      id,
      ...blockInput(name, cells as Uint8Array, size),
    }))
    rows.push(row(`blocks of ${size}, exact`, await extract(one, blocks, {}), exact))
  }
  return {
    title: `${title}: ${inputs.length} sequences, at most ${maxSis} SIS each`,
    columns: [
      'selection',
      'bases of the first SIS',
      'SIS a sequence',
      'first SIS the exact one',
      'Jaccard of the first SIS',
      'Jaccard of all bases',
      'evaluations a sequence',
      'times fewer',
      'time a sequence',
      'certified',
    ],
    rows,
    notes: [],
  }
}

const reporter = createTerminalReporter({ format: 'text', stream: process.stderr, environment: process.env })
const machine = describeMachine()
const begin = performance.now()
const runtime = await loadTensorFlow('auto')
const tables = []
for await (const one of cases()) tables.push(await measure(one, runtime))
const notes = [
  `Means over the sequences. An evaluation is a masked input scored or differentiated; certificates not counted. Jaccard: shared bases of all bases, with the exact SIS. Approximate selections finish by the reference selector, through ONNX Runtime; gradients by ${runtime.backend}.`,
  ...(hasRealData() ? [] : [noRealData]),
]
console.log(
  toMarkdown({
    format: 'sis bench 1',
    date: new Date().toISOString(),
    machine,
    threads,
    rounds: 1,
    quick: values.quick,
    sections: {
      approximate: {
        verdicts: [],
        tables: tables.map((table, i) => (i === tables.length - 1 ? { ...table, notes } : table)),
        data: undefined,
      },
    },
    seconds: (performance.now() - begin) / 1000,
  }),
)
