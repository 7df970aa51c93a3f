/** Normalisations within one sequence. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import type { Weights } from './weights.ts'

type Of<K extends KerasOperation['kind']> = Extract<KerasOperation, { kind: K }>

/** The least deviation, and the inverse of the largest factor: Keras' epsilon(), and that of UnitNormalization. */
const leastDeviation = 1e-7
const leastLength = 1e-12

export function normalise(
  tf: TensorFlow,
  { axes, epsilon, by }: Of<'normalise'>,
  x: Tensor,
  weights: Weights,
): Tensor {
  const along = axes.map((axis) => (axis < 0 ? x.rank + axis : axis))
  const { mean, variance } = tf.moments(x, along, true)
  const spread = by === 'rms' ? tf.mean(tf.square(x), along, true) : variance
  const scale = tf.rsqrt(tf.add(spread, epsilon))
  const scaled = tf.mul(by === 'mean and deviation' ? tf.sub(x, mean) : x, scale)
  const shape = x.shape.map((size, i) => (along.includes(i) ? size : 1))
  return shifted(tf, scaled, shape, weights)
}

/** As if the groups of channels were sequences of their own. */
export function normaliseGroups(
  tf: TensorFlow,
  { groups, axis, epsilon }: Of<'normaliseGroups'>,
  x: Tensor,
  weights: Weights,
): Tensor {
  const at = axis < 0 ? x.rank + axis : axis
  const count = groups === -1 ? x.shape[at]! : groups
  const split = x.shape.flatMap((size, i) => (i === at ? [count, size / count] : [size]))
  const grouped = tf.reshape(x, split)
  const along = split.map((_, i) => i).filter((i) => i > 0 && i !== at)
  const { mean, variance } = tf.moments(grouped, along, true)
  const scaled = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, epsilon)))
  const shape = x.shape.map((size, i) => (i === at ? size : 1))
  return shifted(tf, tf.reshape(scaled, x.shape), shape, weights)
}

/** To length 1. */
export function normaliseLength(tf: TensorFlow, axes: readonly number[], x: Tensor): Tensor {
  const along = axes.map((axis) => (axis < 0 ? x.rank + axis : axis))
  const length = tf.sqrt(tf.sum(tf.square(x), along, true))
  return tf.div(x, tf.maximum(length, leastLength))
}

export function standardise(tf: TensorFlow, invert: boolean, x: Tensor, weights: Weights): Tensor {
  const mean = weights.get('mean')!
  const deviation = tf.maximum(tf.sqrt(weights.get('variance')!), leastDeviation)
  return invert ? tf.add(mean, tf.mul(x, deviation)) : tf.div(tf.sub(x, mean), deviation)
}

function shifted(tf: TensorFlow, x: Tensor, shape: number[], weights: Weights): Tensor {
  const [gamma, beta] = ['gamma', 'beta'].map((role) => weights.get(role))
  const scaled = gamma === undefined ? x : tf.mul(x, tf.reshape(gamma, shape))
  return beta === undefined ? scaled : tf.add(scaled, tf.reshape(beta, shape))
}
