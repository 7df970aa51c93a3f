/** Predictors whose answers are known in closed form; they count what they are asked. */
import type { Predictor } from '../../src/predict/predictor.ts'
import { createScoreQueue, type ScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import type { Decision } from '../../src/sis/decision.ts'
import type { MaskableInput } from '../../src/sis/types.ts'

export type ToyFunction = (cells: readonly number[]) => number

export interface ToyPredictor extends Predictor {
  /** Rows of each batch, in the order sent. */
  readonly batches: number[]
  rows(): number
}

/** One output for each function; answers arrive a macrotask later, as those of a real runtime do. */
export function toyPredictor(width: number, functions: ToyFunction | readonly ToyFunction[], batchSize = 7) {
  const list = typeof functions === 'function' ? [functions] : functions
  const batches: number[] = []
  const predictor: ToyPredictor = {
    width,
    outputs: list.map((_, i) => `output ${i}`),
    batchSize,
    backend: 'toy',
    batches,
    rows: () => batches.reduce((sum, rows) => sum + rows, 0),
    async predict(cells, rows) {
      if (cells.length !== rows * width) throw new RangeError(`${cells.length} cells for ${rows} rows`)
      batches.push(rows)
      await new Promise((resolve) => setImmediate(resolve))
      const scores = new Float32Array(rows * list.length)
      for (let row = 0; row < rows; row++) {
        const of = [...cells.subarray(row * width, (row + 1) * width)]
        for (const [i, f] of list.entries()) scores[row * list.length + i] = f(of)
      }
      return scores
    },
    close: () => Promise.resolve(),
  }
  return predictor
}

export function toyQueue(width: number, f: ToyFunction, batchSize?: number): ScoreQueue {
  return createScoreQueue({ predictor: toyPredictor(width, f, batchSize), output: 0 })
}

/** Every cell is a feature; masked cells are 0. */
export function toyInput(cells: readonly number[], name = 'toy'): MaskableInput {
  return { name, cells: Float64Array.from(cells), maskedCells: new Float64Array(cells.length) }
}

export function atLeast(threshold: number): Decision {
  return { output: 0, direction: '>=', threshold }
}

export function atMost(threshold: number): Decision {
  return { output: 0, direction: '<=', threshold }
}

export const sum: ToyFunction = (cells) => cells.reduce((total, cell) => total + cell, 0)
export const l2norm: ToyFunction = (cells) => Math.sqrt(cells.reduce((total, cell) => total + cell * cell, 0))
