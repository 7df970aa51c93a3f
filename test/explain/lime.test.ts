/** LIME: a linear model is found again, and how well a model is linear is told. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { limeInputs, lime } from '../../src/explain/lime.ts'
import { additive, additiveWorth, basesOf, contextOf, predictorOf, randomWeights } from './knownModels.ts'

describe('LIME', () => {
  it('finds the weights of an additive model, but for the ridge', async () => {
    const weights = randomWeights(10, 1)
    const codes = basesOf(10, 2)
    const ready = await lime.open(contextOf(predictorOf(10, additive(weights)), { samples: 4000 }))
    const [found, again] = await ready.explain([
      { name: 'a', codes },
      { name: 'a', codes },
    ])
    const expected = additiveWorth(weights, codes)
    for (const [at, value] of found!.importance.entries()) {
      expect(Math.abs(value - expected[at]!)).toBeLessThan(0.02)
    }
    expect(found!.fidelity).toBeGreaterThan(0.999)
    expect(again).toEqual(found)
  })

  it('tells that a model is not linear', async () => {
    // All or nothing.
    const number = predictorOf(8, (input) => Number(input.filter((value) => value === 1).length === 8))
    const ready = await lime.open(contextOf(number))
    const [found] = await ready.explain([{ name: 'a', codes: basesOf(8, 1) }])
    expect(found!.fidelity).toBeLessThan(0.8)
  })

  it('is nothing where nothing matters', async () => {
    const ready = await lime.open(contextOf(predictorOf(8, () => 2)))
    const [found] = await ready.explain([{ name: 'a', codes: basesOf(8, 1) }])
    expect([...found!.importance]).toEqual(Array<number>(8).fill(0))
    expect(found!.fidelity).toBe(1)
  })

  it('masks from one feature to all, each number as often', () => {
    const [features, samples] = [6, 6001]
    const present = limeInputs(features, samples, new Random(1, 'test'))
    const sizes = new Uint32Array(features + 1)
    const kept = new Uint32Array(features)
    for (let row = 0; row < samples; row++) {
      const one = present.subarray(row * features, (row + 1) * features)
      sizes[one.reduce((sum, value) => sum + value, 0)]!++
      for (const [i, value] of one.entries()) kept[i]! += value
    }
    expect(sizes[features]).toBe(1)
    for (const size of sizes.subarray(0, features)) expect(Math.abs(size - 1000)).toBeLessThan(150)
    // The mean share of what is kept is (features - 1) / 2 / features.
    for (const times of kept) expect(Math.abs(times - 2501)).toBeLessThan(150)
  })
})
