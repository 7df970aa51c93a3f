/** A model as a runtime runs it, whatever its format: numbers of one batch in, numbers of one batch out. */

export interface BatchRunner {
  /** What runs it, e.g. `onnxruntime-node 1.30.0, cpu, 2 threads` or `tfjs-wasm, tfjs 4.22.0, 1 thread`. */
  readonly backend: string
  /**
   * @param values [batch, ...]: the numbers of the input tensor, row-major; not kept after the promise settles
   * @param dims sizes of the input tensor, the batch first
   * @param input name of the input tensor
   * @param output name of the output tensor
   * @returns [batch, ...]: the numbers of the output tensor, row-major
   */
  run(values: Float32Array, dims: readonly number[], input: string, output: string): Promise<Float32Array>
  close(): Promise<void>
}
