/**
 * Dense layers and convolutions along the sequence with gradients of their own: TensorFlow.js has none for dilated
 * convolutions, its WebAssembly backend none for any kernel, and transposes inside a matrix product cost it tenfold.
 */
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Padding } from '../../model/network/network.ts'
import { paddingOf } from '../../model/network/shapes.ts'
import { globalMax, peakPositions, viewOf } from './tfjsPooling.ts'
import type { TensorFlow } from './tfjsRuntime.ts'

export interface Convolution {
  readonly kernelSize: number
  readonly dilation: number
  readonly padding: Padding
}

/**
 * x · kernel + bias.
 * @param x [n, inputs]
 * @param kernel [inputs, units]
 * @param inputGradient false where nothing before x is trained: its gradient is then not computed
 * @returns [n, units]
 */
export function dense(
  tf: TensorFlow,
  x: Tensor2D,
  kernel: Tensor2D,
  bias: Tensor1D,
  inputGradient: boolean,
): Tensor2D {
  return withGradients(tf, { x, kernel, bias }, inputGradient, {
    forward: () => ({ value: tf.add<Tensor2D>(tf.matMul(x, kernel), bias), saved: [] }),
    backward: (dy, { x, kernel }) => ({
      kernel: tf.matMul(tf.transpose(x), dy),
      bias: tf.sum(dy, 0),
      x: () => tf.matMul(dy, tf.transpose(kernel)),
    }),
  })
}

/**
 * Cross-correlation, stride 1.
 * @param x [n, L, channels]
 * @param kernel [kernelSize, channels, filters]
 * @returns [n, positions, filters]
 */
export function conv1d(
  tf: TensorFlow,
  x: Tensor3D,
  kernel: Tensor3D,
  bias: Tensor1D,
  convolution: Convolution,
  inputGradient: boolean,
): Tensor3D {
  return withGradients(tf, { x, kernel, bias }, inputGradient, {
    forward: () => ({ value: correlate(tf, x, kernel, bias, convolution), saved: [] }),
    backward: (dy, { x, kernel }) => ({
      kernel: kernelGradient(tf, x, dy, convolution),
      bias: tf.sum(dy, [0, 1]),
      x: () => inputGradientOf(tf, x, kernel, dy, convolution),
    }),
  })
}

/**
 * A convolution, then the maximum over all positions (the first of equals). One position a filter has a gradient, so
 * backward costs n × filters × kernel instead of n × positions × filters × kernel.
 * @param x [n, L, channels]
 * @param kernel [kernelSize, channels, filters]
 * @returns [n, filters]
 */
export function conv1dGlobalMax(
  tf: TensorFlow,
  x: Tensor3D,
  kernel: Tensor3D,
  bias: Tensor1D,
  convolution: Convolution,
  inputGradient: boolean,
): Tensor2D {
  return withGradients(tf, { x, kernel, bias }, inputGradient, {
    forward: () => {
      const y = correlate(tf, x, kernel, bias, convolution)
      const value = globalMax(tf, y)
      return { value, saved: [y, value] }
    },
    backward: (dy, { x, kernel, saved }) => {
      const [y, maxima] = saved as [Tensor3D, Tensor2D]
      const [rows, positions, filters] = y.shape
      const whole = { size: positions, stride: 1, padding: 'valid' } as const
      const peaks = peakPositions(tf, y, tf.reshape(maxima, [rows, 1, filters]), whole)
      return {
        kernel: peakKernelGradient(tf, x, dy, peaks, kernel.shape, convolution),
        bias: tf.sum(dy, 0),
        x: () => peakInputGradient(tf, x.shape, dy, peaks, kernel, convolution),
      }
    },
  })
}

interface LayerInputs<X extends Tensor, K extends Tensor> {
  readonly x: X
  readonly kernel: K
  readonly bias: Tensor1D
}

interface Differentiable<X extends Tensor, K extends Tensor, Y extends Tensor> {
  forward(): { value: Y; saved: Tensor[] }
  backward(
    dy: Y,
    kept: { x: X; kernel: K; saved: Tensor[] },
  ): { kernel: Tensor; bias: Tensor; x: () => Tensor }
}

/** TensorFlow.js frees what a forward pass does not save, hence `kept`. */
function withGradients<X extends Tensor, K extends Tensor, Y extends Tensor>(
  tf: TensorFlow,
  inputs: LayerInputs<X, K>,
  inputGradient: boolean,
  operation: Differentiable<X, K, Y>,
): Y {
  const apply = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    const { value, saved } = operation.forward()
    save([inputs.x, inputs.kernel, ...saved])
    return {
      value,
      gradFunc: (dy: Tensor, [x, kernel, ...kept]: Tensor[]) => {
        const gradients = operation.backward(dy as Y, { x: x as X, kernel: kernel as K, saved: kept })
        return inputGradient
          ? [gradients.kernel, gradients.bias, gradients.x()]
          : [gradients.kernel, gradients.bias]
      },
    }
  })
  const { x, kernel, bias } = inputs
  return inputGradient ? apply(kernel, bias, x) : apply(kernel, bias)
}

export function spanOf({ kernelSize, dilation }: Pick<Convolution, 'kernelSize' | 'dilation'>): number {
  return (kernelSize - 1) * dilation + 1
}

function edgesOf(length: number, convolution: Convolution): [before: number, after: number] {
  return paddingOf(length, spanOf(convolution), 1, convolution.padding)
}

function correlate(
  tf: TensorFlow,
  x: Tensor3D,
  kernel: Tensor3D,
  bias: Tensor1D,
  convolution: Convolution,
): Tensor3D {
  const [rows, , channels] = x.shape
  // Of libtensorflow's kernels none takes explicit padding through TensorFlow.js.
  const explicit = typeof convolution.padding !== 'string'
  const padded = explicit ? tf.pad(x, [[0, 0], edgesOf(x.shape[1], convolution), [0, 0]]) : x
  const y = tf.fused.conv2d({
    x: tf.reshape<Rank.R4>(padded, [rows, 1, padded.shape[1], channels]),
    filter: tf.reshape<Rank.R4>(kernel, [1, ...kernel.shape]),
    strides: 1,
    pad: convolution.padding === 'same' ? 'same' : 'valid',
    dilations: [1, convolution.dilation],
    bias,
  })
  return tf.reshape(y, [rows, y.shape[2], kernel.shape[2]])
}

/** Every tap's inputs as rows of one matrix, times dy: [kernelSize × channels, n × positions] · [n × positions, filters]. */
function kernelGradient(tf: TensorFlow, x: Tensor3D, dy: Tensor3D, convolution: Convolution): Tensor3D {
  const [rows, length, channels] = x.shape
  const [, positions, filters] = dy.shape
  const { kernelSize, dilation } = convolution
  const byChannel = tf.transpose(x, [2, 0, 1])
  const padded = tf.pad(byChannel, [[0, 0], [0, 0], edgesOf(length, convolution)])
  const taps: Tensor3D[] = []
  for (let tap = 0; tap < kernelSize; tap++) {
    taps.push(tf.slice(padded, [0, 0, tap * dilation], [channels, rows, positions]))
  }
  const columns = tf.reshape<Rank.R2>(tf.concat(taps, 0), [kernelSize * channels, rows * positions])
  const product = tf.matMul(columns, tf.reshape<Rank.R2>(dy, [rows * positions, filters]))
  return tf.reshape(product, [kernelSize, channels, filters])
}

/** The correlation of dy with the kernel turned round. */
function inputGradientOf(
  tf: TensorFlow,
  x: Tensor3D,
  kernel: Tensor3D,
  dy: Tensor3D,
  convolution: Convolution,
): Tensor3D {
  const [rows, length] = x.shape
  const [before, after] = edgesOf(length, convolution)
  const reach = spanOf(convolution) - 1
  const whole = tf.pad(dy, [
    [0, 0],
    [Math.max(reach - before, 0), Math.max(reach - after, 0)],
    [0, 0],
  ])
  // Windows that lie in the padding alone.
  const padded = tf.slice(whole, [0, Math.max(before - reach, 0), 0], [rows, length + reach, dy.shape[2]])
  const turned = tf.transpose(tf.reverse(kernel, 0), [0, 2, 1])
  return tf.conv1d(padded, turned, 1, 'valid', 'NWC', convolution.dilation)
}

/** @param peaks positions: Int32Array [n, filters]; -1 (the maximum is NaN) has no gradient */
function peakKernelGradient(
  tf: TensorFlow,
  x: Tensor3D,
  dy: Tensor2D,
  peaks: Int32Array,
  shape: readonly [number, number, number],
  convolution: Convolution,
): Tensor3D {
  const [rows, length, channels] = x.shape
  const [kernelSize, , filters] = shape
  const [before] = edgesOf(length, convolution)
  const inputs = viewOf(tf, x)
  const outputs = viewOf(tf, dy)
  const width = kernelSize * channels
  const gradient = new Float64Array(filters * width) // [filters, kernelSize, channels]
  for (let row = 0; row < rows; row++) {
    for (let filter = 0; filter < filters; filter++) {
      const slope = outputs[row * filters + filter]!
      const peak = peaks[row * filters + filter]!
      if (slope === 0 || peak < 0) continue
      for (let tap = 0; tap < kernelSize; tap++) {
        const position = peak - before + tap * convolution.dilation
        if (position < 0 || position >= length) continue
        const from = (row * length + position) * channels
        const to = filter * width + tap * channels
        for (let c = 0; c < channels; c++) gradient[to + c]! += slope * inputs[from + c]!
      }
    }
  }
  const byFilter = tf.tensor2d(Float32Array.from(gradient), [filters, width])
  return tf.reshape(tf.transpose(byFilter), [kernelSize, channels, filters])
}

function peakInputGradient(
  tf: TensorFlow,
  shape: readonly [number, number, number],
  dy: Tensor2D,
  peaks: Int32Array,
  kernel: Tensor3D,
  convolution: Convolution,
): Tensor3D {
  const [rows, length, channels] = shape
  const [kernelSize, , filters] = kernel.shape
  const [before] = edgesOf(length, convolution)
  const byFilter = tf.transpose(kernel, [2, 0, 1])
  const weights = viewOf(tf, byFilter) // [filters, kernelSize, channels]
  const outputs = viewOf(tf, dy)
  const gradient = new Float32Array(rows * length * channels)
  for (let row = 0; row < rows; row++) {
    for (let filter = 0; filter < filters; filter++) {
      const slope = outputs[row * filters + filter]!
      const peak = peaks[row * filters + filter]!
      if (slope === 0 || peak < 0) continue
      for (let tap = 0; tap < kernelSize; tap++) {
        const position = peak - before + tap * convolution.dilation
        if (position < 0 || position >= length) continue
        const to = (row * length + position) * channels
        const from = (filter * kernelSize + tap) * channels
        for (let c = 0; c < channels; c++) gradient[to + c]! += slope * weights[from + c]!
      }
    }
  }
  return tf.tensor3d(gradient, [rows, length, channels])
}
