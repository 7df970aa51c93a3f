/** The scanner engine's orderings are the reference selector's, for every kind of scanner. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { createKernelInstance } from '../../src/engine/kernelInstance.ts'
import type { PlanOptions } from '../../src/engine/kernelPlan.ts'
import { planScanner } from '../../src/engine/planScanner.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Layer, Network, Padding } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { expectSameOrdering } from './orderings.ts'

const uniform: PlanOptions = { output: 0, direction: '>=', background: [0.25, 0.25, 0.25, 0.25] }

function order(
  network: Network,
  codes: Uint8Array,
  present: Uint8Array,
  options: PlanOptions = uniform,
  longFrom?: number,
) {
  const planned = planScanner(network, options, longFrom)
  if ('refusal' in planned) throw new Error(planned.refusal)
  return createKernelInstance(planned.plan).select(codes, present)
}

async function check(
  network: Network,
  codes: Uint8Array,
  present = new Uint8Array(codes.length).fill(1),
  options: PlanOptions = uniform,
  longFrom?: number,
) {
  return expectSameOrdering(
    network,
    codes,
    present,
    options,
    order(network, codes, present, options, longFrom),
  )
}

function codesOf(length: number, seed: number, kinds: readonly number[] = [0, 1, 2, 3]): Uint8Array {
  const random = new Random(seed, 'codes')
  return Uint8Array.from({ length }, () => kinds[random.below(kinds.length)]!)
}

const relu: LayerSpec = { kind: 'activation', function: 'relu' }
const sigmoid: LayerSpec = { kind: 'activation', function: 'sigmoid' }
const normalisation: LayerSpec = { kind: 'batchNorm', epsilon: 0.001 }
const conv = (filters: number, kernelSize: number, padding: Padding = 'same'): LayerSpec => ({
  kind: 'conv1d',
  filters,
  kernelSize,
  padding,
  dilation: 1,
})
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })
const pool: LayerSpec = { kind: 'globalMaxPool' }
const plain = [conv(5, 4), relu, pool, dense(6), relu, dense(1), sigmoid]

/** All weights of a network replaced. */
function withWeights(network: Network, weight: (old: number) => number): Network {
  const change = (layer: Layer): Layer =>
    layer.kind === 'conv1d' || layer.kind === 'dense'
      ? { ...layer, kernel: layer.kernel.map(weight), bias: layer.bias.map(weight) }
      : layer
  return { ...network, layers: network.layers.map(change) }
}

const activations = ['relu', 'elu', 'gelu', 'tanh', 'sigmoid', 'exp', 'linear'] as const
const finalActivations = ['sigmoid', 'softmax', 'exp'] as const
const scanners = (
  lengths: fc.Arbitrary<number>,
  kernelSizes: fc.Arbitrary<number>,
  hiddenActivations: readonly (typeof activations)[number][] = activations,
  finals: readonly (typeof finalActivations)[number][] = finalActivations,
) =>
  fc
    .record({
      length: lengths,
      filters: fc.constantFrom(1, 3, 4, 16, 17),
      kernelSize: kernelSizes,
      padding: fc.oneof(fc.constantFrom('same' as const, 'valid' as const), fc.tuple(fc.nat(13), fc.nat(13))),
      before: fc.array(fc.constantFrom(normalisation, relu), { maxLength: 2 }),
      hidden: fc.array(
        fc.record({
          units: fc.constantFrom(1, 3, 8, 33),
          function: fc.constantFrom(...hiddenActivations),
          normalised: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
      outputs: fc.integer({ min: 1, max: 3 }),
      final: fc.constantFrom(...finals),
      strands: fc.constantFrom('forward' as const, 'both' as const),
      seed: fc.nat(),
      kinds: fc.constantFrom([0, 1, 2, 3], [0, 1, 2, 3, 5], [0]),
      hiddenBases: fc.constantFrom(0, 0.3),
      direction: fc.constantFrom('>=' as const, '<=' as const),
      background: fc.constantFrom([0.25, 0.25, 0.25, 0.25], [0.3, 0.2, 0.1, 0.4], [0, 0, 0, 0]),
    })
    .map((options) => {
      const { length, filters, kernelSize, padding, before, outputs, seed } = options
      // An exponential of an exponential is more than float32 holds.
      const exponential = options.hidden.findIndex((layer) => layer.function === 'exp')
      const hidden = options.hidden.map((layer, i) =>
        layer.function === 'exp' && i !== exponential ? { ...layer, function: 'elu' as const } : layer,
      )
      const final = options.final === 'exp' && exponential >= 0 ? 'sigmoid' : options.final
      const longest =
        padding === 'same' ? Infinity : length + (padding === 'valid' ? 0 : padding[0] + padding[1])
      // Normalisation after the rectifier is no scanner.
      const order = [...before].sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'batchNorm' ? -1 : 1))
      const layers: LayerSpec[] = [
        conv(filters, Math.min(kernelSize, longest), padding),
        ...order,
        pool,
        ...hidden.flatMap(({ units, function: name, normalised }): LayerSpec[] => [
          dense(units),
          ...(normalised ? [normalisation] : []),
          { kind: 'activation', function: name },
        ]),
        dense(outputs),
        { kind: 'activation', function: final },
      ]
      const random = new Random(seed, 'hidden bases')
      return {
        network: randomNetwork(layers, length, seed % 1e6, options.strands),
        codes: codesOf(length, seed, options.kinds),
        present: Uint8Array.from({ length }, () => (random.uniform() < options.hiddenBases ? 0 : 1)),
        options: {
          output: seed % outputs,
          direction: options.direction,
          background: options.background,
        } satisfies PlanOptions,
      }
    })

describe('the scanner engine', () => {
  it('orders as the reference selector does, whatever the scanner', async () => {
    await fc.assert(
      fc.asyncProperty(
        scanners(fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 26 })), fc.integer({ min: 1, max: 11 })),
        fc.constantFrom(1, 1000),
        async ({ network, codes, present, options }, longFrom) => {
          await check(network, codes, present, options, longFrom)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('orders as the reference selector does where windows are far from each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        scanners(fc.integer({ min: 27, max: 60 }), fc.integer({ min: 1, max: 9 }), ['relu', 'elu', 'linear']),
        async ({ network, codes, present, options }) => {
          await check(network, codes, present, options, 1)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('orders a whole sequence under the CNN of the paper as ONNX Runtime scores it', async () => {
    const network = randomNetwork([conv(128, 24), relu, pool, dense(32), relu, dense(1), sigmoid], 101, 7)
    const predictor = await createOnnxPredictor(network, {
      background: uniform.background,
    })
    const codes = codesOf(101, 7)
    const all = new Uint8Array(101).fill(1)
    const ordering = order(network, codes, all)
    await expectSameOrdering(network, codes, all, uniform, ordering, (rows, n) => predictor.predict(rows, n))
    await predictor.close()
  })

  it.each(['forward', 'both'] as const)('orders long sequences, %s strands', async (strands) => {
    const layers = [conv(20, 7), relu, pool, dense(8), relu, dense(1), sigmoid]
    const network = randomNetwork(layers, 300, 3, strands)
    const predictor = await createOnnxPredictor(network, {
      background: uniform.background,
    })
    const random = new Random(3, 'present')
    const present = Uint8Array.from({ length: 300 }, () => (random.uniform() < 0.2 ? 1 : 0))
    const codes = codesOf(300, 3)
    await expectSameOrdering(
      network,
      codes,
      present,
      uniform,
      order(network, codes, present, uniform, 1),
      (rows, n) => predictor.predict(rows, n),
    )
    await predictor.close()
  })

  it('takes the lowest index of ties everywhere', () => {
    const network = withWeights(randomNetwork(plain, 20, 1), () => 0)
    const { features, scores } = order(network, codesOf(20, 1), new Uint8Array(20).fill(1))
    expect([...features]).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect([...scores]).toEqual(Array.from({ length: 20 }, () => 0.5))
  })

  it('takes the lowest index where the last activation makes scores equal', () => {
    // Scores of all candidates are 1 in float32, whatever is masked.
    const network = randomNetwork(plain, 20, 1)
    const sure: Network = {
      ...network,
      layers: network.layers.map((layer, i) =>
        i === 5 && layer.kind === 'dense' ? { ...layer, bias: Float32Array.of(40) } : layer,
      ),
    }
    const { features } = order(sure, codesOf(20, 1), new Uint8Array(20).fill(1))
    expect([...features]).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('finds the maximum of windows that reach beyond the ends, where one tap outweighs all others', async () => {
    const network = randomNetwork([conv(1, 3, 'valid'), pool, dense(1)], 12, 1)
    const layers = network.layers.map((layer): Layer => {
      if (layer.kind === 'conv1d') {
        return {
          ...layer,
          kernel: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, -1, 1, 1, 1),
          bias: Float32Array.of(0),
        }
      }
      return layer.kind === 'dense'
        ? { ...layer, kernel: Float32Array.of(1), bias: Float32Array.of(0) }
        : layer
    })
    const lowest: PlanOptions = { ...uniform, direction: '<=' }
    await check({ ...network, layers }, new Uint8Array(12), undefined, lowest)
  })

  it('has digits enough beside a weight a thousand times as large that no base meets', async () => {
    // T stands in no sequence here, nor in the background; its weight sets the scale of the fixed point all the same.
    const options: PlanOptions = { ...uniform, background: [0.4, 0.3, 0.3, 0] }
    for (const seed of [1, 2, 3]) {
      const random = new Random(seed, 'weights')
      const network = randomNetwork([conv(1, 3, 'valid'), pool, dense(1)], 24, seed)
      const layers = network.layers.map((layer): Layer => {
        if (layer.kind === 'conv1d') {
          const kernel = layer.kernel.map((_, i) =>
            i % 4 === 3 ? (i === 3 ? -1000 : 0) : 0.2 + random.uniform(),
          )
          return { ...layer, kernel, bias: Float32Array.of(0) }
        }
        return layer.kind === 'dense'
          ? { ...layer, kernel: Float32Array.of(1), bias: Float32Array.of(0) }
          : layer
      })
      await check({ ...network, layers }, codesOf(24, seed, [0, 1, 2]), undefined, options)
    }
  })

  it('masks nothing where nothing is present', () => {
    expect(order(randomNetwork(plain, 20, 1), codesOf(20, 1), new Uint8Array(20)).features).toHaveLength(0)
  })

  it('gives the same ordering again, whatever it ordered before', () => {
    const planned = planScanner(randomNetwork(plain, 40, 3), uniform)
    if ('refusal' in planned) throw new Error(planned.refusal)
    const instance = createKernelInstance(planned.plan)
    const all = new Uint8Array(40).fill(1)
    const first = instance.select(codesOf(40, 1), all)
    instance.select(codesOf(40, 2, [0, 5, 3]), codesOf(40, 5, [0, 1]))
    expect(instance.select(codesOf(40, 1), all)).toEqual(first)
  })

  it.each<[string, LayerSpec[], string]>([
    ['a dilated convolution', [{ ...conv(4, 3), dilation: 2 } as LayerSpec, pool], 'dilated'],
    ['a net without a convolution', [{ kind: 'flatten' }, dense(1)], 'the first layer is flatten'],
    ['two convolutions', [conv(4, 3), relu, conv(4, 3), pool], 'followed by conv1d'],
    ['the average', [conv(4, 3), relu, { kind: 'globalAveragePool' }], 'followed by globalAveragePool'],
    [
      'a maximum of something else',
      [conv(4, 3), { kind: 'activation', function: 'gelu' }, pool],
      'maximum is of gelu',
    ],
    ['normalisation behind the rectifier', [conv(4, 3), relu, normalisation, pool], 'normalisation lies'],
  ])('refuses %s', (_, layers, refusal) => {
    expect(planScanner(randomNetwork(layers, 12, 1), uniform)).toEqual({
      refusal: expect.stringContaining(refusal) as string,
    })
  })

  it('refuses weights that are not finite', () => {
    const network = withWeights(randomNetwork(plain, 12, 1), () => NaN)
    expect(planScanner(network, uniform)).toEqual({ refusal: 'a weight is not finite' })
  })
})
