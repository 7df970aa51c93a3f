/** No completion passes the bound, whatever the network; where filters only speak for the decision, it is what can be reached. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { openContextBound, type ContextBound } from '../../src/completion/contextBound.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { baseCount, encodeSequence, unknown } from '../../src/sequence/alphabet.ts'
import type { Decision } from '../../src/sis/decision.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import '../propertySeeds.ts'

type Asked = Pick<Decision, 'output' | 'direction'>

function open(network: Network, asked: Asked): ContextBound {
  const bound = openContextBound(network, asked)
  if ('refusal' in bound) throw new Error(bound.refusal)
  return bound
}

/** Every completion of a sequence of which some bases are kept. */
function allCompletions(codes: Uint8Array, kept: readonly number[]): Uint8Array {
  const free = [...codes.keys()].filter((position) => !kept.includes(position))
  const count = baseCount ** free.length
  const rows = new Uint8Array(count * codes.length)
  for (let row = 0; row < count; row++) {
    rows.set(codes, row * codes.length)
    for (const [i, position] of free.entries()) {
      rows[row * codes.length + position] = Math.floor(row / baseCount ** i) % baseCount
    }
  }
  return rows
}

/** The scores of one output under every completion. */
async function allScores(
  network: Network,
  output: number,
  codes: Uint8Array,
  kept: readonly number[],
): Promise<Float32Array> {
  const rows = allCompletions(codes, kept)
  const count = rows.length / codes.length
  const predictor = await createOnnxPredictor(network, { threads: 1 })
  const scores = await predictor.predict(rows, count)
  await predictor.close()
  const { length } = network.outputs
  return scores.filter((_, i) => i % length === output)
}

const activation = (name: 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'elu'): LayerSpec => ({
  kind: 'activation',
  function: name,
})
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })
const pool: LayerSpec = { kind: 'globalMaxPool' }
const normalisation: LayerSpec = { kind: 'batchNorm', epsilon: 0.001 }

const networks = fc
  .record({
    kernelSize: fc.integer({ min: 1, max: 4 }),
    padding: fc.constantFrom('same' as const, 'valid' as const),
    filters: fc.integer({ min: 1, max: 4 }),
    normalised: fc.boolean(),
    rectified: fc.boolean(),
    hidden: fc.array(fc.constantFrom('relu' as const, 'tanh' as const, 'sigmoid' as const, 'elu' as const), {
      maxLength: 2,
    }),
    end: fc.constantFrom('sigmoid' as const, 'softmax' as const, undefined),
    strands: fc.constantFrom('forward' as const, 'both' as const),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ kernelSize, padding, filters, normalised, rectified, hidden, end, strands, seed }) => {
    const layers: LayerSpec[] = [
      { kind: 'conv1d', filters, kernelSize, padding, dilation: 1 },
      ...(normalised ? [normalisation] : []),
      ...(rectified ? [activation('relu')] : []),
      pool,
      ...hidden.flatMap((name) => [dense(3), activation(name)]),
      dense(end === 'softmax' ? 3 : 1),
      ...(end === undefined ? [] : [activation(end)]),
    ]
    return randomNetwork(layers, 7, seed, strands)
  })

describe('the bound over all completions', () => {
  it('is passed by none, of random networks and kept bases', async () => {
    await fc.assert(
      fc.asyncProperty(
        networks,
        fc.uint8Array({ min: 0, max: 5, minLength: 7, maxLength: 7 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 7 }),
        async (network, drawn, kept) => {
          // An unknown base may be kept; no base is masked in a completion.
          const codes = drawn.map((code) => (code === 4 ? 0 : code))
          const output = network.outputs.length - 1
          const scores = await allScores(network, output, codes, kept)
          const least = open(network, { output, direction: '>=' }).bound(codes, kept)
          const most = open(network, { output, direction: '<=' }).bound(codes, kept)
          expect(scores.reduce((low, score) => Math.min(low, score))).toBeGreaterThanOrEqual(least)
          expect(scores.reduce((high, score) => Math.max(high, score))).toBeLessThanOrEqual(most)
          if (kept.length === 7) {
            // Nothing is free: the bound is the score, but for the margin and hidden activations' lines.
            expect(most - least).toBeLessThan(1e-3)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('meets what can be reached where one filter speaks for the decision', async () => {
    const network = finder(encodeSequence('ACG'), 1)
    const codes = encodeSequence('TTACGTTT')
    const bound = open(network, { output: 0, direction: '>=' })
    // The three bases are one whole window of 3; any two of them are worth 1 at least.
    expect(bound.bound(codes, [2, 3, 4])).toBeCloseTo(3, 5)
    expect(bound.bound(codes, [2, 3])).toBeCloseTo(1, 5)
    expect(bound.bound(codes, [])).toBeCloseTo(-3, 5)
    const scores = await allScores(network, 0, codes, [2, 3, 4])
    expect(Math.min(...scores)).toBe(3)
  })

  it('knows that a filter against the decision finds its site wherever there is room for it', async () => {
    const network = finder(encodeSequence('ACG'), -1)
    const codes = encodeSequence('TTTTTTTT')
    const bound = open(network, { output: 0, direction: '>=' })
    expect(bound.bound(codes, [2])).toBeCloseTo(-3, 5)
    // No window of three free bases is left; two of them are.
    expect(bound.bound(codes, [2, 5])).toBeCloseTo(-1, 5)
    expect(Math.min(...(await allScores(network, 0, codes, [2, 5])))).toBe(-1)
    expect(bound.bound(codes, [0, 1, 2, 3, 4, 5, 6, 7])).toBeCloseTo(3, 5)
  })

  it('takes the better of two strands', () => {
    const network: Network = { ...finder(encodeSequence('ACG'), 1), strands: 'both' }
    const bound = open(network, { output: 0, direction: '>=' })
    expect(bound.bound(encodeSequence('TTCGTTTT'), [2, 3, 4])).toBeCloseTo(3, 5)
    expect(bound.bound(encodeSequence('TTACGTTT'), [2, 3, 4])).toBeCloseTo(3, 5)
  })

  it('is about the bases that are kept: an unknown one adds nothing', () => {
    const bound = open(finder(encodeSequence('ACG'), 1), { output: 0, direction: '>=' })
    const codes = encodeSequence('TTANGTTT')
    expect(codes[3]).toBe(unknown)
    expect(bound.bound(codes, [2, 3, 4])).toBeCloseTo(2, 5)
  })

  it('says why it knows none', () => {
    const asked: Asked = { output: 0, direction: '>=' }
    const network = randomNetwork([{ kind: 'flatten' }, dense(1)], 7, 1)
    expect(openContextBound(network, asked)).toEqual({
      refusal: 'the first layer is flatten, not a convolution',
    })
    const [convolution] = finder(encodeSequence('ACG'), 1).layers
    const bent: Network = {
      ...finder(encodeSequence('ACG'), 1),
      layers: [
        convolution!,
        pool,
        { kind: 'dense', units: 1, kernel: Float32Array.of(1), bias: Float32Array.of(0) },
        { kind: 'activation', function: 'silu' },
        { kind: 'dense', units: 1, kernel: Float32Array.of(1), bias: Float32Array.of(0) },
      ],
    }
    expect(openContextBound(bent, asked)).toEqual({ refusal: 'silu falls and rises' })
  })

  it('has a margin that float32 stays within: with every base kept, it is all that is left between the bounds', async () => {
    const length = 60
    const network = randomNetwork(
      [
        { kind: 'conv1d', filters: 32, kernelSize: 15, padding: 'same', dilation: 1 },
        normalisation,
        activation('relu'),
        pool,
        dense(16),
        activation('relu'),
        dense(1),
      ],
      length,
      5,
    )
    const random = new Random(2, 'kept')
    const codes = Uint8Array.from({ length: 200 * length }, () => random.below(baseCount))
    const predictor = await createOnnxPredictor(network, { threads: 1 })
    const scores = await predictor.predict(codes, 200)
    await predictor.close()
    const [below, above] = (['>=', '<='] as const).map((direction) => open(network, { output: 0, direction }))
    const all = Array.from({ length }, (_, position) => position)
    let rounded = 0
    for (const [row, score] of scores.entries()) {
      const sequence = codes.subarray(row * length, (row + 1) * length)
      const [least, most] = [below!.bound(sequence, all), above!.bound(sequence, all)]
      expect(score).toBeGreaterThanOrEqual(least)
      expect(score).toBeLessThanOrEqual(most)
      expect(most - least).toBeLessThan(2.001 * below!.margin + 1e-6)
      if (score !== Math.fround((least + most) / 2)) rounded++
    }
    // float32 is not exact here, so there was something to stay within.
    expect(rounded).toBeGreaterThan(50)
  })

  it('states a margin that grows with the weights it is of', () => {
    const of = (weight: number): number =>
      open(finder(encodeSequence('ACG'), weight), { output: 0, direction: '>=' }).margin
    expect(of(1)).toBeGreaterThan(3 * 2 ** -24)
    expect(of(1)).toBeLessThan(1e-5)
    expect(of(100) / of(1)).toBeCloseTo(100, 5)
  })
})

/** One filter, +1 for each base of a site and -1 for any other; its maximum times a weight is the score. L = 8 */
function finder(site: Uint8Array, weight: number): Network {
  const kernel = Float32Array.from({ length: site.length * baseCount }, (_, i) =>
    site[Math.floor(i / baseCount)] === i % baseCount ? 1 : -1,
  )
  return {
    inputLength: 8,
    layers: [
      {
        kind: 'conv1d',
        filters: 1,
        kernelSize: site.length,
        padding: 'valid',
        dilation: 1,
        kernel,
        bias: Float32Array.of(0),
      },
      { kind: 'globalMaxPool' },
      { kind: 'dense', units: 1, kernel: Float32Array.of(weight), bias: Float32Array.of(0) },
    ],
    strands: 'forward',
    outputs: ['score'],
  }
}
