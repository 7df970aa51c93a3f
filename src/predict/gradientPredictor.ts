/** What a score owes each cell to first order: gradients of a network's output with respect to the mask. */
import type { Cells } from './predictor.ts'

/** Only a network whose layers are known has one; a black box gives no gradients. */
export interface GradientPredictor {
  /** Cells of one input: L for a network of sequences. */
  readonly width: number
  /** Names of the outputs, as of the predictor of the same network. */
  readonly outputs: readonly string[]
  /** Rows at which gradients are most efficient. */
  readonly batchSize: number
  /** What runs it, e.g. `@tensorflow/tfjs 4.22.0, wasm SIMD`; recorded with every run. */
  readonly backend: string
  /**
   * With a mask m of each cell, 1 where the cell is what it is and 0 where it is masked, a network reads
   * m · cell + (1 − m) · background. This is ∂f/∂m at the cells as they are given, m = 1: about what masking the cell
   * alone takes from f. It is 0 for a masked cell. f is the score before a last sigmoid, softmax or the like flattens it:
   * a number that rises and falls with the score, so the order of a row's gradients is that of the score's, but they do
   * not vanish where the network is sure.
   * @param cells [rows, width]; not kept after the promise settles
   * @returns Float32Array [rows, width]; the same row gives the same gradients in any batch
   */
  gradients(cells: Cells, rows: number, output: number): Promise<Float32Array>
  close(): Promise<void>
}
