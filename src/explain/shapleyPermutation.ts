/**
 * Shapley values from permutations (Castro et al. 2009; Mitchell et al. 2022): features are added in a drawn order, and in
 * the same order from its end, which halves much of the variance. A value is the mean of what its feature gained; the
 * standard error is that of the mean of pairs.
 */
import { Random } from '../base/random.ts'
import { featuresOf } from './coalitions.ts'
import { incompletenessOf } from './completeness.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'

/** Fewer than two pairs have no standard error. */
const fewestPairs = 2

export const shapleyPermutation: ExplanationMethod = {
  needs: 'scores',
  samples: true,
  summary: 'Shapley values from permutations and their reverses (Castro et al. 2009)',
  open(context) {
    const { number, seed, settings } = context
    const features = featuresOf(context)
    const { count } = features
    const pairs = Math.max(fewestPairs, Math.floor(settings.samples / (2 * count)))
    return Promise.resolve(
      oneByOne({ backend: number.backend }, async ({ name, codes }) => {
        const random = new Random(seed, 'shapley-permutation', name)
        const orders = Array.from({ length: pairs }, () => {
          const order = random.shuffle(Uint32Array.from({ length: count }, (_, i) => i))
          return [order, order.toReversed()] as const
        })
        const numbers = await features.numbersOf(codes, growing(orders.flat(), count))
        const { values, errors } = meanGains(orders, numbers, count)
        const importance = features.toBases(values)
        return {
          importance,
          standardErrors: features.toBases(errors),
          incompleteness: incompletenessOf(importance, numbers[1]! - numbers[0]!),
        }
      }),
    )
  },
}

/** Rows of no feature, of all, then of each order the first, the first two … all but the last. */
function growing(orders: readonly Uint32Array[], features: number): Uint8Array {
  const present = new Uint8Array((2 + orders.length * (features - 1)) * features)
  present.fill(1, features, 2 * features)
  let at = 2 * features
  for (const order of orders) {
    for (let size = 1; size < features; size++, at += features) {
      for (let i = 0; i < size; i++) present[at + order[i]!] = 1
    }
  }
  return present
}

/** @param numbers of the rows of `growing` */
function meanGains(
  orders: readonly (readonly [Uint32Array, Uint32Array])[],
  numbers: Float32Array,
  features: number,
): { readonly values: Float64Array; readonly errors: Float64Array } {
  const sums = new Float64Array(features)
  const squares = new Float64Array(features)
  const [none, all] = [numbers[0]!, numbers[1]!]
  let at = 2
  for (const pair of orders) {
    const gains = new Float64Array(features)
    for (const order of pair) {
      let before = none
      for (let size = 1; size <= features; size++) {
        const after = size === features ? all : numbers[at++]!
        gains[order[size - 1]!]! += (after - before) / 2
        before = after
      }
    }
    for (const [i, gain] of gains.entries()) {
      sums[i]! += gain
      squares[i]! += gain ** 2
    }
  }
  const n = orders.length
  return {
    values: sums.map((sum) => sum / n),
    errors: squares.map((square, i) => Math.sqrt(Math.max(0, square / n - (sums[i]! / n) ** 2) / (n - 1))),
  }
}
