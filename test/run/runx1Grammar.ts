/** A grammar of sequences with a RUNX1 site for small runs, and a network that knows the site without training. */
import { resolveArchitecture, type Architecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Network } from '../../src/model/network/network.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'

/** As many positives, with a RUNX1 site, as negatives. */
export function runx1Grammar(length: number, count: number): string {
  return `
length: ${length}
labels: [bound]
motifs:
  RUNX1: { consensus: TGTGGTTT }
classes:
  - name: positive
    count: ${count}
    labels: [1]
    elements: [{ motif: RUNX1 }]
  - name: negative
    count: ${count}
    labels: [0]
`
}

export const runx1Architecture: Architecture = resolveArchitecture(
  [{ conv1d: { filters: 1, 'kernel-size': 8, activation: 'relu' } }, 'global-max-pool'],
  1,
)

export function runx1Scanner(length: number): Network {
  return siteScanner('TGTGGTTT', length)
}

/** Six or more bases of a motif of eight make a site. */
export function siteScanner(motif: string, length: number): Network {
  const network = initialiseNetwork(runx1Architecture, length, ['bound'], 1)
  const kernel = oneHot(encodeSequence(motif), 8, 'NWC').map((one) => (one === 1 ? 1 : -0.3))
  return {
    ...network,
    layers: network.layers.map((layer) => {
      if (layer.kind === 'conv1d') return { ...layer, kernel, bias: Float32Array.of(0) }
      if (layer.kind === 'dense') return { ...layer, kernel: Float32Array.of(4), bias: Float32Array.of(-22) }
      return layer
    }),
  }
}
