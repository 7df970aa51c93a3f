/** A network written out in TensorFlow.js' own differentiable operations: what our gradients are held against. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type {
  BatchNormLayer,
  Conv1dLayer,
  Layer,
  Network,
  PoolLayer,
} from '../../src/model/network/network.ts'
import type { TensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'

/** Trainable weights in the order of `TfjsModel.trainable`. */
export function referenceWeights(tf: TensorFlow, layers: readonly Layer[]): Tensor[] {
  return layers.flatMap((layer): Tensor[] => {
    switch (layer.kind) {
      case 'conv1d': {
        const channels = layer.kernel.length / (layer.kernelSize * layer.filters)
        return [tf.tensor(layer.kernel, [layer.kernelSize, channels, layer.filters]), tf.tensor1d(layer.bias)]
      }
      case 'dense':
        return [
          tf.tensor(layer.kernel, [layer.kernel.length / layer.units, layer.units]),
          tf.tensor1d(layer.bias),
        ]
      case 'batchNorm':
        return [tf.tensor1d(layer.gamma), tf.tensor1d(layer.beta)]
      case 'residual':
        return referenceWeights(tf, [...layer.layers, ...(layer.shortcut ?? [])])
      case 'concat':
        return referenceWeights(tf, layer.branches.flat())
      case 'activation':
      case 'maxPool1d':
      case 'averagePool1d':
      case 'crop1d':
      case 'zeroPad1d':
      case 'globalMaxPool':
      case 'globalAveragePool':
      case 'dropout':
      case 'flatten':
      case 'splitChannels':
        return []
    }
  })
}

/**
 * The forward pass without dropout. Where a network reads both strands: the elementwise maximum of one pass over the
 * inputs and one over their reverse complements, in inference; in training, batch statistics are those of both.
 */
export function referenceScores(
  tf: TensorFlow,
  { layers, strands }: Network,
  weights: readonly Tensor[],
  input: Tensor,
  training: boolean,
): Tensor {
  const scores = (x: Tensor) => {
    const left = [...weights]
    return referenceForward(tf, layers, () => left.shift()!, x, training)
  }
  if (strands === 'forward') return scores(input)
  const reverse = tf.gather(tf.gather(input, descending(input.shape[1]!), 1), [3, 2, 1, 0], 2)
  if (!training) return tf.maximum(scores(input), scores(reverse))
  return tf.max(tf.stack(tf.split(scores(tf.concat([input, reverse])), 2)), 0)
}

function descending(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - 1 - i)
}

/**
 * One strand.
 * @param next gives the weights of `referenceWeights`, one after the other
 */
function referenceForward(
  tf: TensorFlow,
  layers: readonly Layer[],
  next: () => Tensor,
  input: Tensor,
  training: boolean,
): Tensor {
  return layers.reduce((x, layer) => applyLayer(tf, layer, next, x, training), input)
}

function applyLayer(tf: TensorFlow, layer: Layer, next: () => Tensor, x: Tensor, training: boolean): Tensor {
  switch (layer.kind) {
    case 'conv1d': {
      const { padding } = layer
      const padded = typeof padding === 'string' ? x : tf.pad(x, [[0, 0], [...padding], [0, 0]])
      const kernel = dilate(tf, next() as Tensor3D, layer)
      return tf.add(tf.conv1d(padded as Tensor3D, kernel, 1, padding === 'same' ? 'same' : 'valid'), next())
    }
    case 'dense':
      return tf.add(tf.matMul(x as Tensor2D, next() as Tensor2D), next())
    case 'batchNorm':
      return normalise(tf, layer, next(), next(), x, training)
    case 'activation':
      return layer.function === 'gelu'
        ? tf.mul(x, tf.mul(tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1), 0.5))
        : layer.function === 'linear'
          ? x
          : layer.function === 'silu'
            ? tf.div(x, tf.add(1, tf.exp(tf.neg(x))))
            : layer.function === 'gelu-tanh'
              ? tf.mul(
                  tf.mul(x, 0.5),
                  tf.add(
                    1,
                    tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))))),
                  ),
                )
              : tf[layer.function](x)
    case 'maxPool1d': {
      const { size, stride, padding } = layer
      const padded = typeof padding === 'string' ? x : tf.pad(x, [[0, 0], [...padding], [0, 0]], -1e9)
      const pad = padding === 'same' ? 'same' : 'valid'
      return tf.squeeze(tf.maxPool(tf.expandDims(padded as Tensor3D, 1), [1, size], [1, stride], pad), [1])
    }
    case 'averagePool1d': {
      const matrix = averagingMatrix(x.shape[1]!, layer)
      const weights = tf.tile(tf.expandDims(tf.tensor2d(matrix), 0), [x.shape[0], 1, 1])
      return tf.matMul(weights, x)
    }
    case 'crop1d': {
      const kept = Array.from(
        { length: x.shape[1]! - layer.before - layer.after },
        (_, i) => layer.before + i,
      )
      return tf.gather(x, kept, 1)
    }
    case 'zeroPad1d': {
      const zeros = (count: number) => tf.zeros([x.shape[0], count, x.shape[2]!])
      return tf.concat([zeros(layer.before), x, zeros(layer.after)], 1)
    }
    case 'globalMaxPool':
      return tf.max(x, 1)
    case 'globalAveragePool':
      return tf.mean(x, 1)
    case 'dropout':
      return x
    case 'flatten':
      return tf.reshape(x, [x.shape[0], -1])
    case 'splitChannels':
      return tf.reshape(x, [x.shape[0], x.shape[1]! * layer.groups, -1])
    case 'residual': {
      const inner = referenceForward(tf, layer.layers, next, x, training)
      return tf.add(referenceForward(tf, layer.shortcut ?? [], next, x, training), inner)
    }
    case 'concat':
      return tf.concat(
        layer.branches.map((branch) => referenceForward(tf, branch, next, x, training)),
        -1,
      )
  }
}

/** A kernel with zeros between its taps: what a dilated convolution means. */
function dilate(tf: TensorFlow, kernel: Tensor3D, { kernelSize, dilation }: Conv1dLayer): Tensor3D {
  if (kernelSize === 1) return kernel
  const taps = tf
    .split(kernel, kernelSize, 0)
    .flatMap((tap, i) =>
      i === 0 ? [tap] : [...Array.from({ length: dilation - 1 }, () => tf.zerosLike(tap)), tap],
    )
  return tf.concat3d(taps as Tensor3D[], 0)
}

function normalise(
  tf: TensorFlow,
  layer: BatchNormLayer,
  gamma: Tensor,
  beta: Tensor,
  x: Tensor,
  training: boolean,
): Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1)
  const mean = training ? tf.mean(x, axes) : tf.tensor1d(layer.mean)
  const variance = training ? tf.mean(tf.square(tf.sub(x, mean)), axes) : tf.tensor1d(layer.variance)
  const standard = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, layer.epsilon)))
  return tf.add(tf.mul(standard, gamma), beta)
}

/** [positions, length]: each row averages the positions of its window that exist. */
function averagingMatrix(length: number, { size, stride, padding }: PoolLayer): number[][] {
  const [before, after] = typeof padding === 'string' ? [0, 0] : padding
  const positions =
    padding === 'same'
      ? Math.ceil(length / stride)
      : Math.floor((before + length + after - size) / stride) + 1
  const missing = padding === 'same' ? Math.max((positions - 1) * stride + size - length, 0) : 0
  return Array.from({ length: positions }, (_, i) => {
    const from = i * stride - (before + Math.floor(missing / 2))
    const inside = Array.from({ length }, (_, j) => j >= from && j < from + size)
    const count = inside.filter(Boolean).length
    return inside.map((member) => (member ? 1 / count : 0))
  })
}
