/**
 * DeepLIFT's rescale rule (Shrikumar, Greenside and Kundaje, ICML 2017): a function's slope is the secant between two rows, so
 * that what is handed back adds up to the difference of their scores. What maxima hand back is as Captum and tangermeme have it.
 */
import { float, int } from '../formats/onnx/onnxEncode.ts'
import type { ActivationFunction, PoolLayer } from '../network/network.ts'
import { channelsOf, type Shape } from '../network/shapes.ts'
import { activate, steep } from './activationRules.ts'
import type { Comparison } from './comparison.ts'
import { toFloat, type GraphWriter } from './graphWriter.ts'
import type { LayerPass } from './layerPass.ts'
import { atFirstOfLargest, globalMaximum, lowest, pool, windowsOf } from './poolRules.ts'
import { gatherWindows, scatterWindows } from './windows.ts'

/**
 * Closer than that the gradient stands for the secant: of a difference in float32 rounding then leaves less than curvature
 * would take.
 */
const close = 2 ** -12

export function rescale(
  g: GraphWriter,
  rows: Comparison,
  name: ActivationFunction,
  x: string,
  shape: Shape,
): LayerPass {
  if (name === 'linear') return activate(g, name, x)
  if (name === 'softmax') return rescaleSoftmax(g, rows, x, shape)
  const dims = dimsOf(shape)
  const gradient = activate(g, name, x)
  const { y } = gradient
  const [dx, dy] = [() => rows.difference(x, dims), () => rows.difference(y, dims)]
  if (name === 'relu') {
    // Exact however close two numbers are; of equal ones 0 / 0 becomes slope / 1.
    return {
      y,
      backward(owed) {
        const difference = dx()
        const isSame = toFloat(g, g.op('Equal', [difference, g.number(0)]))
        const isOn = g.op('HardSigmoid', [y], [float('alpha', steep), float('beta', 0)])
        const rise = g.op('Add', [dy(), g.op('Mul', [isSame, isOn])])
        return g.op('Mul', [owed, g.op('Div', [rise, g.op('Add', [difference, isSame])])])
      },
    }
  }
  return { y, backward: (owed) => secant(g, dx(), g.op('Mul', [owed, dy()]), gradient.backward(owed)) }
}

/** rise / difference, or the gradient where the difference is too small to divide by. */
export function secant(g: GraphWriter, difference: string, rise: string, gradient: string): string {
  const isClose = g.op('Less', [g.op('Abs', [difference]), g.number(close)])
  return g.op('Where', [isClose, gradient, g.op('Div', [rise, difference])])
}

/**
 * A product of two numbers owes each its difference times the mean of the other, which is all that there is: exp(x) · 1 / sum.
 * (Captum takes what a softmax is owed from all alike, and does not add up.)
 */
function rescaleSoftmax(g: GraphWriter, rows: Comparison, x: string, shape: Shape): LayerPass {
  const dims = dimsOf(shape)
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const middle = (a: string, b: string): string => mul(g.op('Add', [a, b]), g.number(0.5))
  return {
    y: g.op('Softmax', [x], [int('axis', 1)]),
    backward(owed) {
      const { own, other } = exponentials(g, rows, x, dims)
      const [inverse, inverseOfOther] = [own, other].map((power) =>
        g.op('Reciprocal', [g.sum(power, [1], true)]),
      ) as [string, string]
      const ofPower = mul(owed, middle(inverse, inverseOfOther))
      const ofInverse = g.sum(mul(owed, middle(own, other)), [1], true)
      // 1 / s − 1 / s₀ over s − s₀ is −1 / (s s₀).
      const ofEach = g.op('Sub', [ofPower, mul(ofInverse, mul(inverse, inverseOfOther))])
      const rise = mul(ofEach, g.op('Sub', [own, other]))
      return secant(g, rows.difference(x, dims), rise, mul(ofEach, own))
    },
  }
}

/** Of each row and of its other, less the largest number of the two, so that they are finite: exp(x). */
export function exponentials(
  g: GraphWriter,
  rows: Comparison,
  x: string,
  dims: readonly number[],
): { readonly own: string; readonly other: string } {
  const axis = rows.strands
  const all = rows.apart(x, dims)
  const [other, largest] = [rows.other(all), g.largest(all, axis)]
  const ofBoth = g.op('Max', [largest, rows.other(largest)])
  const power = (value: string): string => rows.together(g.op('Exp', [g.op('Sub', [value, ofBoth])]), dims)
  return { own: power(all), other: power(other) }
}

export function rescalePool(
  g: GraphWriter,
  rows: Comparison,
  layer: PoolLayer,
  x: string,
  input: Shape,
): LayerPass {
  const { y } = pool(g, layer, x, input)
  const windows = windowsOf(layer, input)
  const channels = channelsOf(input)
  return {
    y,
    backward(owed) {
      const read = gatherWindows(g, x, windows, lowest)
      const { gradient, rise } = ofMaximum(g, rows, { read, y, owed, channels, ...windows })
      const [ofGradient, ofRise] = [gradient, rise].map((part) => scatterWindows(g, part, windows))
      return whereApart(g, rows.difference(x, dimsOf(input)), ofRise!, ofGradient!)
    },
  }
}

export function rescaleGlobalMaximum(g: GraphWriter, rows: Comparison, x: string, input: Shape): LayerPass {
  const { y } = globalMaximum(g, x, input)
  const channels = channelsOf(input)
  return {
    y,
    backward(owed) {
      const size = { channels, positions: 1, size: input[0] }
      const { gradient, rise } = ofMaximum(g, rows, { read: x, y, owed, ...size })
      return whereApart(g, rows.difference(x, dimsOf(input)), rise, gradient)
    },
  }
}

interface Maximum {
  readonly read: string // [strands × rows, channels, positions, size]
  readonly y: string // its maxima
  readonly owed: string
  readonly channels: number
  readonly positions: number
  readonly size: number
}

/**
 * With m the larger of a row's maximum y and the other row's y₀: m − y₀ at the place of y, y − m at the place of y₀.
 * @returns of the shape of `read`: that, and the gradient
 */
function ofMaximum(g: GraphWriter, rows: Comparison, maximum: Maximum): { gradient: string; rise: string } {
  const { read, channels, positions, size } = maximum
  const dims = [channels, positions, size]
  const ofWindow = [channels, positions, 1]
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const [y, owed] = [maximum.y, maximum.owed].map((one) => g.reshape(one, [-1, ...ofWindow])) as [
    string,
    string,
  ]
  const gradient = atFirstOfLargest(g, read, owed, { positions, size })
  const all = rows.apart(y, ofWindow)
  const larger = g.op('Max', [all, rows.other(all)])
  const own = rows.together(g.op('Sub', [larger, rows.other(all)]), ofWindow)
  const lost = mul(g.op('Sub', [all, larger]), rows.apart(owed, ofWindow))
  const otherRead = rows.together(rows.other(rows.apart(read, dims)), dims)
  const otherY = rows.together(rows.other(all), ofWindow)
  const ones = g.op('Add', [mul(otherY, g.number(0)), g.number(1)])
  const place = rows.apart(atFirstOfLargest(g, otherRead, ones, { positions, size }), dims)
  const rise = g.op('Add', [mul(gradient, own), rows.together(mul(place, lost), dims)])
  return { gradient, rise }
}

/** A maximum rises no more than the number that it is: nothing but an exact 0 is too little to divide by. */
export function whereApart(g: GraphWriter, difference: string, rise: string, gradient: string): string {
  return g.op('Where', [g.op('Equal', [difference, g.number(0)]), gradient, g.op('Div', [rise, difference])])
}

export function dimsOf(shape: Shape): readonly number[] {
  return shape.length === 2 ? [shape[1], 1, shape[0]] : [shape[0]]
}
