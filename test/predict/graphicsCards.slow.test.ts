/** Graphics cards through ONNX Runtime, each in a process whose environment decides which drivers there are. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Device } from '../../src/predict/devices.ts'

const softwareDriver = process.env['VK_ICD_FILENAMES'] ?? '/usr/lib/chromium/vk_swiftshader_icd.json'

async function scoredBy(
  device: Device,
  environment: NodeJS.ProcessEnv,
  file = './scoreOnDevice.ts',
): Promise<{ fault?: string; gap?: number }> {
  const program = fileURLToPath(new URL(file, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, device], {
    env: { ...process.env, ...environment },
    timeout: 60_000,
  })
  return JSON.parse(stdout) as { fault?: string; gap?: number }
}

describe('graphics cards', () => {
  const found = existsSync(softwareDriver)
  it.skipIf(!found)(
    found ? 'WebGPU scores as the processor does' : `WebGPU (skipped: no ${softwareDriver})`,
    async () => {
      const { fault, gap } = await scoredBy('webgpu', { VK_ICD_FILENAMES: softwareDriver })
      expect(fault).toBeUndefined()
      expect(gap).toBeLessThan(1e-5)
    },
  )

  it.skipIf(!found)(
    found
      ? 'WebGPU gives the gradients and the steps of training that the processor gives'
      : `gradients on WebGPU (skipped: no ${softwareDriver})`,
    async () => {
      const environment = { VK_ICD_FILENAMES: softwareDriver }
      const { fault, gap } = await scoredBy('webgpu', environment, './gradientsOnDevice.ts')
      expect(fault).toBeUndefined()
      expect(gap).toBeLessThan(1e-5)
    },
  )

  it('WebGPU without a driver is an error that names the remedy', async () => {
    // No such file: the Vulkan loader finds no driver, whatever the machine has.
    const { fault } = await scoredBy('webgpu', {
      VK_ICD_FILENAMES: '/no/driver.json',
      VK_DRIVER_FILES: '/no/driver.json',
    })
    expect(fault).toMatch(/^BackendError: ONNX Runtime cannot use WebGPU here \(.+\); .*--device cpu$/)
  })

  it('CUDA without its libraries is an error that names the remedy', async () => {
    const { fault, gap } = await scoredBy('cuda', {})
    if (fault === undefined) expect(gap).toBeLessThan(1e-5)
    else {
      expect(fault).toMatch(
        /^BackendError: ONNX Runtime cannot use CUDA here \(.+\); .*(ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules\/onnxruntime-node\/script\/install.js|--device webgpu)/,
      )
    }
  })
})
