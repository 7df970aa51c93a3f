/** A network as a TensorFlow.js layers model: `model.json` and `weights.bin` beside it. */
import { kerasLayers } from './kerasLayers.ts'
import { packWeights } from '../foreign/keras/kerasTopology.ts'
import type { Network } from '../network/network.ts'
import { toolVersion } from '../../base/toolVersion.ts'

/** Name of the file of the weights, as `model.json` has it. */
const tfjsWeightsFile = 'weights.bin'

/**
 * @returns what `tf.loadLayersModel` takes: the text of model.json, and the bytes of weights.bin
 * @throws ConfigError naming what TensorFlow.js has no layer for
 */
export function writeTfjs(network: Network): { modelJson: string; weights: Uint8Array } {
  const { topology, weights } = kerasLayers(network, 'tfjs')
  const { specs, data } = packWeights(
    weights.flatMap(({ layer, tensors }) =>
      tensors.map(([role, tensor]) => [`${layer}/${role}`, tensor] as const),
    ),
  )
  const modelJson = JSON.stringify({
    format: 'layers-model',
    generatedBy: `sis ${toolVersion()}`,
    convertedBy: null,
    modelTopology: { ...topology, keras_version: '2.15.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [tfjsWeightsFile], weights: specs }],
  })
  return { modelJson, weights: data }
}
