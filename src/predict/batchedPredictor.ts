/**
 * The same row must give the same score in any batch, whatever runs the model: batches of few fixed sizes, proved against
 * each other before anything relies on them.
 */
import { DataError } from '../base/errors.ts'
import type { Cells, Predictor } from './predictor.ts'

/** What scores batches of whatever size is prepared. */
export interface BatchScorer {
  readonly width: number
  readonly outputs: readonly string[]
  readonly backend: string
  /** A batch of its own size, with its own buffers. */
  prepare(size: number): ScoreBatch
  /** @returns [rows, width]: inputs whose scores tell batches apart, every row another */
  trialCells(rows: number): Cells
  /** @returns [rows, width]: inputs as unlike the trial ones as can be */
  otherCells(rows: number): Cells
  close(): Promise<void>
}

/**
 * @param cells [n, width], of which rows [from..from + rows) are scored
 * @param rows at most the size of the batch; what they do not fill keeps what an earlier call left there
 * @returns [≥ rows, outputs]; valid until the next call
 */
type ScoreBatch = (cells: Cells, from: number, rows: number) => Promise<Float32Array>

export interface BatchSizes {
  /** Rows of a full batch. */
  readonly batchSize: number
  /** Whether the model takes full batches only. */
  readonly fixed?: boolean
  /** Of the batches in which what is left of the rows goes. */
  readonly smallBatchSize?: number | undefined
}

/** What is left of the rows goes in batches of this size unless told otherwise: most of a full one would be filling. */
const defaultSmallBatchSize = 16

/**
 * How a runtime rounds can depend on the shape of a batch (seen on ONNX Runtime: convolutions written as
 * [n, channels, length], one row on two threads, 623 of 700 scores off by up to 9e-7). A model may even mix its rows
 * (seen: dynamic quantisation, whose scale is that of the whole batch). So every batch has one of two fixed sizes, filled
 * up at the end, and the smaller one is used only where it gave the scores of the larger one, bit for bit; where the
 * scores of a full batch change with a row's place or company, rows go one at a time.
 * @throws DataError where a model scores one input now so, now otherwise
 */
export async function inFixedBatches(scorer: BatchScorer, sizes: BatchSizes): Promise<Predictor> {
  const batches = await provenBatches(scorer, sizes)
  const [full] = batches
  const { width, outputs } = scorer
  const oneByOne = full.size < sizes.batchSize
  const score = async (cells: Cells, rows: number): Promise<Float32Array> => {
    if (cells.length < rows * width) {
      throw new RangeError(`${rows} rows of ${width} cells need ${rows * width}, got ${cells.length}`)
    }
    const scores = new Float32Array(rows * outputs.length)
    for (let row = 0; row < rows;) {
      const left = rows - row
      const batch = left >= full.size ? full : batches.at(-1)!
      const taken = Math.min(batch.size, left)
      const found = await batch.score(cells, row, taken)
      scores.set(found.subarray(0, taken * outputs.length), row * outputs.length)
      row += taken
    }
    return scores
  }
  // Batches share their buffers, so calls wait for each other.
  let last: Promise<unknown> = Promise.resolve()
  return {
    width,
    outputs,
    batchSize: full.size,
    backend: oneByOne
      ? `${scorer.backend}, one row at a time (in larger batches a row's score changes with its place or the other rows)`
      : scorer.backend,
    predict(cells, rows) {
      const result = last.then(() => score(cells, rows))
      last = result.catch(() => undefined) // the caller has the error
      return result
    },
    async close() {
      await last
      await scorer.close()
    },
  }
}

interface Batch {
  readonly size: number
  readonly score: ScoreBatch
}

/** @returns the full batch and, where it is proved, the small one */
async function provenBatches(
  scorer: BatchScorer,
  { batchSize, fixed, smallBatchSize = defaultSmallBatchSize }: BatchSizes,
): Promise<[Batch, ...Batch[]]> {
  const batchOf = (size: number): Batch => ({ size, score: scorer.prepare(size) })
  const full = batchOf(batchSize)
  const trial = scorer.trialCells(batchSize)
  const expected = (await full.score(trial, 0, batchSize)).slice()
  if (batchSize === 1) {
    await proveRepeatable(full, trial, expected)
    return [full]
  }
  if (fixed !== true && batchSize > smallBatchSize) {
    const small = batchOf(smallBatchSize)
    if (await scoresAlike(scorer, small, trial, expected)) return [full, small]
  }
  if (await keepsScores(scorer, full, trial, expected)) return [full]
  if (fixed === true) {
    await proveRepeatable(full, trial, expected)
    throw new DataError(
      `the model scores ${batchSize} rows at once, and a row's score depends on the other rows; export it with a batch of any size, or of 1`,
    )
  }
  const single = batchOf(1)
  await proveRepeatable(single, trial, (await single.score(trial, 0, 1)).slice())
  return [single]
}

/** Whether rows score in small batches as they do in the full one. */
async function scoresAlike(
  { outputs }: BatchScorer,
  small: Batch,
  trial: Cells,
  expected: Float32Array,
): Promise<boolean> {
  const rows = expected.length / outputs.length
  for (let row = 0; row < rows; row += small.size) {
    const taken = Math.min(small.size, rows - row)
    const found = await small.score(trial, row, taken)
    if (!same(found, expected.subarray(row * outputs.length), taken * outputs.length)) return false
  }
  return true
}

/** Whether the first rows score the same at the end of the batch, among others. */
async function keepsScores(
  scorer: BatchScorer,
  { size, score }: Batch,
  trial: Cells,
  expected: Float32Array,
): Promise<boolean> {
  const { width, outputs } = scorer
  const moved = Math.ceil(size / 8)
  const cells = scorer.otherCells(size)
  cells.set(trial.subarray(0, moved * width), (size - moved) * width)
  const found = await score(cells, 0, size)
  return same(found.subarray((size - moved) * outputs.length), expected, moved * outputs.length)
}

/** @throws DataError where a batch scores otherwise the second time */
async function proveRepeatable({ size, score }: Batch, trial: Cells, expected: Float32Array): Promise<void> {
  if (same(await score(trial, 0, size), expected, expected.length)) return
  throw new DataError(
    'the model gives the same input other scores the second time; export it for inference (without dropout or random numbers)',
  )
}

function same(a: Float32Array, b: Float32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (!Object.is(a[i], b[i])) return false
  return true
}
