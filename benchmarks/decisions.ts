/** Inputs that a network is sure of, and the threshold that makes them so. */
import type { Network } from '../src/model/network/network.ts'
import type { IdentifiedInput } from '../src/sis/extractCollections.ts'
import { sequenceInput } from '../src/sis/sequenceInput.ts'
import { scoresOf } from './networks.ts'
import { randomSequences } from './sequences.ts'

export interface ConfidentInputs {
  readonly inputs: readonly IdentifiedInput[]
  /** The lowest score of them. */
  readonly threshold: number
}

/** The best tenth of random sequences, `count` of them, as the product's default quantile has it. */
export async function confidentInputs(network: Network, count: number): Promise<ConfidentInputs> {
  const candidates = randomSequences(network.inputLength, 10 * count, 2)
  const scores = await scoresOf(network, candidates)
  const best = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]!).slice(0, count)
  const inputs = best
    .sort((a, b) => a - b)
    .map((id) => ({ id, ...sequenceInput(`random ${id}`, candidates[id]!) }))
  return { inputs, threshold: Math.min(...best.map((id) => scores[id]!)) }
}
