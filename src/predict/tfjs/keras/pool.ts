/** Pooling over the whole sequence, or to a number of positions. */
import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'

type Of<K extends KerasOperation['kind']> = Extract<KerasOperation, { kind: K }>

export function pool(
  tf: TensorFlow,
  { maximum, size, stride, padding, channelsFirst }: Of<'pool'>,
  x: Tensor3D,
): Tensor {
  const ordered = channelsFirst ? tf.transpose(x, [0, 2, 1]) : x
  const rows = tf.pool(tf.expandDims<Tensor4D>(ordered, 1), [1, size], maximum ? 'max' : 'avg', padding, 1, [
    1,
    stride,
  ])
  const made = tf.squeeze(rows, [1])
  return channelsFirst ? tf.transpose(made, [0, 2, 1]) : made
}

/** Window i reaches from the floor of i · L / size to the ceiling of (i + 1) · L / size. */
export function poolAdaptively(
  tf: TensorFlow,
  { maximum, size, channelsFirst }: Of<'poolAdaptively'>,
  x: Tensor3D,
): Tensor {
  const axis = channelsFirst ? 2 : 1
  const length = x.shape[axis]
  const windows = Array.from({ length: size }, (_, i) => {
    const begin = Math.floor((i * length) / size)
    const end = Math.ceil(((i + 1) * length) / size)
    const window = tf.slice(
      x,
      x.shape.map((_, k) => (k === axis ? begin : 0)),
      x.shape.map((whole, k) => (k === axis ? end - begin : whole)),
    )
    return maximum ? tf.max(window, axis, true) : tf.mean(window, axis, true)
  })
  return tf.concat(windows, axis)
}

/** @param mask [n, positions]: the average is of those that have 1 */
export function poolGlobally(
  tf: TensorFlow,
  { maximum, keepDimensions, channelsFirst }: Of<'poolGlobally'>,
  x: Tensor3D,
  mask: Tensor | undefined,
): Tensor {
  const axis = channelsFirst ? 2 : 1
  if (maximum) return tf.max(x, axis, keepDimensions)
  if (mask === undefined) return tf.mean(x, axis, keepDimensions)
  const expanded = tf.expandDims(mask, channelsFirst ? 1 : 2)
  return tf.div(tf.sum(tf.mul(x, expanded), axis, keepDimensions), tf.sum(expanded, axis, keepDimensions))
}
