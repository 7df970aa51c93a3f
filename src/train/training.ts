/** What trains a network, whatever computes its steps. */
import type { Random } from '../base/random.ts'
import type { Network } from '../model/network/network.ts'

/** Sequences with labels. */
export interface Batch {
  readonly rows: number
  readonly codes: Uint8Array // [rows, L], the batch's own
  readonly labels: Float32Array // [rows, T], 0 where there is none
  readonly weights: Float32Array // [rows, T], 0 where there is no label
  /** Number of labels: the loss is the weighted sum of their cross-entropies over it. */
  readonly labelled: number
}

export interface TrainingSettings {
  /** What a masked base becomes. */
  readonly background: readonly number[] // [4]
  readonly weightDecay: number
  /** Draws what dropout leaves out. */
  readonly dropout: Random
}

/** A network in training: its weights change with every step. */
export interface Training {
  /** One step of Adam. @returns the loss before it, without weight decay */
  step(batch: Batch, learningRate: number): Promise<number>
  /** Without dropout, by running statistics. @param codes Uint8Array [rows, L] @returns Float32Array [rows, T] */
  logits(codes: Uint8Array): Promise<Float32Array>
  /** Whether no weight is infinite or not a number. */
  isFinite(): boolean
  /** The network with the weights as they are now. */
  read(): Network
  close(): Promise<void>
}

export interface TrainingRuntime {
  /** What computes, e.g. `onnxruntime-node 1.30.0, cpu, 2 threads`; recorded with the model. */
  readonly backend: string
  /** @param network ends with its logits */
  open(network: Network, settings: TrainingSettings): Promise<Training>
}
