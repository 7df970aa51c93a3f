/**
 * DeepLIFT's rescale rule (Shrikumar, Greenside and Kundaje, ICML 2017): a function's slope is the secant between two rows, so
 * that what is handed back adds up to the difference of their scores. What maxima hand back is as Captum and tangermeme have it.
 */
import { int } from '../formats/onnx/onnxEncode.ts'
import type { ActivationFunction, PoolLayer } from '../network/network.ts'
import { channelsOf, type Shape } from '../network/shapes.ts'
import { activate } from './activationRules.ts'
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

/** Of the numbers of float32 that are not denormal. */
const smallest = 2 ** -126

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
  if (name === 'relu') return rescaleRectifier(g, rows, x, y, dims)
  return {
    y,
    backward(owed) {
      const rise = g.op('Mul', [owed, rows.difference(y, dims)])
      return secant(g, rows.difference(x, dims), rise, gradient.backward(owed))
    },
  }
}

/**
 * (max(a, 0) − max(b, 0)) / (a − b) is (max(a, 0) + max(b, 0)) / (|a| + |b|), which no difference makes inexact; of two zeros
 * it is to be 0.
 */
function rescaleRectifier(
  g: GraphWriter,
  rows: Comparison,
  x: string,
  y: string,
  dims: readonly number[],
): LayerPass {
  const plusOther = (value: string): string => {
    const apart = rows.apart(value, dims)
    return rows.together(g.op('Add', [apart, rows.other(apart)]), dims)
  }
  return {
    y,
    backward(owed) {
      const sizes = g.op('Max', [plusOther(g.op('Abs', [x])), g.number(smallest)])
      return g.op('Mul', [owed, g.op('Div', [plusOther(y), sizes])])
    },
  }
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
  const { positions, size } = windows
  return {
    y,
    backward(owed) {
      const read = gatherWindows(g, x, windows, lowest)
      const maximum = { read, y, owed, dims: [channelsOf(input), positions, size] as const }
      return ofMaximum(g, rows, maximum, { x, dims: dimsOf(input) }, (part) =>
        scatterWindows(g, part, windows),
      )
    },
  }
}

export function rescaleGlobalMaximum(g: GraphWriter, rows: Comparison, x: string, input: Shape): LayerPass {
  const { y } = globalMaximum(g, x, input)
  const dims = [channelsOf(input), 1, input[0]] as const
  return {
    y,
    backward: (owed) => ofMaximum(g, rows, { read: x, y, owed, dims }, { x, dims }, (part) => part),
  }
}

interface Maximum {
  readonly read: string // [strands × rows, channels, positions, size]
  readonly y: string // its maxima
  readonly owed: string
  readonly dims: readonly [channels: number, positions: number, size: number]
}

/**
 * What the places of `x` are owed by the maxima of windows over it.
 * @param collect from windows to x
 */
export function ofMaximum(
  g: GraphWriter,
  rows: Comparison,
  maximum: Maximum,
  { x, dims }: { readonly x: string; readonly dims: readonly number[] },
  collect: (ofWindows: string) => string,
): string {
  if (rows.isWay) return collect(alongWay(g, rows, maximum))
  const { gradient, rise } = betweenTwo(g, rows, maximum)
  const [ofGradient, ofRise] = [collect(gradient), collect(rise)]
  const difference = rows.difference(x, dims)
  // A maximum rises no more than the number that it is: nothing but an exact 0 is too little to divide by.
  const isSame = g.op('Equal', [difference, g.number(0)])
  return g.op('Where', [isSame, ofGradient, g.op('Div', [ofRise, difference])])
}

/** 1 at the place of the maximum, of each window. */
function placesOf(g: GraphWriter, read: string, y: string, [, positions, size]: Maximum['dims']): string {
  const ones = g.op('Add', [g.op('Mul', [y, g.number(0)]), g.number(1)])
  return atFirstOfLargest(g, read, ones, { positions, size })
}

/**
 * With m the larger of a row's maximum y and the other row's y₀: m − y₀ at the place of y, y − m at the place of y₀.
 * @returns of the shape of `read`: that, and the gradient
 */
function betweenTwo(
  g: GraphWriter,
  rows: Comparison,
  { read, dims, ...maximum }: Maximum,
): { gradient: string; rise: string } {
  const [channels, positions, size] = dims
  const ofWindow = [channels, positions, 1]
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const [y, owed] = [maximum.y, maximum.owed].map((one) => g.reshape(one, [-1, ...ofWindow])) as [
    string,
    string,
  ]
  const ofOwn = atFirstOfLargest(g, read, owed, { positions, size })
  const all = rows.apart(y, ofWindow)
  const larger = g.op('Max', [all, rows.other(all)])
  const own = rows.together(g.op('Sub', [larger, rows.other(all)]), ofWindow)
  const owedApart = rows.apart(owed, ofWindow)
  const otherRead = rows.together(rows.other(rows.apart(read, dims)), dims)
  const otherY = rows.together(rows.other(all), ofWindow)
  const place = rows.apart(placesOf(g, otherRead, otherY, dims), dims)
  const lost = mul(place, mul(g.op('Sub', [all, larger]), owedApart))
  const rise = g.op('Add', [mul(ofOwn, own), rows.together(lost, dims)])
  const gradient = rows.explainsOther ? rows.together(mul(place, owedApart), dims) : ofOwn
  return { gradient, rise }
}

/**
 * The mean gradient where all numbers move evenly from the other row's to this one's: the place a of the other's maximum is
 * the largest until the place b of this one's is, at (a₀ − b₀) / (a₀ − b₀ + b₁ − a₁) of the way.
 */
function alongWay(g: GraphWriter, rows: Comparison, { read, dims, ...maximum }: Maximum): string {
  const ofWindow = [dims[0], dims[1], 1]
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const sub = (a: string, b: string): string => g.op('Sub', [a, b])
  const [y, owed] = [maximum.y, maximum.owed].map((one) => g.reshape(one, [-1, ...ofWindow])) as [
    string,
    string,
  ]
  const own = placesOf(g, read, y, dims)
  const otherOf = (value: string, size: readonly number[]): string =>
    rows.together(rows.other(rows.apart(value, size)), size)
  const other = otherOf(own, dims)
  const at = (place: string, of: string): string => g.sum(mul(place, of), [3], true)
  const before = sub(otherOf(y, ofWindow), at(own, otherOf(read, dims)))
  const whole = g.op('Add', [before, sub(y, at(other, read))])
  const isSame = toFloat(g, g.op('Equal', [whole, g.number(0)]))
  const share = g.op('Div', [before, g.op('Add', [whole, isSame])])
  return g.op('Add', [mul(own, mul(owed, sub(g.number(1), share))), mul(other, mul(owed, share))])
}

export function dimsOf(shape: Shape): readonly number[] {
  return shape.length === 2 ? [shape[1], 1, shape[0]] : [shape[0]]
}
