/**
 * What the activation functions compute, in float64: of a network's last one the scores are made, rounded once. Runtimes
 * compute theirs in float32 and differ where scores are small (ONNX Runtime's sigmoid lies on a grid of 2^-24 or so).
 */
import type { ActivationFunction } from './network.ts'

export type OfOneValue = Exclude<ActivationFunction, 'softmax'>

/** Each function of one value, in float64. */
export const functionsOfOneValue: Readonly<Record<OfOneValue, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => (x < 0 ? 0 : x), // NaN stays NaN
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * complementaryErrorFunction(-x * Math.SQRT1_2),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  exp: Math.exp,
  silu: (x) => x / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  // ½ x (1 + tanh u) = x sigmoid(2 u), which keeps its digits where tanh comes close to -1
  'gelu-tanh': (x) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
}

/** Those that never fall as their input grows. */
export function isIncreasing(name: ActivationFunction): boolean {
  return !['gelu', 'silu', 'gelu-tanh', 'softmax'].includes(name)
}

/**
 * In place.
 * @param numbers Float64Array [n, width]; a softmax is over the `width` numbers of each row
 */
export function activate(name: ActivationFunction, numbers: Float64Array, width: number): void {
  if (name === 'linear') return
  if (name === 'softmax') {
    for (let from = 0; from < numbers.length; from += width) softmax(numbers.subarray(from, from + width))
    return
  }
  const f = functionsOfOneValue[name]
  for (const [i, x] of numbers.entries()) numbers[i] = f(x)
}

function softmax(row: Float64Array): void {
  const largest = row.reduce((most, x) => Math.max(most, x), -Infinity)
  let total = 0
  for (const [i, x] of row.entries()) total += row[i] = Math.exp(x - largest)
  for (const [i, power] of row.entries()) row[i] = power / total
}

/**
 * erfc, to 1e-13 of its value: 1 less the Maclaurin series of erf below 2, and its continued fraction beyond (Abramowitz,
 * Stegun 7.1.5 and 7.1.14), so that the far tail keeps its digits.
 */
export function complementaryErrorFunction(x: number): number {
  if (x < -2) return 2 - complementaryErrorFunction(-x)
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 && n < 60; n++) {
      term *= (-x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = x
  for (let n = 60; n > 0; n--) fraction = x + (n * 0.5) / fraction
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI))
}
