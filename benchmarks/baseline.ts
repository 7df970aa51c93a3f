/**
 * What an engine is measured against: the masked inputs of the same backward selections, L(L+1)/2 each, scored by ONNX
 * Runtime in full batches of its best size, both as the product does it (codes in) and by the runtime alone (numbers in).
 */
import { createRequire } from 'node:module'
import type * as OnnxRuntime from 'onnxruntime-node'
import type { Network } from '../src/model/network/network.ts'
import { inputName } from '../src/model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeOnnx } from '../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { inferShapes, sizeOf } from '../src/model/network/shapes.ts'
import { createOnnxPredictor } from '../src/predict/onnx/onnxPredictor.ts'
import type { Predictor } from '../src/predict/predictor.ts'
import { masked, uniformBackground } from '../src/sequence/alphabet.ts'
import { oneHot } from '../src/sequence/encoding.ts'

/** A backward selection as it went. */
export interface SelectionPath {
  readonly codes: Uint8Array // [L]
  /** 1 where the base could be masked; the others were masked from the start. */
  readonly present: Uint8Array // [L]
  /** In the order masked. */
  readonly features: Int32Array // [p]
}

/** Masked inputs that ordering p features takes. */
export function selectionRows(p: number): number {
  return (p * (p + 1)) / 2
}

/** Steps, evenly spread over a selection of p features, whose masked inputs are about `rows`; all where that is enough. */
export function sampleSteps(p: number, rows: number): number[] {
  const stride = Math.max(1, Math.round(selectionRows(p) / rows))
  const steps: number[] = []
  for (let step = Math.floor((stride - 1) / 2); step < p; step += stride) steps.push(step)
  return steps
}

/**
 * The inputs that the reference selector has scored in these steps of a path, in its order: what is left at that step,
 * each candidate masked in its turn, by ascending position.
 * @param steps ascending
 * @returns codes: Uint8Array [rows, L], and the candidate that each row masks
 */
export function maskedRows(
  { codes, present, features }: SelectionPath,
  steps: readonly number[],
): { readonly rows: Uint8Array; readonly candidates: Int32Array } {
  const length = codes.length
  const reference = codes.map((code, position) => (present[position] === 1 ? code : masked))
  const left = present.slice()
  const count = steps.reduce((sum, step) => sum + features.length - step, 0)
  const rows = new Uint8Array(count * length)
  const candidates = new Int32Array(count)
  let row = 0
  let step = 0
  for (const wanted of steps) {
    for (; step < wanted; step++) {
      reference[features[step]!] = masked
      left[features[step]!] = 0
    }
    for (let position = 0; position < length; position++) {
      if (left[position] === 0) continue
      rows.set(reference, row * length)
      rows[row * length + position] = masked
      candidates[row++] = position
    }
  }
  return { rows, candidates }
}

/** The runtime itself: as installed, its own settings but for the number of threads. */
export interface BareRuntime {
  /** Scores the first `batchSize` of the rows, once more each time. */
  run(): Promise<void>
  readonly batchSize: number
}

export interface Baseline {
  readonly predictor: Predictor
  readonly bare: BareRuntime
  readonly batchSize: number
  /** Rows/s of the runtime alone by batch size, as found while choosing. */
  readonly rates: ReadonlyMap<number, number>
  close(): Promise<void>
}

/** Bytes that the largest layer of a batch may have. */
const batchMemory = 2 ** 30
/** Each batch size is tried for so long. */
const trialSeconds = 0.5

/**
 * Finds the runtime's best batch size on these rows.
 * @param rows Uint8Array [≥ largest size, L]
 */
export async function openBaseline(
  network: Network,
  rows: Uint8Array,
  threads: number,
  sizes: readonly number[],
): Promise<Baseline> {
  const length = network.inputLength
  const { InferenceSession, Tensor } = createRequire(import.meta.url)(
    'onnxruntime-node',
  ) as typeof OnnxRuntime
  const model = writeOnnx(network)
  const session = await InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 })
  const widest = Math.max(...inferShapes(network.layers, length).map(sizeOf))
  const rates = new Map<number, number>()

  function bareOf(batchSize: number): BareRuntime {
    const values = oneHot(rows.subarray(0, batchSize * length), length, 'NCW')
    const tensor = new Tensor('float32', values, [batchSize, 4, length])
    return {
      batchSize,
      async run() {
        await session.run({ [inputName]: tensor })
      },
    }
  }

  const fitting = sizes.filter((size) => size * widest * 4 <= batchMemory && size * length <= rows.length)
  if (fitting.length === 0) throw new RangeError(`no batch size of ${sizes.join(', ')} fits`)
  for (const size of fitting) {
    const bare = bareOf(size)
    await bare.run()
    let best = Infinity
    const begin = performance.now()
    for (let runs = 0; runs < 2 || performance.now() - begin < 1000 * trialSeconds; runs++) {
      const start = performance.now()
      await bare.run()
      best = Math.min(best, performance.now() - start)
    }
    rates.set(size, (1000 * size) / best)
  }
  const batchSize = fitting.reduce((best, size) => (rates.get(size)! > rates.get(best)! ? size : best))
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    batchSize,
    threads,
  })
  return {
    predictor,
    bare: bareOf(batchSize),
    batchSize,
    rates,
    async close() {
      await predictor.close()
      await session.release()
    },
  }
}
