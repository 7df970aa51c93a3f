/** Convolutions along the sequence that TensorFlow.js has no layer for. */
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import type { Weights } from './weights.ts'

type Of<K extends KerasOperation['kind']> = Extract<KerasOperation, { kind: K }>

/** @returns [n, positions, filters], or [n, filters, positions] where the channels are first */
export function convolve(tf: TensorFlow, operation: Of<'convolve'>, x: Tensor3D, weights: Weights): Tensor {
  const kernel = weights.get('kernel') as Tensor3D
  return inOrder(tf, operation.channelsFirst, x, (x) => {
    const padded = pad(tf, operation, kernel.shape[0], x)
    const { groups, stride, dilation } = operation
    const parts = groups === 1 ? [padded] : tf.split<Tensor3D>(padded, groups, 2)
    const kernels = groups === 1 ? [kernel] : tf.split<Tensor3D>(kernel, groups, 2)
    const made = parts.map((part, g) => tf.conv1d(part, kernels[g]!, stride, 'valid', 'NWC', dilation))
    return biased(tf, made.length === 1 ? made[0]! : tf.concat(made, 2), weights)
  })
}

/** Each channel by itself; then, where there is a pointwise kernel, all of them at each position. */
export function convolveDepthwise(
  tf: TensorFlow,
  operation: Of<'convolveDepthwise'>,
  x: Tensor3D,
  weights: Weights,
): Tensor {
  const kernel = weights.get('depthwise_kernel') as Tensor3D
  const pointwise = weights.get('pointwise_kernel') as Tensor3D | undefined
  return inOrder(tf, operation.channelsFirst, x, (x) => {
    const padded = pad(tf, operation, kernel.shape[0], x)
    const { stride, dilation } = operation
    // Strides of two sizes are not known everywhere; over one row the other does not matter.
    const rows = tf.depthwiseConv2d(
      tf.expandDims<Tensor4D>(padded, 1),
      tf.expandDims<Tensor4D>(kernel, 0),
      stride,
      'valid',
      'NHWC',
      [1, dilation],
    ) as Tensor
    const made = tf.squeeze<Tensor3D>(rows, [1])
    return biased(tf, pointwise === undefined ? made : tf.conv1d(made, pointwise, 1, 'valid'), weights)
  })
}

export function convolveTransposed(
  tf: TensorFlow,
  operation: Of<'convolveTransposed'>,
  x: Tensor3D,
  weights: Weights,
): Tensor {
  const { stride, dilation, padding } = operation
  const kernel = spread(tf, weights.get('kernel') as Tensor3D, dilation)
  const [size, filters] = kernel.shape
  return inOrder(tf, operation.channelsFirst, x, (x) => {
    const [rows, length] = x.shape
    const positions = length * stride + (padding === 'valid' ? Math.max(size - stride, 0) : 0)
    const made = tf.conv2dTranspose(
      tf.expandDims<Tensor4D>(x, 1),
      tf.expandDims<Tensor4D>(kernel, 0),
      [rows, 1, positions, filters],
      [1, stride],
      padding,
    ) as Tensor
    return biased(tf, tf.squeeze(made, [1]), weights)
  })
}

/** A kernel of its own at each position. */
export function convolveLocally(
  tf: TensorFlow,
  { size, stride }: Of<'convolveLocally'>,
  x: Tensor3D,
  weights: Weights,
): Tensor {
  const kernel = weights.get('kernel') as Tensor3D
  const [rows, , channels] = x.shape
  const positions = Array.from({ length: kernel.shape[0] }, (_, i) => {
    const window = tf.slice(x, [0, i * stride, 0], [rows, size, channels])
    const own = tf.squeeze<Tensor2D>(tf.slice(kernel, [i, 0, 0], [1, -1, -1]), [0])
    return tf.matMul(tf.reshape(window, [rows, size * channels]), own)
  })
  return biased(tf, tf.stack(positions, 1), weights)
}

function inOrder(
  tf: TensorFlow,
  channelsFirst: boolean,
  x: Tensor3D,
  apply: (x: Tensor3D) => Tensor,
): Tensor {
  if (!channelsFirst) return apply(x)
  return tf.transpose(apply(tf.transpose(x, [0, 2, 1])), [0, 2, 1])
}

function biased(tf: TensorFlow, x: Tensor, weights: Weights): Tensor {
  const bias = weights.get('bias') as Tensor1D | undefined
  return bias === undefined ? x : tf.add(x, bias)
}

function pad(
  tf: TensorFlow,
  {
    stride,
    dilation,
    padding,
  }: { readonly stride: number; readonly dilation: number; readonly padding: string },
  size: number,
  x: Tensor3D,
): Tensor3D {
  const reach = (size - 1) * dilation
  if (padding === 'valid') return x
  const length = x.shape[1]
  const total =
    padding === 'causal' ? reach : Math.max((Math.ceil(length / stride) - 1) * stride + reach + 1 - length, 0)
  const before = padding === 'causal' ? total : Math.floor(total / 2)
  return tf.pad(x, [
    [0, 0],
    [before, total - before],
    [0, 0],
  ])
}

/** A kernel with zeros between its taps. */
function spread(tf: TensorFlow, kernel: Tensor3D, dilation: number): Tensor3D {
  if (dilation === 1) return kernel
  const [size, filters, channels] = kernel.shape
  const apart = tf.pad(tf.expandDims(kernel, 1), [
    [0, 0],
    [0, dilation - 1],
    [0, 0],
    [0, 0],
  ])
  const long = tf.reshape<Rank.R3>(apart, [size * dilation, filters, channels])
  return tf.slice(long, [0, 0, 0], [(size - 1) * dilation + 1, filters, channels])
}
