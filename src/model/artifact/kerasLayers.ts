/** A network as the layers of a Keras model, for Keras itself or for TensorFlow.js, which has fewer of them. */
import { ConfigError } from '../../base/errors.ts'
import { baseCount } from '../../sequence/alphabet.ts'
import type { Tensor } from '../../io/hdf5/hdf5.ts'
import type { Config } from '../foreign/keras/kerasWords.ts'
import type {
  ActivationFunction,
  Conv1dLayer,
  CropLayer,
  Layer,
  Network,
  PoolLayer,
} from '../network/network.ts'
import { channelsOf, paddingOf, shapesAfter, sizeOf, type Shape } from '../network/shapes.ts'

export type KerasTarget = 'keras' | 'tfjs'

export interface WrittenKeras {
  /** `class_name` and `config`. */
  readonly topology: { readonly class_name: string; readonly config: unknown }
  /** Of each layer that has weights, in the order in which Keras keeps them. */
  readonly weights: readonly {
    readonly layer: string
    readonly tensors: readonly (readonly [role: string, tensor: Tensor])[]
  }[]
}

interface WrittenLayer {
  readonly name: string
  readonly className: string
  readonly config: Config
  readonly inputs: readonly string[]
  readonly tensors: readonly (readonly [role: string, tensor: Tensor])[]
}

const inputName = 'sequence'

/** @throws ConfigError naming what Keras, or TensorFlow.js, has no layer for */
export function kerasLayers(network: Network, target: KerasTarget): WrittenKeras {
  if (network.strands === 'both') {
    throw new ConfigError(
      `a network that reads both strands has no counterpart in ${namesOf[target]}; export it with --to onnx`,
    )
  }
  const input: Shape = [network.inputLength, baseCount]
  const writer = new LayerWriter(target)
  const output = writer.write(network.layers, input, inputName)
  const layers = inOrderOfKeras(writer.layers, output)
  const inputLayer: WrittenLayer = {
    name: inputName,
    className: 'InputLayer',
    config: { batch_input_shape: [null, ...input], dtype: 'float32' },
    inputs: [],
    tensors: [],
  }
  const all = [inputLayer, ...layers]
  const isChain = layers.every(({ inputs }, i) => inputs.length === 1 && inputs[0] === all[i]!.name)
  return {
    topology: isChain
      ? { class_name: 'Sequential', config: { name: 'network', layers: all.map(writtenLayer) } }
      : {
          class_name: target === 'tfjs' ? 'Model' : 'Functional',
          config: {
            name: 'network',
            layers: all.map((layer) => ({
              ...writtenLayer(layer),
              name: layer.name,
              inbound_nodes: layer.inputs.length === 0 ? [] : [layer.inputs.map((name) => [name, 0, 0, {}])],
            })),
            input_layers: [[inputName, 0, 0]],
            output_layers: [[output, 0, 0]],
          },
        },
    weights: layers.flatMap(({ name, tensors }) => (tensors.length === 0 ? [] : [{ layer: name, tensors }])),
  }
}

/**
 * Keras loads the weights of an HDF5 file by the order in which it has the layers itself: from the one that is the most
 * steps away from the output, those of as many steps as it comes by them when it goes back from the output.
 */
function inOrderOfKeras(layers: readonly WrittenLayer[], output: string): WrittenLayer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  const steps = new Map<string, number>()
  for (const { name, inputs } of layers.toReversed()) {
    const own = steps.get(name) ?? 0
    for (const input of inputs) steps.set(input, Math.max(own + 1, steps.get(input) ?? 0))
  }
  const met = new Map<string, number>()
  const waiting = [output]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (met.has(name)) continue
    met.set(name, met.size)
    waiting.push(...(byName.get(name)?.inputs.toReversed() ?? []))
  }
  return layers.toSorted((a, b) => {
    const [first, second] = [steps.get(a.name) ?? 0, steps.get(b.name) ?? 0]
    return second - first || met.get(a.name)! - met.get(b.name)!
  })
}

const kerasActivations: Readonly<Record<ActivationFunction, string>> = {
  linear: 'linear',
  relu: 'relu',
  elu: 'elu',
  gelu: 'gelu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  exp: 'exponential',
  softmax: 'softmax',
  silu: 'swish', // the name of both versions of Keras
  softplus: 'softplus',
  'gelu-tanh': 'gelu',
}

/** Where TensorFlow.js has another name than Keras. */
const tfjsActivations: Readonly<Partial<Record<ActivationFunction, string>>> = { 'gelu-tanh': 'gelu_new' }

const namesOf: Readonly<Record<KerasTarget, string>> = { keras: 'Keras', tfjs: 'TensorFlow.js' }

function writtenLayer({ name, className, config }: WrittenLayer): { class_name: string; config: Config } {
  return { class_name: className, config: { name, trainable: true, ...config } }
}

class LayerWriter {
  readonly layers: WrittenLayer[] = []
  readonly #target: KerasTarget

  constructor(target: KerasTarget) {
    this.#target = target
  }

  /** @returns the name of the layer that gives what they make */
  write(layers: readonly Layer[], input: Shape, from: string): string {
    const shapes = [input, ...shapesAfter(layers, input)]
    return layers.reduce((name, layer, i) => this.#write(layer, shapes[i]!, name), from)
  }

  #write(layer: Layer, input: Shape, from: string): string {
    switch (layer.kind) {
      case 'conv1d':
        return this.#convolution(layer, input as readonly [number, number], from)
      case 'dense':
        return this.#add(
          'Dense',
          { units: layer.units, activation: 'linear', use_bias: true },
          [from],
          [
            ['kernel', { shape: [sizeOf(input), layer.units], values: layer.kernel }],
            ['bias', { shape: [layer.units], values: layer.bias }],
          ],
        )
      case 'batchNorm': {
        const shape = [channelsOf(input)]
        return this.#add(
          'BatchNormalization',
          { axis: -1, momentum: 0.99, epsilon: layer.epsilon, center: true, scale: true },
          [from],
          [
            ['gamma', { shape, values: layer.gamma }],
            ['beta', { shape, values: layer.beta }],
            ['moving_mean', { shape, values: layer.mean }],
            ['moving_variance', { shape, values: layer.variance }],
          ],
        )
      }
      case 'activation': {
        const name = kerasActivations[layer.function]
        if (this.#target === 'keras') {
          // Keras' own gelu is exact; its approximation is one of our own only by its configuration.
          if (layer.function === 'gelu-tanh')
            throw this.#missing('approximate GELU by tanh under a name that every version of it knows')
          return this.#add('Activation', { activation: name }, [from])
        }
        if (layer.function === 'exp') throw this.#missing('exponential function')
        return this.#add('Activation', { activation: tfjsActivations[layer.function] ?? name }, [from])
      }
      case 'maxPool1d':
        return this.#pool('MaxPooling1D', layer, input[0], from)
      case 'averagePool1d':
        return this.#pool('AveragePooling1D', layer, input[0], from)
      case 'crop1d':
        return this.#crop(from, input as readonly [number, number], layer)
      case 'zeroPad1d':
        return this.#pad(from, input as readonly [number, number], layer.before, layer.after)
      case 'globalMaxPool':
        return this.#add('GlobalMaxPooling1D', {}, [from])
      case 'globalAveragePool':
        return this.#add('GlobalAveragePooling1D', {}, [from])
      case 'dropout':
        return this.#add('Dropout', { rate: layer.rate }, [from])
      case 'flatten':
        return input.length === 1 ? from : this.#add('Flatten', {}, [from])
      case 'splitChannels': {
        const [length, channels] = input as readonly [number, number]
        const target = [length * layer.groups, channels / layer.groups]
        return this.#add('Reshape', { target_shape: target }, [from])
      }
      case 'residual': {
        const shortcut = this.write(layer.shortcut ?? [], input, from)
        return this.#add('Add', {}, [shortcut, this.write(layer.layers, input, from)])
      }
      case 'concat': {
        const branches = layer.branches.map((branch) => this.write(branch, input, from))
        return this.#add('Concatenate', { axis: -1 }, branches)
      }
    }
  }

  #convolution(layer: Conv1dLayer, [length, channels]: readonly [number, number], from: string): string {
    const { filters, kernelSize, dilation, kernel, bias } = layer
    const span = (kernelSize - 1) * dilation + 1
    const [before, after] = paddingOf(length, span, 1, layer.padding)
    const same = paddingOf(length, span, 1, 'same')
    let padding = 'valid'
    if (before === 0 && after === 0) padding = 'valid'
    else if (before === same[0] && after === same[1]) padding = 'same'
    else if (this.#target === 'keras' && before === span - 1 && after === 0) padding = 'causal'
    else from = this.#pad(from, [length, channels], before, after)
    return this.#add(
      'Conv1D',
      {
        filters,
        kernel_size: [kernelSize],
        strides: [1],
        padding,
        data_format: 'channels_last',
        dilation_rate: [dilation],
        activation: 'linear',
        use_bias: true,
      },
      [from],
      [
        ['kernel', { shape: [kernelSize, channels, filters], values: kernel }],
        ['bias', { shape: [filters], values: bias }],
      ],
    )
  }

  /** TensorFlow.js adds zeros to images only. */
  #pad(from: string, [length, channels]: readonly [number, number], before: number, after: number): string {
    if (this.#target === 'keras') return this.#add('ZeroPadding1D', { padding: [before, after] }, [from])
    const image = this.#add('Reshape', { target_shape: [length, 1, channels] }, [from])
    const padding = [
      [before, after],
      [0, 0],
    ]
    const padded = this.#add('ZeroPadding2D', { padding, data_format: 'channels_last' }, [image])
    return this.#add('Reshape', { target_shape: [length + before + after, channels] }, [padded])
  }

  /** As `#pad`. */
  #crop(from: string, [length, channels]: readonly [number, number], { before, after }: CropLayer): string {
    if (this.#target === 'keras') return this.#add('Cropping1D', { cropping: [before, after] }, [from])
    const image = this.#add('Reshape', { target_shape: [length, 1, channels] }, [from])
    const cropping = [
      [before, after],
      [0, 0],
    ]
    const cropped = this.#add('Cropping2D', { cropping, data_format: 'channels_last' }, [image])
    return this.#add('Reshape', { target_shape: [length - before - after, channels] }, [cropped])
  }

  #pool(className: string, { size, stride, padding }: PoolLayer, length: number, from: string): string {
    const pads = paddingOf(length, size, stride, padding)
    const matches = (other: 'same' | 'valid') => {
      const others = paddingOf(length, size, stride, other)
      return pads[0] === others[0] && pads[1] === others[1]
    }
    const written = (['valid', 'same'] as const).find(matches)
    if (written === undefined)
      throw this.#missing(`pool that leaves ${pads[0]} positions before and ${pads[1]} after`)
    return this.#add(className, { pool_size: [size], strides: [stride], padding: written }, [from])
  }

  #add(
    className: string,
    config: Config,
    inputs: readonly string[],
    tensors: WrittenLayer['tensors'] = [],
  ): string {
    const name = `${className.toLowerCase()}_${this.layers.length + 1}`
    this.layers.push({ name, className, config, inputs, tensors })
    return name
  }

  #missing(what: string): ConfigError {
    return new ConfigError(`${namesOf[this.#target]} has no ${what}; export the network with --to onnx`)
  }
}
