/** Each layer that PyTorch's exporter and tf2onnx write becomes a network that scores as its maker's, or is named as what keeps a model a black box. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layersOfNetworks, notWritten } from './onnxLayers.ts'
import { checkLayerModel } from './checkLayerModel.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models/onnx-layers')
const names = readdirSync(fixtures)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -'.onnx'.length))
  .sort()

describe('layers of PyTorch 2.15 and of Keras 3.15 by tf2onnx 1.17', () => {
  it('are there from both exporters', () => {
    for (const maker of ['torch', 'tf2onnx']) {
      const all = layersOfNetworks.map((layer) => `${maker}-${layer}`)
      expect(all.filter((name) => !names.includes(name))).toEqual(
        all.filter((name) => notWritten.includes(name)),
      )
    }
  })

  it.each(names)('%s', async (name) => {
    const about: unknown = JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'))
    await checkLayerModel(join(fixtures, `${name}.onnx`), name, about)
  })
})
