/** Models of others: where they end in an activation, scores are made of the numbers before it, in float64. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { writeKeras } from '../../src/model/artifact/kerasExport.ts'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import type { BlackBox, OutputTransform } from '../../src/model/foreign/importedModel.ts'
import type { ActivationFunction, Network } from '../../src/model/network/network.ts'
import { importTfjs } from '../../src/model/foreign/tfjs/tfjsImport.ts'
import { openBlackBox } from '../../src/predict/devices.ts'
import { readModel } from '../../src/import/importModel.ts'
import { modelFile, type TestModel, type TestNode, type TestValue } from '../model/onnxFiles.ts'

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
  file = join(directory, 'model.onnx')
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

/** What the four bases of a sequence of one base give before the activation, six numbers each: [4, 6]. */
const logits = Float32Array.of(
  ...[-18, -16.5, -16, -8, 0.5, 3],
  ...[-30, 1, -25, -2, -17, -17.5],
  ...[-1e-3, -40, -14, -13, 2, 0],
  ...[-5, -6, -7, -90, -20, -10],
)
const bases = Uint8Array.of(0, 1, 2, 3)

/** x · logits, then the nodes given, from `logits` to `scores`. */
function model(nodes: TestNode[], dims: TestValue['dims'], opset = 13, tensors: TestModel['tensors'] = []) {
  return modelFile({
    nodes: [
      { op: 'Flatten', inputs: ['dna'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['logits'] },
      ...nodes,
    ],
    tensors: [{ name: 'weights', dims: [4, 6], values: logits }, ...tensors],
    inputs: [{ name: 'dna', dims: ['n', 4, 1] }],
    outputs: [{ name: 'scores', dims }],
    opset,
  })
}

const sizes = (name: string, ...values: bigint[]) => ({
  name,
  dims: [values.length],
  values: BigInt64Array.from(values),
})

async function scoresOf(blackBox: BlackBox, transform: OutputTransform = 'none'): Promise<number[]> {
  const box = { ...blackBox, output: { ...blackBox.output, transform } }
  const predictor = await openBlackBox(box, 'auto', { threads: 1 })
  const scores = await predictor.predict(bases, 4)
  await predictor.close()
  return [...scores]
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))
const softmaxOver = (width: number) => (_: number, i: number) => {
  const row = logits.subarray(i - (i % width), i - (i % width) + width)
  return Math.exp(logits[i]!) / row.reduce((sum, z) => sum + Math.exp(z), 0)
}
const expected = (f: (z: number, i: number) => number) => Array.from(logits, (z, i) => Math.fround(f(z, i)))

const reshaped: TestNode = { op: 'Reshape', inputs: ['logits', 'sizes'], outputs: ['table'] }
const table = [sizes('sizes', -1n, 2n, 3n)]

describe('an ONNX model', () => {
  it.each<[string, TestNode[], TestValue['dims'], number, (z: number, i: number) => number]>([
    ['Sigmoid', [{ op: 'Sigmoid', inputs: ['logits'], outputs: ['scores'] }], ['n', 6], 13, sigmoid],
    ['Tanh', [{ op: 'Tanh', inputs: ['logits'], outputs: ['scores'] }], ['n', 6], 13, Math.tanh],
    ['Exp', [{ op: 'Exp', inputs: ['logits'], outputs: ['scores'] }], ['n', 6], 13, Math.exp],
    [
      'Sigmoid and Reshape',
      [
        { op: 'Sigmoid', inputs: ['logits'], outputs: ['shares'] },
        { op: 'Reshape', inputs: ['shares', 'sizes'], outputs: ['scores'] },
      ],
      ['n', 2, 3],
      13,
      sigmoid,
    ],
    ['Softmax', [{ op: 'Softmax', inputs: ['logits'], outputs: ['scores'] }], ['n', 6], 13, softmaxOver(6)],
    [
      'Softmax of each row of a table',
      [reshaped, { op: 'Softmax', inputs: ['table'], outputs: ['scores'] }],
      ['n', 2, 3],
      13,
      softmaxOver(3),
    ],
    [
      'Softmax of a whole table, before opset 13',
      [reshaped, { op: 'Softmax', inputs: ['table'], outputs: ['scores'] }],
      ['n', 2, 3],
      11,
      softmaxOver(6),
    ],
    [
      'LogSoftmax',
      [{ op: 'LogSoftmax', inputs: ['logits'], outputs: ['scores'] }],
      ['n', 6],
      13,
      (_, i) => Math.log(softmaxOver(6)(0, i)),
    ],
  ])('that ends in %s scores as float64 does', async (_, nodes, dims, opset, f) => {
    writeFileSync(file, model(nodes, dims, opset, table))
    const { blackBox, leftInside } = await importOnnx(file, {})
    expect(leftInside).toBeUndefined()
    const scores = await scoresOf(blackBox!)
    for (const [i, score] of scores.entries()) {
      // The sums of a softmax are in another order.
      expect(Math.abs(score - expected(f)[i]!)).toBeLessThanOrEqual(1.2e-7 * Math.abs(expected(f)[i]!))
    }
    const proved = await readModel(file, {}, { background: [0.25, 0.25, 0.25, 0.25], device: 'auto' })
    expect(proved.notes).toEqual([])
  })

  it('whose transform undoes the activation scores as if there were neither', async () => {
    writeFileSync(file, model([{ op: 'Sigmoid', inputs: ['logits'], outputs: ['scores'] }], ['n', 6]))
    const { blackBox } = await importOnnx(file, {})
    expect(await scoresOf(blackBox!, 'logit')).toEqual([...logits])
  })

  it.each<[string, TestNode[], TestValue['dims'], TestModel['tensors'], string]>([
    [
      'a maximum over halves',
      [
        { op: 'Sigmoid', inputs: ['logits'], outputs: ['shares'], name: 'last' },
        { op: 'Split', inputs: ['shares'], outputs: ['a', 'b'], attributes: { axis: 1 } },
        { op: 'Max', inputs: ['a', 'b'], outputs: ['scores'] },
      ],
      ['n', 3],
      [],
      "operator Sigmoid ('last')",
    ],
    [
      'a softmax across a table',
      [
        reshaped,
        { op: 'Softmax', inputs: ['table'], outputs: ['scores'], name: 'last', attributes: { axis: 1 } },
      ],
      ['n', 2, 3],
      table,
      "operator Softmax ('last')",
    ],
  ])('that ends in %s says what stays inside', async (_, nodes, dims, tensors, inside) => {
    writeFileSync(file, model(nodes, dims, 13, tensors))
    const { blackBox, leftInside } = await importOnnx(file, {})
    expect(leftInside).toBe(inside)
    expect(blackBox!.output.cut).toBeUndefined()
    const { notes } = await readModel(file, {}, { background: [0.25, 0.25, 0.25, 0.25], device: 'auto' })
    expect(notes.join()).toContain(`its runtime computes ${inside} in float32`)
  })

  it('loses nothing at its end that does not prove to be what it seems', async () => {
    // Behind a reshape nothing tells that the softmax is across the table, not along a row.
    const nodes: TestNode[] = [
      reshaped,
      { op: 'Softmax', inputs: ['table'], outputs: ['shares'], attributes: { axis: 1 } },
      { op: 'Flatten', inputs: ['shares'], outputs: ['scores'] },
    ]
    writeFileSync(file, model(nodes, ['n', 6], 13, table))
    expect((await importOnnx(file, {})).blackBox!.output.cut).toBeDefined()
    const { model: read, notes } = await readModel(
      file,
      {},
      { background: [0.25, 0.25, 0.25, 0.25], device: 'auto' },
    )
    expect(read.kind === 'black-box' && read.blackBox.output.cut).toBeUndefined()
    expect(notes.join()).toContain('its runtime computes its last activation (softmax) in float32')
  })
})

/** Flat bases, the logits, an activation: as `model`. */
function network(name: ActivationFunction): Network {
  return {
    inputLength: 1,
    strands: 'forward',
    outputs: ['a', 'b', 'c', 'd', 'e', 'f'],
    layers: [
      { kind: 'flatten' },
      { kind: 'dense', units: 6, kernel: logits, bias: new Float32Array(6) },
      { kind: 'activation', function: name },
    ],
  }
}

describe('a model of Keras or TensorFlow.js', () => {
  it.each<[ActivationFunction, (z: number, i: number) => number]>([
    ['sigmoid', sigmoid],
    ['tanh', Math.tanh],
    ['softmax', softmaxOver(6)],
  ])('that ends in %s scores as float64 does', async (name, f) => {
    const path = join(directory, `${name}.h5`)
    writeFileSync(path, await writeKeras(network(name)))
    const { blackBox, leftInside } = await importKeras(path, {})
    expect(leftInside).toBeUndefined()
    expect(blackBox!.executable.kind).toBe('tfjs-layers')
    const scores = await scoresOf(blackBox!)
    for (const [i, score] of scores.entries()) {
      expect(Math.abs(score - expected(f)[i]!)).toBeLessThanOrEqual(1.2e-7 * Math.abs(expected(f)[i]!))
    }
  })

  it('as a graph is asked for the node before its last', async () => {
    const float = { type: 'DT_FLOAT' }
    const shape = { shape: { dim: [{ size: '-1' }, { size: '1' }, { size: '4' }] } }
    const node = [
      { name: 'x', op: 'Placeholder', attr: { dtype: float, shape } },
      { name: 'kernel', op: 'Const', attr: { dtype: float } },
      { name: 'sizes', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } },
      { name: 'flat', op: 'Reshape', input: ['x', 'sizes'], attr: { T: float } },
      { name: 'product', op: 'MatMul', input: ['flat', 'kernel'], attr: { T: float } },
      { name: 'shares', op: 'Sigmoid', input: ['product'], attr: { T: float } },
      { name: 'scores', op: 'Identity', input: ['shares'], attr: { T: float } },
    ]
    const json = {
      format: 'graph-model',
      modelTopology: { node, versions: {} },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: [
            { name: 'kernel', shape: [4, 6], dtype: 'float32' },
            { name: 'sizes', shape: [2], dtype: 'int32' },
          ],
        },
      ],
    }
    writeFileSync(join(directory, 'model.json'), JSON.stringify(json))
    writeFileSync(
      join(directory, 'weights.bin'),
      Buffer.concat([Buffer.from(logits.buffer), Buffer.from(Int32Array.of(-1, 4).buffer)]),
    )
    const { blackBox } = await importTfjs(join(directory, 'model.json'), {})
    expect(blackBox!.output).toMatchObject({
      name: 'scores',
      cut: { function: 'sigmoid', tensor: 'product' },
    })
    expect(await scoresOf(blackBox!)).toEqual(expected(sigmoid))
  })
})
