/** Pools along the sequence and their gradients: a maximum owes all to the first of equal positions. */
import type { PoolLayer } from '../network/network.ts'
import { channelsOf, paddingOf, windowCount, type Shape } from '../network/shapes.ts'
import { int, ints } from '../formats/onnx/onnxEncode.ts'
import { isAbove } from './activationRules.ts'
import type { GraphWriter } from './graphWriter.ts'
import type { LayerPass } from './layerPass.ts'
import { fit, gatherWindows, scatterWindows, type Windows } from './windows.ts'

/** Places of a window that are compared one after another: with more, as many operators cost more than MaxUnpool. */
const mostShared = 8

/** Below every float32 but minus infinity. */
export const lowest = -3.4028234663852886e38

export function pool(g: GraphWriter, layer: PoolLayer, x: string, input: Shape): LayerPass {
  const { size, stride } = layer
  const windows = windowsOf(layer, input)
  const { before, positions } = windows
  const [, after] = paddingOf(input[0], size, stride, layer.padding)
  const attributes = [
    ints('kernel_shape', [1, size]),
    ints('pads', [0, before, 0, after]),
    ints('strides', [1, stride]),
  ]
  if (layer.kind === 'averagePool1d') {
    const shares = g.numbers(sharesOf(windows), [positions, size])
    return {
      y: g.op('AveragePool', [x], [...attributes, int('count_include_pad', 0)]),
      backward: (dy) =>
        scatterWindows(g, g.op('Mul', [g.reshape(dy, [0, 0, positions, 1]), shares]), windows),
    }
  }
  if (size === stride && size <= mostShared) return sharedMaximum(g, x, channelsOf(input), windows)
  return {
    y: g.op('MaxPool', [x], attributes),
    backward(dy) {
      const read = gatherWindows(g, x, windows, lowest)
      return scatterWindows(g, atFirstOfLargest(g, read, dy, windows), windows)
    },
  }
}

/**
 * Windows that do not overlap, the first, second, … places of all of them as a tensor each: a few passes over contiguous
 * numbers, which take a third of what MaxPool with its places takes, on any device.
 */
function sharedMaximum(g: GraphWriter, x: string, channels: number, windows: Windows): LayerPass {
  const { size, before, length, positions } = windows
  const covered = fit(g, x, before, positions * size - length - before, lowest)
  const byPlace = g.transpose(g.reshape(covered, [-1, size]), [1, 0])
  const places = Array.from({ length: size }, (_, i) =>
    g.reshape(g.slice(byPlace, 0, i, i + 1), [-1, channels, 1, positions]),
  )
  const y = g.op('Max', places)
  return {
    y,
    backward(dy) {
      // What no earlier place has taken, the next takes if it is not below the maximum.
      let left = dy
      const owed = places.map((place, i) => {
        if (i === size - 1) return left
        const rest = g.op('Mul', [left, isAbove(g, g.op('Sub', [y, place]))])
        const taken = g.op('Sub', [left, rest])
        left = rest
        return taken
      })
      const joined = g.concat(
        owed.map((part) => g.reshape(part, [1, -1])),
        0,
      )
      const flat = g.reshape(g.transpose(joined, [1, 0]), [-1, channels, 1, positions * size])
      return fit(g, flat, -before, length + before - positions * size, 0)
    },
  }
}

/** What the positions of a pool read. */
export function windowsOf({ size, stride, padding }: PoolLayer, input: Shape): Windows {
  const length = input[0]
  const [before] = paddingOf(length, size, stride, padding)
  return { size, stride, before, length, positions: windowCount(length, size, stride, padding) }
}

export function globalMaximum(g: GraphWriter, x: string, input: Shape): LayerPass {
  return {
    y: g.op('Flatten', [g.op('GlobalMaxPool', [x])], [int('axis', 1)]),
    backward: (dy) => atFirstOfLargest(g, x, dy, { positions: 1, size: input[0] }),
  }
}

export function globalAverage(g: GraphWriter, x: string, input: Shape): LayerPass {
  const length = input[0]
  const shares = g.numbers(new Float32Array(length).fill(1 / length), [length])
  return {
    y: g.op('Flatten', [g.op('GlobalAveragePool', [x])], [int('axis', 1)]),
    backward: (dy) => g.op('Mul', [g.reshape(dy, [0, 0, 1, 1]), shares]),
  }
}

/**
 * @param x [n, channels, positions, size]
 * @param dy of n × channels × positions numbers
 * @returns of the shape of x: dy at the first of the largest along the last axis, 0 elsewhere
 */
export function atFirstOfLargest(
  g: GraphWriter,
  x: string,
  dy: string,
  { positions, size }: Pick<Windows, 'positions' | 'size'>,
): string {
  const owed = g.reshape(dy, [0, 0, positions, 1])
  if (g.form === 'scatter') {
    const first = g.op('ArgMax', [x], [int('axis', 3), int('keepdims', 1)])
    const zeros = g.op('ConstantOfShape', [g.op('Shape', [x])])
    return g.op('ScatterElements', [zeros, first, owed], [int('axis', 3)])
  }
  const windows = [ints('kernel_shape', [1, size]), ints('strides', [1, size])]
  const [, places] = g.ops('MaxPool', [x], 2, windows) as [string, string]
  return g.op('MaxUnpool', [owed, places, g.op('Shape', [x])], windows)
}

/** What each place of a window has in its mean: one over how many of its positions there are; [positions, size]. */
function sharesOf({ size, stride, before, length, positions }: Windows): Float32Array {
  const shares = new Float32Array(positions * size)
  for (let position = 0; position < positions; position++) {
    const from = position * stride - before
    const [first, end] = [Math.max(0, -from), Math.min(size, length - from)]
    shares.fill(1 / (end - first), position * size + first, position * size + end)
  }
  return shares
}

/** Zeros in front and behind that a pool behind them reads. */
export function zeros(g: GraphWriter, x: string, before: number, after: number): string {
  // ONNX Runtime (1.30) makes one pool of a Pad and the pool behind it that leaves the zeros out; a Reshape that changes
  // nothing keeps them apart (findings/onnxruntime-pad-maxpool.sh).
  return g.reshape(fit(g, x, before, after, 0), [0, 0, 0, -1])
}
