/** A convolution along the sequence and its gradients. Sequences are images one pixel high, [n, channels, 1, length]. */
import type { Conv1dLayer } from '../network/network.ts'
import { channelsOf, paddingOf, type Shape } from '../network/shapes.ts'
import { reorderKernel } from '../formats/ownOnnx/ownOnnxGraph.ts'
import { int, ints } from '../formats/onnx/onnxEncode.ts'
import type { GraphWriter } from './graphWriter.ts'
import type { LayerPass, Parameters } from './layerPass.ts'
import { fit } from './windows.ts'

/**
 * With so few input channels the transposed convolution is faster than one with the kernel turned round: ONNX Runtime writes
 * it as a product of matrices, of which the second has as many columns as there are output positions.
 */
const fewChannels = 8

/** Rows of the second matrix of a product, so that it is worth one: taps of few channels are multiplied together. */
const rowsOfProduct = 64

export function convolution(
  g: GraphWriter,
  parameters: Parameters,
  layer: Conv1dLayer,
  x: string,
  input: Shape,
): LayerPass {
  const { kernelSize, filters, dilation } = layer
  const length = input[0]
  const channels = channelsOf(input)
  const span = (kernelSize - 1) * dilation + 1
  const [before, after] = paddingOf(length, span, 1, layer.padding)
  const positions = length + before + after - span + 1
  const kernel = parameters.read('kernel', reorderKernel(layer.kernel, kernelSize, channels, filters), [
    filters,
    channels,
    1,
    kernelSize,
  ])
  const bias = parameters.read('bias', layer.bias, [filters])
  const attributes = (pads: readonly [number, number]) => [
    ints('dilations', [1, dilation]),
    ints('kernel_shape', [1, kernelSize]),
    ints('pads', [0, pads[0], 0, pads[1]]),
    ints('strides', [1, 1]),
  ]

  /** [n, filters, 1, positions] to [n, channels, 1, length] */
  function ofInput(dy: string): string {
    if (channels <= fewChannels) return g.op('ConvTranspose', [dy, kernel], attributes([before, after]))
    const turned = g.reverse(g.transpose(kernel, [1, 0, 2, 3]), [3])
    const [left, right] = [span - 1 - before, span - 1 - after]
    const cut = fit(g, dy, Math.min(0, left), Math.min(0, right), 0)
    return g.op('Conv', [cut, turned], attributes([Math.max(0, left), Math.max(0, right)]))
  }

  /** [filters, channels, 1, kernelSize]: for each tap the product of what is owed and what it read, over all positions. */
  function ofKernel(dy: string): string {
    const owed = g.reshape(g.transpose(dy, [1, 0, 2, 3]), [filters, -1])
    const read = g.transpose(fit(g, x, before, after, 0), [1, 0, 2, 3])
    const together = Math.max(1, Math.floor(rowsOfProduct / channels))
    const products: string[] = []
    for (let first = 0; first < kernelSize; first += together) {
      const count = Math.min(together, kernelSize - first)
      const taps = Array.from({ length: count }, (_, i) => {
        const from = (first + i) * dilation
        return g.reshape(g.slice(read, 3, from, from + positions), [channels, -1])
      })
      products.push(productOf(owed, g.concat(taps, 0), count))
    }
    const byTap = g.concat(products, 1)
    return g.reshape(g.transpose(byTap, [0, 2, 1]), [filters, channels, 1, kernelSize])
  }

  /**
   * The longer side first: ONNX Runtime shares a wide product out by columns, and how many columns a thread has tells how
   * it rounds.
   * @param owed [filters, n × positions]
   * @param taps [count × channels, n × positions]
   * @returns [filters, count, channels]
   */
  function productOf(owed: string, taps: string, count: number): string {
    const sides = filters >= count * channels ? [owed, taps] : [taps, owed]
    const product = g.op('Gemm', sides, [int('transB', 1)])
    if (sides[0] === owed) return g.reshape(product, [filters, count, channels])
    return g.transpose(g.reshape(product, [count, channels, filters]), [2, 0, 1])
  }

  return {
    y: g.op('Conv', [x, kernel, bias], attributes([before, after])),
    backward(dy) {
      parameters.owe(kernel, 'kernel', ofKernel(dy))
      parameters.owe(bias, 'bias', g.sumOverRows(dy, true, false))
      return ofInput(dy)
    },
  }
}
