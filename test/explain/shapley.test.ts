/** Shapley values: closed forms, exact ones by enumeration, and standard errors that tell how far samples are off. */
import { describe, expect, it } from 'vitest'
import type { Attribution, ExplanationMethod } from '../../src/explain/method.ts'
import { shapleyExact } from '../../src/explain/shapleyExact.ts'
import { shapleyKernel } from '../../src/explain/shapleyKernel.ts'
import { shapleyPermutation } from '../../src/explain/shapleyPermutation.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { masked } from '../../src/sequence/alphabet.ts'
import { additive, additiveWorth, basesOf, contextOf, predictorOf, randomWeights } from './knownModels.ts'

const methods = { exact: shapleyExact, kernel: shapleyKernel, permutation: shapleyPermutation }

async function explain(
  method: ExplanationMethod,
  number: Predictor,
  codes: Uint8Array,
  settings: Parameters<typeof contextOf>[1] = {},
  seed = 1,
): Promise<Attribution> {
  const ready = await method.open(contextOf(number, settings, { seed }))
  const [found] = await ready.explain([{ name: 'a', codes }])
  return found!
}

/** Pairs and triples of bases count together. */
function interacting(length: number, seed: number): Predictor {
  const weights = randomWeights(length, seed)
  return predictorOf(length, (input) => {
    const single = input.map((value, i) => value * weights[i]!)
    let sum = 0
    for (let i = 0; i < single.length; i++) {
      sum += single[i]! + 3 * single[i]! * single[(i + 5) % single.length]!
      sum += 9 * single[i]! * single[(i + 4) % single.length]! * single[(i + 9) % single.length]!
    }
    return Math.tanh(sum)
  })
}

/** Shapley values as the mean over all orders of the features, by definition. */
async function overAllOrders(number: Predictor, codes: Uint8Array): Promise<Float64Array> {
  const values = new Float64Array(codes.length)
  const orders = permutationsOf([...codes.keys()])
  for (const order of orders) {
    const cells = codes.map(() => masked)
    let before = (await number.predict(cells, 1))[0]!
    for (const at of order) {
      cells[at] = codes[at]!
      const after = (await number.predict(cells, 1))[0]!
      values[at]! += (after - before) / orders.length
      before = after
    }
  }
  return values
}

function permutationsOf(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((first) =>
    permutationsOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  )
}

describe.each(Object.entries(methods))('Shapley values, %s', (_, method) => {
  it('are the weights of an additive model', async () => {
    const weights = randomWeights(12, 1)
    const codes = basesOf(12, 2)
    const found = await explain(method, predictorOf(12, additive(weights)), codes)
    const expected = additiveWorth(weights, codes)
    for (const [at, value] of found.importance.entries()) expect(value).toBeCloseTo(expected[at]!, 5)
    for (const error of found.standardErrors ?? []) expect(error).toBeLessThan(1e-5)
    expect(found.incompleteness).toBeLessThan(1e-5)
  })

  it('share what a window is worth among its bases', async () => {
    const weights = randomWeights(11, 3)
    const codes = basesOf(11, 4)
    const found = await explain(method, predictorOf(11, additive(weights)), codes, { window: 3 })
    const each = additiveWorth(weights, codes)
    for (const [at, value] of found.importance.entries()) {
      const own = each.subarray(at - (at % 3), Math.min(11, at - (at % 3) + 3))
      expect(value).toBeCloseTo(own.reduce((sum, one) => sum + one, 0) / own.length, 5)
    }
  })

  it('have one feature where the window is the sequence', async () => {
    const weights = randomWeights(4, 5)
    const codes = basesOf(4, 6)
    const found = await explain(method, predictorOf(4, additive(weights)), codes, { window: 9 })
    const all = additiveWorth(weights, codes).reduce((sum, value) => sum + value, 0)
    for (const value of found.importance) expect(value).toBeCloseTo(all / 4, 5)
  })
})

describe('Shapley values', () => {
  it('are the mean over all orders', async () => {
    const number = interacting(6, 7)
    const codes = basesOf(6, 8)
    const expected = await overAllOrders(number, codes)
    for (const method of [shapleyExact, shapleyKernel]) {
      const found = await explain(method, number, codes)
      for (const [at, value] of found.importance.entries()) expect(value).toBeCloseTo(expected[at]!, 5)
    }
  })

  it.each(['kernel', 'permutation'] as const)('by %s are as far off as their errors say', async (name) => {
    let squares = 0
    let count = 0
    for (let sequence = 0; sequence < 12; sequence++) {
      const number = interacting(12, sequence)
      const codes = basesOf(12, sequence)
      const exact = await explain(shapleyExact, number, codes)
      const found = await explain(methods[name], number, codes, { samples: 400 }, sequence)
      for (const [at, value] of found.importance.entries()) {
        squares += ((value - exact.importance[at]!) / found.standardErrors![at]!) ** 2
        count++
      }
    }
    // The mean square of what is normally distributed around 0 is 1.
    expect(squares / count).toBeGreaterThan(0.6)
    expect(squares / count).toBeLessThan(1.6)
  })

  it('of too many features are refused, with the window that makes few', () => {
    const number = predictorOf(101, () => 0)
    expect(() => shapleyExact.open(contextOf(number))).toThrow('--window 7')
    expect(() => shapleyKernel.open(contextOf(number, { samples: 100 }))).toThrow('at least 404')
  })
})
