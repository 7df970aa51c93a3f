/** Any features in (pixels, say), scores out, over a model that does not read sequences. */
import { DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import type { OutputForm } from '../model/foreign/importedModel.ts'
import { inFixedBatches } from './batchedPredictor.ts'
import type { BatchRunner } from './batchRunner.ts'
import { finishOf, finishScores } from './finishScores.ts'
import type { Cells, Predictor } from './predictor.ts'

export interface FeatureInput {
  /** Name of the input tensor. */
  readonly name: string
  /** Sizes after the batch. */
  readonly dims: readonly number[]
  /** The only number of rows that the model scores at once; undefined where it takes any. */
  readonly batch?: number | undefined
}

/**
 * Cells go into the input tensor as they are, in its order: Float32Array [rows, width], width the product of `dims`.
 * @param runner closed with the predictor, and where this throws
 * @throws DataError where the model gives other numbers of scores than it is said to
 */
export async function createFeaturePredictor(
  runner: BatchRunner,
  { input, output }: { readonly input: FeatureInput; readonly output: OutputForm },
  { batchSize = 256 }: { readonly batchSize?: number | undefined } = {},
): Promise<Predictor> {
  const width = input.dims.reduce((product, dim) => product * dim, 1)
  const { outputs, cut } = output
  const finish = finishOf(output)
  try {
    return await inFixedBatches(
      {
        width,
        outputs,
        backend: runner.backend,
        prepare(size) {
          const values = new Float32Array(size * width)
          const dims = [size, ...input.dims]
          return async (cells, from, rows) => {
            values.set(cells.subarray(from * width, (from + rows) * width))
            const numbers = await runner.run(values, dims, input.name, cut?.tensor ?? output.name)
            if (numbers.length !== size * outputs.length) {
              throw new DataError(
                `the model gives ${numbers.length} numbers for ${size} rows, but ${outputs.length} a row are named`,
              )
            }
            return finishScores(numbers, outputs.length, finish)
          }
        },
        trialCells: (rows) => randomNumbers(rows * width),
        otherCells: (rows) => new Float32Array(rows * width),
        close: () => runner.close(),
      },
      { batchSize: input.batch ?? batchSize, fixed: input.batch !== undefined },
    )
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** @returns Float32Array [count], 0 to 1 */
function randomNumbers(count: number): Cells {
  const random = new Random(0, 'small batch')
  return Float32Array.from({ length: count }, () => random.uniform())
}
