/** What an operation makes of its inputs; each as Keras 3.15 computes it, on tensors of float32. */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'
import type { KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import { activate, elu, rectify } from './activate.ts'
import { attend, attendByHeads, denseAlong } from './attend.ts'
import { convolve, convolveDepthwise, convolveLocally, convolveTransposed } from './convolve.ts'
import { normalise, normaliseGroups, normaliseLength, standardise } from './normalise.ts'
import { pool, poolAdaptively, poolGlobally } from './pool.ts'
import { recur } from './recur.ts'
import type { Weights } from './weights.ts'

/** @param inputs the batch first; as many as the operation reads */
export function operate(
  tf: TensorFlow,
  operation: KerasOperation,
  inputs: readonly Tensor[],
  weights: Weights,
): Tensor {
  const [x, second] = inputs as [Tensor, Tensor | undefined]
  switch (operation.kind) {
    case 'copy':
      return tf.clone(x)
    case 'reshape':
      return tf.reshape(x, [x.shape[0], ...operation.sizes])
    case 'crop': {
      const { axis, before, after } = operation
      const begin = x.shape.map((_, i) => (i === axis ? before : 0))
      return tf.slice(
        x,
        begin,
        x.shape.map((size, i) => (i === axis ? size - before - after : size)),
      )
    }
    case 'pad': {
      const { axis, before, after } = operation
      return tf.pad(
        x,
        x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
      )
    }
    case 'repeat': {
      const [rows, length, ...rest] = x.shape as [number, number, ...number[]]
      const each = tf.tile(tf.expandDims(x, 2), [1, 1, operation.size, ...rest.map(() => 1)])
      return tf.reshape(each, [rows, length * operation.size, ...rest])
    }
    case 'subtract':
      return tf.sub(x, second!)
    case 'convolve':
      return convolve(tf, operation, x as Tensor3D, weights)
    case 'convolveDepthwise':
      return convolveDepthwise(tf, operation, x as Tensor3D, weights)
    case 'convolveTransposed':
      return convolveTransposed(tf, operation, x as Tensor3D, weights)
    case 'convolveLocally':
      return convolveLocally(tf, operation, x as Tensor3D, weights)
    case 'dense':
      return denseAlong(tf, x, weights.get('kernel')!, weights.get('bias'), operation.inputs)
    case 'normaliseGroups':
      return normaliseGroups(tf, operation, x, weights)
    case 'normalise':
      return normalise(tf, operation, x, weights)
    case 'normaliseLength':
      return normaliseLength(tf, operation.axes, x)
    case 'standardise':
      return standardise(tf, operation.invert, x, weights)
    case 'activate':
      return activate(tf, operation.function, x, operation.axis)
    case 'rectify':
      return rectify(tf, operation, x)
    case 'elu':
      return elu(tf, x, operation.alpha)
    case 'blank':
      return tf.mul(x, tf.expandDims(maskOf(tf, x, operation.value), -1))
    case 'mask':
      return maskOf(tf, x, operation.value)
    case 'recur':
      return recur(tf, operation, x as Tensor3D, second, weights)
    case 'attend':
      return attend(tf, operation.score, inputs as readonly Tensor3D[], weights)
    case 'attendByHeads':
      return attendByHeads(tf, operation, inputs as readonly Tensor3D[], weights)
    case 'pool':
      return pool(tf, operation, x as Tensor3D)
    case 'poolAdaptively':
      return poolAdaptively(tf, operation, x as Tensor3D)
    case 'poolGlobally':
      return poolGlobally(tf, operation, x as Tensor3D, second)
  }
}

/** 1 where any channel has another value. */
function maskOf(tf: TensorFlow, x: Tensor, value: number): Tensor {
  return tf.cast(tf.any(tf.notEqual(x, value), -1), 'float32')
}
