/** The dense engine's orderings are the reference selector's, for fully connected nets of every kind. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { createKernelInstance } from '../../src/engine/kernelInstance.ts'
import type { PlanOptions } from '../../src/engine/kernelPlan.ts'
import { planDense } from '../../src/engine/planDense.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { expectSameOrdering } from './orderings.ts'

const uniform: PlanOptions = { output: 0, direction: '>=', background: [0.25, 0.25, 0.25, 0.25] }
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })
const activation = fc
  .constantFrom(...(['relu', 'elu', 'gelu', 'tanh', 'sigmoid', 'linear'] as const))
  .map((name): LayerSpec => ({ kind: 'activation', function: name }))
const hidden = fc
  .record({ units: fc.constantFrom(1, 3, 8, 33), normalised: fc.boolean(), activation })
  .map(({ units, normalised, activation }): LayerSpec[] => [
    dense(units),
    ...(normalised ? [{ kind: 'batchNorm', epsilon: 0.001 } as const] : []),
    activation,
    { kind: 'dropout', rate: 0.5 },
  ])

const problems = fc
  .record({
    length: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 40 })),
    hidden: fc.array(hidden, { maxLength: 2 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    final: fc.constantFrom('sigmoid' as const, 'softmax' as const),
    strands: fc.constantFrom('forward' as const, 'both' as const),
    seed: fc.nat(),
    kinds: fc.constantFrom([0, 1, 2, 3], [0, 1, 2, 3, 5], [0]),
    masked: fc.constantFrom(0, 0.3),
    direction: fc.constantFrom('>=' as const, '<=' as const),
    background: fc.constantFrom([0.25, 0.25, 0.25, 0.25], [0.3, 0.2, 0.1, 0.4], [0, 0, 0, 0]),
  })
  .map(({ length, hidden, outputs, final, strands, seed, kinds, masked, direction, background }) => {
    const layers: LayerSpec[] = [
      { kind: 'flatten' },
      ...hidden.flat(),
      dense(outputs),
      { kind: 'activation', function: final },
    ]
    const random = new Random(seed, 'input')
    return {
      network: randomNetwork(layers, length, seed % 1e6, strands),
      codes: Uint8Array.from({ length }, () => kinds[random.below(kinds.length)]!),
      present: Uint8Array.from({ length }, () => (random.uniform() < masked ? 0 : 1)),
      options: { output: seed % outputs, direction, background } satisfies PlanOptions,
    }
  })

describe('the dense engine', () => {
  it('orders as the reference selector does, whatever the net', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ network, codes, present, options }) => {
        const planned = planDense(network, options)
        if ('refusal' in planned) throw new Error(planned.refusal)
        const ordering = createKernelInstance(planned.plan).select(codes.slice(), present)
        await expectSameOrdering(network, codes, present, options, ordering)
      }),
      { numRuns: 100 },
    )
  })

  it.each<[string, LayerSpec[], string]>([
    ['what does not begin flat', [{ kind: 'globalMaxPool' }, dense(2)], 'the first layer is globalMaxPool'],
    [
      'a large second layer',
      [{ kind: 'flatten' }, dense(200), dense(200), dense(1)],
      'the layers after the first have 40200 weights, more than 16384',
    ],
  ])('refuses %s', (_, layers, refusal) => {
    expect(planDense(randomNetwork(layers, 12, 1), uniform)).toEqual({
      refusal: expect.stringContaining(refusal) as string,
    })
  })
})
