/**
 * Keras' activation functions: those of networks are theirs, to the same operation; the others are written here, elu, softplus
 * and the approximate GELU among them, as Keras rounds them.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { ActivationName, KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import { activateTensor } from '../tfjsActivation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'

const shrinkThreshold = 0.5
const leakySlope = 0.2
const squareplusWidth = 4
/** Of Klambauer et al., Self-normalizing neural networks (2017). */
const seluAlpha = 1.6732632423543772
const seluScale = 1.0507009873554805

/** @param axis of those that look at more than one number; from the end if negative */
export function activate(tf: TensorFlow, name: ActivationName, x: Tensor, axis = -1): Tensor {
  switch (name) {
    case 'linear':
    case 'relu':
    case 'gelu':
    case 'sigmoid':
    case 'silu':
    case 'tanh':
      return activateTensor(tf, name, x)
    case 'exponential':
      return activateTensor(tf, 'exp', x)
    case 'relu6':
      return tf.clipByValue(x, 0, 6)
    case 'leaky_relu':
      return tf.maximum(x, tf.mul(x, leakySlope))
    case 'elu':
    case 'celu': // with alpha 1 they are the same
      return elu(tf, x, 1)
    case 'selu':
      return tf.mul(elu(tf, x, seluAlpha), seluScale)
    case 'gelu_tanh': {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
    }
    case 'glu': {
      const [value, gate] = tf.split(x, 2, axis) as [Tensor, Tensor]
      return tf.mul(value, tf.sigmoid(gate))
    }
    case 'hard_sigmoid':
      return hardSigmoid(tf, x)
    case 'hard_sigmoid_2':
      return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)
    case 'hard_silu':
      return tf.mul(x, hardSigmoid(tf, x))
    case 'hard_tanh':
      return tf.clipByValue(x, -1, 1)
    case 'tanh_shrink':
      return tf.sub(x, tf.tanh(x))
    case 'hard_shrink':
      return tf.where(tf.greater(tf.abs(x), shrinkThreshold), x, tf.zerosLike(x))
    case 'soft_shrink':
      return tf.mul(tf.sign(x), tf.relu(tf.sub(tf.abs(x), shrinkThreshold)))
    case 'softplus':
      return softplus(tf, x)
    case 'log_sigmoid':
      return tf.neg(softplus(tf, tf.neg(x)))
    case 'mish':
      return tf.mul(x, tf.tanh(softplus(tf, x)))
    case 'softsign':
      return tf.div(x, tf.add(tf.abs(x), 1))
    case 'squareplus':
      return tf.mul(tf.add(x, tf.sqrt(tf.add(tf.square(x), squareplusWidth))), 0.5)
    case 'sparse_plus': {
      const bent = tf.mul(tf.square(tf.add(x, 1)), 0.25)
      return tf.where(tf.greater(x, 1), x, tf.where(tf.less(x, -1), tf.zerosLike(x), bent))
    }
    case 'sparse_sigmoid':
      return tf.clipByValue(tf.mul(tf.add(x, 1), 0.5), 0, 1)
    case 'softmax':
      return alongLast(tf, x, axis, (last) => tf.softmax(last))
    case 'log_softmax':
      return alongLast(tf, x, axis, (last) => tf.logSoftmax(last))
    case 'sparsemax':
      return alongLast(tf, x, axis, (last) => sparsemax(tf, last))
  }
}

export function elu(tf: TensorFlow, x: Tensor, alpha: number): Tensor {
  return tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha))
}

export function rectify(
  tf: TensorFlow,
  { slope, threshold, most }: Extract<KerasOperation, { kind: 'rectify' }>,
  x: Tensor,
): Tensor {
  // As in Keras: what lies between the threshold and the largest is left as it is, it is not moved.
  const above = tf.where(tf.greater(x, threshold), x, tf.zerosLike(x))
  const clipped = most === null ? above : tf.minimum(above, most)
  if (slope === 0) return clipped
  return tf.sub(clipped, tf.mul(tf.relu(tf.sub(threshold, x)), slope))
}

function hardSigmoid(tf: TensorFlow, x: Tensor): Tensor {
  return tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6)
}

/** log(1 + exp(x)), also where exp(x) is beyond float32. */
function softplus(tf: TensorFlow, x: Tensor): Tensor {
  return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))
}

function alongLast(tf: TensorFlow, x: Tensor, axis: number, apply: (last: Tensor) => Tensor): Tensor {
  const at = axis < 0 ? x.rank + axis : axis
  if (at === x.rank - 1) return apply(x)
  const swapped = x.shape.map((_, i) => (i === at ? x.rank - 1 : i === x.rank - 1 ? at : i))
  return tf.transpose(apply(tf.transpose(x, swapped)), swapped)
}

/**
 * As Keras 3.15 has it, whose threshold adds the running sums up, not the numbers as in Martins & Astudillo, From softmax to
 * sparsemax (ICML 2016); models were trained with it.
 */
function sparsemax(tf: TensorFlow, x: Tensor): Tensor {
  const size = x.shape.at(-1)!
  const sorted = tf.topk(x, size, true).values
  // TensorFlow.js counts no axis of cumsum from the end.
  const sums = tf.cumsum(sorted, x.rank - 1)
  const isIn = tf.greater(tf.sub(sorted, tf.div(tf.sub(sums, 1), tf.range(1, size + 1))), 0)
  const support = tf.sum(tf.cast(isIn, 'float32'), -1, true)
  const total = tf.sum(tf.where(isIn, sums, tf.zerosLike(sums)), -1, true)
  return tf.relu(tf.sub(x, tf.div(tf.sub(total, 1), support)))
}
