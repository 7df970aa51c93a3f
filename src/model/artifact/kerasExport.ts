/** A network as a Keras model: an `.h5` file that Keras 2 and Keras 3 load. */
import { Hdf5Writer } from '../../io/hdf5/hdf5.ts'
import { kerasLayers } from './kerasLayers.ts'
import type { Network } from '../network/network.ts'

/** The last version of Keras whose words are used; Keras 3 reads them, too. */
const kerasVersion = '2.15.0'

/**
 * @returns the bytes of an HDF5 file
 * @throws ConfigError naming what Keras has no layer for
 */
export async function writeKeras(network: Network): Promise<Uint8Array> {
  const { topology, weights } = kerasLayers(network, 'keras')
  const writer = await Hdf5Writer.create()
  try {
    writer.text('', 'keras_version', kerasVersion)
    writer.text('', 'backend', 'tensorflow')
    writer.text('', 'model_config', JSON.stringify(topology))
    writer.group('model_weights')
    writer.text('model_weights', 'keras_version', kerasVersion)
    writer.text('model_weights', 'backend', 'tensorflow')
    writer.texts(
      'model_weights',
      'layer_names',
      weights.map(({ layer }) => layer),
    )
    for (const { layer, tensors } of weights) {
      const group = `model_weights/${layer}`
      writer.group(group)
      writer.group(`${group}/${layer}`)
      const names = tensors.map(([role]) => `${layer}/${role}:0`)
      writer.texts(group, 'weight_names', names)
      for (const [i, [, tensor]] of tensors.entries()) writer.tensor(`${group}/${names[i]!}`, tensor)
    }
    return writer.finish()
  } finally {
    writer.close()
  }
}
