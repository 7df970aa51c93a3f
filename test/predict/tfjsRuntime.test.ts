import { afterAll, describe, expect, it, vi } from 'vitest'
import { BackendError } from '../../src/base/errors.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { isInstalled } from '../installed.ts'

const printed = [
  ...(['log', 'warn', 'info', 'error'] as const).map((method) => vi.spyOn(console, method)),
  vi.spyOn(process.stdout, 'write'),
]
afterAll(() => vi.restoreAllMocks())

describe('loadTensorFlow', () => {
  it.each([
    ['tfjs-wasm', 'wasm', /^@tensorflow\/tfjs-core 4\.\d+\.\d+, wasm SIMD$/],
    ['tfjs-cpu', 'cpu', /^@tensorflow\/tfjs-core 4\.\d+\.\d+, cpu \(plain JavaScript\)$/],
  ] as const)('%s computes, says what it is, and prints nothing', async (preference, name, description) => {
    const { tf, backend } = await loadTensorFlow(preference)
    expect(backend).toMatch(description)
    expect(tf.getBackend()).toBe(name)
    const product = tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1]))
    expect([...product.dataSync()]).toEqual([11])
    for (const print of printed) expect(print).not.toHaveBeenCalled()
  })

  it.each(['tfjs-node', 'tfjs-node-gpu'] as const)(
    '%s works, or names the command to install it',
    async (preference) => {
      const loading = loadTensorFlow(preference)
      if (isInstalled(`@tensorflow/${preference}`)) {
        expect((await loading).backend).toContain(preference)
      } else {
        await expect(loading).rejects.toBeInstanceOf(BackendError)
        await expect(loading).rejects.toThrow(`npm install @tensorflow/${preference}`)
      }
    },
  )

  it('auto takes native TensorFlow where it is installed, else WebAssembly', async () => {
    const { backend } = await loadTensorFlow('auto')
    const native = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].some(isInstalled)
    expect(backend).toContain(native ? 'tfjs-node' : 'wasm')
  })
})
