/** Attention: Luong's, Bahdanau's and by heads (Vaswani et al. 2017; shared by groups: Ainslie et al. 2023). */
import type { Rank, Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { KerasOperation } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import type { Weights } from './weights.ts'

type Of<K extends KerasOperation['kind']> = Extract<KerasOperation, { kind: K }>

/**
 * @param inputs query [n, T, channels], value [n, S, width] and, unless it is the value, key [n, S, channels]
 * @returns [n, T, width]
 */
export function attend(
  tf: TensorFlow,
  score: Of<'attend'>['score'],
  inputs: readonly Tensor3D[],
  weights: Weights,
): Tensor {
  const [query, value, key = value] = inputs as [Tensor3D, Tensor3D, Tensor3D | undefined]
  const scale = weights.get('scale')
  let scores: Tensor
  if (score === 'dot') {
    const product = tf.matMul(query, key, false, true)
    scores = scale === undefined ? product : tf.mul(product, scale)
  } else {
    const sums = tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)) // [n, T, S, channels]
    if (score === 'additive') {
      const bent = tf.tanh(sums)
      scores = tf.sum(scale === undefined ? bent : tf.mul(bent, scale), -1)
    } else {
      const bent = tf.sum(tf.tanh(scale === undefined ? sums : tf.mul(sums, scale)), -1)
      scores = tf.mul(bent, weights.get('concat_score_weight')!)
    }
  }
  return tf.matMul(tf.softmax(scores), value)
}

/** As `attend`, each head by itself; fewer heads of keys and values than of queries are shared. */
export function attendByHeads(
  tf: TensorFlow,
  { scale, window }: Of<'attendByHeads'>,
  inputs: readonly Tensor3D[],
  weights: Weights,
): Tensor {
  const [query, value, key = value] = inputs as [Tensor3D, Tensor3D, Tensor3D | undefined]
  const projected = (x: Tensor, role: string) =>
    denseAlong(tf, x, weights.get(`${role}/kernel`)!, weights.get(`${role}/bias`), 1) as Tensor4D
  const queries = projected(query, 'query') // [n, T, heads, size]
  const heads = queries.shape[2]
  const byHead = (x: Tensor4D) => tf.transpose(repeated(tf, x, heads / x.shape[2]), [0, 2, 1, 3])
  const products = tf.matMul(byHead(queries), byHead(projected(key, 'key')), false, true)
  const scores = tf.mul(products, scale) // [n, heads, T, S]
  const seen = window === null ? scores : tf.add(scores, outside(tf, scores.shape, window))
  const joined = tf.transpose(tf.matMul(tf.softmax(seen), byHead(projected(value, 'value'))), [0, 2, 1, 3])
  const gated = weights.has('gate/kernel') ? tf.mul(joined, tf.sigmoid(projected(query, 'gate'))) : joined
  return denseAlong(tf, gated, weights.get('output/kernel')!, weights.get('output/bias'), 2)
}

/** [n, S, heads, size] with each head `times` times. */
function repeated(tf: TensorFlow, x: Tensor4D, times: number): Tensor4D {
  if (times === 1) return x
  const [rows, length, heads, size] = x.shape
  const each = tf.tile(tf.expandDims(x, 3), [1, 1, 1, times, 1])
  return tf.reshape<Rank.R4>(each, [rows, length, heads * times, size])
}

/** What keeps a position from those `window` or more away. */
function outside(tf: TensorFlow, shape: readonly number[], window: number): Tensor2D {
  const [length, others] = shape.slice(-2) as [number, number]
  const values = Float32Array.from({ length: length * others }, (_, i) =>
    Math.abs(Math.floor(i / others) - (i % others)) < window ? 0 : -1e9,
  )
  return tf.tensor2d(values, [length, others])
}

/**
 * @param kernel the sizes of the inputs, then those of the units
 * @param inputs how many of its dimensions are inputs: the last ones of x
 */
export function denseAlong(
  tf: TensorFlow,
  x: Tensor,
  kernel: Tensor,
  bias: Tensor | undefined,
  inputs: number,
): Tensor {
  const places = x.shape.slice(0, x.rank - inputs)
  const units = kernel.shape.slice(inputs)
  const width = kernel.shape.slice(0, inputs).reduce((product, size) => product * size, 1)
  const product = tf.matMul(tf.reshape(x, [-1, width]), tf.reshape(kernel, [width, -1]))
  const shaped = tf.reshape(product, [...places, ...units])
  return bias === undefined ? shaped : tf.add(shaped, bias)
}
