/** Models that TensorFlow.js runs as they are: layers, graphs with their ends, and what is said of broken ones. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackendError, ConfigError, DataError } from '../../src/base/errors.ts'
import type { Executable } from '../../src/model/foreign/importedModel.ts'
import { importSavedModel } from '../../src/model/foreign/savedModel.ts'
import { writeTfjs } from '../../src/model/artifact/tfjsExport.ts'
import { importTfjs } from '../../src/model/foreign/tfjs/tfjsImport.ts'
import { openBlackBox, openNetwork } from '../../src/predict/devices.ts'
import { openTfjsBlackBox } from '../../src/predict/tfjs/tfjsBlackBox.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { randomNetwork } from '../model/randomNetworks.ts'

let directory: string
let runtime: TensorFlowRuntime
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
  runtime = await loadTensorFlow('tfjs-wasm')
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

let models = 0

/** @returns the folder */
function write(json: unknown, weights: Float32Array | Uint8Array): string {
  const folder = join(directory, String(++models))
  mkdirSync(folder)
  writeFileSync(join(folder, 'model.json'), typeof json === 'string' ? json : JSON.stringify(json))
  writeFileSync(
    join(folder, 'weights.bin'),
    new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength),
  )
  return folder
}

const float = { type: 'DT_FLOAT' }
const shapeOf = (...sizes: number[]) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } })
const kernel = Float32Array.from({ length: 12 }, (_, i) => (i - 5) / 10) // [12, 1]

/** sigmoid(x · kernel) of three bases. */
function graph(
  changes: { signature?: unknown; weights?: unknown[]; nodes?: unknown[]; paths?: string[] } = {},
): unknown {
  const node = [
    { name: 'x', op: 'Placeholder', attr: { dtype: float, shape: shapeOf(-1, 3, 4) } },
    { name: 'kernel', op: 'Const', attr: { dtype: float } },
    { name: 'sizes', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } },
    { name: 'flat', op: 'Reshape', input: ['x', 'sizes'], attr: { T: float } },
    { name: 'product', op: 'MatMul', input: ['flat', 'kernel'], attr: { T: float } },
    { name: 'score', op: 'Sigmoid', input: ['product'], attr: { T: float } },
    ...(changes.nodes ?? []),
  ]
  return {
    format: 'graph-model',
    modelTopology: { node, versions: {} },
    ...(changes.signature === undefined ? {} : { signature: changes.signature }),
    weightsManifest: [
      {
        paths: changes.paths ?? ['weights.bin'],
        weights: changes.weights ?? [
          { name: 'kernel', shape: [12, 1], dtype: 'float32' },
          { name: 'sizes', shape: [2], dtype: 'int32' },
        ],
      },
    ],
  }
}

const graphWeights = Buffer.concat([Buffer.from(kernel.buffer), Buffer.from(Int32Array.of(-1, 12).buffer)])

describe('a graph model', () => {
  it.each([
    [
      'of its own signature',
      {
        inputs: { a: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: shapeOf(-1, 3, 4).shape } },
        outputs: { b: { name: 'score:0', dtype: 'DT_FLOAT', tensorShape: shapeOf(-1, 1).shape } },
      },
    ],
    ['without one', undefined],
  ])('%s scores by its operators', async (_, signature) => {
    const imported = await importTfjs(write(graph({ signature }), graphWeights), {})
    expect(imported.network).toHaveProperty(
      'refusal',
      expect.stringContaining('a graph of TensorFlow operators'),
    )
    expect(imported.blackBox!.input).toMatchObject({ name: 'x', dims: [3, 4], order: 'NWC', length: 3 })
    const predictor = await openBlackBox(imported.blackBox!, 'tfjs-wasm', { batchSize: 2 })
    const [first, second] = await predictor.predict(encodeSequence('ACGTTN'), 2)
    await predictor.close()
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    expect(first).toBeCloseTo(sigmoid(kernel[0]! + kernel[5]! + kernel[10]!), 6)
    expect(second).toBeCloseTo(sigmoid(kernel[3]! + kernel[7]!), 6)
  })

  it('leaves no tensor behind', async () => {
    const before = runtime.tf.memory().numTensors
    const { blackBox } = await importTfjs(write(graph(), graphWeights), {})
    const runner = await openTfjsBlackBox(
      runtime,
      blackBox!.executable as Exclude<Executable, { kind: 'onnx' }>,
    )
    for (let i = 0; i < 3; i++) await runner.run(new Float32Array(24), [2, 3, 4], 'x', 'score')
    await runner.close()
    expect(runtime.tf.memory().numTensors).toBe(before)
  })

  it('with an operator that TensorFlow.js lacks is a fault of the model', async () => {
    const nodes = [{ name: 'odd', op: 'MyOperator', input: ['score'], attr: {} }]
    const { blackBox } = await importTfjs(write(graph({ nodes }), graphWeights), {})
    await expect(openBlackBox(blackBox!, 'tfjs-wasm', {})).rejects.toThrow(/MyOperator/)
  })

  it('with several outputs lists them', async () => {
    const nodes = [{ name: 'other', op: 'Relu', input: ['product'], attr: { T: float } }]
    const folder = write(graph({ nodes }), graphWeights)
    await expect(importTfjs(folder, {})).rejects.toThrow(
      /choose one with output-tensor: 0: 'score', 1: 'other'/,
    )
    expect((await importTfjs(folder, { outputTensor: 'other' })).blackBox!.output.name).toBe('other')
  })
})

const network = randomNetwork(
  [
    { kind: 'conv1d', filters: 3, kernelSize: 3, padding: 'same', dilation: 1 },
    { kind: 'activation', function: 'relu' },
    { kind: 'globalMaxPool' },
    { kind: 'dense', units: 2 },
  ],
  8,
  1,
)

describe('a layers model', () => {
  it('scores as the network that it was written of, and runs with its own weights', async () => {
    const { modelJson, weights } = writeTfjs(network)
    const { blackBox } = await importTfjs(write(modelJson, weights), {})
    const codes = encodeSequence('ACGTTGCAGGGGTTTT')
    const scores = await Promise.all(
      [await openNetwork(network, 'cpu', { threads: 1 }), await openBlackBox(blackBox!, 'tfjs-wasm')].map(
        async (predictor) => predictor.predict(codes, 2).finally(() => predictor.close()),
      ),
    )
    for (const [i, score] of scores[0]!.entries()) expect(scores[1]![i]).toBeCloseTo(score, 5)
  })

  it('quantised to bytes becomes a network of the numbers that they stand for', async () => {
    const { modelJson, weights } = writeTfjs(network)
    const values = new Float32Array(weights.slice().buffer)
    const [min, max] = [Math.min(...values), Math.max(...values)]
    const scale = (max - min) / 255
    const bytes = Uint8Array.from(values, (value) => Math.round((value - min) / scale))
    const json = JSON.parse(modelJson) as { weightsManifest: { weights: object[] }[] }
    for (const spec of json.weightsManifest[0]!.weights)
      Object.assign(spec, { quantization: { dtype: 'uint8', scale, min } })
    const { network: read } = await importTfjs(write(json, bytes), {})
    if ('refusal' in read) throw new Error(read.refusal)
    const first = read.layers[0] as { kernel: Float32Array }
    expect(first.kernel[5]).toBe(Math.fround(bytes[5]! * scale + min))
  })
})

describe('broken files', () => {
  const bad: [what: string, folder: () => string, message: RegExp][] = [
    [
      'weights outside the folder',
      () => write(graph({ paths: ['../secret.bin'] }), graphWeights),
      /outside its folder/,
    ],
    ['an absolute path', () => write(graph({ paths: ['/etc/passwd'] }), graphWeights), /outside its folder/],
    [
      'a link out of the folder',
      () => {
        writeFileSync(join(directory, 'secret.bin'), graphWeights)
        const folder = write(graph({ paths: ['link.bin'] }), graphWeights)
        symlinkSync(join(directory, 'secret.bin'), join(folder, 'link.bin'))
        return folder
      },
      /outside its folder/,
    ],
    [
      'a missing shard',
      () => write(graph({ paths: ['other.bin'] }), graphWeights),
      /other.bin: no such file/,
    ],
    [
      'a truncated shard',
      () => write(graph(), graphWeights.subarray(0, 40)),
      /claims 56 bytes of weights, but.*hold 40/,
    ],
    [
      'a billion numbers',
      () => write(graph({ weights: [{ name: 'kernel', shape: [1e9, 12], dtype: 'float32' }] }), graphWeights),
      /claims 48000000000 bytes/,
    ],
    [
      'NaN',
      () =>
        write(graph(), Buffer.concat([Buffer.from(Float32Array.of(NaN).buffer), graphWeights.subarray(4)])),
      /the weight 'kernel' holds NaN/,
    ],
    ['no topology', () => write({ format: 'graph-model' }, graphWeights), /no modelTopology/],
    ['no JSON', () => write('{', graphWeights), /not JSON/],
  ]

  it.each(bad)('%s', async (_, folder, message) => {
    const error: unknown = await importTfjs(folder(), {}).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(DataError)
    expect((error as Error).message).toMatch(message)
  })
})

/** A message of protobuf, field by field. */
function message(
  ...fields: readonly (readonly [id: number, value: Uint8Array | string | number])[]
): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [id, value] of fields) {
    if (typeof value === 'number') writer.uint32(id << 3).int64(value)
    else if (typeof value === 'string') writer.uint32((id << 3) | 2).string(value)
    else writer.uint32((id << 3) | 2).bytes(value)
  }
  return writer.finish()
}

function savedModel(key = 'serving_default', type = 1): string {
  const tensor = (name: string, ...sizes: number[]) =>
    message(
      [1, name],
      [
        2,
        message(
          [1, `${name}:0`],
          [2, type],
          [3, message(...sizes.map((size) => [2, message([1, size])] as const))],
        ),
      ],
    )
  const signature = message([1, tensor('sequence', -1, 50, 4)], [2, tensor('scores', -1, 3)])
  const graph = message(
    [1, message([4, 'serve'])],
    [2, message([1, 'operators'])],
    [5, message([1, key], [2, signature])],
  )
  const folder = join(directory, String(++models))
  mkdirSync(folder)
  writeFileSync(join(folder, 'saved_model.pb'), message([1, 1], [2, graph]))
  return folder
}

describe('a SavedModel', () => {
  it('tells its ends by its signature', async () => {
    const folder = savedModel()
    const { network: none, blackBox } = await importSavedModel(folder, { outputNames: ['a', 'b', 'c'] })
    expect(none).toHaveProperty('refusal')
    expect(blackBox).toEqual({
      executable: { kind: 'saved-model', directory: folder },
      input: {
        name: 'sequence',
        dims: [50, 4],
        order: 'NWC',
        alphabet: 'ACGT',
        length: 50,
        batch: undefined,
      },
      output: { name: 'scores', outputs: ['a', 'b', 'c'], transform: 'none' },
    })
  })

  it('runs in @tensorflow/tfjs-node only', async () => {
    const { blackBox } = await importSavedModel(savedModel(), {})
    const executable = blackBox!.executable as Exclude<Executable, { kind: 'onnx' }>
    await expect(openTfjsBlackBox(runtime, executable)).rejects.toThrow(BackendError)
    await expect(openBlackBox(blackBox!, 'tfjs-wasm')).rejects.toThrow(ConfigError)
  })

  it.each([
    [
      'without a signature to serve',
      () => savedModel('train'),
      /no signature 'serving_default' \(only 'train'\)/,
    ],
    ['of whole numbers', () => savedModel('serving_default', 3), /its input 'sequence' is not float32/],
    ['that is no folder of one', () => directory, /it has no saved_model.pb/],
    [
      'that is cut short',
      () => {
        const folder = savedModel()
        writeFileSync(join(folder, 'saved_model.pb'), Buffer.from('0a05', 'hex'))
        return folder
      },
      /is not a SavedModel, or is cut short/,
    ],
  ])('%s is refused', async (_, folder, expected) => {
    await expect(importSavedModel(folder(), {})).rejects.toThrow(expected)
  })
})
