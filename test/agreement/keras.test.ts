/** Files that Keras made score as Keras scored, as networks of ours and in TensorFlow.js. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { compareLayer, keras2Layers, kerasLayers } from './kerasLayers.ts'
import { comparePrecision, compareWithKeras, kerasModels, kerasPrecisions } from './kerasModels.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models')

describe('files that Keras made score as in Keras', () => {
  it.each(Object.keys(kerasModels))('%s', async (name) => {
    await compareWithKeras(join(fixtures, 'keras'), name)
  })

  it.each(['functional', 'recurrent'])('%s, by Keras 2', async (name) => {
    await compareWithKeras(join(fixtures, 'keras2'), name)
  })

  it.each(Object.keys(kerasPrecisions))('%s, as far as float32 can, and says so', async (name) => {
    await comparePrecision(join(fixtures, 'keras'), name)
  })

  it('by the number of an output, where its layer has several', async () => {
    const file = join(fixtures, 'keras/dictionary.keras')
    await expect(importKeras(file, { outputTensor: 'inner' })).rejects.toThrow(
      /has 3 outputs of that layer; say its number: 0: 'profile' \(of layer 'inner'\), 1: 'heads\/sum'/,
    )
    const { network } = await importKeras(file, { outputTensor: 0, outputNames: ['a', 'b', 'c', 'd', 'e'] })
    expect(network).toMatchObject({ outputs: ['a', 'b', 'c', 'd', 'e'] })
  })

  it('but for quantised ones, which it refuses', async () => {
    await expect(importKeras(join(fixtures, 'keras/quantised.keras'), {})).rejects.toThrow(
      /layer '.*' \(Dense\) was quantised to float8.*before quantize/,
    )
  })
})

describe('each layer of Keras that takes sequences', () => {
  it.each(Object.entries(kerasLayers))('%s', async (name, fate) => {
    await compareLayer(join(fixtures, 'keras-layers'), name, fate, 'keras')
  })

  it.each(Object.entries(keras2Layers))('%s, by Keras 2', async (name, fate) => {
    await compareLayer(join(fixtures, 'keras2-layers'), name, fate, 'h5')
  })
})
