/**
 * Kernel SHAP (Lundberg and Lee 2017): the number as a sum over the features that are present, fitted by least squares to
 * sets of features drawn with the weight that makes the coefficients Shapley values, under the constraint that they add up
 * to what all features give together. Sets are drawn with their complements (Covert and Lee 2021). Where there are no more
 * sets than draws, all are taken, and the values are exact.
 */
import { Random } from '../base/random.ts'
import { ConfigError } from '../base/errors.ts'
import { featuresOf } from './coalitions.ts'
import { incompletenessOf } from './completeness.ts'
import { addOuter, solverOf } from './leastSquares.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'

export const shapleyKernel: ExplanationMethod = {
  needs: 'scores',
  samples: true,
  summary: 'Shapley values by weighted least squares, kernel SHAP (Lundberg and Lee 2017)',
  open(context) {
    const { number, seed, settings } = context
    const features = featuresOf(context)
    const { count } = features
    const takesAll = 2 ** count - 2 <= settings.samples
    if (!takesAll && settings.samples < 4 * count) {
      throw new ConfigError(
        `shapley-kernel needs --samples of at least ${4 * count}, four for each of ${count} features; raise it, or raise --window`,
      )
    }
    return Promise.resolve(
      oneByOne({ backend: number.backend }, async ({ name, codes }) => {
        const drawn = takesAll
          ? everySet(count)
          : drawSets(count, settings.samples, new Random(seed, 'shapley-kernel', name))
        // None and all first.
        const present = new Uint8Array((2 + drawn.weights.length) * count)
        present.fill(1, count, 2 * count)
        present.set(drawn.sets, 2 * count)
        const numbers = await features.numbersOf(codes, present)
        const { values, errors } = fitShapley(drawn, numbers, count)
        const importance = features.toBases(values)
        return {
          importance,
          standardErrors: features.toBases(takesAll ? new Float64Array(count) : errors),
          incompleteness: incompletenessOf(importance, numbers[1]! - numbers[0]!),
        }
      }),
    )
  },
}

interface DrawnSets {
  /** A set, its complement, another set … */
  readonly sets: Uint8Array // [n, features]
  readonly weights: Float64Array // [n]
}

/** All sets but none and all, with the kernel's weights. */
function everySet(features: number): DrawnSets {
  const half = 2 ** (features - 1)
  // A single feature is all there is.
  const pairs = features === 1 ? 0 : half - 1
  const sets = new Uint8Array(2 * pairs * features)
  const weights = new Float64Array(2 * pairs)
  for (let pair = 0; pair < pairs; pair++) {
    const set = pair + 1
    let size = 0
    for (let i = 0; i < features; i++) {
      const isIn = (set >> i) & 1
      size += isIn
      sets[2 * pair * features + i] = isIn
      sets[(2 * pair + 1) * features + i] = 1 - isIn
    }
    weights.fill(1 / (choose(features, size) * size * (features - size)), 2 * pair, 2 * pair + 2)
  }
  return { sets, weights }
}

function choose(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return result
}

/** Sets drawn by the kernel's weights, so that all of them count the same. */
function drawSets(features: number, samples: number, random: Random): DrawnSets {
  const pairs = Math.floor(samples / 2)
  const sets = new Uint8Array(2 * pairs * features)
  // Of all sets of a size together.
  const sizes = Float64Array.from({ length: features - 1 }, (_, i) => 1 / ((i + 1) * (features - 1 - i)))
  const order = Uint32Array.from({ length: features }, (_, i) => i)
  for (let pair = 0; pair < pairs; pair++) {
    const size = 1 + random.weighted(sizes)
    random.shuffle(order)
    const at = 2 * pair * features
    sets.fill(1, at + features, at + 2 * features)
    for (const feature of order.subarray(0, size)) {
      sets[at + feature] = 1
      sets[at + features + feature] = 0
    }
  }
  return { sets, weights: new Float64Array(2 * pairs).fill(1) }
}

interface ShapleyFit {
  readonly values: Float64Array // [features]
  readonly errors: Float64Array // [features]
}

/**
 * The least squares under the constraint, by its Lagrangian. Errors are those of a sum over pairs, which are drawn
 * independently, with the matrix taken as known (a sandwich estimate).
 * @param numbers of no feature, of all, then of the sets
 * @throws ConfigError where the sets are too few to tell the features apart
 */
function fitShapley({ sets, weights }: DrawnSets, numbers: Float32Array, features: number): ShapleyFit {
  const none = numbers[0]!
  const gained = numbers[1]! - none
  if (features === 1) return { values: Float64Array.of(gained), errors: new Float64Array(1) }
  const n = weights.length
  const products = new Float64Array(features * features)
  const targets = new Float64Array(features)
  const rowOf = (row: number): Float64Array =>
    Float64Array.from(sets.subarray(row * features, (row + 1) * features))
  for (let row = 0; row < n; row++) {
    const x = rowOf(row)
    const weight = weights[row]!
    addOuter(products, x, weight)
    for (let i = 0; i < features; i++) targets[i]! += weight * x[i]! * (numbers[2 + row]! - none)
  }
  const solve = solverOf(products, features)
  if (solve === undefined) {
    throw new ConfigError(
      `shapley-kernel: ${n} sets do not tell ${features} features apart; raise --samples, or raise --window`,
    )
  }
  const ofOnes = solve(new Float64Array(features).fill(1))
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)
  /** Solved, and moved along what the constraint leaves free until the sum is `to`. */
  const constrained = (y: Float64Array, to: number): Float64Array => {
    const free = solve(y)
    const excess = (sumOf(free) - to) / sumOf(ofOnes)
    return free.map((value, i) => value - ofOnes[i]! * excess)
  }
  const values = constrained(targets, gained)
  const squares = new Float64Array(features)
  for (let pair = 0; pair < n; pair += 2) {
    const score = new Float64Array(features)
    for (let row = pair; row < pair + 2; row++) {
      const x = rowOf(row)
      let missed = numbers[2 + row]! - none
      for (let i = 0; i < features; i++) missed -= x[i]! * values[i]!
      for (let i = 0; i < features; i++) score[i]! += weights[row]! * x[i]! * missed
    }
    for (const [i, moved] of constrained(score, 0).entries()) squares[i]! += moved ** 2
  }
  // A pair tells one number of the features, but for their sum; what was fitted is not free any more.
  const pairs = n / 2
  const correction = pairs / Math.max(1, pairs - features + 1)
  return { values, errors: squares.map((square) => Math.sqrt(square * correction)) }
}
