/** The differences engine's orderings are the reference selector's, for every kind of network that it explains. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { createKernelInstance } from '../../src/engine/kernelInstance.ts'
import type { PlanOptions } from '../../src/engine/kernelPlan.ts'
import { planDifferences } from '../../src/engine/planDifferences.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { randomCodes, randomNetwork, randomNetworks } from '../model/randomNetworks.ts'
import { costlyExamples } from '../propertyExamples.ts'
import { referenceForward, referenceInput } from '../model/referenceForward.ts'
import { expectSameOrdering } from './orderings.ts'

const uniform: PlanOptions = { output: 0, direction: '>=', background: [0.25, 0.25, 0.25, 0.25] }

function planned(network: Network, options = uniform, budget?: number) {
  const answer = planDifferences(network, options, budget)
  if ('refusal' in answer) throw new Error(answer.refusal)
  return answer
}

function order(network: Network, codes: Uint8Array, present: Uint8Array, options = uniform, budget?: number) {
  return createKernelInstance(planned(network, options, budget).plan).select(codes, present)
}

async function check(
  network: Network,
  codes: Uint8Array,
  present = new Uint8Array(codes.length).fill(1),
  options = uniform,
  budget?: number,
) {
  const ordering = order(network, codes, present, options, budget)
  return expectSameOrdering(network, codes, present, options, ordering)
}

function bases(length: number, seed: number): Uint8Array {
  const random = new Random(seed, 'bases')
  return Uint8Array.from({ length }, () => random.below(4))
}

type Activation = (LayerSpec & { kind: 'activation' })['function']
const activation = (name: Activation): LayerSpec => ({ kind: 'activation', function: name })
const relu = activation('relu')
const sigmoid = activation('sigmoid')
const normalisation: LayerSpec = { kind: 'batchNorm', epsilon: 0.001 }
const flatten: LayerSpec = { kind: 'flatten' }
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })
const conv = (
  filters: number,
  kernelSize: number,
  { padding = 'same', dilation = 1 }: { padding?: 'same' | 'valid'; dilation?: number } = {},
): LayerSpec => ({ kind: 'conv1d', filters, kernelSize, padding, dilation })
const pool = (
  kind: 'maxPool1d' | 'averagePool1d',
  size: number,
  stride = size,
  padding: 'same' | 'valid' = 'same',
): LayerSpec => ({ kind, size, stride, padding })
const dilated = (dilation: number): LayerSpec => ({
  kind: 'residual',
  layers: [conv(8, 3, { dilation }), relu],
})

/** Small relatives of the architectures that the engine is for. */
const families: Record<string, readonly [layers: readonly LayerSpec[], length: number]> = {
  'one hidden layer': [[flatten, dense(33), relu, dense(1), sigmoid], 40],
  'two hidden layers': [[flatten, dense(30), relu, dense(19), relu, dense(1), sigmoid], 40],
  Basset: [
    [
      ...[conv(20, 9), normalisation, relu, pool('maxPool1d', 3)],
      ...[conv(13, 5), normalisation, relu, pool('maxPool1d', 4)],
      ...[conv(9, 3), normalisation, relu, pool('maxPool1d', 2)],
      ...[flatten, dense(40), relu, dense(1), sigmoid],
    ],
    70,
  ],
  'dilated residual layers': [
    [
      ...[conv(8, 7), relu, dilated(2), dilated(4), dilated(8)],
      ...[{ kind: 'globalAveragePool' } as const, dense(1), sigmoid],
    ],
    60,
  ],
  'a convolution that is averaged': [
    [
      ...[conv(7, 5), relu, conv(10, 4, { padding: 'valid', dilation: 2 }), relu],
      ...[{ kind: 'globalAveragePool' } as const, dense(1), sigmoid],
    ],
    45,
  ],
  'a residual layer that is read base by base': [
    [conv(6, 5), relu, { kind: 'residual', layers: [conv(6, 3), relu] }, flatten, dense(1), sigmoid],
    33,
  ],
  'global maximum of a deep stack': [
    [
      ...[conv(12, 7), activation('exp'), pool('maxPool1d', 4), conv(10, 5), relu],
      ...[{ kind: 'globalMaxPool' } as const, dense(11), activation('elu'), dense(1), sigmoid],
    ],
    64,
  ],
  'pools that overlap': [
    [
      ...[conv(6, 5), activation('gelu'), pool('maxPool1d', 4, 2), conv(7, 3, { padding: 'valid' })],
      ...[
        activation('tanh'),
        pool('averagePool1d', 5, 3, 'valid'),
        flatten,
        dense(5),
        relu,
        dense(1),
        sigmoid,
      ],
    ],
    50,
  ],
  'branches that are joined': [
    [
      { kind: 'concat', branches: [[conv(9, 3)], [conv(5, 7)], []] },
      ...[normalisation, relu, pool('maxPool1d', 3)],
      { kind: 'concat', branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'globalAveragePool' }]] },
      ...[dense(7), relu, dense(1), sigmoid],
    ],
    40,
  ],
  'shortcuts of their own': [
    [
      ...[conv(8, 5), relu],
      { kind: 'residual', layers: [conv(6, 3), relu, conv(12, 3)], shortcut: [conv(12, 1)] },
      ...[relu, flatten, dense(1), sigmoid],
    ],
    40,
  ],
  'maxima over channels': [
    [
      conv(40, 6, { padding: 'valid' }),
      { kind: 'splitChannels', groups: 5 },
      ...[relu, pool('maxPool1d', 5, 5, 'valid'), conv(9, 1), relu, conv(1, 1)],
      { kind: 'globalMaxPool' },
    ],
    40,
  ],
  'a softmax': [[conv(6, 5), relu, pool('maxPool1d', 2), flatten, dense(3), activation('softmax')], 30],
}

/** All weights of a network changed. */
function withWeights(network: Network, change: (weight: number) => number): Network {
  const changed = (layer: Layer): Layer => {
    if (layer.kind === 'residual') return { ...layer, layers: layer.layers.map(changed) }
    if (layer.kind !== 'conv1d' && layer.kind !== 'dense') return layer
    return { ...layer, kernel: layer.kernel.map(change), bias: layer.bias.map(change) }
  }
  return { ...network, layers: network.layers.map(changed) }
}

/**
 * Whether float32 can tell a network's scores to the digits compared: weights that differ in their last bit must hardly
 * change the logits, whatever is masked. (Activations of activations by e^x, or logits near -100, do change.)
 */
function isTold(network: Network, codes: Uint8Array, options: PlanOptions): boolean {
  const random = new Random(1, 'last bits')
  const logits = { ...network, layers: network.layers.slice(0, -1) }
  const other = withWeights(logits, (weight) => weight * (1 + 2 ** -23 * (2 * random.uniform() - 1)))
  const rows = [codes, codes.map((code, i) => (i % 2 === 0 ? 4 : code)), codes.map(() => 4)]
  return rows.every((row) => {
    const input = referenceInput(row, options.background)
    const [logit, changed] = [logits, other].map((each) => referenceForward(each, input)[options.output]!)
    return Math.abs(logit! - changed!) < 1e-6
  })
}

describe('orderings', () => {
  it.each([
    ['before', 2, 0],
    ['after', 0, 3],
  ])('leave out what is cut off %s an activation and a maximum', async (_, before, after) => {
    const pools: LayerSpec[] = [{ kind: 'globalMaxPool' }, pool('maxPool1d', 3)]
    for (const end of pools) {
      const layers: LayerSpec[] = [
        conv(5, 3),
        activation('exp'),
        { kind: 'crop1d', before, after },
        end,
        ...(end.kind === 'globalMaxPool' ? [] : [flatten]),
        dense(1),
        sigmoid,
      ]
      await check(randomNetwork(layers, 12, 4), bases(12, 4))
      await check(randomNetwork(layers.slice(1), 12, 4), bases(12, 4))
    }
  })

  it('are the reference selector’s for random networks, inputs, backgrounds and decisions', async () => {
    let compared = 0
    const examples = costlyExamples(60)
    await fc.assert(
      fc.asyncProperty(
        randomNetworks,
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0, 1),
        fc.constantFrom('>=' as const, '<=' as const),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.option(fc.constantFrom(0, 2_000, 20_000), { nil: undefined }),
        fc.constantFrom(0.9, 0.3),
        fc.boolean(),
        async (network, seed, output, direction, background, budget, share, few) => {
          const random = new Random(seed, 'present')
          const present = Uint8Array.from({ length: network.inputLength }, () =>
            random.uniform() < share ? 1 : 0,
          )
          // As many as may be masked have blocks, wherever they lie.
          const candidates = few
            ? Math.max(
                1,
                present.reduce((sum, one) => sum + one, 0),
              )
            : undefined
          const options = { output, direction, background, candidates }
          // Masked and unknown ones among them.
          const codes = randomCodes(network.inputLength, seed)
          if (!isTold(network, codes, options)) return
          if ('refusal' in planDifferences(network, options, budget)) return
          await check(network, codes, present, options, budget)
          compared++
        },
      ),
      { numRuns: examples },
    )
    expect(compared).toBeGreaterThan((2 / 3) * examples)
  })

  it('of few candidates take the memory of few', () => {
    const layers = [
      conv(32, 21),
      relu,
      ...Array.from({ length: 6 }, (_, i): LayerSpec => ({
        kind: 'residual',
        layers: [conv(32, 3, { dilation: 2 ** (i + 1) }), relu],
      })),
      { kind: 'globalAveragePool' } as const,
      dense(1),
      sigmoid,
    ]
    const network = randomNetwork(layers, 600, 1)
    const [all, few] = [600, 16].map((candidates) => planned(network, { ...uniform, candidates }))
    expect(all!.reason).toContain('all kept')
    expect(few!.plan.bytes).toBeLessThan(all!.plan.bytes / 10)
  })

  it.each(Object.entries(families))('agree with ONNX Runtime: %s', async (_, [layers, length]) => {
    for (const seed of [1, 2]) {
      const network = randomNetwork(layers, length, seed)
      const predictor = await createOnnxPredictor(network, { ...uniform })
      const outputs = network.outputs.length
      try {
        const codes = bases(length, seed)
        const present = new Uint8Array(length).fill(1)
        await expectSameOrdering(
          network,
          codes,
          present,
          uniform,
          order(network, codes, present),
          async (rows, n) => (await predictor.predict(rows, n)).filter((_score, i) => i % outputs === 0),
        )
      } finally {
        await predictor.close()
      }
    }
  })

  it.each(Object.entries(families))('do not depend on what is kept: %s', (_, [layers, length]) => {
    const network = randomNetwork(layers, length, 3)
    const codes = bases(length, 3)
    const present = new Uint8Array(length).fill(1)
    const all = order(network, codes, present)
    const reasons = new Set<string>()
    for (const budget of [0, 3_000, 30_000, 60_000, 100_000, 200_000]) {
      reasons.add(planned(network, uniform, budget).reason)
      const some = order(network, codes, present, uniform, budget)
      expect(some.features).toEqual(all.features)
      for (const [i, score] of some.scores.entries()) expect(score).toBeCloseTo(all.scores[i]!, 6)
    }
    if (layers.length > 6) expect(reasons.size).toBeGreaterThan(1)
  })

  it('are the same whatever the instance has ordered before', () => {
    const [layers, length] = families['Basset']!
    const { plan } = planned(randomNetwork(layers, length, 1))
    const present = new Uint8Array(length).fill(1)
    const used = createKernelInstance(plan)
    used.select(bases(length, 5), present)
    used.select(
      bases(length, 6),
      bases(length, 7).map((base) => base % 2),
    )
    expect(used.select(bases(length, 8), present)).toEqual(
      createKernelInstance(plan).select(bases(length, 8), present),
    )
  })
})

describe('inputs at the edge', () => {
  const small = [conv(5, 4), relu, pool('maxPool1d', 2), flatten, dense(6), relu, dense(1), sigmoid]

  it.each([
    ['one base', randomNetwork(small, 1, 1), Uint8Array.of(2)],
    ['a kernel longer than the sequence', randomNetwork([conv(3, 25), relu, ...small], 8, 1), bases(8, 1)],
    ['one filter', randomNetwork([conv(1, 5), relu, flatten, dense(1), sigmoid], 20, 1), bases(20, 1)],
    ['nothing but a weighted sum', randomNetwork([flatten, dense(1), sigmoid], 20, 1), bases(20, 1)],
    ['unknown bases', randomNetwork(small, 20, 1), bases(20, 1).map((base, i) => (i % 3 === 0 ? 5 : base))],
    ['masked bases that may be masked', randomNetwork(small, 20, 1), bases(20, 1).fill(4, 5, 9)],
    [
      'a stride that skips bases',
      randomNetwork([pool('averagePool1d', 2, 5), ...small], 23, 1),
      bases(23, 1),
    ],
    ['both strands', randomNetwork(small, 20, 1, 'both'), bases(20, 1)],
  ])('%s', async (_, network, codes) => {
    await check(network, codes, undefined, { ...uniform, background: [0.1, 0.2, 0.3, 0.4] })
    await check(network, codes, undefined, { ...uniform, direction: '<=' })
  })

  it('orders nothing where nothing may be masked', () => {
    const ordering = order(randomNetwork(small, 12, 1), bases(12, 1), new Uint8Array(12))
    expect(ordering.features).toHaveLength(0)
  })

  it('takes the lowest position of equal scores', () => {
    const network = randomNetwork(small, 24, 1)
    const equal = withWeights(network, () => 0)
    const present = bases(24, 2).map((base) => (base > 0 ? 1 : 0))
    const candidates = [...present.keys()].filter((position) => present[position] === 1)
    expect([...order(equal, bases(24, 1), present).features]).toEqual(candidates)
  })

  it('stays exact over a thousand steps', async () => {
    const network = randomNetwork(
      [
        conv(6, 7),
        activation('exp'),
        pool('maxPool1d', 4),
        conv(6, 5),
        relu,
        flatten,
        dense(4),
        relu,
        dense(1),
        sigmoid,
      ],
      1000,
      1,
    )
    const codes = bases(1000, 1)
    const present = new Uint8Array(1000).fill(1)
    const { features, scores } = order(network, codes, present)
    const predictor = await createOnnxPredictor(network, { ...uniform })
    try {
      // After each step, the score of what is left; the choice itself in every fiftieth.
      const rows = new Uint8Array(1000 * 1000)
      const reference = codes.slice()
      for (const [step, feature] of features.entries()) {
        reference[feature] = 4
        rows.set(reference, step * 1000)
      }
      const found = await predictor.predict(rows, 1000)
      for (const [step, score] of scores.entries()) {
        expect(Math.abs(score - found[step]!)).toBeLessThanOrEqual(1e-5 * found[step]!)
      }
    } finally {
      await predictor.close()
    }
  })
})

describe('refusals', () => {
  it.each([
    ['a softmax lies inside it', randomNetwork([flatten, dense(3), activation('softmax'), dense(1)], 8, 1)],
    ['it would take', randomNetwork([conv(20_000, 1), relu, { kind: 'globalMaxPool' }, dense(1)], 4000, 1)],
  ])('%s', (refusal, network) => {
    const answer = planDifferences(network, uniform)
    expect('refusal' in answer && answer.refusal).toContain(refusal)
  })

  it('a weight that is not finite', () => {
    const network = randomNetwork([flatten, dense(3), relu, dense(1)], 8, 1)
    const broken = network.layers.map((layer) =>
      layer.kind === 'dense' ? { ...layer, bias: layer.bias.map(() => Infinity) } : layer,
    )
    expect(planDifferences({ ...network, layers: broken }, uniform)).toEqual({
      refusal: 'a weight is not finite',
    })
  })
})
