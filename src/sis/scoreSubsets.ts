/** Scores of subsets: of each sequence some bases as they are, all others masked. */
import { DataError } from '../base/errors.ts'
import type { ProgressTask } from '../base/reporter.ts'
import type { Predictor } from '../predict/predictor.ts'
import { masked } from '../sequence/alphabet.ts'

export interface Subset {
  /** Uint8Array [L], the sequence. */
  readonly codes: Uint8Array
  /** 0-based, the bases kept. */
  readonly positions: Iterable<number>
  /** Names the sequence in errors. */
  readonly sequence: string
}

/**
 * @param output index into the predictor's outputs
 * @param progress counts subsets
 * @returns the score of each [subsets.length]
 * @throws DataError naming the sequence where a score is NaN
 */
export async function scoreSubsets(
  predictor: Predictor,
  output: number,
  subsets: readonly Subset[],
  { progress, signal }: { progress?: ProgressTask | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Float32Array> {
  const { width, batchSize } = predictor
  const scores = new Float32Array(subsets.length)
  const cells = new Uint8Array(Math.min(batchSize, subsets.length) * width)
  for (let from = 0; from < subsets.length; from += batchSize) {
    signal?.throwIfAborted()
    const batch = subsets.slice(from, from + batchSize)
    cells.fill(masked)
    for (const [i, { codes, positions }] of batch.entries()) {
      if (codes.length !== width) {
        throw new RangeError(`the predictor reads ${width} bases, the sequence has ${codes.length}`)
      }
      for (const position of positions) cells[i * width + position] = codes[position]!
    }
    const answers = await predictor.predict(cells.subarray(0, batch.length * width), batch.length)
    for (const [i, { sequence }] of batch.entries()) {
      const score = answers[i * predictor.outputs.length + output]!
      if (Number.isNaN(score)) throw new DataError('a subset of it is scored as NaN', { sequence })
      scores[from + i] = score
    }
    progress?.update(from + batch.length)
  }
  return scores
}
