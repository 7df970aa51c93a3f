/** What the algorithm asks of a predictor, and all that it asks: scores of masked forms of an input. */
import type { Cells } from '../predict/predictor.ts'
import type { MaskableInput } from './types.ts'

/**
 * Writes rows [from, to) of a request, the first at target[offset], each [width] cells. It is called while the caller
 * waits for its scores, once for each batch that takes rows of the request.
 */
export type FillRows = (target: Cells, offset: number, from: number, to: number) => void

export interface Scorer {
  /** Cells of one row. */
  readonly width: number
  /**
   * @param rows at least 1
   * @param input names the rows in errors and gives the type of cells, the same for all callers
   * @returns scores of the decision's output: Float32Array [rows]
   * @throws DataError naming the input on a NaN score; what the predictor threw; the signal's reason
   */
  score(input: MaskableInput, rows: number, fill: FillRows): Promise<Float32Array>
}
