/**
 * The reference selector over a black box: masked inputs a second through ONNX Runtime, against what the same predictor
 * reaches when it is handed full batches only. Goal: 90 % of that peak.
 *
 *     npx tsx benchmarks/sisNaive.ts [sequences] [length] [rounds]
 */
import { Random } from '../src/base/random.ts'
import { resolveArchitecture } from '../src/model/architecture.ts'
import { initialiseNetwork } from '../src/model/initialise.ts'
import { writeOnnx } from '../src/model/onnxWriter.ts'
import { createOnnxPredictor } from '../src/predict/onnxPredictor.ts'
import type { Predictor } from '../src/predict/predictor.ts'
import { baseCount, masked, uniformBackground } from '../src/sequence/alphabet.ts'
import { extractCollections, type IdentifiedInput } from '../src/sis/extract.ts'
import { sequenceInput } from '../src/sis/sequenceInput.ts'

const [sequences = 64, length = 101, rounds = 3] = process.argv.slice(2).map(Number)

interface Measure {
  readonly rows: number
  readonly seconds: number
}

/** Full batches of random, partly masked sequences, as many rows as the selection took. */
async function measurePeak(predictor: Predictor, rows: number): Promise<Measure> {
  const random = new Random(1, 'peak')
  const { batchSize } = predictor
  const codes = Uint8Array.from({ length: batchSize * length }, () => random.below(masked + 1))
  const batches = Math.ceil(rows / batchSize)
  const begin = performance.now()
  for (let i = 0; i < batches; i++) await predictor.predict(codes, batchSize)
  return { rows: batches * batchSize, seconds: (performance.now() - begin) / 1000 }
}

interface Workload {
  readonly inputs: readonly IdentifiedInput[]
  /** The lowest score of them. */
  readonly threshold: number
}

/** The best-scored quarter of random sequences: random weights are sure of little. */
async function chooseWorkload(predictor: Predictor): Promise<Workload> {
  const random = new Random(1, 'sequences')
  const candidates = 4 * sequences
  const codes = Uint8Array.from({ length: candidates * length }, () => random.below(baseCount))
  const scores = await predictor.predict(codes, candidates)
  const best = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]!).slice(0, sequences)
  const inputs = best.map((id) => ({
    ...sequenceInput(`random ${id}`, codes.slice(id * length, (id + 1) * length)),
    id,
  }))
  return { inputs, threshold: scores[best.at(-1)!]! }
}

/** The first SIS of every sequence, with its certificate. */
async function measureSelection(
  predictor: Predictor,
  { inputs, threshold }: Workload,
): Promise<Measure & { filled: number }> {
  let rows = 0
  let batches = 0
  const counting: Predictor = {
    width: predictor.width,
    outputs: predictor.outputs,
    batchSize: predictor.batchSize,
    backend: predictor.backend,
    predict(cells, n) {
      rows += n
      batches++
      return predictor.predict(cells, n)
    },
    close: () => predictor.close(),
  }
  const decision = { output: 0, direction: '>=', threshold } as const
  const begin = performance.now()
  let explained = 0
  for await (const { collection } of extractCollections({
    inputs,
    predictor: counting,
    decision,
    maxSis: 1,
  })) {
    explained += collection.subsets.length
  }
  const seconds = (performance.now() - begin) / 1000
  if (explained !== sequences) throw new Error(`${explained} of ${sequences} sequences explained`)
  return { rows, seconds, filled: rows / (batches * predictor.batchSize) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

const architecture = resolveArchitecture('cnn', 1)
const network = initialiseNetwork(architecture, length, ['bound'], 1)
const predictor = await createOnnxPredictor(writeOnnx(network), {
  length,
  outputs: network.outputs,
  background: uniformBackground,
})
const evaluations = (length * (length + 1)) / 2
await measurePeak(predictor, 5 * predictor.batchSize)

const workload = await chooseWorkload(predictor)
const table = []
for (let round = 1; round <= rounds; round++) {
  // Half before and half after, so that a machine that slows down slows both alike.
  const before = await measurePeak(predictor, (sequences * evaluations) / 2)
  const selection = await measureSelection(predictor, workload)
  const after = await measurePeak(predictor, (sequences * evaluations) / 2)
  const peak = (before.rows + after.rows) / (before.seconds + after.seconds)
  const rate = selection.rows / selection.seconds
  table.push({
    round,
    'peak inputs/s': Math.round(peak),
    'selection inputs/s': Math.round(rate),
    'selection sequences/s': Number((sequences / selection.seconds).toFixed(2)),
    'batches filled %': Number((100 * selection.filled).toFixed(1)),
    'of peak %': Number(((100 * rate) / peak).toFixed(1)),
  })
}
await predictor.close()
console.log(
  `cnn, L = ${length}, ${sequences} sequences, ${predictor.backend}, batches of ${predictor.batchSize}`,
)
console.table(table)
console.log(`median: ${median(table.map((row) => row['of peak %']))} % of peak (goal: 90 %)`)
