/**
 * LIME (Ribeiro, Singh and Guestrin 2016), as the package `lime` does it for the words of a text: so many features masked
 * as a uniform draw says, which ones by chance; the closer to the sequence (cosine), the more an input counts; ridge
 * regression of the number on what is present. The sequence itself is the first input.
 */
import { Random } from '../base/random.ts'
import { ConfigError } from '../base/errors.ts'
import { featuresOf } from './coalitions.ts'
import { addOuter, solverOf } from './leastSquares.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'

export const lime: ExplanationMethod = {
  needs: 'scores',
  samples: true,
  summary: 'a linear model of masked inputs near by (Ribeiro et al. 2016)',
  open(context) {
    const { number, seed, settings } = context
    if (settings.samples < 2) throw new ConfigError('lime needs --samples of at least 2')
    const features = featuresOf(context)
    return Promise.resolve(
      oneByOne({ backend: number.backend }, async ({ name, codes }) => {
        const present = limeInputs(features.count, settings.samples, new Random(seed, 'lime', name))
        const { weights, fidelity } = fitLime(
          present,
          await features.numbersOf(codes, present),
          features.count,
        )
        return { importance: features.toBases(weights), fidelity }
      }),
    )
  },
}

/** @returns Uint8Array [samples, features], 1 where a feature is present; the first row has all */
export function limeInputs(features: number, samples: number, random: Random): Uint8Array {
  const present = new Uint8Array(samples * features).fill(1)
  const order = Uint32Array.from({ length: features }, (_, i) => i)
  for (let row = 1; row < samples; row++) {
    const hidden = 1 + random.below(features)
    for (let i = 0; i < hidden; i++) {
      // The first of a shuffle, as far as it is needed.
      const j = i + random.below(features - i)
      const chosen = order[j]!
      order[j] = order[i]!
      order[i] = chosen
      present[row * features + chosen] = 0
    }
  }
  return present
}

/** Of the exponential kernel, for cosine distances between 0 and 100. */
const kernelWidth = 25
/** Of the ridge regression. */
const penalty = 1

export interface LimeFit {
  /** Of each feature. */
  readonly weights: Float64Array // [features]
  /** R², the inputs weighted as in the fit; 1 where the number is the same for all of them. */
  readonly fidelity: number
}

/**
 * @param present Uint8Array [samples, features]
 * @param numbers [samples]
 */
export function fitLime(present: Uint8Array, numbers: Float32Array, features: number): LimeFit {
  const samples = numbers.length
  const closeness = Float64Array.from({ length: samples }, (_, row) => {
    let kept = 0
    for (let i = 0; i < features; i++) kept += present[row * features + i]!
    // The cosine of a row of ones and zeros with ones; an input without any is as far as can be.
    const distance = 100 * (1 - Math.sqrt(kept / features))
    return Math.sqrt(Math.exp(-(distance ** 2) / kernelWidth ** 2))
  })
  const total = closeness.reduce((sum, weight) => sum + weight, 0)
  // Told from the sequence's own number: a number that never changes is then worth exactly nothing.
  const own = numbers[0]!
  const means = new Float64Array(features)
  let mean = 0
  for (let row = 0; row < samples; row++) {
    const weight = closeness[row]! / total
    mean += weight * (numbers[row]! - own)
    for (let i = 0; i < features; i++) means[i]! += weight * present[row * features + i]!
  }
  const products = new Float64Array(features * features)
  const targets = new Float64Array(features)
  const centred = new Float64Array(features)
  for (let row = 0; row < samples; row++) {
    const weight = closeness[row]!
    for (let i = 0; i < features; i++) centred[i] = present[row * features + i]! - means[i]!
    for (let i = 0; i < features; i++) targets[i]! += weight * centred[i]! * (numbers[row]! - own - mean)
    addOuter(products, centred, weight)
  }
  for (let i = 0; i < features; i++) products[i * (features + 1)]! += penalty
  // The penalty makes it definite.
  const weights = solverOf(products, features)!(targets)
  let residual = 0
  let spread = 0
  for (let row = 0; row < samples; row++) {
    let missed = numbers[row]! - own - mean
    spread += closeness[row]! * missed ** 2
    for (let i = 0; i < features; i++) missed -= weights[i]! * (present[row * features + i]! - means[i]!)
    residual += closeness[row]! * missed ** 2
  }
  return { weights, fidelity: spread > 0 ? 1 - residual / spread : 1 }
}
