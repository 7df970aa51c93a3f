/** How often a model is opened to prove it: the weights of a large one are in memory once for each session. */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as OnnxRuntime from 'onnxruntime-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readModel } from '../../src/import/importModel.ts'
import { attributeTypes, encodeOnnx } from '../../src/model/formats/onnx/onnxEncode.ts'
import { ownOnnxModel } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { temporaryDirectory } from '../cli/runSis.ts'
import { randomNetwork } from '../model/randomNetworks.ts'

const directory = temporaryDirectory()
const settings = { background: uniformBackground, device: 'cpu', threads: 1 } as const
const layers: LayerSpec[] = [
  { kind: 'conv1d', filters: 3, kernelSize: 4, padding: 'same', dilation: 1 },
  { kind: 'activation', function: 'relu' },
  { kind: 'globalMaxPool' },
  { kind: 'dense', units: 2 },
  { kind: 'activation', function: 'sigmoid' },
]

/** @param rectifier operator that it has in the place of Relu */
function modelFile(name: string, rectifier: string): string {
  const model = ownOnnxModel(randomNetwork(layers, 12, 5))
  model.producerName = 'another'
  for (const node of model.graph.node) {
    if (node.opType !== 'Relu') continue
    node.opType = rectifier
    if (rectifier === 'ThresholdedRelu')
      node.attribute = [{ name: 'alpha', type: attributeTypes.float, f: 0 }]
  }
  const file = join(directory, name)
  writeFileSync(file, encodeOnnx(model))
  return file
}

const runtime = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime

describe('reading a model', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['black-box', 'ThresholdedRelu', 1],
    ['network', 'Relu', 2],
  ] as const)(
    'opens a %s whose last activation is cut off, with %s, in %i sessions',
    async (kind, rectifier, most) => {
      const opened = vi.spyOn(runtime.InferenceSession, 'create')
      const { model, notes } = await readModel(modelFile(`${kind}.onnx`, rectifier), {}, settings)
      expect(model.kind).toBe(kind)
      expect(notes).toEqual([])
      if (model.kind === 'black-box') expect(model.blackBox.output.cut?.function).toBe('sigmoid')
      expect(opened).toHaveBeenCalledTimes(most)
    },
  )
})
