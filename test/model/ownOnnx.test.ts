/** What `readOwnOnnx` refuses: files that are cut, changed or written by others. */
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { OnnxModel } from '../../src/model/formats/onnx/onnxEncode.ts'
import { encodeOnnx } from '../../src/model/formats/onnx/onnxEncode.ts'
import { readOwnOnnx } from '../../src/model/formats/ownOnnx/ownOnnxReader.ts'
import { ownOnnxModel, writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { parseOnnx } from '../../src/model/formats/onnx/onnxParse.ts'
import { randomNetwork } from './randomNetworks.ts'

const layers: LayerSpec[] = [
  { kind: 'conv1d', filters: 3, kernelSize: 4, padding: 'same', dilation: 1 },
  { kind: 'residual', layers: [{ kind: 'activation', function: 'gelu' }] },
  { kind: 'batchNorm', epsilon: 0.001 },
  { kind: 'globalMaxPool' },
  { kind: 'dense', units: 2 },
]
const forward = randomNetwork(layers, 9, 3)
const bytes = writeOnnx(forward)
const bothStrands = randomNetwork(layers, 9, 3, 'both')

/** @returns what is said of the file after `change` */
function complaint(change: (model: OnnxModel) => void, of = forward): string {
  const model = ownOnnxModel(of)
  change(model)
  return complaintOf(encodeOnnx(model))
}

function complaintOf(file: Uint8Array): string {
  try {
    readOwnOnnx(file)
  } catch (error) {
    expect(error).toBeInstanceOf(DataError)
    return (error as Error).message
  }
  throw new Error('no complaint')
}

const nodeOf = (model: OnnxModel, opType: string) => model.graph.node.find((node) => node.opType === opType)!

describe('readOwnOnnx', () => {
  it('keeps special values bit for bit', () => {
    const network = randomNetwork([{ kind: 'flatten' }, { kind: 'dense', units: 1 }], 1, 0)
    const dense = network.layers.find((layer) => layer.kind === 'dense')!
    dense.kernel.set([-0, 1e-45, Infinity, 3.4028234663852886e38])
    expect(readOwnOnnx(writeOnnx(network))).toEqual(network)
    expect(
      Object.is(
        readOwnOnnx(writeOnnx(network)).layers.flatMap((l) => ('kernel' in l ? [l.kernel[0]] : []))[0],
        -0,
      ),
    ).toBe(true)
  })

  it('names an operator that none of our networks has', () => {
    expect(complaint((model) => (nodeOf(model, 'Gemm').opType = 'LSTM'))).toContain(
      "the operator LSTM ('Gemm_",
    )
    expect(complaint((model) => (nodeOf(model, 'Erf').opType = 'Tanh'))).toContain('Tanh where Erf should be')
    expect(complaint((model) => (nodeOf(model, 'Gemm').domain = 'com.example'))).toContain('operator Gemm')
  })

  it('refuses attributes, wiring and constants that we do not write', () => {
    expect(complaint((model) => (nodeOf(model, 'Conv').attribute[3]!.ints = [1, 2]))).toContain(
      'operator Conv',
    )
    expect(
      complaint((model) => nodeOf(model, 'Gemm').attribute.push({ name: 'transB', type: 2, i: 1 })),
    ).toContain('operator Gemm')
    expect(complaint((model) => (nodeOf(model, 'Erf').input[0] = 'sequence'))).toContain('operator Erf')
    expect(complaint((model) => (nodeOf(model, 'Unsqueeze').input[0] = 'x'))).toContain('operator Unsqueeze')
    expect(
      complaint((model) =>
        model.graph.initializer.find(({ name }) => name.endsWith('factor'))!.rawData.set([1]),
      ),
    ).toContain("constant 'Mul_6.factor'")
  })

  it('refuses strands that are put together as we do not', () => {
    const refused = (change: (model: OnnxModel) => void) => complaint(change, bothStrands)
    const steps = (model: OnnxModel) =>
      model.graph.initializer.find(({ name }) => name === 'reverse.steps')!.rawData
    expect(refused((model) => steps(model).set([1, 0, 0, 0, 0, 0, 0, 0]))).toContain(
      "constant 'reverse.steps' is not as sis writes it",
    )
    expect(refused((model) => (nodeOf(model, 'Max').opType = 'Min'))).toContain('Min where Max should be')
    expect(refused((model) => nodeOf(model, 'Max').input.pop())).toContain('operator Max')
    expect(refused((model) => nodeOf(model, 'Concat').input.reverse())).toContain('operator Concat')
    expect(refused((model) => nodeOf(model, 'Split').output.reverse())).toContain('operator Split')
    expect(refused((model) => model.graph.node.splice(-2, 1))).toContain('where Split should be')
    expect(refused((model) => (nodeOf(model, 'Slice').opType = 'Identity'))).toContain(
      'where Slice should be',
    )
  })

  it('refuses weights that are missing, of other shapes or of other types', () => {
    expect(complaint((model) => model.graph.initializer.pop())).toContain("lacks the weights 'Gemm_")
    expect(complaint((model) => (model.graph.initializer[1]!.dims = [3, 4, 1, 1e9]))).toContain(
      'bytes of weights',
    )
    expect(complaint((model) => (model.graph.initializer[1]!.dims = [-3, -4, 1, 4]))).toContain(
      'bytes of weights',
    )
    expect(complaint((model) => (model.graph.initializer[1]!.dataType = 11))).toContain('bytes of weights')
    expect(complaint((model) => (model.graph.initializer[1]!.dims = [4, 3, 1, 4]))).toMatch(
      /fit each other|bias|Conv/,
    )
    expect(complaint((model) => model.graph.initializer.push(model.graph.initializer[1]!))).toContain(
      'more weights',
    )
  })

  it('refuses another opset, alphabet, shape of input, or outputs without names', () => {
    expect(complaint((model) => (model.opsetImport[0]!.version = 17))).toContain('opset 17')
    expect(complaint((model) => (model.metadataProps[0]!.value = 'ACGU'))).toContain('alphabet')
    expect(complaint((model) => (model.metadataProps[1]!.value = '[1]'))).toContain('outputs')
    expect(complaint((model) => (model.metadataProps[1]!.value = '["one"]'))).toContain('outputs')
    expect(parseOnnx(bytes, '').graph.inputs[0]!.dims).toEqual(['batch', 4, 9])
    expect(
      complaint((model) => (model.graph.input[0]!.type.tensorType.shape.dim[1]!.dimValue = 5)),
    ).toContain('input')
  })

  it('says of every cut of the file that it is no model, and never anything worse', () => {
    for (let length = 0; length < bytes.length; length += 3) {
      expect(complaintOf(bytes.subarray(0, length))).toMatch(/^model\.onnx: /)
    }
    expect(complaintOf(new TextEncoder().encode('>seq1\nACGT\n'))).toMatch(/ONNX model|opset/)
  })
})
