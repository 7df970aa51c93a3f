/** The predictor: anything that scores a batch of inputs, masked or not. It knows nothing of SIS. */

/** The numbers of an input: codes of bases for sequences, any features for other predictors. */
export type Cells = Uint8Array | Float32Array | Float64Array

export interface Predictor {
  /** Cells of one input: L for a predictor of sequences. */
  readonly width: number
  /** Names of the outputs, one score each. */
  readonly outputs: readonly string[]
  /** Rows at which this predictor is most efficient. */
  readonly batchSize: number
  /** What runs it, e.g. `onnxruntime-node 1.30.0, cpu`; recorded with every run. */
  readonly backend: string
  /**
   * @param cells [rows, width]; not kept after the promise settles
   * @returns scores: Float32Array [rows, outputs.length]; the same row gives the same score in any batch
   */
  predict(cells: Cells, rows: number): Promise<Float32Array>
  close(): Promise<void>
}
