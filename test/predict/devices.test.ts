/** Devices: those that are there score alike, those that are not say what would install them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { BackendError, ConfigError, DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import type { BlackBox, Executable } from '../../src/model/foreign/importedModel.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { inputName, outputName } from '../../src/model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { devices, openBlackBox, openNetwork, type Device } from '../../src/predict/devices.ts'

const length = 31
const rows = 20
const network = initialiseNetwork(resolveArchitecture('cnn-small', 2), length, ['a', 'b'], 1)
const random = new Random(4, 'devices')
const codes = Uint8Array.from({ length: rows * length }, () => random.below(6))

const boxOf = (executable: Executable): BlackBox => ({
  executable,
  input: {
    name: inputName,
    dims: [4, length],
    order: 'NCW',
    alphabet: 'ACGT',
    length,
    batch: undefined,
  },
  output: { name: outputName, outputs: network.outputs, transform: 'none' },
})
const onnx: Executable = { kind: 'onnx', bytes: writeOnnx(network) }

let expected: Float32Array
beforeAll(async () => {
  const predictor = await openNetwork(network, 'cpu', { threads: 1 })
  expected = await predictor.predict(codes, rows)
  await predictor.close()
})

/** Graphics cards: graphicsCards.slow.test.ts. */
const here = devices.filter((device) => device !== 'webgpu' && device !== 'cuda')

describe.each(here)('--device %s', (device) => {
  it('scores as the processor does, or names the command that installs it', async () => {
    let predictor
    try {
      predictor = await openNetwork(network, device, { batchSize: 32, threads: 1 })
    } catch (error) {
      expect(error).toBeInstanceOf(BackendError)
      expect((error as Error).message).toContain(`npm install @tensorflow/${device}`)
      expect(device).toMatch(/^tfjs-node/)
      return
    }
    const scores = await predictor.predict(codes, rows)
    expect(predictor.backend).toContain({ auto: 'cpu', 'tfjs-wasm': 'wasm' }[device as string] ?? device)
    await predictor.close()
    expect(scores.length).toBe(rows * 2)
    for (const [i, score] of scores.entries()) expect(Math.abs(score - expected[i]!)).toBeLessThan(1e-5)
  })
})

describe('openBlackBox', () => {
  it.each(['auto', 'cpu'] as const)('%s runs ONNX', async (device) => {
    const predictor = await openBlackBox(boxOf(onnx), device, { threads: 1 })
    const scores = await predictor.predict(codes, rows)
    // Its last activation is the runtime's own.
    for (const [i, score] of scores.entries()) expect(Math.abs(score - expected[i]!)).toBeLessThan(1e-5)
    await predictor.close()
  })

  it.each<[Device, Executable, string]>([
    ['tfjs-wasm', onnx, '--device tfjs-wasm cannot run an ONNX model; use auto or one of cpu, webgpu, cuda'],
    [
      'cuda',
      { kind: 'tfjs-graph', topology: {}, weights: { specs: [], data: new Uint8Array() } },
      '--device cuda cannot run a TensorFlow.js graph model; use auto or one of tfjs-node-gpu, tfjs-node, tfjs-wasm',
    ],
    [
      'tfjs-wasm',
      { kind: 'saved-model', directory: 'somewhere' },
      '--device tfjs-wasm cannot run a TensorFlow SavedModel; use auto or one of tfjs-node-gpu, tfjs-node',
    ],
  ])(
    '%s is refused where it cannot run the model, with those that can',
    async (device, executable, message) => {
      const attempt = openBlackBox(boxOf(executable), device)
      await expect(attempt).rejects.toThrow(ConfigError)
      await expect(attempt).rejects.toThrow(message)
    },
  )

  it('says which tensor a model has not', async () => {
    const box = boxOf(onnx)
    const attempt = (changes: Partial<BlackBox>) =>
      openBlackBox({ ...box, ...changes }, 'cpu', { threads: 1 })
    const input = attempt({ input: { ...box.input, name: 'x' } })
    await expect(input).rejects.toThrow(DataError)
    await expect(input).rejects.toThrow("the model has no input 'x', only sequence")
    const output = attempt({ output: { ...box.output, name: 'y' } })
    await expect(output).rejects.toThrow("the model has no output 'y', only scores")
    const shape = attempt({ input: { ...box.input, dims: [length, 4] } })
    await expect(shape).rejects.toThrow(DataError)
    await expect(shape).rejects.toThrow('ONNX Runtime cannot run the model: ')
  })
})
