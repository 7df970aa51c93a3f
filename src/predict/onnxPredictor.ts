/** The predictor that runs on ONNX Runtime: codes of bases in, scores out. */
import type * as OnnxRuntime from 'onnxruntime-node'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { BackendError, DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import { inputName, outputName } from '../model/onnxGraph.ts'
import { baseCount, masked, unknown } from '../sequence/alphabet.ts'
import type { Predictor } from './predictor.ts'

export interface OnnxPredictorOptions {
  /** L */
  readonly length: number
  readonly outputs: readonly string[]
  /** What a masked base becomes: numbers for A, C, G, T. */
  readonly background: readonly number[] // [4]
  /** Rows that ONNX Runtime scores at once; `defaultBatchSize` unless given. */
  readonly batchSize?: number | undefined
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined
  readonly device?: 'cpu' | undefined
}

/**
 * Inputs/s of the CNN of the paper, L = 101, 2 threads of an AVX2 core, in batches of 1: 14,000; 8: 34,000; 16: 45,000;
 * 32 to 1,024: 46,000 to 49,000. Of `fc`: 64: 118,000; 256: 120,000 to 130,000; 1,024: 140,000 to 159,000.
 * Threads do not spin while they wait: as fast on idle cores (within 5 %), 1.1 to 1.9 times as fast on busy ones.
 */
const defaultBatchSize = 256

/** What is left of the rows goes in batches of this size: most of a full one would be filling. */
const smallBatchSize = 16

/**
 * A predictor over a model that `writeOnnx` wrote.
 *
 * The same row must give the same score in any batch. How ONNX Runtime rounds can depend on the shape of a batch (seen:
 * convolutions written as [n, channels, length], one row on two threads, 623 of 700 scores off by up to 9e-7), never on
 * what else is in it or on the place of the row. So every batch has one of two fixed sizes, filled up at the end, and
 * the smaller one is used only where it gave the scores of the larger one, bit for bit, when the predictor was made.
 * (Measured with the graphs that we write: the five named architectures, 19 batch sizes from 1 to 700, 1 and 2 threads
 * of AVX2: all bit-identical.)
 * @param modelBytes an ONNX file: input `sequence` [batch, 4, L], output `scores` [batch, outputs], float32
 * @throws BackendError where ONNX Runtime is missing, DataError where it cannot load the model or the shapes differ
 */
export async function createOnnxPredictor(
  modelBytes: Uint8Array,
  options: OnnxPredictorOptions,
): Promise<Predictor> {
  const runtime = loadRuntime()
  const threads = options.threads ?? availableParallelism()
  const device = options.device ?? 'cpu'
  let session: InferenceSession
  try {
    session = await runtime.InferenceSession.create(modelBytes, {
      executionProviders: [device],
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } }, // see `defaultBatchSize`
    })
  } catch (error) {
    throw new DataError(`ONNX Runtime cannot load the model: ${oneLine(error)}`, {}, { cause: error })
  }
  try {
    checkValue(session.inputMetadata, inputName, [baseCount, options.length])
    checkValue(session.outputMetadata, outputName, [options.outputs.length])
    const version = runtime.env.versions.node ?? runtime.env.versions.common
    const backend = `onnxruntime-node ${version}, ${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    const predictor = new OnnxPredictor(runtime.Tensor, session, options, backend)
    await predictor.proveSmallBatch()
    return predictor
  } catch (error) {
    await session.release()
    throw error
  }
}

type Runtime = typeof OnnxRuntime

function loadRuntime(): Runtime {
  try {
    // Required, not imported: the package is CommonJS, and loaders differ on where an import puts its names.
    return createRequire(import.meta.url)('onnxruntime-node') as Runtime
  } catch (error) {
    throw new BackendError(
      `ONNX Runtime cannot be loaded on ${process.platform}-${process.arch} (${oneLine(error)}); run 'npm install onnxruntime-node', or use a TensorFlow.js backend`,
      { cause: error },
    )
  }
}

function checkValue(
  values: readonly InferenceSession.ValueMetadata[],
  name: string,
  sizes: readonly number[],
): void {
  const value = values.find((candidate) => candidate.name === name)
  if (values.length !== 1 || !value?.isTensor || value.type !== 'float32') {
    throw new DataError(
      `the model must have one input '${inputName}' and one output '${outputName}', float32`,
    )
  }
  const [, ...found] = value.shape
  if (found.length !== sizes.length || found.some((size, i) => size !== sizes[i])) {
    throw new DataError(
      `the model's '${name}' is [${value.shape.join(', ')}], but [batch, ${sizes.join(', ')}] is expected`,
    )
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim()
}

class OnnxPredictor implements Predictor {
  readonly width: number
  readonly outputs: readonly string[]
  readonly batchSize: number
  readonly backend: string
  readonly #session: InferenceSession
  readonly #table: Float32Array // [6, 4]
  readonly #full: Batch
  #small: Batch | undefined
  /** Batches share their buffers, so calls wait for each other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    tensor: typeof Tensor,
    session: InferenceSession,
    options: OnnxPredictorOptions,
    backend: string,
  ) {
    this.width = options.length
    this.outputs = options.outputs
    this.batchSize = options.batchSize ?? defaultBatchSize
    this.backend = backend
    this.#session = session
    this.#table = numbersOfCodes(options.background)
    this.#full = new Batch(tensor, this.batchSize, this.width)
    if (this.batchSize > smallBatchSize) this.#small = new Batch(tensor, smallBatchSize, this.width)
  }

  /** Gives the small batch up unless it scores random rows as the full one does. */
  async proveSmallBatch(): Promise<void> {
    if (this.#small === undefined) return
    const random = new Random(0, 'small batch')
    const codes = Uint8Array.from({ length: this.batchSize * this.width }, () => random.below(masked + 1))
    const full = await this.predict(codes, this.batchSize)
    for (let row = 0; row < this.batchSize; row += smallBatchSize) {
      const rows = Math.min(smallBatchSize, this.batchSize - row)
      const small = await this.#run(this.#small, codes, row, rows)
      const from = row * this.outputs.length
      if (small.some((score, i) => !Object.is(score, full[from + i]))) {
        this.#small = undefined
        return
      }
    }
  }

  predict(codes: Uint8Array, rows: number): Promise<Float32Array> {
    const result = this.#last.then(() => this.#predict(codes, rows))
    this.#last = result.catch(() => undefined) // the caller has the error
    return result
  }

  async close(): Promise<void> {
    await this.#last
    await this.#session.release()
  }

  async #predict(codes: Uint8Array, rows: number): Promise<Float32Array> {
    const scores = new Float32Array(rows * this.outputs.length)
    for (let row = 0; row < rows;) {
      const left = rows - row
      const batch = left >= this.#full.size ? this.#full : (this.#small ?? this.#full)
      const taken = Math.min(batch.size, left)
      scores.set(await this.#run(batch, codes, row, taken), row * this.outputs.length)
      row += taken
    }
    return scores
  }

  /** @returns scores [rows, outputs] of codes [from..from + rows) */
  async #run(batch: Batch, codes: Uint8Array, from: number, rows: number): Promise<Float32Array> {
    fillOneHot(codes, from, rows, this.width, this.#table, batch.values)
    const result = await this.#session.run({ [inputName]: batch.tensor })
    return (result[outputName]!.data as Float32Array).subarray(0, rows * this.outputs.length)
  }
}

/** One fixed size; rows that a call does not fill keep what an earlier one left there. */
class Batch {
  readonly size: number
  readonly values: Float32Array // [size, 4, L]
  readonly tensor: Tensor

  constructor(tensor: typeof Tensor, size: number, length: number) {
    this.size = size
    this.values = new Float32Array(size * baseCount * length)
    this.tensor = new tensor('float32', this.values, [size, baseCount, length])
  }
}

/** @returns Float32Array [6, 4]: what a base with a code is in each channel; unknown is zero everywhere */
function numbersOfCodes(background: readonly number[]): Float32Array {
  const table = new Float32Array((unknown + 1) * baseCount)
  for (let c = 0; c < baseCount; c++) table[c * baseCount + c] = 1
  table.set(background, masked * baseCount)
  return table
}

/**
 * As `oneHot` (NCW), by look-up: 0.5 µs a row of 101 bases (1.1 µs channel by channel), where the CNN of the paper takes
 * 20 µs.
 * @param codes Uint8Array [n, L], of which rows [from..from + rows) are read
 * @param table Float32Array [6, 4]
 * @param out Float32Array [≥ rows, 4, L]
 */
function fillOneHot(
  codes: Uint8Array,
  from: number,
  rows: number,
  length: number,
  table: Float32Array,
  out: Float32Array,
): void {
  for (let row = 0; row < rows; row++) {
    const start = (from + row) * length
    let place = row * baseCount * length
    for (let i = start; i < start + length; i++, place++) {
      const entry = codes[i]! * baseCount
      out[place] = table[entry]!
      out[place + length] = table[entry + 1]!
      out[place + 2 * length] = table[entry + 2]!
      out[place + 3 * length] = table[entry + 3]!
    }
  }
}
