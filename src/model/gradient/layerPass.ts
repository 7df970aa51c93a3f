/** A layer forwards and backwards; where it has its weights from, and where what these are owed goes. */
import type { GraphWriter } from './graphWriter.ts'

/** [n, channels, 1, length] along the sequence, [n, units] once flat. */
export interface LayerPass {
  readonly y: string
  /** To be called once. @param dy what the layer's output is owed @returns what its input is */
  backward(dy: string): string
}

/** Of a layer, as the network names it. */
export type Role = 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance'

export interface Parameters {
  /** @returns the tensor that holds these numbers, or those that have become of them */
  read(role: Role, values: Float32Array, dims: readonly number[]): string
  /** Called once a parameter, with the gradient of the loss or, of a running statistic, with what becomes of it. */
  owe(parameter: string, role: Role, gradient: string): void
}

/** Weights that stay as they are. */
export function constants(g: GraphWriter): Parameters {
  return { read: (_, values, dims) => g.numbers(values, dims), owe: () => undefined }
}
