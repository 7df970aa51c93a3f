/** Files that PyTorch, Keras and scikit-learn exported score as those scored: in ONNX Runtime, and as networks of ours in both runtimes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { compareWithMaker, otherModels, torchModels } from './torchModels.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models')
const names = Object.keys({ ...torchModels, ...otherModels }).filter((name) =>
  existsSync(join(fixtures, `${name}.onnx`)),
)

let tensorFlow: TensorFlowRuntime
beforeAll(async () => {
  tensorFlow = await loadTensorFlow('tfjs-wasm')
})

describe('PyTorch, Keras, scikit-learn, ONNX Runtime and our network agree', () => {
  it('on most of the models that the scripts make', () => {
    expect(names.length).toBe(19)
  })

  it.each(names)('%s', async (name) => {
    await compareWithMaker(fixtures, name, tensorFlow)
  })
})
