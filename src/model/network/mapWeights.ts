/** Layers with other weights, those inside residual layers and branches included. */
import type { BatchNormLayer, Conv1dLayer, DenseLayer, Layer } from './network.ts'

export type WeightedLayer = Conv1dLayer | DenseLayer | BatchNormLayer

/** @param change called in the order in which layers compute: of a residual layer the shortcut's come first */
export function mapWeights(
  layers: readonly Layer[],
  change: (layer: WeightedLayer) => WeightedLayer,
): Layer[] {
  return layers.map((layer): Layer => {
    switch (layer.kind) {
      case 'conv1d':
      case 'dense':
      case 'batchNorm':
        return change(layer)
      case 'residual': {
        const shortcut = mapWeights(layer.shortcut ?? [], change)
        return { ...layer, layers: mapWeights(layer.layers, change), ...(layer.shortcut && { shortcut }) }
      }
      case 'concat':
        return { ...layer, branches: layer.branches.map((branch) => mapWeights(branch, change)) }
      case 'activation':
      case 'maxPool1d':
      case 'averagePool1d':
      case 'crop1d':
      case 'zeroPad1d':
      case 'globalMaxPool':
      case 'globalAveragePool':
      case 'dropout':
      case 'flatten':
      case 'splitChannels':
        return layer
    }
  })
}
