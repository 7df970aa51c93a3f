/** How a difference graph's score is read: linear operations at its end, and a last rectifier, become part of the read-out. */
import type { DifferenceGraph, GraphValue, Product, Regroup, Scale } from './differenceGraph.ts'

/**
 * The graph with its last product, rectifier and sum in the read-out, which then follows the gradient.
 * @returns undefined where it does not end so
 */
export function readRectified({ values, operations, readOut }: DifferenceGraph): DifferenceGraph | undefined {
  if (readOut.code !== 'read') return undefined
  const end = operations.at(-1)
  const passed = end?.code === 'sum'
  const rest = passed ? operations.slice(0, -1) : operations
  const [product, bend] = [rest.at(-2), rest.at(-1)]
  if (product?.code !== 'product' || bend?.code !== 'bend' || bend.activation !== 'relu') return undefined
  if (bend.size !== 1 || bend.stride !== 1 || bend.input !== product.output) return undefined
  if (passed && (end.input !== bend.output || end.other !== product.input)) return undefined
  if (readOut.input !== (passed ? end.output : bend.output)) return undefined
  const { input, output } = product
  return {
    values,
    operations: rest.slice(0, -2),
    readOut: { ...readOut, code: 'rectified', input, output, product, passed },
  }
}

/** The weighted sum of an operation's input that equals one of its output. */
export function readBefore(
  operation: Product | Scale | Regroup,
  input: GraphValue,
  output: GraphValue,
  weights: Float64Array, // [output length, output channels]
): { readonly weights: Float64Array<ArrayBuffer>; readonly bias: number } {
  const { channels } = input
  const result = new Float64Array(input.length * channels)
  let bias = 0
  switch (operation.code) {
    case 'regroup':
      result.set(weights)
      break
    case 'scale':
      for (let p = 0; p < output.length; p++) {
        const begin = p * operation.stride - operation.padding
        const [from, to] = [Math.max(begin, 0), Math.min(begin + operation.size, input.length)]
        for (let c = 0; c < channels; c++) {
          const weight = weights[p * channels + c]!
          const unit = operation.scale.length === channels ? c : p * channels + c
          bias += weight * operation.shift[unit]!
          for (let q = from; q < to; q++) {
            result[q * channels + c]! += (weight * operation.scale[unit]!) / (to - from)
          }
        }
      }
      break
    case 'product': {
      const { taps, dilation, padding, kernel } = operation
      const filters = output.channels
      for (let p = 0; p < output.length; p++) {
        for (let f = 0; f < filters; f++) {
          const weight = weights[p * filters + f]!
          if (weight === 0) continue
          bias += weight * operation.bias[f]!
          for (let tap = 0; tap < taps; tap++) {
            const q = p - padding + tap * dilation
            if (q < 0 || q >= input.length) continue
            for (let c = 0; c < channels; c++) {
              result[q * channels + c]! += weight * kernel[(tap * channels + c) * filters + f]!
            }
          }
        }
      }
    }
  }
  return { weights: result, bias }
}
