import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { buildTfjsModel } from '../../src/predict/tfjs/tfjsModel.ts'
import type { GradientPredictor } from '../../src/predict/gradientPredictor.ts'
import { createOnnxGradientPredictor } from '../../src/predict/onnx/onnxGradients.ts'
import { createTfjsGradientPredictor } from '../../src/predict/tfjs/tfjsGradients.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { encodeSequence, masked, unknown } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { trialLength, trialNames, trialNetwork } from './tfjsNetworks.ts'

let runtime: TensorFlowRuntime
beforeAll(async () => {
  runtime = await loadTensorFlow('tfjs-wasm')
})

const background = [0.4, 0.1, 0.2, 0.3]
const rows = 3
const random = new Random(2, 'codes')
const codes = new Uint8Array(rows * trialLength).map(() => random.below(6))

/** @returns f of each input: Float32Array [n, outputs] */
function scoresOf(network: Network, inputs: Float32Array): Float32Array {
  const { tf } = runtime
  const model = buildTfjsModel(tf, network)
  const scores = tf.tidy(() => {
    const { inputLength } = network
    return model.forward(tf.tensor3d(inputs, [inputs.length / inputLength / 4, inputLength, 4]))
  })
  const values = Float32Array.from(scores.dataSync())
  scores.dispose()
  model.dispose()
  return values
}

interface Differences {
  /** [f(m = 1 + h) − f(m = 1 − h)] / 2h */
  readonly central: Float32Array // [rows, L]
  /** The slopes on the two sides agree: no maximum changes hands within the step. */
  readonly smooth: readonly boolean[]
}

/** Finite differences of f along the mask of each base. */
function differences(network: Network, f: (scores: Float32Array) => number): Differences {
  const h = 1 / 256
  const one = oneHot(codes, trialLength, 'NWC', background)
  const width = trialLength * 4
  const moved: number[] = []
  for (let cell = 0; cell < codes.length; cell++) {
    const row = Math.floor(cell / trialLength)
    for (const m of [1 - h, 1, 1 + h]) {
      const input = one.slice(row * width, (row + 1) * width)
      const at = (cell % trialLength) * 4
      for (let c = 0; c < 4; c++) input[at + c] = m * input[at + c]! + (1 - m) * background[c]!
      moved.push(...input)
    }
  }
  const scores = scoresOf(network, Float32Array.from(moved))
  const outputs = network.outputs.length
  const slopes = Array.from(codes, (_, cell) => {
    const [below, at, above] = [0, 1, 2].map((side) => {
      const from = (3 * cell + side) * outputs
      return f(scores.subarray(from, from + outputs))
    }) as [number, number, number]
    return [(at - below) / h, (above - at) / h] as const
  })
  const central = Float32Array.from(slopes, ([below, above]) => (below + above) / 2)
  const scale = largest(central)
  return { central, smooth: slopes.map(([below, above]) => Math.abs(below - above) < 0.02 * scale) }
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function expectSame(found: Float32Array, { central, smooth }: Differences): void {
  const scale = largest(central)
  expect(scale).toBeGreaterThan(1e-4)
  expect(smooth.filter(Boolean).length).toBeGreaterThan(0.6 * smooth.length)
  const wrong = central.map((value, i) => (smooth[i]! ? Math.abs(value - found[i]!) / scale : 0))
  expect(largest(wrong)).toBeLessThan(0.02)
}

function weightless(name: 'sigmoid' | 'softmax' | 'tanh' | 'exp' | 'relu'): Layer {
  return { kind: 'activation', function: name }
}

/** One unit: weights 1, 2, 3, 4 of A, C, G, T in front, ten times that behind. */
const weighing = (...last: Layer[]): Network => ({
  inputLength: 2,
  strands: 'forward',
  layers: [
    { kind: 'flatten' },
    {
      kind: 'dense',
      units: 1,
      kernel: Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40),
      bias: Float32Array.of(500),
    },
    ...last,
  ],
  outputs: ['weight'],
})

type Create = (
  network: Network,
  options?: { background?: readonly number[]; batchSize?: number },
) => Promise<GradientPredictor>

const runtimes: readonly (readonly [string, Create])[] = [
  ['ONNX Runtime', (network, options) => createOnnxGradientPredictor(network, options)],
  [
    'TensorFlow.js',
    (network, options) => Promise.resolve(createTfjsGradientPredictor(runtime, network, options)),
  ],
]

describe.each(runtimes)('gradients with respect to the mask, by %s', (_, create) => {
  it.each(trialNames)('%s: finite differences of the logit', async (name) => {
    const network = trialNetwork(name)
    const logits = { ...network, layers: network.layers.slice(0, -1) }
    const gradients = await create(network, { background })
    const found = await gradients.gradients(codes, rows, 1)
    expect(network.layers.at(-1)).toEqual(weightless('sigmoid'))
    expectSame(
      found,
      differences(logits, (scores) => scores[1]!),
    )
    await gradients.close()
  })

  it.each(['forward', 'both'] as const)('of a softmax are those of its log odds, %s', async (strands) => {
    const trial = trialNetwork('dense on flattened input', ['a', 'b', 'c'])
    const layers = [...trial.layers.slice(0, -1), weightless('softmax')]
    const network: Network = { ...trial, strands, layers }
    const gradients = await create(network, { background })
    for (const output of [0, 1, 2]) {
      const expected = differences(network, (scores) => Math.log(scores[output]! / (1 - scores[output]!)))
      expectSame(await gradients.gradients(codes, rows, output), expected)
    }
    await gradients.close()
  })

  it('are the weight of a base less that of the background; nothing where masked, its negative where unknown', async () => {
    const gradients = await create(weighing(), { background: [1, 0, 1, 0] })
    const pairs = Uint8Array.of(...encodeSequence('GT'), masked, unknown, ...encodeSequence('AC'))
    expect([...(await gradients.gradients(pairs, 3, 0))]).toEqual([-1, 0, 0, -40, -3, -20])
    await gradients.close()
  })

  it.each(['sigmoid', 'tanh', 'exp', 'relu'] as const)('do not vanish where a %s is flat', async (name) => {
    const gradients = await create(weighing(weightless(name)))
    expect([...(await gradients.gradients(encodeSequence('TA'), 1, 0))]).toEqual([1.5, -15])
    await gradients.close()
  })

  it.each([2, 3, 9])('of equal places in a pool of %i are the first one’s', async (size) => {
    const positions = 2
    const length = size * positions + 1
    const network: Network = {
      ...weighing(),
      inputLength: length,
      layers: [
        {
          kind: 'conv1d',
          filters: 1,
          kernelSize: 1,
          padding: 'same',
          dilation: 1,
          kernel: Float32Array.of(1, 2, 4, 8),
          bias: new Float32Array(1),
        },
        { kind: 'maxPool1d', size, stride: size, padding: 'valid' },
        { kind: 'flatten' },
        { kind: 'dense', units: 1, kernel: Float32Array.of(3, 5), bias: new Float32Array(1) },
      ],
    }
    const gradients = await create(network, { background: [1, 0, 0, 0] })
    const found = await gradients.gradients(encodeSequence('C'.repeat(length)), 1, 0)
    const expected = new Float32Array(length)
    expected[0] = 3 * (2 - 1)
    expected[size] = 5 * (2 - 1)
    expect(found.map((value) => value + 0)).toEqual(expected)
    await gradients.close()
  })

  it('of a softmax of one unit are nothing', async () => {
    const gradients = await create(weighing(weightless('softmax')))
    expect([...(await gradients.gradients(encodeSequence('TA'), 1, 0))].map(Math.abs)).toEqual([0, 0])
    await gradients.close()
  })

  it.each(['global max of a second conv1d', 'residual', 'max pool overlapping', 'dense on flattened input'])(
    'are the same for a row in any batch: %s',
    async (name) => {
      const network = trialNetwork(name)
      const many = new Uint8Array(40 * trialLength).map(() => random.below(6))
      const [whole, parts] = await Promise.all(
        [{}, { batchSize: 7 }].map((options) => create(network, options)),
      )
      const found = await whole!.gradients(many, 40, 0)
      expect(new Set(found).size).toBeGreaterThan(300)
      expect(await parts!.gradients(many, 40, 0)).toEqual(found)
      expect(await whole!.gradients(many.subarray(39 * trialLength), 1, 0)).toEqual(
        found.slice(39 * trialLength),
      )
      await whole!.close()
      await parts!.close()
    },
  )

  it('are refused for cells that are not codes, too few of them, and outputs that are not there', async () => {
    const gradients = await create(weighing())
    await expect(gradients.gradients(new Float32Array(2), 1, 0)).rejects.toThrow(TypeError)
    await expect(gradients.gradients(new Uint8Array(3), 2, 0)).rejects.toThrow(RangeError)
    await expect(gradients.gradients(new Uint8Array(2), 1, 1)).rejects.toThrow('there is no output 1')
    await gradients.close()
  })
})

describe('gradients by TensorFlow.js', () => {
  it('leave no tensors behind', async () => {
    const before = runtime.tf.memory().numTensors
    const gradients = createTfjsGradientPredictor(runtime, weighing(weightless('sigmoid')))
    await gradients.gradients(encodeSequence('ACGT'), 2, 0)
    const open = runtime.tf.memory().numTensors
    await gradients.gradients(encodeSequence('ACGTAC'), 3, 0)
    expect(runtime.tf.memory().numTensors).toBe(open)
    await gradients.close()
    expect(runtime.tf.memory().numTensors).toBe(before)
  })
})
