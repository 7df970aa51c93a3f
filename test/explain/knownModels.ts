/** Models whose attributions are known by their definition, as predictors that explanation methods are given. */
import { Random } from '../../src/base/random.ts'
import type { MethodContext } from '../../src/explain/method.ts'
import type { Cells, Predictor } from '../../src/predict/predictor.ts'
import { baseCount, uniformBackground } from '../../src/sequence/alphabet.ts'
import { numbersOfCodes } from '../../src/sequence/encoding.ts'

/** @param numberOf of an input as it is encoded: [L × 4] */
export function predictorOf(
  length: number,
  numberOf: (input: Float64Array) => number,
  background: readonly number[] = uniformBackground,
): Predictor {
  const numbers = numbersOfCodes(background)
  return {
    width: length,
    outputs: ['number'],
    batchSize: 16,
    backend: 'by its definition',
    predict: (cells: Cells, rows: number) =>
      Promise.resolve(
        Float32Array.from({ length: rows }, (_, row) => {
          const input = new Float64Array(length * baseCount)
          for (let at = 0; at < length; at++) {
            for (let base = 0; base < baseCount; base++) {
              input[at * baseCount + base] = numbers[cells[row * length + at]!]![base]!
            }
          }
          return numberOf(input)
        }),
      ),
    close: () => Promise.resolve(),
  }
}

/** Weights of an additive model: [L × 4], between -1 and 1. */
export function randomWeights(length: number, seed: number): Float64Array {
  const random = new Random(seed, 'weights')
  return Float64Array.from({ length: length * baseCount }, () => 2 * random.uniform() - 1)
}

export function additive(weights: Float64Array): (input: Float64Array) => number {
  return (input) => input.reduce((sum, value, i) => sum + value * weights[i]!, 0)
}

/** What each base of a sequence is worth to an additive model, against a uniform background. */
export function additiveWorth(weights: Float64Array, codes: Uint8Array): Float32Array {
  return Float32Array.from(codes, (code, at) => {
    const own = weights.subarray(at * baseCount, (at + 1) * baseCount)
    const mean = own.reduce((sum, weight) => sum + weight, 0) / baseCount
    return (code < baseCount ? own[code]! : 0) - mean
  })
}

export function contextOf(
  number: Predictor,
  settings: Partial<MethodContext['settings']> = {},
  others: Partial<MethodContext> = {},
): MethodContext {
  return {
    number,
    numberOf: undefined,
    network: undefined,
    output: 0,
    direction: '>=',
    background: uniformBackground,
    device: 'cpu',
    threads: 1,
    seed: 1,
    settings: { steps: 50, baseline: 'background', references: 20, samples: 1000, window: 1, ...settings },
    signal: undefined,
    ...others,
  }
}

export function basesOf(length: number, seed: number): Uint8Array {
  const random = new Random(seed, 'bases')
  return Uint8Array.from({ length }, () => random.below(baseCount))
}
