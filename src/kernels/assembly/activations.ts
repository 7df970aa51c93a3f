/**
 * Activation functions on single values, in float64 so that the float32 result is the nearest one almost always.
 */
import { ELU, EXP, GELU, GELU_TANH, LINEAR, RELU, SIGMOID, SILU, SOFTPLUS, TANH } from '../layout/activationCodes'

/** Whether a function of one value never falls as its input grows. */
@inline export function isRising(code: i32): bool {
  return code != GELU && code != SILU && code != GELU_TANH
}

/** 2 sqrt(2 / pi): a GELU by tanh is x sigmoid(this (x + 0.044715 x^3)). */
export const GELU_TANH_SCALE: f64 = 1.5957691216057308

/** The function with a code, but SOFTMAX, which is no function of one value. */
export function activate(code: i32, x: f32): f32 {
  if (code == LINEAR) return x
  if (code == RELU) return x > 0 ? x : 0
  const z = <f64>x
  if (code == SIGMOID) return <f32>(1 / (1 + Math.exp(-z)))
  if (code == TANH) return <f32>Math.tanh(z)
  if (code == EXP) return <f32>Math.exp(z)
  if (code == ELU) return z > 0 ? x : <f32>Math.expm1(z)
  if (code == SILU) return <f32>(z / (1 + Math.exp(-z)))
  if (code == SOFTPLUS) return <f32>(Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))))
  if (code == GELU_TANH) return <f32>(z / (1 + Math.exp(-GELU_TANH_SCALE * (z + 0.044715 * z * z * z))))
  return <f32>(0.5 * z * complementaryErrorFunction(-z * Math.SQRT1_2))
}

/**
 * erfc, to 1e-13 of its value: 1 less the Maclaurin series of erf below 2, and its continued fraction beyond (Abramowitz,
 * Stegun 7.1.5 and 7.1.14), so that the far tail keeps its digits. As src/model/network/activationFunctions.ts.
 */
export function complementaryErrorFunction(x: f64): f64 {
  if (x < -2) return 2 - complementaryErrorFunction(-x)
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 && n < 60; n++) {
      term *= (-x * x) / <f64>n
      sum += term / <f64>(2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction: f64 = x
  for (let n = 60; n > 0; n--) fraction = x + (<f64>n * 0.5) / fraction
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI))
}
