/** The weights of an operation, as TensorFlow.js holds them. */
import type { Tensor } from '@tensorflow/tfjs-core'

/** By role; a role that the operation may do without may be missing. */
export type Weights = ReadonlyMap<string, Tensor>
