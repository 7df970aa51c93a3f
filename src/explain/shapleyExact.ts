/** Shapley values by their definition (Shapley 1953; Lundberg and Lee 2017): every set of features is scored. */
import { ConfigError } from '../base/errors.ts'
import { featuresOf } from './coalitions.ts'
import { incompletenessOf } from './completeness.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'

/** 2^16 inputs a sequence. */
const mostFeatures = 16

export const shapleyExact: ExplanationMethod = {
  needs: 'scores',
  samples: false,
  summary: `Shapley values of up to ${mostFeatures} windows (Lundberg and Lee 2017)`,
  open(context) {
    const { number } = context
    const features = featuresOf(context)
    if (features.count > mostFeatures) {
      throw new ConfigError(
        `shapley-exact takes up to ${mostFeatures} features, and ${number.width} bases are ${features.count} of them: --window ${Math.ceil(number.width / mostFeatures)} or more, or take shapley-permutation`,
      )
    }
    const { count } = features
    const present = new Uint8Array(2 ** count * count)
    for (let set = 0; set < 2 ** count; set++) {
      for (let i = 0; i < count; i++) present[set * count + i] = (set >> i) & 1
    }
    return Promise.resolve(
      oneByOne({ backend: number.backend }, async ({ codes }) => {
        const numbers = await features.numbersOf(codes, present)
        const importance = features.toBases(shapleyValues(numbers, count))
        const gained = numbers.at(-1)! - numbers[0]!
        return { importance, incompleteness: incompletenessOf(importance, gained) }
      }),
    )
  },
}

/** @param numbers of every set of features, bit i of its index standing for feature i: [2^features] */
function shapleyValues(numbers: Float32Array, features: number): Float64Array {
  // Of a set of that size without the feature: 1 / (features × (features - 1 choose size)).
  const weights = new Float64Array(features)
  let choices = 1
  for (let size = 0; size < features; size++) {
    weights[size] = 1 / (features * choices)
    choices = (choices * (features - 1 - size)) / (size + 1)
  }
  const values = new Float64Array(features)
  for (let set = 0; set < numbers.length; set++) {
    let size = 0
    for (let rest = set; rest !== 0; rest &= rest - 1) size++
    for (let i = 0; i < features; i++) {
      if ((set >> i) & 1) values[i]! += weights[size - 1]! * numbers[set]!
      else values[i]! -= weights[size]! * numbers[set]!
    }
  }
  return values
}
