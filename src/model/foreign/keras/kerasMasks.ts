/**
 * Which masks reach which layers: Keras hands the mask that a Masking makes on through layers that know masks, and others
 * drop it.
 */
import type { KerasGraph, KerasNode } from './kerasGraph.ts'

/** Layers that hand on the mask of what they read. */
const passing: ReadonlySet<string> = new Set([
  'Dense',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'PReLU',
  'ELU',
  'ThresholdedReLU',
  'Softmax',
  'BatchNormalization',
  'LayerNormalization',
  'GroupNormalization',
  'UnitNormalization',
  'Rescaling',
  'Normalization',
  'TimeDistributed',
  'Attention',
  'AdditiveAttention',
  'MultiHeadAttention',
  'GroupedQueryAttention',
  'GroupQueryAttention',
])

const merging: ReadonlySet<string> = new Set([
  'Add',
  'Subtract',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
])

/** They hand it on where they give a number for each position. */
const recurrent: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'SimpleRNN', 'RNN', 'Bidirectional'])

/** @returns the Masking whose mask a node's output has; `mixed` where it is of several or of some inputs only */
export function maskSources(graph: KerasGraph): Map<KerasNode, KerasNode | 'mixed'> {
  const sources = new Map<KerasNode, KerasNode | 'mixed'>()
  for (const node of graph.nodes) {
    const source = sourceOf(node, sources)
    if (source !== undefined) sources.set(node, source)
  }
  return sources
}

function sourceOf(
  node: KerasNode,
  sources: ReadonlyMap<KerasNode, KerasNode | 'mixed'>,
): KerasNode | 'mixed' | undefined {
  const { className, config, wrapped } = node.layer
  if (className === 'Masking') return node
  const read = node.inputs.map((input) => sources.get(input))
  const [first] = read
  if (passing.has(className)) return first
  if (recurrent.has(className)) {
    return (wrapped?.config ?? config)['return_sequences'] === true ? first : undefined
  }
  if (!merging.has(className)) return undefined
  if (read.every((source) => source === first)) return first
  // A sum of what is masked and what is not has no mask.
  return className === 'Concatenate' || read.every((source) => source !== undefined) ? 'mixed' : undefined
}
