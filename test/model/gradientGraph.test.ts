/** What gradient graphs give besides the gradient of the mask, and that both forms of a maximum owe the same numbers. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { writeGraphOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import {
  buildGradientGraph,
  chosenName,
  inputGradientName,
  layerGradientName,
  layerOutputName,
  maskGradientName,
  type GradientGraphOptions,
} from '../../src/model/gradient/maskGradient.ts'
import { inputName } from '../../src/model/formats/ownOnnx/ownOnnxGraph.ts'
import { foldNormalisation } from '../../src/model/network/foldNormalisation.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Network } from '../../src/model/network/network.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { randomCodes, randomNetwork } from './randomNetworks.ts'
import { referenceForward, referenceInput } from './referenceForward.ts'

const background = [0.4, 0.1, 0.2, 0.3]
const length = 20

async function run(
  network: Network,
  options: GradientGraphOptions,
  codes: Uint8Array,
): Promise<Readonly<Record<string, Float32Array>>> {
  const session = await InferenceSession.create(writeGraphOnnx(network, buildGradientGraph(network, options)))
  const chosen = Float32Array.from(network.outputs, (_, i) => Number(i === 0))
  const rows = codes.length / length
  const found = await session.run({
    [inputName]: new Tensor('float32', oneHot(codes, length, 'NCW', background), [rows, 4, length]),
    [chosenName]: new Tensor('float32', chosen, [1, network.outputs.length]),
  })
  await session.release()
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]))
}

const conv = (settings: object = {}) =>
  ({ kind: 'conv1d', filters: 5, kernelSize: 4, padding: 'same', dilation: 1, ...settings }) as const
const hidden: readonly LayerSpec[] = [
  conv(),
  { kind: 'activation', function: 'relu' },
  { kind: 'maxPool1d', size: 3, stride: 2, padding: 'same' },
  conv({ kernelSize: 2 }),
  { kind: 'globalMaxPool' },
  { kind: 'dense', units: 2 },
]

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

describe('a gradient graph', () => {
  it.each(['forward', 'both'] as const)(
    'gives the same with either form of maxima, ties and all, %s',
    async (strands) => {
      const network = randomNetwork(hidden, length, 3, strands)
      // Repeats of two bases: every window has its equals.
      const codes = Uint8Array.from({ length: 3 * length }, (_, i) => (i < length ? 0 : i % 2))
      const [unpooled, scattered] = [
        await run(network, { background, form: 'unpool' }, codes),
        await run(network, { background, form: 'scatter' }, codes),
      ]
      expect(new Set(unpooled[maskGradientName]).size).toBeGreaterThan(3)
      expect(scattered[maskGradientName]).toEqual(unpooled[maskGradientName])
    },
  )

  it('of the mask is that of the input, times what a base has more than the background', async () => {
    const network = randomNetwork(hidden, length, 5)
    const codes = randomCodes(2 * length, 7)
    const found = await run(network, { background, input: true }, codes)
    const x = oneHot(codes, length, 'NCW', background)
    for (let row = 0; row < 2; row++) {
      for (let i = 0; i < length; i++) {
        const expected = background.reduce((sum, share, base) => {
          const at = (4 * row + base) * length + i
          return sum + found[inputGradientName]![at]! * (x[at]! - share)
        }, 0)
        expect(found[maskGradientName]![row * length + i]).toBeCloseTo(expected, 6)
      }
    }
  })

  it('of layers: what they are owed is handed on through them', async () => {
    const network = randomNetwork(hidden, length, 6)
    const codes = randomCodes(length, 8)
    const layers = [0, 1, 3, 4, 5]
    const found = await run(network, { input: true, layers }, codes)
    const owed = (i: number): Float32Array => found[layerGradientName(i)]!
    const given = (i: number): Float32Array => found[layerOutputName(i)]!
    // A convolution is linear but for its bias: both sides pair to the same number.
    const { bias } = network.layers[0] as { bias: Float32Array }
    const linear = given(0).map((y, i) => y - bias[i % 5]!)
    const x = oneHot(codes, length, 'NCW', background)
    expect(dot(linear, owed(0))).toBeCloseTo(dot(x, found[inputGradientName]!), 5)
    // A rectifier lets through where it is above 0.
    const through = Array.from(owed(1), (value, i) => (given(1)[i]! > 0 ? value : 0))
    expect(Array.from(owed(0), (value) => value + 0)).toEqual(through) // -0 is 0
    // A global maximum owes all to one position of each channel.
    expect(owed(3).filter((value) => value !== 0).length).toBeLessThanOrEqual(5)
    expect(dot(owed(3), new Float32Array(owed(3).length).fill(1))).toBeCloseTo(
      dot(owed(4), new Float32Array(5).fill(1)),
      5,
    )
    expect([...owed(5)]).toEqual([1, 0])
    const [score] = referenceForward(network, referenceInput(codes, background))
    expect(given(5)[0]).toBeCloseTo(score!, 5)
  })

  it('has none of layers that are not in front of the score', () => {
    const network = randomNetwork([...hidden, { kind: 'activation', function: 'sigmoid' }], length, 6)
    expect(() => buildGradientGraph(network, { layers: [6] })).toThrow('layer 7 has no gradient of its own')
  })
})

describe('foldNormalisation', () => {
  it('leaves the scores, and no batch normalisation behind a convolution or a dense layer', () => {
    const norm = { kind: 'batchNorm', epsilon: 0.001 } as const
    const network = randomNetwork(
      [
        conv(),
        { kind: 'dropout', rate: 0.5 },
        norm,
        { kind: 'residual', layers: [conv(), norm], shortcut: [norm] },
        { kind: 'concat', branches: [[conv({ filters: 2 }), norm], []] },
        { kind: 'globalAveragePool' },
        { kind: 'dense', units: 2 },
        norm,
      ],
      length,
      9,
    )
    const folded = { ...network, layers: foldNormalisation(network.layers) }
    expect(JSON.stringify(folded).split('"batchNorm"')).toHaveLength(2) // the shortcut's
    const input = referenceInput(randomCodes(length, 4), background)
    const expected = referenceForward(network, input)
    for (const [i, score] of referenceForward(folded, input).entries())
      expect(score).toBeCloseTo(expected[i]!, 5)
  })
})
