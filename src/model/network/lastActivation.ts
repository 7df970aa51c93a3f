/** A network without its last activation: what runtimes compute, and what is computed of it in float64. */
import type { ActivationFunction, Network } from './network.ts'

export interface SplitNetwork {
  /** The same outputs before the last activation; it reads the strands that the network reads. */
  readonly logits: Network
  /** `linear` where the network ends without one. */
  readonly activation: ActivationFunction
}

export function splitLastActivation(network: Network): SplitNetwork {
  const end = network.layers.findLastIndex((layer) => layer.kind !== 'dropout')
  const last = network.layers[end]
  if (last?.kind !== 'activation') return { logits: network, activation: 'linear' }
  return { logits: { ...network, layers: network.layers.slice(0, end) }, activation: last.function }
}
