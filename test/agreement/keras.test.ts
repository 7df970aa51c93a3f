/** Files that Keras made score as Keras scored, as networks of ours and in TensorFlow.js. */
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { compareWithKeras, kerasModels } from './kerasModels.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models')

describe('files that Keras made score as in Keras', () => {
  it.each(Object.keys(kerasModels))('%s', async (name) => {
    await compareWithKeras(join(fixtures, 'keras'), name)
  })

  it.each(['functional', 'recurrent'])('%s, by Keras 2', async (name) => {
    await compareWithKeras(join(fixtures, 'keras2'), name)
  })
})
