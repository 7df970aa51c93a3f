/**
 * Activation functions on four float32 values at once, to about 1e-7 of the larger of 1 and the value. Equal inputs give
 * equal outputs bit for bit.
 */
import { ELU, EXP, GELU_TANH, LINEAR, RELU, SIGMOID, SILU, SOFTPLUS, TANH } from '../layout/activationCodes'
import { GELU_TANH_SCALE } from './activations'

/** The function with a code, but SOFTMAX, which is no function of one value. */
export function activateVector(code: i32, x: v128): v128 {
  if (code == LINEAR) return x
  const zero = f32x4.splat(0)
  const one = f32x4.splat(1)
  if (code == RELU) return f32x4.max(x, zero)
  if (code == EXP) return exponential(x)
  if (code == SIGMOID) return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))))
  if (code == TANH) {
    // 1 - 2 / (e^2x + 1) loses digits near 0, where the series has them.
    const far = f32x4.sub(
      one,
      f32x4.div(f32x4.splat(2), f32x4.add(exponential(f32x4.add(x, x)), one)),
    )
    const y = f32x4.mul(x, x)
    let series = f32x4.splat(0.021869488536155203) // 62 / 2835
    series = f32x4.add(f32x4.mul(series, y), f32x4.splat(-0.05396825396825397))
    series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.13333333333333333))
    series = f32x4.add(f32x4.mul(series, y), f32x4.splat(-0.3333333333333333))
    const near = f32x4.add(x, f32x4.mul(f32x4.mul(series, y), x))
    return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), f32x4.splat(0.25)))
  }
  if (code == ELU) {
    const below = f32x4.sub(exponential(f32x4.min(x, zero)), one)
    return v128.bitselect(x, below, f32x4.gt(x, zero))
  }
  if (code == SILU) return f32x4.div(x, f32x4.add(one, exponential(f32x4.neg(x))))
  if (code == SOFTPLUS) {
    return f32x4.add(f32x4.max(x, zero), logarithmOfOneMore(exponential(f32x4.neg(f32x4.abs(x)))))
  }
  if (code == GELU_TANH) {
    const cube = f32x4.mul(f32x4.mul(x, x), x)
    const inner = f32x4.mul(
      f32x4.add(x, f32x4.mul(cube, f32x4.splat(0.044715))),
      f32x4.splat(-<f32>GELU_TANH_SCALE),
    )
    return f32x4.div(x, f32x4.add(one, exponential(inner)))
  }
  const half = f32x4.mul(x, f32x4.splat(0.5))
  return f32x4.add(half, f32x4.mul(half, errorFunctions(f32x4.mul(x, f32x4.splat(0.7071067811865476)))))
}

/** e^x: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes). Infinite above 88.72; 0 below -104. */
function exponential(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(-104)), f32x4.splat(89))
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.4426950408889634)))
  // ln 2 in two parts: the first has so few digits that n times it is exact.
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440054690581e-4)))
  let p = f32x4.splat(1.9875691500e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  const value = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1))
  // 2^n in two factors: at the ends of the range n alone is no exponent.
  const whole = i32x4.trunc_sat_f32x4_s(n)
  const first = i32x4.shr_s(whole, 1)
  const second = i32x4.sub(whole, first)
  return f32x4.mul(f32x4.mul(value, power(first)), power(second))
}

/** log(1 + t) for t in [0, 1]: twice the inverse hyperbolic tangent of s = t / (2 + t), by its series. */
function logarithmOfOneMore(t: v128): v128 {
  const s = f32x4.div(t, f32x4.add(t, f32x4.splat(2)))
  const y = f32x4.mul(s, s)
  let series = f32x4.splat(0.07692307692307693) // 1 / 13
  series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.09090909090909091))
  series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.1111111111111111))
  series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.14285714285714285))
  series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.2))
  series = f32x4.add(f32x4.mul(series, y), f32x4.splat(0.3333333333333333))
  const twice = f32x4.add(s, s)
  return f32x4.add(twice, f32x4.mul(f32x4.mul(series, y), twice))
}

@inline function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
}

/** erf as a quotient of polynomials on [-4, 4], beyond which float32 has it as ±1 (coefficients as in Eigen). */
function errorFunctions(x: v128): v128 {
  const z = f32x4.min(f32x4.max(x, f32x4.splat(-4)), f32x4.splat(4))
  const y = f32x4.mul(z, z)
  let p = f32x4.splat(-2.72614225801306e-10)
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(2.77068142495902e-8))
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(-2.10102402082508e-6))
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(-5.69250639462346e-5))
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(-7.34990630326855e-4))
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(-2.954599808546e-3))
  p = f32x4.add(f32x4.mul(p, y), f32x4.splat(-1.60960333262415e-2))
  let q = f32x4.splat(-1.45660718464996e-5)
  q = f32x4.add(f32x4.mul(q, y), f32x4.splat(-2.13374055278905e-4))
  q = f32x4.add(f32x4.mul(q, y), f32x4.splat(-1.68282697438203e-3))
  q = f32x4.add(f32x4.mul(q, y), f32x4.splat(-7.37332916720468e-3))
  q = f32x4.add(f32x4.mul(q, y), f32x4.splat(-1.42647390514189e-2))
  return f32x4.div(f32x4.mul(z, p), q)
}
