/**
 * The worst score that a network of one convolution and the global maximum can give while some bases stay and all others
 * are any: a bound that no completion passes, by interval arithmetic (Moore 1966) up to the maxima and by linear bounds of
 * the dense layers (Zhang et al., CROWN, NeurIPS 2018) from there on, less what float32 can be off by.
 */
import { joinRefusal, type DenseStack } from '../engine/denseHead.ts'
import { readScanner, type Scanner } from '../engine/planScanner.ts'
import { functionsOfOneValue, isIncreasing } from '../model/network/activationFunctions.ts'
import type { ActivationFunction, Network } from '../model/network/network.ts'
import { baseCount } from '../sequence/alphabet.ts'
import { directionSign, type Decision } from '../sis/decision.ts'
import { roundingMargin } from './roundingMargin.ts'

export interface ContextBound {
  /** Of the number before the last activation: how far float32 may be from exact arithmetic. */
  readonly margin: number
  /**
   * @param codes Uint8Array [L], the sequence; an unknown base that is kept reads as zeros, as it does anywhere
   * @param kept positions, 0-based
   * @returns for `>=` a number that no completion scores below, for `<=` one that none scores above, as float32
   */
  bound(codes: Uint8Array, kept: Iterable<number>): number
}

/** @returns why no bound is known of a network, where that is so */
export function openContextBound(
  network: Network,
  decision: Pick<Decision, 'output' | 'direction'>,
): ContextBound | { readonly refusal: string } {
  const joined = joinRefusal(network)
  if (joined !== undefined) return { refusal: joined }
  const scanner = readScanner(network, decision.output)
  if (typeof scanner === 'string') return { refusal: scanner }
  const bent = scanner.dense.find(
    ({ activation }, i) =>
      !isIncreasing(activation) && !(activation === 'softmax' && i === scanner.dense.length - 1),
  )
  if (bent !== undefined) return { refusal: `${bent.activation} falls and rises` }
  const errors = roundingMargin(network)
  const last = scanner.dense.at(-1)!
  const softmax = last.activation === 'softmax'
  const margin = softmax
    ? errors[decision.output]! + errors.reduce((most, error) => Math.max(most, error), 0)
    : errors[decision.output]!
  const banks = network.strands === 'both' ? [false, true] : [false]
  const scanners = banks.map((reverse) => windowsOf(scanner, network.inputLength, reverse))
  return {
    margin,
    bound(codes, kept) {
      const positions = Array.from(kept)
      const ofStrands = scanners.map((windows) =>
        worstScore(scanner, windows.maxima(codes, positions), decision, margin),
      )
      // The better strand counts: what either reaches for certain, the score reaches; what one may reach, it may.
      return Math.fround(Math.max(...ofStrands))
    },
  }
}

/** Of each filter, the interval that its maximum over the sequence lies in. */
interface Box {
  readonly least: Float64Array // [filters]
  readonly most: Float64Array // [filters]
}

/** The windows of one strand with all their bases free, and what keeping one changes. */
function windowsOf(
  { filters, kernelSize, kernel, bias, rectified, padding, positions }: Scanner,
  length: number,
  reverse: boolean,
): { maxima(codes: Uint8Array, kept: readonly number[]): Box } {
  // The weight of a base, as the strand that the sequence lies on reads it.
  const weight = (tap: number, code: number, f: number): number => {
    if (code >= baseCount) return 0 // unknown
    return kernel[(tap * baseCount + (reverse ? baseCount - 1 - code : code)) * filters + f]!
  }
  const low = new Float64Array(kernelSize * filters)
  const high = new Float64Array(kernelSize * filters)
  for (let tap = 0; tap < kernelSize; tap++) {
    for (let f = 0; f < filters; f++) {
      const weights = Array.from({ length: baseCount }, (_, base) => weight(tap, base, f))
      low[tap * filters + f] = Math.min(...weights)
      high[tap * filters + f] = Math.max(...weights)
    }
  }
  const free = { least: new Float64Array(positions * filters), most: new Float64Array(positions * filters) }
  for (let p = 0; p < positions; p++) {
    for (let f = 0; f < filters; f++) {
      let [least, most] = [bias[f]!, bias[f]!]
      for (let tap = 0; tap < kernelSize; tap++) {
        const at = p - padding[0] + tap
        if (at < 0 || at >= length) continue // padding reads as zeros
        least += low[tap * filters + f]!
        most += high[tap * filters + f]!
      }
      free.least[p * filters + f] = least
      free.most[p * filters + f] = most
    }
  }
  return {
    maxima(codes, kept) {
      const least = free.least.slice()
      const most = free.most.slice()
      for (const position of kept) {
        const at = reverse ? length - 1 - position : position
        for (let tap = 0; tap < kernelSize; tap++) {
          const p = at + padding[0] - tap
          if (p < 0 || p >= positions) continue
          for (let f = 0; f < filters; f++) {
            const own = weight(tap, codes[position]!, f)
            least[p * filters + f]! += own - low[tap * filters + f]!
            most[p * filters + f]! += own - high[tap * filters + f]!
          }
        }
      }
      const floor = rectified ? 0 : -Infinity
      const box: Box = {
        least: new Float64Array(filters).fill(floor),
        most: new Float64Array(filters).fill(floor),
      }
      for (let p = 0; p < positions; p++) {
        for (let f = 0; f < filters; f++) {
          box.least[f] = Math.max(box.least[f]!, least[p * filters + f]!)
          box.most[f] = Math.max(box.most[f]!, most[p * filters + f]!)
        }
      }
      return box
    },
  }
}

/** Of one strand. */
function worstScore(
  { dense }: Scanner,
  box: Box,
  { direction, output }: Pick<Decision, 'output' | 'direction'>,
  margin: number,
): number {
  const sign = directionSign(direction)
  const last = dense.at(-1)!
  const intervals = hiddenIntervals(dense, box)
  const least = (weights: Float64Array): number => leastOf(weights, dense, intervals, box)
  if (last.activation !== 'softmax') {
    const worst = sign * (least(Float64Array.of(sign)) - margin)
    return outwards(functionsOfOneValue[last.activation](worst), sign)
  }
  // 1 / (1 + Σ exp(z_j − z_o)): each difference at its worst.
  let others = 0
  for (let j = 0; j < last.units; j++) {
    if (j === output) continue
    const weights = new Float64Array(last.units)
    weights[output] = sign
    weights[j] = -sign
    others += Math.exp(-sign * (least(weights) - margin))
  }
  return outwards(1 / (1 + others), sign)
}

/** Float64 functions are off by far less. */
function outwards(score: number, sign: 1 | -1): number {
  return score - sign * Math.abs(score) * 1e-13
}

/**
 * Of the numbers before each hidden activation.
 * @returns one box a dense layer but the last
 */
function hiddenIntervals(dense: DenseStack, box: Box): Box[] {
  const intervals: Box[] = []
  for (let layer = 0; layer < dense.length - 1; layer++) {
    const { units } = dense[layer]!
    const least = new Float64Array(units)
    const most = new Float64Array(units)
    const below = dense.slice(0, layer + 1)
    for (let u = 0; u < units; u++) {
      const one = new Float64Array(units)
      one[u] = 1
      least[u] = leastOf(one, below, intervals, box)
      one[u] = -1
      most[u] = -leastOf(one, below, intervals, box)
    }
    intervals.push({ least, most })
  }
  return intervals
}

/**
 * The least that a weighted sum of the last layer's numbers (before its activation) can be: from the last layer down,
 * each activation is replaced by a line below or above it, so that the sum becomes one of the filters' maxima.
 * @param weights Float64Array [units of the last layer]
 * @param intervals of the layers before the last
 */
function leastOf(
  weights: Float64Array,
  dense: readonly DenseStack[number][],
  intervals: readonly Box[],
  box: Box,
): number {
  let sum = 0
  let above = weights
  for (let layer = dense.length - 1; layer >= 0; layer--) {
    const { inputs, units, kernel, bias } = dense[layer]!
    const below = new Float64Array(inputs)
    for (let u = 0; u < units; u++) sum += above[u]! * bias[u]!
    for (let i = 0; i < inputs; i++) {
      let weight = 0
      for (let u = 0; u < units; u++) weight += above[u]! * kernel[i * units + u]!
      below[i] = weight
    }
    if (layer > 0) {
      const { least, most } = intervals[layer - 1]!
      const { activation } = dense[layer - 1]!
      for (let i = 0; i < inputs; i++) {
        if (below[i] === 0) continue
        const { slope, offset } = lineOf(activation, least[i]!, most[i]!, below[i]! > 0)
        sum += below[i]! * offset
        below[i]! *= slope
      }
    }
    above = below
  }
  for (const [f, weight] of above.entries()) {
    if (weight !== 0) sum += weight * (weight > 0 ? box.least[f]! : box.most[f]!)
  }
  return sum
}

/** A line that lies below a function over an interval, or above it. */
function lineOf(
  name: ActivationFunction,
  least: number,
  most: number,
  isBelow: boolean,
): { readonly slope: number; readonly offset: number } {
  if (name === 'linear' || (name === 'relu' && least >= 0)) return { slope: 1, offset: 0 }
  if (name === 'relu') {
    if (most <= 0) return { slope: 0, offset: 0 }
    // Below, both 0 and the number itself are lines; the one that is nearer on the whole.
    if (isBelow) return { slope: most > -least ? 1 : 0, offset: 0 }
    const slope = most / (most - least)
    return { slope, offset: -slope * least }
  }
  const f = functionsOfOneValue[name as Exclude<ActivationFunction, 'softmax'>]
  return { slope: 0, offset: f(isBelow ? least : most) }
}
