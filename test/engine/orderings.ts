/**
 * Holds an engine's ordering to the reference selector's: an independent predictor scores every candidate of every step
 * along the engine's path, and what the engine masked must be the best of its step, or tie with it.
 */
import { expect } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { PlanOptions } from '../../src/engine/kernelPlan.ts'
import { mapWeights, type WeightedLayer } from '../../src/model/network/mapWeights.ts'
import type { Network } from '../../src/model/network/network.ts'
import { masked } from '../../src/sequence/alphabet.ts'
import { directionSign } from '../../src/sis/decision.ts'
import type { Ordering } from '../../src/sis/types.ts'
import { referenceForward, referenceInput } from '../model/referenceForward.ts'

/**
 * Scores this close, relative to the larger one, count as a tie; where rounding the network's numbers to float32 moves its
 * scores by more, so does what that moves them by.
 */
export const tieTolerance = 1e-5

/** Scores of the output explained; codes: Uint8Array [rows, L]. */
export type Scorer = (codes: Uint8Array, rows: number) => ArrayLike<number> | Promise<ArrayLike<number>>

export interface OrderingAgreement {
  /** Steps in which the engine masked another feature than the reference would have; ties, all of them. */
  readonly ties: number
  /** The largest relative distance of a chosen feature's score from the best of its step, both by the reference. */
  readonly worstGap: number
  /** The largest relative distance of the engine's score from the reference's. */
  readonly worstScore: number
}

/** The network by its definition, in float64. */
export function referenceScorer(
  network: Network,
  { output, background }: Pick<PlanOptions, 'output' | 'background'>,
): Scorer {
  const { inputLength } = network
  return (codes, rows) =>
    Float64Array.from({ length: rows }, (_, row) => {
      const one = codes.subarray(row * inputLength, (row + 1) * inputLength)
      return referenceForward(network, referenceInput(one, background))[output]!
    })
}

/**
 * @param codes Uint8Array [L]
 * @param present Uint8Array [L], 1 where the base may be masked; the others are masked from the start
 * @param score the predictor; the network in float64 unless given
 * @param tolerance of ties and of the engine's scores, relative
 */
export async function expectSameOrdering(
  network: Network,
  codes: Uint8Array,
  present: Uint8Array,
  options: PlanOptions,
  { features, scores }: Ordering,
  score: Scorer = referenceScorer(network, options),
  tolerance = tieTolerance,
): Promise<OrderingAgreement> {
  const candidates = [...present.keys()].filter((position) => present[position] === 1)
  expect(Int32Array.from(features).sort()).toEqual(Int32Array.from(candidates))
  expect(scores).toHaveLength(features.length)

  const sign = directionSign(options.direction)
  const reference = codes.map((code, position) => (present[position] === 1 ? code : masked))
  let [ties, worstGap, worstScore] = [0, 0, 0]
  for (const [step, chosen] of features.entries()) {
    const rows = new Uint8Array(candidates.length * codes.length)
    for (const [row, candidate] of candidates.entries()) {
      rows.set(reference, row * codes.length)
      rows[row * codes.length + candidate] = masked
    }
    const found = await score(rows, candidates.length)
    let best = 0
    for (let i = 1; i < candidates.length; i++) if (sign * found[i]! > sign * found[best]!) best = i
    const place = candidates.indexOf(chosen)
    const gap = relativeDistance(found[best]!, found[place]!)
    const distance = relativeDistance(found[place]!, scores[step]!)
    const where = `step ${step}: masked ${chosen}, whose score is ${found[place]!} (the engine says ${scores[step]!}); the best is ${candidates[best]!} with ${found[best]!}`
    const after = reference.with(chosen, masked)
    if (Math.max(gap, distance) > tolerance) {
      const held = Math.max(tolerance, roundingOf(network, options, after))
      expect(gap, where).toBeLessThanOrEqual(held)
      expect(distance, where).toBeLessThanOrEqual(held)
    }
    if (place !== best) ties++
    worstGap = Math.max(worstGap, gap)
    worstScore = Math.max(worstScore, distance)
    reference[chosen] = masked
    candidates.splice(place, 1)
  }
  return { ties, worstGap, worstScore }
}

/**
 * How far, relatively, the score moves where each number of the network moves by at most two units in the last place of
 * a float32: the most of eight tries. An algorithm in float32 is as good as its network's numbers; where an exponential of
 * a large sum meets a sum that nearly cancels, that is less than five digits.
 *
 * @param codes Uint8Array [L]
 */
export function roundingOf(
  network: Network,
  { output, background }: Pick<PlanOptions, 'output' | 'background'>,
  codes: Uint8Array,
): number {
  const score = (of: Network) => referenceForward(of, referenceInput(codes, background))[output]!
  const exact = score(network)
  const random = new Random(0, 'rounding')
  const moved = (values: Float32Array) =>
    values.map((value) => value * (1 + (random.uniform() - 0.5) * 4 * float32Rounding))
  const movedLayer = (layer: WeightedLayer): WeightedLayer =>
    layer.kind === 'batchNorm'
      ? { ...layer, gamma: moved(layer.gamma), beta: moved(layer.beta), mean: moved(layer.mean) }
      : { ...layer, kernel: moved(layer.kernel), bias: moved(layer.bias) }
  const tries = Array.from({ length: 8 }, () =>
    relativeDistance(exact, score({ ...network, layers: mapWeights(network.layers, movedLayer) })),
  )
  return Math.max(...tries)
}

/** The largest relative step between two float32 numbers. */
const float32Rounding = 2 ** -23

/** Below the smallest normal float32 digits are lost: there distances count as of a number that has them. */
const smallestExact = 1e-33

export function relativeDistance(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), smallestExact)
}
