/** Files as they come: our own, old ones, every encoding of weights, several outputs. */
import fc from 'fast-check'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { readOwnOnnx } from '../../src/model/formats/ownOnnx/ownOnnxReader.ts'
import { parseTensor } from '../../src/model/formats/onnx/onnxParse.ts'
import { readTensor } from '../../src/model/formats/onnx/onnxTensor.ts'
import { blackBoxScores, largestGap, networkScores, randomCodes } from './importedScores.ts'
import { bytes, int, modelFile, rawTensor, string, varint, type TestModel } from './onnxFiles.ts'
import { randomNetworks } from './randomNetworks.ts'

let file: string
beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'sis-onnx-')), 'model.onnx')
})
afterAll(() => rm(join(file, '..'), { recursive: true }))

const weights = {
  name: 'weights',
  dims: [12, 2],
  values: Float32Array.from({ length: 24 }, (_, i) => (i % 7) / 8 - 0.25),
}
const dense: TestModel = {
  nodes: [
    { op: 'Flatten', inputs: ['dna'], outputs: ['flat'] },
    { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['scores'] },
  ],
  tensors: [weights],
  inputs: [{ name: 'dna', dims: ['n', 4, 3] }],
  outputs: [{ name: 'scores', dims: ['n', 2] }],
}

describe('files of our own', () => {
  it('are read back as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(randomNetworks, async (network) => {
        const written = writeOnnx(network)
        await writeFile(file, written)
        const imported = await importOnnx(file, {})
        expect(imported.network).toEqual(readOwnOnnx(written))
        expect(imported.blackBox!.output.outputs).toEqual(network.outputs)
      }),
      { numRuns: 30, seed: 4 },
    )
  })

  it('are followed like others where the user reads them otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(randomNetworks, async (network) => {
        await writeFile(file, writeOnnx(network))
        const { network: read, blackBox } = await importOnnx(file, { alphabet: 'GATC' })
        if ('refusal' in read) {
          expect(JSON.stringify([network.strands, network.layers]), read.refusal).toMatch(
            /both|splitChannels/,
          )
          return
        }
        const codes = randomCodes(3, network.inputLength)
        const scores = await blackBoxScores(blackBox!, codes)
        expect(largestGap(await networkScores(read, codes), scores)).toBeLessThan(1e-5)
      }),
      { numRuns: 30, seed: 5 },
    )
  })
})

describe('weights', () => {
  const values = [0.5, -2, 1.75, -0]
  const tensor = (dataType: number, content: Uint8Array) =>
    readTensor(parseTensor(Buffer.concat([int(1, 4), int(2, dataType), content]), 'model.onnx'))!.values
  const list = (field: number, numbers: readonly (number | bigint)[]) =>
    bytes(field, Buffer.concat(numbers.map((each) => varint(each))))
  const raw = (numbers: Float32Array | Float64Array | Uint16Array | Int8Array | BigInt64Array) =>
    bytes(9, new Uint8Array(numbers.buffer))

  it('of every floating type, raw and listed', () => {
    const floats = Float32Array.from(values)
    const halves = [0x3800, 0xc000, 0x3f00, 0x8000]
    const brains = [0x3f00, 0xc000, 0x3fe0, 0x8000]
    for (const found of [
      tensor(1, raw(floats)),
      tensor(1, bytes(4, new Uint8Array(floats.buffer))),
      tensor(
        1,
        Buffer.concat(
          values.map((_, i) => Buffer.concat([varint(4 * 8 + 5), new Uint8Array(floats.buffer, 4 * i, 4)])),
        ),
      ),
      tensor(11, raw(Float64Array.from(values))),
      tensor(11, bytes(10, new Uint8Array(Float64Array.from(values).buffer))),
      tensor(10, raw(Uint16Array.from(halves))),
      tensor(10, list(5, halves)),
      tensor(16, raw(Uint16Array.from(brains))),
      tensor(16, list(5, brains)),
    ]) {
      expect(found).toEqual(floats)
    }
    expect(tensor(10, list(5, [0x7c00, 0xfc00, 0x7e00, 0x0001]))).toEqual(
      Float32Array.of(Infinity, -Infinity, NaN, 2 ** -24),
    )
  })

  it('whole numbers with their signs', () => {
    const whole = Float64Array.of(1, -1, 7, -100)
    expect(tensor(7, list(7, [1, -1, 7, -100]))).toEqual(whole)
    expect(tensor(7, raw(BigInt64Array.of(1n, -1n, 7n, -100n)))).toEqual(whole)
    expect(tensor(7, Buffer.concat([1, -1, 7, -100].map((each) => int(7, each))))).toEqual(whole)
    expect(tensor(3, raw(Int8Array.from(whole)))).toEqual(whole)
    expect(tensor(6, list(5, [1, -1, 7, -100]))).toEqual(whole)
    expect(tensor(9, list(5, [1, 0, 1, 0]))).toEqual(Float64Array.of(1, 0, 1, 0))
    expect(tensor(7, list(7, [2n ** 62n, -(2n ** 63n), 2n ** 40n + 1n, 0]))).toEqual(
      Float64Array.of(2 ** 62, -(2 ** 63), 2 ** 40 + 1, 0),
    )
  })

  it('in half precision and cast are those of the network', async () => {
    const halves = Uint16Array.from(weights.values, (value) => halfOf(value))
    const tensor = rawTensor({ ...weights, values: new Uint8Array(halves.buffer), dataType: 10 })
    const nodes = [
      { op: 'Cast', inputs: ['weights'], outputs: ['cast'], attributes: { to: 1 } },
      dense.nodes[0]!,
      { op: 'MatMul', inputs: ['flat', 'cast'], outputs: ['scores'] },
    ]
    await writeFile(file, modelFile({ ...dense, nodes, tensors: [tensor] }))
    const { network } = await importOnnx(file, {})
    expect(network).toMatchObject({ layers: [{ kind: 'flatten' }, { kind: 'dense', units: 2 }] })
    const { network: plain } = await imported(dense)
    expect(network).toEqual(plain)
  })
})

/** Exact for the weights here, whose fractions are short. */
function halfOf(value: number): number {
  if (value === 0) return 0
  const exponent = Math.floor(Math.log2(Math.abs(value)))
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024
  return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + fraction
}

async function imported(model: TestModel) {
  await writeFile(file, modelFile(model))
  return importOnnx(file, {})
}

describe('old files', () => {
  it('list their weights as inputs', async () => {
    const { blackBox, network } = await imported({
      ...dense,
      irVersion: 3,
      opset: 7,
      inputs: [...dense.inputs, { name: 'weights', dims: [12, 2] }],
    })
    expect(blackBox!.input).toMatchObject({ name: 'dna', dims: [4, 3], batch: undefined })
    expect(network).toMatchObject({ inputLength: 3 })
  })
})

describe('several outputs', () => {
  const two: TestModel = {
    ...dense,
    nodes: [
      ...dense.nodes,
      { op: 'Sigmoid', inputs: ['scores'], outputs: ['odds'] },
      { op: 'LSTM', inputs: ['dna'], outputs: ['state'] },
    ],
    outputs: [...dense.outputs, { name: 'odds', dims: ['n', 2] }, { name: 'state', dims: ['n', 7] }],
  }
  it('are chosen by name or place, and the others do not matter', async () => {
    await writeFile(file, modelFile(two))
    await expect(importOnnx(file, {})).rejects.toThrow(
      "choose one with output-tensor: 0: 'scores' float32 [n, 2], 1: 'odds' float32 [n, 2], 2: 'state' float32 [n, 7]",
    )
    await expect(importOnnx(file, { outputTensor: 'other' })).rejects.toThrow('output-tensor other')
    await expect(importOnnx(file, { outputTensor: 3 })).rejects.toThrow('output-tensor 3')
    const kinds = async (outputTensor: string | number) => {
      const { network } = await importOnnx(file, { outputTensor })
      return 'refusal' in network ? network.refusal : network.layers.map(({ kind }) => kind)
    }
    expect(await kinds('odds')).toEqual(['flatten', 'dense', 'activation'])
    expect(await kinds(0)).toEqual(['flatten', 'dense'])
    expect(await kinds('1')).toEqual(['flatten', 'dense', 'activation'])
    expect(await kinds('state')).toMatch(/^operator LSTM \('state'\)/)
    expect((await importOnnx(file, { outputTensor: 2 })).blackBox!.output.outputs.length).toBe(7)
  })
})

describe('any length', () => {
  it('is asked for', async () => {
    const pooled: TestModel = {
      ...dense,
      nodes: [
        { op: 'ReduceMax', inputs: ['dna'], outputs: ['most'], attributes: { axes: [2], keepdims: 0 } },
        { op: 'MatMul', inputs: ['most', 'weights'], outputs: ['scores'] },
      ],
      tensors: [{ ...weights, dims: [4, 2], values: weights.values.slice(0, 8) }],
      inputs: [{ name: 'dna', dims: ['n', 4, 'length'] }],
    }
    await writeFile(file, modelFile(pooled))
    await expect(importOnnx(file, {})).rejects.toThrow(/length/)
    const { network, blackBox } = await importOnnx(file, { length: 50 })
    expect(blackBox!.input.dims).toEqual([4, 50])
    expect(network).toMatchObject({ inputLength: 50 })
    await writeFile(file, modelFile(dense))
    await expect(importOnnx(file, { length: 50 })).rejects.toThrow(/length 50 does not fit/)
    await expect(importOnnx(file, { alphabet: 'ACGX' })).rejects.toThrow(/alphabet 'ACGX'/)
  })
})

describe('metadata of others', () => {
  it('of a strange kind are not believed', async () => {
    const named = Buffer.concat([
      modelFile(dense),
      bytes(14, Buffer.concat([string(1, 'outputs'), string(2, '["TAL1","GATA1"]')])),
    ])
    await writeFile(file, named)
    expect((await importOnnx(file, {})).blackBox!.output.outputs).toEqual(['TAL1', 'GATA1'])
    await writeFile(
      file,
      Buffer.concat([modelFile(dense), bytes(14, Buffer.concat([string(1, 'outputs'), string(2, '[1')]))]),
    )
    expect((await importOnnx(file, {})).blackBox!.output.outputs).toEqual(['output 0', 'output 1'])
  })
})
