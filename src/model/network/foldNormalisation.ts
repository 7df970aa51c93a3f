/** A network in inference with fewer layers: no dropout, and batch normalisation as part of the weights before it. */
import type { BatchNormLayer, Conv1dLayer, DenseLayer, Layer } from './network.ts'

/**
 * The same numbers but for rounding: what normalises the output of a convolution or of a dense layer scales its kernel and
 * moves its bias, computed in float64 and rounded once.
 */
export function foldNormalisation(layers: readonly Layer[]): Layer[] {
  const folded: Layer[] = []
  for (const layer of layers) {
    const last = folded.at(-1)
    if (layer.kind === 'dropout') continue
    if (layer.kind === 'batchNorm' && (last?.kind === 'conv1d' || last?.kind === 'dense')) {
      folded[folded.length - 1] = normalised(last, layer)
    } else folded.push(withFoldedBranches(layer))
  }
  return folded
}

function withFoldedBranches(layer: Layer): Layer {
  if (layer.kind === 'concat') return { ...layer, branches: layer.branches.map(foldNormalisation) }
  if (layer.kind !== 'residual') return layer
  return {
    ...layer,
    layers: foldNormalisation(layer.layers),
    ...(layer.shortcut && { shortcut: foldNormalisation(layer.shortcut) }),
  }
}

function normalised<L extends Conv1dLayer | DenseLayer>(layer: L, norm: BatchNormLayer): L {
  const { scale, shift } = scaleAndShift(norm)
  const channels = scale.length
  return {
    ...layer,
    kernel: layer.kernel.map((weight, i) => weight * scale[i % channels]!),
    bias: layer.bias.map((bias, c) => bias * scale[c]! + shift[c]!),
  }
}

/** What a batch normalisation computes in inference: scale × x + shift, by channel. */
function scaleAndShift({ gamma, beta, mean, variance, epsilon }: BatchNormLayer): {
  readonly scale: Float64Array
  readonly shift: Float64Array
} {
  const scale = Float64Array.from(gamma, (factor, c) => factor / Math.sqrt(variance[c]! + epsilon))
  return { scale, shift: Float64Array.from(beta, (offset, c) => offset - mean[c]! * scale[c]!) }
}
