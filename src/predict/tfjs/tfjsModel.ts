/** A network as TensorFlow.js computes and trains it, and its weights back in the framework-free form. */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core'
import type { Random } from '../../base/random.ts'
import type {
  ActivationLayer,
  BatchNormLayer,
  Conv1dLayer,
  DenseLayer,
  Layer,
  Network,
} from '../../model/network/network.ts'
import { splitLastActivation } from '../../model/network/lastActivation.ts'
import { isIncreasing as isIncreasingFunction } from '../../model/network/activationFunctions.ts'
import { baseCount, reverseComplements } from '../../sequence/alphabet.ts'
import { oneHot } from '../../sequence/encoding.ts'
import { createScanConvolution, type ScanConvolution } from './scanConvolution.ts'
import { conv1d, conv1dGlobalMax, dense, type Convolution } from './tfjsConvolution.ts'
import { activateTensor } from './tfjsActivation.ts'
import { averagePool1d, globalMax, maxPool1d } from './tfjsPooling.ts'
import type { TensorFlow } from './tfjsRuntime.ts'

/** Share of a batch's statistics in the running ones (PyTorch's default). */
const batchNormMomentum = 0.1

/** Given in training only: dropout is drawn from it, batch normalisation uses and records the batch's statistics. */
interface TrainingPass {
  readonly dropout: Random
}

export interface TfjsModel {
  readonly network: Network
  /** What an optimiser changes. */
  readonly trainable: readonly Variable[]
  /** Of `trainable`, those that weight decay applies to. */
  readonly kernels: readonly Variable[]
  /**
   * Call it within `tf.tidy`.
   * @param x [n, L, 4]
   * @returns [n, outputs]
   */
  forward(x: Tensor3D, training?: TrainingPass): Tensor2D
  /**
   * The same from codes, which a first convolution that a global maximum follows reads as they are. Call it within
   * `tf.tidy`.
   * @param codes Uint8Array [n, L]
   * @param background what a masked base becomes
   * @returns [n, outputs]
   */
  forwardCodes(codes: Uint8Array, background: readonly number[], training?: TrainingPass): Tensor2D
  /** The network with the weights as they are now. */
  read(): Network
  dispose(): void
}

interface Pass {
  /** Undefined in inference. */
  readonly training: TrainingPass | undefined
  /** 2 where the batch holds the inputs, then their reverse complements. */
  readonly strands: 1 | 2
}

/** One layer, or a few computed as one. */
interface TfjsLayer {
  readonly kernels: readonly Variable[]
  readonly trainable: readonly Variable[]
  /** All weights, trainable or not. */
  readonly weights: readonly Variable[]
  apply(x: Tensor, pass: Pass): Tensor
  /** Where the layer is the first: the same from codes [n, L]. */
  readonly applyCodes?: (codes: Uint8Array, background: readonly number[]) => Tensor
  read(): readonly Layer[]
}

/** Backends whose convolutions our kernel beats: WebAssembly and plain JavaScript, not the native ones. */
const scannedBackends = ['wasm', 'cpu']

export interface TfjsModelOptions {
  /** Whether gradients with respect to x are wanted too; training needs none. */
  readonly inputGradient?: boolean
  /** Leaves what the strands give side by side, [n, 2 outputs], those of the input first. */
  readonly strandsApart?: boolean
}

export function buildTfjsModel(
  tf: TensorFlow,
  network: Network,
  { inputGradient = false, strandsApart = false }: TfjsModelOptions = {},
): TfjsModel {
  const { inputLength: length, strands, strandJoin = 'maximum' } = network
  const split = splitLastActivation(network)
  // What follows a mean of both strands, if anything does.
  const after =
    strands === 'both' && strandJoin === 'mean-of-logits' && !strandsApart ? split.activation : 'linear'
  /** @param both one batch twice as long, so that batch normalisation has seen both strands at once: [2 n, outputs] */
  const joinStrands = (both: Tensor2D): Tensor2D => {
    const [forward, reverse] = tf.split<Tensor2D>(both, 2, 0) as [Tensor2D, Tensor2D]
    if (strandsApart) return tf.concat([forward, reverse], 1)
    if (strandJoin === 'maximum') return larger(tf, forward, reverse)
    return activateTensor(tf, after, tf.mul(tf.add(forward, reverse), 0.5)) as Tensor2D
  }
  const layers = buildLayers(
    tf,
    after === 'linear' ? network.layers : split.logits.layers,
    inputGradient,
    length,
  )
  const forward = (x: Tensor3D, training?: TrainingPass): Tensor2D => {
    if (strands === 'forward') return applyAll(layers, x, { training, strands: 1 }) as Tensor2D
    const both = tf.concat([x, tf.reverse<Tensor3D>(x, [1, 2])], 0)
    return joinStrands(applyAll(layers, both, { training, strands: 2 }) as Tensor2D)
  }
  return {
    network,
    trainable: layers.flatMap((layer) => layer.trainable),
    kernels: layers.flatMap((layer) => layer.kernels),
    forward,
    forwardCodes: (codes, background, training) => {
      const [first, ...rest] = layers
      if (first?.applyCodes === undefined || !scannedBackends.includes(tf.getBackend())) {
        const x = oneHot(codes, length, 'NWC', background)
        return forward(tf.tensor3d(x, [codes.length / length, length, baseCount]), training)
      }
      const scanned = first.applyCodes(codes, background)
      if (strands === 'forward') return applyAll(rest, scanned, { training, strands: 1 }) as Tensor2D
      // Of a masked base it is the background that is turned round.
      const reverse = first.applyCodes(reverseComplements(codes, length), background.toReversed())
      const both = tf.concat([scanned, reverse], 0)
      return joinStrands(applyAll(rest, both, { training, strands: 2 }) as Tensor2D)
    },
    read: () => ({
      ...network,
      layers: [
        ...layers.flatMap((layer) => layer.read()),
        ...(after === 'linear' ? [] : [{ kind: 'activation' as const, function: after }]),
      ],
    }),
    dispose: () => {
      for (const layer of layers) tf.dispose([...layer.weights])
    },
  }
}

function applyAll(layers: readonly TfjsLayer[], x: Tensor, pass: Pass): Tensor {
  return layers.reduce((value, layer) => layer.apply(value, pass), x)
}

/**
 * The gradient goes to the larger value, to the first of equals. NaN in either is NaN; by TensorFlow.js' own maximum,
 * that of 1 and NaN is 1 in WebAssembly.
 */
function larger(tf: TensorFlow, first: Tensor2D, second: Tensor2D): Tensor2D {
  const apply = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    const takesFirst = tf.logicalOr(tf.greaterEqual(first, second), tf.notEqual(first, first))
    const taken = tf.cast(takesFirst, 'float32')
    save([taken])
    return {
      value: tf.where(takesFirst, first, second),
      gradFunc: (dy: Tensor, [taken]: Tensor[]) => [tf.mul(dy, taken!), tf.mul(dy, tf.sub(1, taken!))],
    }
  })
  return apply(first, second)
}

/**
 * @param trainedBefore whether the input depends on weights, so that gradients must flow through it
 * @param length L where the input is that of the network
 */
function buildLayers(
  tf: TensorFlow,
  layers: readonly Layer[],
  trainedBefore: boolean,
  length?: number,
): TfjsLayer[] {
  const built: TfjsLayer[] = []
  let needed = trainedBefore
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i]!
    const pooled = layer.kind === 'conv1d' ? pooledActivation(layers, i) : undefined
    if (layer.kind === 'conv1d' && pooled !== undefined) {
      built.push(convolutionAndMaximum(tf, layer, pooled, needed, i === 0 ? length : undefined))
      i += pooled.length
    } else {
      built.push(buildLayer(tf, layer, needed))
    }
    needed ||= built.at(-1)!.trainable.length > 0
  }
  return built
}

/** The layers between a convolution and the global maximum that follows, and the maximum, if they commute with it. */
function pooledActivation(layers: readonly Layer[], convolution: number): readonly Layer[] | undefined {
  const following = layers.slice(convolution + 1)
  const pool = following.findIndex((layer) => layer.kind !== 'activation' || !isIncreasing(layer))
  return following[pool]?.kind === 'globalMaxPool' ? following.slice(0, pool + 1) : undefined
}

function isIncreasing(layer: ActivationLayer): boolean {
  return isIncreasingFunction(layer.function)
}

function buildLayer(tf: TensorFlow, layer: Layer, inputGradient: boolean): TfjsLayer {
  switch (layer.kind) {
    case 'conv1d': {
      const { kernel, bias, read } = convolutionWeights(tf, layer)
      return weighted([kernel], [kernel, bias], [kernel, bias], read, (x) =>
        conv1d(tf, x as Tensor3D, kernel as Tensor3D, bias as Tensor1D, layer, inputGradient),
      )
    }
    case 'dense':
      return denseLayer(tf, layer, inputGradient)
    case 'batchNorm':
      return batchNorm(tf, layer)
    case 'activation':
      return weightless(layer, (x) => activateTensor(tf, layer.function, x))
    case 'maxPool1d':
      return weightless(layer, (x) => maxPool1d(tf, x as Tensor3D, layer))
    case 'averagePool1d':
      return weightless(layer, (x) => averagePool1d(tf, x as Tensor3D, layer))
    case 'crop1d':
      return weightless(layer, (x) => {
        const [rows, length, channels] = (x as Tensor3D).shape
        return tf.slice(x, [0, layer.before, 0], [rows, length - layer.before - layer.after, channels])
      })
    case 'zeroPad1d':
      return weightless(layer, (x) =>
        tf.pad(x, [
          [0, 0],
          [layer.before, layer.after],
          [0, 0],
        ]),
      )
    case 'globalMaxPool':
      return weightless(layer, (x) => globalMax(tf, x as Tensor3D))
    case 'globalAveragePool':
      return weightless(layer, (x) => tf.mean(x, 1))
    case 'dropout':
      return weightless(layer, (x, { training, strands }) =>
        training === undefined ? x : drop(tf, x, layer.rate, training.dropout, strands),
      )
    case 'flatten':
      return weightless(layer, (x) => tf.reshape(x, [x.shape[0], x.size / x.shape[0]]))
    case 'splitChannels':
      return weightless(layer, (x) => {
        const [rows, length, channels] = (x as Tensor3D).shape
        return tf.reshape(x, [rows, length * layer.groups, channels / layer.groups])
      })
    case 'residual': {
      const inner = buildLayers(tf, layer.layers, inputGradient)
      const shortcut = buildLayers(tf, layer.shortcut ?? [], inputGradient)
      return {
        ...weightsOf([...inner, ...shortcut]),
        apply: (x, pass) => tf.add(applyAll(shortcut, x, pass), applyAll(inner, x, pass)),
        read: () => [
          {
            ...layer,
            layers: inner.flatMap((part) => part.read()),
            ...(layer.shortcut && { shortcut: shortcut.flatMap((part) => part.read()) }),
          },
        ],
      }
    }
    case 'concat': {
      const branches = layer.branches.map((branch) => buildLayers(tf, branch, inputGradient))
      return {
        ...weightsOf(branches.flat()),
        apply: (x, pass) => {
          const ends = branches.map((branch) => applyAll(branch, x, pass))
          return tf.concat(ends, -1)
        },
        read: () => [{ ...layer, branches: branches.map((branch) => branch.flatMap((part) => part.read())) }],
      }
    }
  }
}

function weightsOf(parts: readonly TfjsLayer[]): Pick<TfjsLayer, 'kernels' | 'trainable' | 'weights'> {
  return {
    kernels: parts.flatMap((part) => part.kernels),
    trainable: parts.flatMap((part) => part.trainable),
    weights: parts.flatMap((part) => part.weights),
  }
}

function weightless(layer: Layer, apply: (x: Tensor, pass: Pass) => Tensor): TfjsLayer {
  return { kernels: [], trainable: [], weights: [], apply, read: () => [layer] }
}

function weighted(
  kernels: readonly Variable[],
  trainable: readonly Variable[],
  weights: readonly Variable[],
  read: () => Layer,
  apply: (x: Tensor, pass: Pass) => Tensor,
): TfjsLayer {
  return { kernels, trainable, weights, apply, read: () => [read()] }
}

function convolutionWeights(tf: TensorFlow, layer: Conv1dLayer) {
  const { kernelSize, filters } = layer
  const kernel = variable(tf, layer.kernel, [
    kernelSize,
    layer.kernel.length / (kernelSize * filters),
    filters,
  ])
  const bias = variable(tf, layer.bias)
  return { kernel, bias, read: (): Layer => ({ ...layer, kernel: valuesOf(kernel), bias: valuesOf(bias) }) }
}

/**
 * max(f(conv(x))) = f(max(conv(x))) for an increasing f.
 * @param length L where the layer is the first
 */
function convolutionAndMaximum(
  tf: TensorFlow,
  layer: Conv1dLayer,
  pooled: readonly Layer[],
  inputGradient: boolean,
  length: number | undefined,
): TfjsLayer {
  const weights = convolutionWeights(tf, layer)
  const [kernel, bias] = [weights.kernel as Tensor3D, weights.bias as Tensor1D]
  const convolution: Convolution = layer
  const activated = (maxima: Tensor): Tensor =>
    pooled.reduce(
      (y, next) => (next.kind === 'activation' ? activateTensor(tf, next.function, y) : y),
      maxima,
    )
  const built: TfjsLayer = {
    kernels: [weights.kernel],
    trainable: [weights.kernel, weights.bias],
    weights: [weights.kernel, weights.bias],
    apply: (x) => activated(conv1dGlobalMax(tf, x as Tensor3D, kernel, bias, convolution, inputGradient)),
    read: () => [weights.read(), ...pooled],
  }
  if (length === undefined) return built
  let scan: ScanConvolution | undefined
  return {
    ...built,
    applyCodes: (codes, background) => {
      scan ??= createScanConvolution(tf, length, layer.filters, convolution)
      return activated(scan(codes, background, kernel, bias))
    },
  }
}

function denseLayer(tf: TensorFlow, layer: DenseLayer, inputGradient: boolean): TfjsLayer {
  const kernel = variable(tf, layer.kernel, [layer.kernel.length / layer.units, layer.units])
  const bias = variable(tf, layer.bias)
  return weighted(
    [kernel],
    [kernel, bias],
    [kernel, bias],
    () => ({ ...layer, kernel: valuesOf(kernel), bias: valuesOf(bias) }),
    (x) => dense(tf, x as Tensor2D, kernel as Tensor2D, bias as Tensor1D, inputGradient),
  )
}

/** Per channel: in training over batch and positions (Ioffe, Szegedy 2015), otherwise with the running statistics. */
function batchNorm(tf: TensorFlow, layer: BatchNormLayer): TfjsLayer {
  const gamma = variable(tf, layer.gamma)
  const beta = variable(tf, layer.beta)
  const mean = variable(tf, layer.mean)
  const variance = variable(tf, layer.variance)
  const record = (running: Variable, batch: Tensor) => {
    running.assign(tf.add(tf.mul(running, 1 - batchNormMomentum), tf.mul(batch, batchNormMomentum)))
  }
  return weighted(
    [],
    [gamma, beta],
    [gamma, beta, mean, variance],
    () => ({
      ...layer,
      gamma: valuesOf(gamma),
      beta: valuesOf(beta),
      mean: valuesOf(mean),
      variance: valuesOf(variance),
    }),
    (x, { training }) => {
      let statistics: { mean: Tensor; variance: Tensor } = { mean, variance }
      if (training !== undefined) {
        statistics = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1))
        record(mean, statistics.mean)
        record(variance, statistics.variance)
      }
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(statistics.variance, layer.epsilon)))
      return tf.add(tf.mul(tf.sub(x, statistics.mean), scale), beta)
    },
  )
}

/**
 * Inverted dropout. TensorFlow.js' own draws the same mask at every call when it is seeded. Both strands of a sequence
 * lose the same units, as one network with those units left out would read them; masks of their own would favour
 * whichever strand kept more.
 */
function drop(tf: TensorFlow, x: Tensor, rate: number, random: Random, strands: 1 | 2): Tensor {
  const kept = new Float32Array(x.size)
  const drawn = x.size / strands
  for (let i = 0; i < drawn; i++) kept[i] = random.uniform() < rate ? 0 : 1 / (1 - rate)
  if (strands === 2) kept.copyWithin(drawn, 0, drawn)
  return tf.mul(x, tf.tensor(kept, x.shape))
}

function variable(tf: TensorFlow, values: Float32Array, shape: number[] = [values.length]): Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values.slice(), shape)))
}

function valuesOf(tensor: Variable): Float32Array {
  return Float32Array.from(tensor.dataSync())
}
