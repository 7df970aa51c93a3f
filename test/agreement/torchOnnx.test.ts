/** Files that PyTorch exported score as PyTorch scored: in ONNX Runtime, and as networks of ours in both runtimes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjsRuntime.ts'
import { compareWithTorch, torchModels } from './torchModels.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models')
const names = Object.keys(torchModels).filter((name) => existsSync(join(fixtures, `${name}.onnx`)))

let tensorFlow: TensorFlowRuntime
beforeAll(async () => {
  tensorFlow = await loadTensorFlow('tfjs-wasm')
})

describe('PyTorch, ONNX Runtime and our network agree', () => {
  it('on most of the models that the script makes', () => {
    expect(names.length).toBeGreaterThanOrEqual(17)
  })

  it.each(names)('%s', async (name) => {
    await compareWithTorch(fixtures, name, tensorFlow)
  })
})
