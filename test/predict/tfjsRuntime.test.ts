import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { BackendError } from '../../src/base/errors.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { isInstalled } from '../installed.ts'

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const runtime = pathToFileURL(resolve(import.meta.dirname, '../../src/predict/tfjs/tfjsRuntime.ts')).href

/** Loads it where nothing is loaded yet: TensorFlow.js likes to say hello. */
function inFreshProcess(preference: string): unknown {
  const script = `
    const { loadTensorFlow } = await import('${runtime}')
    const { tf, backend } = await loadTensorFlow('${preference}')
    const product = tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1]))
    console.log(JSON.stringify({ backend, name: tf.getBackend(), product: [...product.dataSync()] }))`
  const args = ['--import', tsx, '--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('loadTensorFlow', () => {
  it.each([
    ['tfjs-wasm', 'wasm', /^@tensorflow\/tfjs-core 4\.\d+\.\d+, wasm SIMD$/],
    ['tfjs-cpu', 'cpu', /^@tensorflow\/tfjs-core 4\.\d+\.\d+, cpu \(plain JavaScript\)$/],
  ] as const)('%s computes, says what it is, and prints nothing', (preference, name, description) => {
    expect(inFreshProcess(preference)).toEqual({
      backend: expect.stringMatching(description) as string,
      name,
      product: [11],
    })
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
