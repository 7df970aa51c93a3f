import type { Rank, Tensor } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { buildTfjsModel } from '../../src/predict/tfjs/tfjsModel.ts'
import { loadTensorFlow, type TensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { trialLength, trialNames, trialNetwork } from './tfjsNetworks.ts'
import { referenceScores, referenceWeights } from './tfjsReference.ts'

const rows = 6
const random = new Random(9, 'inputs')
const inputs = Float32Array.from({ length: rows * trialLength * 4 }, () => random.normal())
const slopes = Float32Array.from({ length: rows * 2 }, () => random.normal())

let tf: TensorFlow
beforeAll(async () => {
  tf = (await loadTensorFlow('tfjs-cpu')).tf
})

interface Gradients {
  readonly loss: number
  /** Of every trainable weight, then of the inputs. */
  readonly gradients: Float32Array[]
}

/** Softmax outputs sum to one and sigmoids saturate: the last layer is left out, as in training. */
function withoutSigmoid(network: Network): Network {
  return { ...network, layers: network.layers.slice(0, -1) }
}

async function ours(
  backend: 'tfjs-wasm' | 'tfjs-cpu',
  network: Network,
  training: boolean,
): Promise<Gradients> {
  await loadTensorFlow(backend)
  const model = buildTfjsModel(tf, network, { inputGradient: true })
  const x = tf.tidy(() => tf.variable(tf.tensor3d(inputs, [rows, trialLength, 4])))
  const wanted = [...model.trainable, x]
  const { value, grads } = tf.variableGrads(() => {
    const y = model.forward(x, training ? { dropout: new Random(1) } : undefined)
    return tf.sum(tf.mul(y, tf.tensor2d(slopes, [rows, 2])))
  }, wanted)
  const gradients = wanted.map((weights) => Float32Array.from(grads[weights.name]!.dataSync()))
  const result = { loss: value.dataSync()[0]!, gradients }
  tf.dispose([value, grads, x])
  model.dispose()
  return result
}

async function reference(network: Network, training: boolean): Promise<Gradients> {
  await loadTensorFlow('tfjs-cpu')
  const tensors = [...referenceWeights(tf, network.layers), tf.tensor3d(inputs, [rows, trialLength, 4])]
  const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
    const x = tensors.at(-1)!
    const weights = tensors.slice(0, -1)
    const y = referenceScores(tf, network, weights, x, training)
    return tf.sum(tf.mul(y, tf.tensor2d(slopes, [rows, 2])))
  })(tensors)
  const gradients = grads.map((gradient) => Float32Array.from(gradient.dataSync()))
  const result = { loss: value.dataSync()[0]!, gradients }
  tf.dispose([tensors, value, grads])
  return result
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function expectSame(found: Gradients, expected: Gradients): void {
  expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected.loss)))
  expect(found.gradients.length).toBe(expected.gradients.length)
  // A bias before batch normalisation has no gradient but rounding, hence the floor.
  const floor = 0.01 * Math.max(...expected.gradients.map(largest))
  for (const [i, gradient] of found.gradients.entries()) {
    const right = expected.gradients[i]!
    expect(gradient.length).toBe(right.length)
    const error = largest(gradient.map((value, j) => value - right[j]!))
    expect(error / Math.max(largest(right), floor), `gradient ${i}`).toBeLessThan(1e-4)
  }
}

describe('gradients of weights and inputs', () => {
  it.each(trialNames)('%s: wasm as automatic differentiation on the cpu backend', async (name) => {
    const network = withoutSigmoid(trialNetwork(name))
    const expected = await reference(network, false)
    expect(expected.gradients.at(-1)!.some((value) => value !== 0)).toBe(true)
    expectSame(await ours('tfjs-wasm', network, false), expected)
    expectSame(await ours('tfjs-cpu', network, false), expected)
  })

  it.each(trialNames.filter((name) => /batch norm|residual/.test(name)))(
    '%s: in training, with the statistics of the batch',
    async (name) => {
      const network = withoutSigmoid(trialNetwork(name))
      expectSame(await ours('tfjs-wasm', network, true), await reference(network, true))
    },
  )

  it('of a global maximum go to the first of equal positions', async () => {
    await loadTensorFlow('tfjs-wasm')
    const conv: Layer = {
      kind: 'conv1d',
      filters: 1,
      kernelSize: 1,
      padding: 'same',
      dilation: 1,
      kernel: Float32Array.of(1, 0, 0, 0),
      bias: Float32Array.of(0),
    }
    const model = buildTfjsModel(
      tf,
      { inputLength: 3, layers: [conv, { kind: 'globalMaxPool' }], strands: 'forward', outputs: ['a'] },
      { inputGradient: true },
    )
    const x = tf.tensor3d([0, 0, 0, 0, 2, 7, 0, 0, 2, 5, 0, 0], [1, 3, 4])
    const { grads } = tf.variableGrads(() => tf.sum(model.forward(x)), [...model.trainable])
    expect([...grads[model.trainable[0]!.name]!.dataSync()]).toEqual([2, 7, 0, 0])
    model.dispose()
  })
})

describe('buildTfjsModel', () => {
  it.each(trialNames)('%s: the network reads back bit for bit', async (name) => {
    await loadTensorFlow('tfjs-wasm')
    const network = trialNetwork(name)
    const model = buildTfjsModel(tf, network)
    expect(model.read()).toEqual(network)
    model.dispose()
  })

  it('records the statistics of batches in training, a tenth of each', async () => {
    await loadTensorFlow('tfjs-wasm')
    const layer = {
      kind: 'batchNorm' as const,
      epsilon: 0.001,
      gamma: new Float32Array(4).fill(1),
      beta: new Float32Array(4),
      mean: new Float32Array(4),
      variance: new Float32Array(4).fill(1),
    }
    const layers: Layer[] = [layer, { kind: 'flatten' }]
    const model = buildTfjsModel(tf, { inputLength: 2, layers, strands: 'forward', outputs: [] })
    tf.tidy(() => model.forward(tf.tensor3d([1, 0, 0, 5, 3, 0, 0, 5], [1, 2, 4]), { dropout: new Random(1) }))
    const [read] = model.read().layers
    model.dispose()
    expect(read).toMatchObject({
      mean: Float32Array.of(0.2, 0, 0, 0.5),
      variance: Float32Array.of(1, 0.9, 0.9, 0.9),
    })
  })

  it('drops units in training only, scales the rest, and draws anew at each pass', async () => {
    await loadTensorFlow('tfjs-wasm')
    const layers: Layer[] = [{ kind: 'flatten' }, { kind: 'dropout', rate: 0.25 }]
    const model = buildTfjsModel(tf, { inputLength: 250, layers, strands: 'forward', outputs: [] })
    const dropout = new Random(4)
    const x = tf.ones<Rank.R3>([1, 250, 4])
    const pass = (training: boolean) => [
      ...model.forward(x, training ? { dropout } : undefined).dataSync<'float32'>(),
    ]
    expect(new Set(pass(false))).toEqual(new Set([1]))
    const [first, second] = [pass(true), pass(true)]
    expect(new Set(first)).toEqual(new Set([0, Math.fround(4 / 3)]))
    expect(Math.abs(first.filter((value) => value === 0).length - 250)).toBeLessThan(60)
    expect(second).not.toEqual(first)
    model.dispose()
  })

  it('drops the same units on both strands', async () => {
    await loadTensorFlow('tfjs-wasm')
    const layers: Layer[] = [{ kind: 'flatten' }, { kind: 'dropout', rate: 0.5 }]
    const model = buildTfjsModel(tf, { inputLength: 250, layers, strands: 'both', outputs: [] })
    const scores = model.forward(tf.ones<Rank.R3>([2, 250, 4]), { dropout: new Random(4) })
    const [first, second] = scores.arraySync() as [number[], number[]]
    // Units of the larger strand would be dropped in a quarter of the cases, were masks drawn for each.
    for (const row of [first, second]) {
      expect(Math.abs(row.filter((value) => value === 0).length - 500)).toBeLessThan(80)
    }
    expect(second).not.toEqual(first)
    model.dispose()
  })

  it.each(['tfjs-wasm', 'tfjs-cpu'] as const)('%s: either strand makes a score NaN', async (backend) => {
    await loadTensorFlow(backend)
    const model = buildTfjsModel(tf, {
      inputLength: 1,
      layers: [{ kind: 'flatten' }],
      strands: 'both',
      outputs: ['A', 'C', 'G', 'T'],
    })
    const scores = model.forward(tf.tensor3d([[[1, 2, NaN, 4]], [[NaN, 1, 3, NaN]]]))
    expect(scores.arraySync()).toEqual([
      [4, NaN, NaN, 4],
      [NaN, 3, 3, NaN],
    ])
    model.dispose()
  })
})
