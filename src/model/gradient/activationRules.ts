/** Activation functions and their derivatives, as ONNX operators. */
import { logarithmTerms } from '../formats/ownOnnx/ownOnnxGraph.ts'
import type { ActivationFunction } from '../network/network.ts'
import { float, int } from '../formats/onnx/onnxEncode.ts'
import type { GraphWriter } from './graphWriter.ts'
import type { LayerPass } from './layerPass.ts'

/** So steep that a HardSigmoid is 1 of any number of full precision above 0, and 0 of 0. A quarter of the time that Where takes. */
const steep = 1e38

/** @returns 1 where a number is above 0, else 0 */
export function isAbove(g: GraphWriter, x: string): string {
  return g.op('HardSigmoid', [x], [float('alpha', steep), float('beta', 0)])
}

const sqrtOfTwo = Math.SQRT2
const geluTanhLinear = 2 * Math.sqrt(2 / Math.PI)
const geluTanhCubic = 0.044715 * geluTanhLinear

/**
 * How a rectifier hands back what it is owed: where its number is above 0 (`gradient`); what is above 0 of it, whatever its
 * number is (`deconvolution`, Zeiler and Fergus, ECCV 2014); both (`guided`, Springenberg et al., ICLR 2015).
 */
export type RectifierRule = 'gradient' | 'deconvolution' | 'guided'

/**
 * Elu, Softplus and Log of ONNX Runtime (1.30) round a number otherwise at the end of a tensor than in its midst, so that
 * a row's numbers depend on the batch (findings/onnxruntime-place-rounding.sh): those are made of other operators.
 */
export function activate(
  g: GraphWriter,
  name: ActivationFunction,
  x: string,
  rectifier: RectifierRule = 'gradient',
): LayerPass {
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const add = (a: string, b: string): string => g.op('Add', [a, b])
  const times = (a: string, factor: number): string => mul(a, g.number(factor))
  const plus = (a: string, summand: number): string => add(a, g.number(summand))
  const oneLess = (a: string): string => g.op('Sub', [g.number(1), a])
  const scaledBy = (y: string, slope: () => string): LayerPass => ({ y, backward: (dy) => mul(dy, slope()) })
  switch (name) {
    case 'linear':
      return { y: x, backward: (dy) => dy }
    case 'relu': {
      const y = g.op('Relu', [x])
      const isOn = (): string => isAbove(g, y)
      if (rectifier === 'gradient') return scaledBy(y, isOn)
      const backward = (dy: string): string => g.op('Relu', [dy])
      return { y, backward: rectifier === 'guided' ? (dy) => mul(backward(dy), isOn()) : backward }
    }
    case 'elu': {
      const below = g.op('Exp', [g.op('Min', [x, g.number(0)])])
      const y = add(g.op('Relu', [x]), plus(below, -1))
      return scaledBy(y, () => below)
    }
    case 'sigmoid': {
      const y = g.op('Sigmoid', [x])
      return scaledBy(y, () => mul(y, oneLess(y)))
    }
    case 'tanh': {
      const y = g.op('Tanh', [x])
      return scaledBy(y, () => oneLess(mul(y, y)))
    }
    case 'exp': {
      const y = g.op('Exp', [x])
      return scaledBy(y, () => y)
    }
    case 'softplus': {
      // max(x, 0) + log(1 + e), e = exp(-|x|): log(1 + e) = 2 (s + s^3 / 3 + s^5 / 5 + …), s = e / (2 + e)
      const e = g.op('Exp', [g.op('Neg', [g.op('Abs', [x])])])
      const s = g.op('Div', [e, plus(e, 2)])
      const square = mul(s, s)
      const series = logarithmTerms
        .slice(1)
        .reduce((sum, term) => plus(mul(sum, square), term), g.number(logarithmTerms[0]!))
      return scaledBy(add(g.op('Relu', [x]), mul(series, s)), () => g.op('Sigmoid', [x]))
    }
    case 'silu': {
      const gate = g.op('Sigmoid', [x])
      return scaledBy(mul(x, gate), () => mul(gate, plus(mul(x, oneLess(gate)), 1)))
    }
    case 'gelu': {
      const share = times(plus(g.op('Erf', [times(x, 1 / sqrtOfTwo)]), 1), 0.5)
      const density = (): string => times(g.op('Exp', [times(mul(x, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI))
      return scaledBy(mul(x, share), () => add(share, mul(x, density())))
    }
    case 'gelu-tanh': {
      const square = mul(x, x)
      const gate = g.op('Sigmoid', [mul(x, plus(times(square, geluTanhCubic), geluTanhLinear))])
      const y = mul(x, gate)
      const inner = (): string => plus(times(square, 3 * geluTanhCubic), geluTanhLinear)
      return scaledBy(y, () => add(gate, mul(y, mul(oneLess(gate), inner()))))
    }
    case 'softmax': {
      const y = g.op('Softmax', [x], [int('axis', 1)])
      return { y, backward: (dy) => mul(y, g.op('Sub', [dy, g.sum(mul(dy, y), [1], true)])) }
    }
  }
}
