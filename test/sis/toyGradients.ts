/** Gradients known in closed form, of the toy predictors. */
import type { GradientPredictor } from '../../src/predict/gradientPredictor.ts'
import type { MaskableInput } from '../../src/sis/types.ts'
import type { ToyFunction } from './toyPredictors.ts'

export interface ToyGradients extends GradientPredictor {
  /** Rows of each batch, in the order sent. */
  readonly batches: number[]
}

/** @param of gradients of one row: number [width] */
export function toyGradients(
  width: number,
  of: (cells: readonly number[]) => readonly number[],
  batchSize = 5,
): ToyGradients {
  const batches: number[] = []
  return {
    width,
    outputs: ['output 0'],
    batchSize,
    backend: 'toy',
    batches,
    async gradients(cells, rows) {
      batches.push(rows)
      await new Promise((resolve) => setImmediate(resolve))
      return Float32Array.from(
        Array.from({ length: rows }, (_, row) =>
          of([...cells.subarray(row * width, (row + 1) * width)]),
        ).flat(),
      )
    },
    close: () => Promise.resolve(),
  }
}

/**
 * What masking each cell alone takes from f: the gradient of its multilinear extension, f between masked and not masked
 * being a mean of the two. For such a function the order by gradients is the exact one where one cell is masked a step.
 */
export function lossOfEachCell(f: ToyFunction, { maskedCells }: MaskableInput) {
  return (cells: readonly number[]): number[] =>
    cells.map((cell, i) => (cell === maskedCells[i] ? 0 : f(cells) - f(cells.with(i, maskedCells[i]!))))
}
