/** In-silico mutagenesis: what an additive model's weights say, and the centring. */
import { describe, expect, it } from 'vitest'
import { mutagenesis } from '../../src/explain/mutagenesis.ts'
import { unknown } from '../../src/sequence/alphabet.ts'
import { additive, additiveWorth, basesOf, contextOf, predictorOf, randomWeights } from './knownModels.ts'

describe('mutagenesis', () => {
  it('gives the weights of an additive model, centred, whatever the sequence', async () => {
    const length = 9
    const weights = randomWeights(length, 1)
    const ready = await mutagenesis.open(contextOf(predictorOf(length, additive(weights))))
    const codes = basesOf(length, 2)
    const [first] = await ready.explain([{ name: 'a', codes }])
    expectClose(first!.importance, additiveWorth(weights, codes))
    const everywhere = Float32Array.from(weights, (weight, i) => {
      const own = weights.subarray(i - (i % 4), i - (i % 4) + 4)
      return weight - own.reduce((sum, value) => sum + value, 0) / 4
    })
    expectClose(first!.contributions!, everywhere)
  })

  it('holds a base that is not known against the mean of the four', async () => {
    const length = 5
    const weights = randomWeights(length, 3)
    const ready = await mutagenesis.open(contextOf(predictorOf(length, additive(weights))))
    const codes = basesOf(length, 4).with(2, unknown)
    const [found] = await ready.explain([{ name: 'a', codes }])
    expectClose(found!.importance, additiveWorth(weights, codes))
  })

  it('sees what only two bases together give', async () => {
    // 1 where both are A.
    const both = predictorOf(2, (input) => input[0]! * input[4]!)
    const ready = await mutagenesis.open(contextOf(both))
    const [found, none] = await ready.explain([
      { name: 'AA', codes: Uint8Array.of(0, 0) },
      { name: 'CC', codes: Uint8Array.of(1, 1) },
    ])
    expect([...found!.importance]).toEqual([0.75, 0.75])
    expect([...none!.importance]).toEqual([0, 0])
  })
})

function expectClose(found: Float32Array, expected: Float32Array): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5)
}
