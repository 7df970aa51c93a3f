/**
 * Pooling along the sequence, with gradients of our own: TensorFlow.js' WebAssembly backend loses the gradient of
 * windows whose maximum is negative, and all its backends divide that of an average at the edges by the whole window.
 */
import type { Rank, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Padding } from '../../model/network/network.ts'
import { paddingOf } from '../../model/network/shapes.ts'
import type { TensorFlow } from './tfjsRuntime.ts'

export interface Pooling {
  readonly size: number
  readonly stride: number
  readonly padding: Padding
}

/**
 * The maximum of each window; its gradient goes to the first of equal positions.
 * @param x [n, L, channels]
 * @returns [n, positions, channels]
 */
export function maxPool1d(tf: TensorFlow, x: Tensor3D, pooling: Pooling): Tensor3D {
  const pool = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    const maxima = windowMaxima(tf, x, pooling)
    save([x, maxima])
    return {
      value: maxima,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, maxima] = saved as [Tensor3D, Tensor3D]
        return maxPoolGradient(tf, x, maxima, dy as Tensor3D, pooling)
      },
    }
  })
  return pool(x)
}

/**
 * The maximum over all positions.
 * @param x [n, L, channels]
 * @returns [n, channels]
 */
export function globalMax(tf: TensorFlow, x: Tensor3D): Tensor2D {
  const [rows, length, channels] = x.shape
  return tf.reshape(maxPool1d(tf, x, { size: length, stride: 1, padding: 'valid' }), [rows, channels])
}

/**
 * The mean of the positions of each window that exist.
 * @param x [n, L, channels]
 * @returns [n, positions, channels]
 */
export function averagePool1d(tf: TensorFlow, x: Tensor3D, { size, stride, padding }: Pooling): Tensor3D {
  const [rows, length, channels] = x.shape
  const [before, after] = paddingOf(length, size, stride, padding)
  const padded = tf.pad(x, [
    [0, 0],
    [before, after],
    [0, 0],
  ])
  const pooled = tf.avgPool(
    tf.reshape<Rank.R4>(padded, [rows, 1, before + length + after, channels]),
    [1, size],
    [1, stride],
    'valid',
  )
  const positions = pooled.shape[2]
  const correction = Float32Array.from({ length: positions }, (_, i) => {
    const from = i * stride - before
    return size / (Math.min(from + size, length) - Math.max(from, 0))
  })
  return tf.mul(tf.reshape(pooled, [rows, positions, channels]), tf.tensor3d(correction, [1, positions, 1]))
}

/**
 * Where each window has its maximum.
 * @param x [n, L, channels]
 * @param maxima [n, windows, channels]
 * @returns positions along x: Int32Array [n, windows, channels], the first of equals; -1 where the maximum is NaN
 */
export function peakPositions(
  tf: TensorFlow,
  x: Tensor3D,
  maxima: Tensor3D,
  { size, stride, padding }: Pooling,
): Int32Array {
  const [rows, length, channels] = x.shape
  const windows = maxima.shape[1]
  const [before] = paddingOf(length, size, stride, padding)
  const values = viewOf(tf, x)
  const highest = viewOf(tf, maxima)
  const positions = new Int32Array(highest.length).fill(-1)
  for (let row = 0; row < rows; row++) {
    for (let window = 0; window < windows; window++) {
      const peak = (row * windows + window) * channels
      const from = window * stride - before
      for (let position = Math.max(from, 0); position < Math.min(from + size, length); position++) {
        const at = (row * length + position) * channels
        for (let c = 0; c < channels; c++) {
          if (values[at + c] === highest[peak + c] && positions[peak + c]! < 0) positions[peak + c] = position
        }
      }
    }
  }
  return positions
}

/** A tensor's values without a copy where the backend's memory can be read; valid until the next operation. */
export function viewOf(tf: TensorFlow, tensor: Tensor): Float32Array {
  const backend = tf.backend() as { typedArrayFromHeap?: (tensor: Tensor) => Float32Array }
  return backend.typedArrayFromHeap?.(tensor) ?? (tensor.dataSync() as Float32Array)
}

/** @returns [n, windows, channels] */
function windowMaxima(tf: TensorFlow, x: Tensor3D, { size, stride, padding }: Pooling): Tensor3D {
  const [rows, , channels] = x.shape
  const explicit = typeof padding !== 'string'
  // The lowest number is never more than one of the window's own.
  const padded = explicit ? tf.pad(x, [[0, 0], [...padding], [0, 0]], -Infinity) : x
  const image = tf.reshape<Rank.R4>(padded, [rows, 1, padded.shape[1], channels])
  const pooled = tf.maxPool(image, [1, size], [1, stride], padding === 'same' ? 'same' : 'valid')
  return tf.reshape(pooled, [rows, pooled.shape[2], channels])
}

function maxPoolGradient(
  tf: TensorFlow,
  x: Tensor3D,
  maxima: Tensor3D,
  dy: Tensor3D,
  pooling: Pooling,
): Tensor3D {
  const [rows, length, channels] = x.shape
  const perRow = maxima.size / rows
  const peaks = peakPositions(tf, x, maxima, pooling)
  const slopes = viewOf(tf, dy)
  const gradient = new Float32Array(x.size)
  for (const [i, position] of peaks.entries()) {
    if (position < 0) continue
    const row = Math.floor(i / perRow)
    gradient[(row * length + position) * channels + (i % channels)]! += slopes[i]!
  }
  return tf.tensor3d(gradient, x.shape)
}
