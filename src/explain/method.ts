/** An explanation method: codes in, one number a base out. A ranking of the bases, not a guarantee as an SIS is. */
import type { Network } from '../model/network/network.ts'
import type { Device } from '../predict/devices.ts'
import type { Decision } from '../sis/decision.ts'
import type { Predictor } from '../predict/predictor.ts'

/** What a method needs of a model. A black box has scores alone. */
type MethodNeed = 'scores' | 'network'

/** One output of a network, one strand or both. */
export interface NetworkOutput {
  readonly network: Network
  readonly output: number
}

/** What a method is given. */
export interface MethodContext {
  /** The number that is explained, one output: see `explainedNumber.ts`. */
  readonly number: Predictor
  /** The network that has it as an output, for engines; undefined for a black box, and where it is no output: log odds. */
  readonly numberOf: NetworkOutput | undefined
  /** The whole network; undefined for a black box, and there only for methods that need no more than scores. */
  readonly network: Network | undefined
  /** Index into the network's outputs. */
  readonly output: number
  /** The side of the threshold that is explained; all but backward selection explain the number itself. */
  readonly direction: Decision['direction']
  /** What a masked base becomes. */
  readonly background: readonly number[] // [4]
  readonly device: Device
  readonly threads: number
  readonly seed: number
  readonly settings: MethodSettings
  readonly signal: AbortSignal | undefined
}

/** What a user may choose of methods. */
interface MethodSettings {
  /** Integrated gradients: points on the way from a baseline to the sequence. */
  readonly steps: number
  /** What integrated gradients start from. DeepLIFT takes the background, DeepSHAP shuffles. */
  readonly baseline: Baseline
  /** Shuffles of each sequence: DeepSHAP's, and integrated gradients' where the baseline is `shuffled`. */
  readonly references: number
  /** Draws of the methods that sample: LIME, Shapley values, maximum entropy. */
  readonly samples: number
  /** Bases that LIME, occlusion and Shapley values take as one feature. */
  readonly window: number
}

export const baselines = ['background', 'shuffled'] as const
type Baseline = (typeof baselines)[number]

/** A sequence that is explained. */
export interface ExplainedSequence {
  /** Names the stream of random numbers, so that a sequence has the same attribution among whatever others. */
  readonly name: string
  readonly codes: Uint8Array // [L]
}

/** What a method says of one sequence. */
export interface Attribution {
  /** What each base is worth to the explained number: positive where it raises it. */
  readonly importance: Float32Array // [L]
  /** What each base would be worth in each place, where the method says so (hypothetical contributions). */
  readonly contributions?: Float32Array | undefined // [L, 4]
  /** Of the importance, where it was sampled. */
  readonly standardErrors?: Float32Array | undefined // [L]
  /** Of methods whose importances are to add up to f(x) − f(baseline): by how much they do not, f(x) − f(baseline) being 1. */
  readonly incompleteness?: number | undefined
  /** LIME: R² of its linear model on its samples, weighted as they are. */
  readonly fidelity?: number | undefined
  /** Maximum entropy: share of proposals that the Markov chain accepted. */
  readonly acceptance?: number | undefined
  /** Maximum entropy: independent samples that its chain is worth. */
  readonly effectiveSamples?: number | undefined
}

/** A method made ready for one model. */
export interface OpenMethod {
  /** What computes, e.g. `onnxruntime-node 1.30.0, cpu`. */
  readonly backend: string
  /** Sequences at which it is most efficient. */
  readonly batchSize: number
  /** @returns one attribution a sequence; the same sequence gives the same numbers in any batch */
  explain(sequences: readonly ExplainedSequence[]): Promise<Attribution[]>
  close(): Promise<void>
}

export interface ExplanationMethod {
  readonly needs: MethodNeed
  /** Whether another seed gives other numbers. */
  readonly samples: boolean
  /** For help: what it is and from whom. */
  readonly summary: string
  /** @throws ConfigError where this network cannot be explained so, naming the layer */
  open(context: MethodContext): Promise<OpenMethod>
}
