/** The activation functions of a network in TensorFlow.js. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { ActivationFunction } from '../../model/network/network.ts'
import type { TensorFlow } from './tfjsRuntime.ts'

/** A softmax is over the last dimension. */
export function activateTensor(tf: TensorFlow, name: ActivationFunction, x: Tensor): Tensor {
  switch (name) {
    case 'linear':
      return x
    case 'relu':
      return tf.relu(x)
    case 'elu':
      return tf.elu(x)
    case 'gelu': // exact: x Φ(x)
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
    case 'sigmoid':
      return tf.sigmoid(x)
    case 'tanh':
      return tf.tanh(x)
    case 'exp':
      return tf.exp(x)
    case 'softmax':
      return tf.softmax(x)
    case 'silu':
      return tf.mul(x, tf.sigmoid(x))
    case 'softplus':
      return tf.softplus(x)
    case 'gelu-tanh': {
      const inner = tf.mul(
        x,
        tf.add(tf.mul(tf.mul(x, x), 2 * Math.sqrt(2 / Math.PI) * 0.044715), 2 * Math.sqrt(2 / Math.PI)),
      )
      return tf.mul(x, tf.sigmoid(inner))
    }
  }
}
