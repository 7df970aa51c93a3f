/**
 * The configuration of a Keras model, whatever version wrote it, as layers with the calls that connect them. Keras 1 and 3
 * are put in the words of Keras 2.
 */
import { DataError } from '../../../base/errors.ts'
import { isObject } from '../../formats/json.ts'
import {
  firstText,
  historyOf,
  inNumberedOrder,
  leavesOf,
  maskOperationsOf,
  nameOf,
  refOf,
  refTo,
  type TensorRef,
} from './kerasReferences.ts'
import { type Config, inWordsOfKeras2 } from './kerasWords.ts'

export interface KerasLayer {
  readonly name: string
  /** As Keras 2 names it; that of its cell's layer for an RNN of one cell. */
  readonly className: string
  /** As the file names it, where that is another. */
  readonly writtenClass?: string
  /** In the words of Keras 2. */
  readonly config: Config
  /** What each call reads. */
  readonly calls: readonly (readonly TensorRef[])[]
  /** An operation of Keras 3 (x + y), which is no layer. */
  readonly isOperation: boolean
  /** The layers of a model used as a layer. */
  readonly model: KerasModel | undefined
  /** What a wrapper (Bidirectional, TimeDistributed) wraps. */
  readonly wrapped: KerasLayer | undefined
}

/** A tensor that a model reads or gives. */
export interface End extends TensorRef {
  /** By which Keras numbers it among the others. */
  readonly number: number
  /** Where it stands in dictionaries and lists within lists: `profile`, `heads/0`; else undefined. */
  readonly key: string | undefined
}

export interface KerasModel {
  readonly name: string
  readonly className: string
  readonly layers: readonly KerasLayer[]
  /** In the order of their numbers. */
  readonly inputs: readonly End[]
  /** In the order of the file, which is the one in which they were named. */
  readonly outputs: readonly End[]
}

const deepestNesting = 16

/**
 * @param json `model_config` of an HDF5 file, `config.json` of a .keras file, what `to_json` gives
 * @param major version of Keras that wrote it; tells what its words mean
 * @throws DataError naming the file where it is no model, or the layer that cannot be read
 */
export function readKerasConfig(json: unknown, major: number, file: string): KerasModel {
  return new ConfigReader(major, file).model(json, 0)
}

class ConfigReader {
  readonly #major: number
  readonly #file: string
  /** Names of the operations that make masks, of each model that is being read. */
  readonly #maskOperations: ReadonlySet<string>[] = []

  constructor(major: number, file: string) {
    this.#major = major
    this.#file = file
  }

  model(json: unknown, depth: number): KerasModel {
    if (depth > deepestNesting) throw this.#fault(`nests models more than ${deepestNesting} deep`)
    if (!isObject(json) || typeof json['class_name'] !== 'string') {
      throw this.#fault('holds no configuration of a Keras model')
    }
    const className = json['class_name']
    if (className === 'Sequential') return this.#sequential(json['config'], depth)
    if (className === 'Functional' || className === 'Model' || isGraph(json['config'])) {
      return this.#functional(className, json['config'], depth)
    }
    throw this.#fault(
      `is a model of the class '${className}', whose layers only its own code knows; export it to ONNX and import that`,
    )
  }

  #sequential(config: unknown, depth: number): KerasModel {
    // Keras before 2.2 wrote the list of the layers alone.
    const items = Array.isArray(config) ? config : isObject(config) ? config['layers'] : undefined
    if (!Array.isArray(items) || items.length === 0) throw this.#fault('is a Sequential model without layers')
    const settings = isObject(config) ? config : {}
    const layers: KerasLayer[] = []
    const first: unknown = items[0]
    if (!isObject(first) || first['class_name'] !== 'InputLayer') {
      layers.push(this.#implicitInput(first, settings))
    }
    for (const item of items) {
      const before = layers.at(-1)
      const layer = this.#layer(item, before === undefined ? [] : [[refTo(before.name)]], depth)
      layers.push(before === undefined ? { ...layer, calls: [[]] } : layer)
    }
    const name = typeof settings['name'] === 'string' ? settings['name'] : 'sequential'
    this.#checkNames(layers)
    return {
      name,
      className: 'Sequential',
      layers,
      inputs: [{ ...refTo(layers[0]!.name), number: 0, key: undefined }],
      outputs: [{ ...refTo(layers.at(-1)!.name), number: 0, key: undefined }],
    }
  }

  /** A Sequential model may give the shape of its input to its first layer, or to the whole. */
  #implicitInput(first: unknown, settings: Config): KerasLayer {
    const config = isObject(first) && isObject(first['config']) ? first['config'] : {}
    const inner =
      isObject(config['layer']) && isObject(config['layer']['config']) ? config['layer']['config'] : {}
    const nested = Array.isArray(config['layers']) && isObject(first) ? innermostInput(first) : undefined
    const shape =
      config['batch_input_shape'] ??
      config['batch_shape'] ??
      settings['build_input_shape'] ??
      inner['batch_input_shape'] ??
      nested
    return {
      name: `${typeof config['name'] === 'string' ? config['name'] : 'model'}_input`,
      className: 'InputLayer',
      config: { batch_input_shape: shape },
      calls: [[]],
      isOperation: false,
      model: undefined,
      wrapped: undefined,
    }
  }

  #functional(className: string, config: unknown, depth: number): KerasModel {
    if (!isGraph(config)) throw this.#fault('is a functional model without layers')
    const masks = maskOperationsOf(config.layers)
    this.#maskOperations.push(masks)
    const layers = config.layers
      .filter((item) => !masks.has(nameOf(item)))
      .map((item) => this.#layer(item, undefined, depth))
    this.#maskOperations.pop()
    this.#checkNames(layers)
    return {
      name: typeof config.name === 'string' ? config.name : 'model',
      className,
      layers,
      inputs: this.#ends(config.input_layers, 'input_layers').sort((a, b) => a.number - b.number),
      outputs: this.#ends(config.output_layers, 'output_layers').map((end) =>
        this.#fromFirstCall(end, layers),
      ),
    }
  }

  /** One [layer, call, tensor], or lists and dictionaries of them. */
  #ends(value: unknown, key: string): End[] {
    const leaves = leavesOf(value)
    if (leaves.length === 0) throw this.#fault(`has a configuration whose ${key} are none`)
    const numbers = new Map(inNumberedOrder(leaves).map((leaf, i) => [leaf, i]))
    return leaves.map((leaf) => {
      const { value, path } = leaf
      const ref = refOf(value)
      if (ref === undefined) throw this.#fault(`has a configuration whose ${key} cannot be read`)
      const isPlain = path.length === 0 || (path.length === 1 && typeof path[0] === 'number')
      return { ...ref, number: numbers.get(leaf)!, key: isPlain ? undefined : path.join('/') }
    })
  }

  /** For models used as layers, Keras 3 counts the calls from 1 where it names outputs, from 0 everywhere else. */
  #fromFirstCall(end: End, layers: readonly KerasLayer[]): End {
    const layer = this.#major >= 3 ? layers.find(({ name }) => name === end.layer) : undefined
    const isGraph = layer?.model !== undefined && layer.model.className !== 'Sequential'
    return isGraph && end.call > 0 ? { ...end, call: end.call - 1 } : end
  }

  /** @param calls undefined where the item tells itself what it reads */
  #layer(item: unknown, calls: readonly (readonly TensorRef[])[] | undefined, depth: number): KerasLayer {
    if (!isObject(item) || typeof item['class_name'] !== 'string') {
      throw this.#fault('has a layer without a class_name in its configuration')
    }
    const written = item['config']
    const own = isObject(written) ? written : {}
    const name = firstText(item['name'], own['name']) ?? item['class_name']
    const label = `layer '${name}' (${item['class_name']})`
    const isOperation = typeof item['module'] === 'string' && item['module'].includes('.ops.')
    const isModel =
      item['class_name'] === 'Sequential' ||
      item['class_name'] === 'Model' ||
      item['class_name'] === 'Functional'
    const { className, config, writtenClass } = inWordsOfKeras2(
      item['class_name'],
      own,
      this.#major,
      (problem) => this.#fault(`${label} ${problem}`),
    )
    if (className === 'TFOpLambda' && own['function'] === '__operators__.add') {
      return {
        name,
        className: 'Add',
        config: {},
        calls: this.#sums(item['inbound_nodes'], label),
        isOperation: true,
        model: undefined,
        wrapped: undefined,
      }
    }
    return {
      name,
      className,
      ...(writtenClass === undefined ? {} : { writtenClass }),
      config,
      calls: calls ?? this.#calls(item['inbound_nodes'], label, className),
      isOperation,
      model: isModel || isGraph(written) ? this.model(item, depth + 1) : undefined,
      wrapped:
        isObject(own['layer']) && typeof own['layer']['class_name'] === 'string'
          ? this.#layer(own['layer'], [], depth + 1)
          : undefined,
    }
  }

  #calls(value: unknown, label: string, className: string): TensorRef[][] {
    if (className === 'InputLayer') return [[]]
    if (!Array.isArray(value)) throw this.#fault(`${label} has no list of inbound_nodes`)
    return value.map((node: unknown) =>
      isObject(node) ? this.#callOfKeras3(node, label) : this.#callOfKeras2(node, label),
    )
  }

  #callOfKeras2(node: unknown, label: string): TensorRef[] {
    // One tensor may stand without the list around it.
    const items: unknown[] = Array.isArray(node) ? (typeof node[0] === 'string' ? [node] : node) : []
    return items.flatMap((item) => {
      const ref = refOf(item)
      if (ref === undefined) throw this.#fault(`${label} has inbound_nodes that cannot be read`)
      return [ref, ...this.#arguments((item as unknown[])[3], label, refOf)]
    })
  }

  /** TensorFlow 2 writes x + y as a call of x, with y among the arguments. */
  #sums(value: unknown, label: string): TensorRef[][] {
    const nodes: unknown[] = Array.isArray(value) ? value : []
    return nodes.map((node) => {
      const first: unknown = Array.isArray(node) && Array.isArray(node[0]) ? node[0] : node
      const given: unknown = Array.isArray(first) ? first[3] : undefined
      const refs = [refOf(first), refOf(isObject(given) ? given['y'] : undefined)]
      if (!refs.every((ref) => ref !== undefined)) {
        throw this.#fault(`${label} adds a constant, which cannot be read; export the model to ONNX`)
      }
      return refs
    })
  }

  #callOfKeras3(node: Config, label: string): TensorRef[] {
    const refs = inNumberedOrder(leavesOf(node['args'] ?? [])).flatMap(({ value }) => {
      if (value === null) return []
      const history = historyOf(value)
      if (history === undefined) {
        throw this.#fault(
          `${label} is called with a constant, which cannot be read; export the model to ONNX`,
        )
      }
      return [history]
    })
    return [...refs, ...this.#arguments(node['kwargs'], label, historyOf)]
  }

  /**
   * What a call is given by name.
   * @returns the tensors that it reads
   * @throws DataError where anything else changes what it computes
   */
  #arguments(
    value: unknown,
    label: string,
    tensorOf: (value: unknown) => TensorRef | undefined,
  ): TensorRef[] {
    const given = new Map(Object.entries(isObject(value) ? value : {}))
    const refs = tensorArguments.flatMap((key) => {
      const ref = tensorOf(given.get(key))
      if (ref !== undefined) given.delete(key)
      return ref ?? []
    })
    for (const [key, argument] of given) {
      if (argument === null || argument === false) continue
      // A mask that Keras found itself is found here, too; one that was given is another.
      if (key === 'mask' && leavesOf(argument).every((leaf) => this.#isFoundMask(leaf.value))) continue
      if (key === 'training') {
        throw this.#fault(
          `${label} is called as in training, where its scores are left to chance or to the other sequences; save the model without`,
        )
      }
      throw this.#fault(`${label} is called with '${key}', which cannot be read; export the model to ONNX`)
    }
    return refs
  }

  /** Keras 3 writes the mask of a Masking as what makes it: whether any channel is not equal to the value. */
  #isFoundMask(value: unknown): boolean {
    if (value === null) return true
    const layer = historyOf(value)?.layer ?? refOf(value)?.layer
    return layer !== undefined && (this.#maskOperations.at(-1)?.has(layer) ?? false)
  }

  #checkNames(layers: readonly KerasLayer[]): void {
    const seen = new Set<string>()
    for (const { name } of layers) {
      if (seen.has(name)) throw this.#fault(`has two layers named '${name}'`)
      seen.add(name)
    }
  }

  #fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}

interface GraphConfig {
  readonly name?: unknown
  readonly layers: readonly unknown[]
  readonly input_layers: unknown
  readonly output_layers: unknown
}

function isGraph(config: unknown): config is GraphConfig {
  return (
    isObject(config) &&
    Array.isArray(config['layers']) &&
    'input_layers' in config &&
    'output_layers' in config
  )
}

/** Of attention, in the order in which it takes them. */
const tensorArguments = ['query', 'value', 'key'] as const

function innermostInput(item: Config): unknown {
  let current: Config = item
  for (let depth = 0; depth <= deepestNesting; depth++) {
    const config = isObject(current['config']) ? current['config'] : {}
    const shape = config['batch_input_shape'] ?? config['batch_shape'] ?? config['build_input_shape']
    if (shape !== undefined) return shape
    const layers = config['layers']
    if (!Array.isArray(layers) || !isObject(layers[0])) return undefined
    current = layers[0]
  }
  return undefined
}
