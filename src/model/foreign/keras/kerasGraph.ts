/**
 * A Keras model as one graph of calls: nested models opened, layers that are called several times written out, what does
 * nothing in inference left out, only what makes the chosen output kept.
 */
import { ConfigError, DataError } from '../../../base/errors.ts'
import type { End, KerasLayer, KerasModel } from './kerasConfig.ts'
import type { TensorRef } from './kerasReferences.ts'
import { describe, type LayerWeights } from './kerasWeights.ts'

/** One call of a layer. */
export interface KerasNode {
  /** No other node has it. */
  readonly name: string
  readonly layer: KerasLayer
  readonly weights: LayerWeights
  readonly inputs: readonly KerasNode[]
}

export interface KerasGraph {
  /** Each after those that it reads; the input first. */
  readonly nodes: readonly KerasNode[]
  readonly input: KerasNode
  /** Sizes after the batch; null where any will do. */
  readonly inputDims: readonly (number | null)[]
  readonly output: KerasNode
  /** Name of the output: its key in a dictionary, else its layer's. */
  readonly outputName: string
}

/** An axis that is counted from the batch lies one further behind the positions. */
function atEachPosition(layer: KerasLayer): KerasLayer {
  const written = layer.config['axis']
  const moved = (axis: unknown) => (typeof axis === 'number' && axis > 0 ? axis + 1 : axis)
  if (written === undefined) return layer
  const axis = Array.isArray(written) ? written.map(moved) : moved(written)
  return { ...layer, config: { ...layer.config, axis } }
}

/** Shared and nested models multiply; more calls than this are no model that anybody trained. */
const mostCalls = 4000

const noWeights: LayerWeights = new Map()

const idleClasses = new Set([
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'ActivityRegularization',
  'Identity',
])

const actsOnLast = new Set([
  'Dense',
  'Activation',
  'BatchNormalization',
  'LayerNormalization',
  'LeakyReLU',
  'ELU',
  'ReLU',
  'Softmax',
  'Rescaling',
  'UnitNormalization',
  'RMSNormalization',
])

/**
 * @param outputTensor name or index of the output, where there are several
 * @throws DataError where the layers are no graph, or read several inputs; ConfigError where an output has to be chosen
 */
export function buildKerasGraph(
  model: KerasModel,
  weights: ReadonlyMap<KerasLayer, LayerWeights>,
  outputTensor: string | number | undefined,
  file: string,
): KerasGraph {
  const ref = chooseOutput(model, outputTensor, file)
  const flattener = new Flattener(weights, file)
  const output = flattener.flatten(model, ref)
  const nodes = ancestors(output)
  const inputs = nodes.filter(({ layer }) => layer.className === 'InputLayer')
  const [input] = inputs
  if (input === undefined)
    throw new DataError('has no input: it gives the same scores for every sequence', { file })
  if (inputs.length > 1) {
    throw new DataError(
      `has ${inputs.length} inputs (${inputs.map(({ name }) => `'${name}'`).join(', ')}); sis explains models that read one sequence`,
      { file },
    )
  }
  return {
    nodes: [input, ...nodes.filter((node) => node !== input)],
    input,
    inputDims: dimsOfInput(input.layer, file),
    output,
    outputName: ref.key ?? ref.layer,
  }
}

function chooseOutput(model: KerasModel, wanted: string | number | undefined, file: string): End {
  const { outputs } = model
  const list = outputs
    .map(({ layer, key }, i) => `${i}: '${key ?? layer}'${key === undefined ? '' : ` (of layer '${layer}')`}`)
    .join(', ')
  if (wanted !== undefined) {
    const byKey = outputs.filter(({ key }) => key === String(wanted))
    const byLayer = outputs.filter(({ layer }) => layer === String(wanted))
    const named = byKey.length > 0 ? byKey : byLayer
    if (named.length > 1) {
      throw new ConfigError(
        `output-tensor ${wanted}: the model ${file} has ${named.length} outputs of that layer; say its number: ${list}`,
      )
    }
    const chosen = named[0] ?? outputs[Number(wanted)]
    if (chosen === undefined) throw new ConfigError(`output-tensor ${wanted}: the model ${file} has ${list}`)
    return chosen
  }
  if (outputs.length > 1) {
    throw new ConfigError(
      `the model ${file} has ${outputs.length} outputs; choose one with output-tensor: ${list}`,
    )
  }
  return outputs[0]!
}

function dimsOfInput(layer: KerasLayer, file: string): (number | null)[] {
  const shape: unknown = layer.config['batch_input_shape'] ?? layer.config['batch_shape']
  const isSize = (size: unknown) =>
    size === null || (typeof size === 'number' && Number.isSafeInteger(size) && size > 0)
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every(isSize)) {
    throw new DataError(
      `does not tell the shape of its input '${layer.name}'; build the model before saving it`,
      {
        file,
      },
    )
  }
  return (shape as (number | null)[]).slice(1)
}

/** Without recursion: a chain may be longer than the stack. */
function ancestors(output: KerasNode): KerasNode[] {
  const ordered: KerasNode[] = []
  const seen = new Set<KerasNode>()
  const stack = [{ node: output, next: 0 }]
  seen.add(output)
  while (stack.length > 0) {
    const top = stack.at(-1)!
    const input = top.node.inputs[top.next++]
    if (input === undefined) {
      ordered.push(top.node)
      stack.pop()
    } else if (!seen.has(input)) {
      seen.add(input)
      stack.push({ node: input, next: 0 })
    }
  }
  return ordered
}

/** A model at one of its calls. */
interface Scope {
  readonly model: KerasModel
  readonly prefix: string
  /** What the model is called with; undefined for the outermost. */
  readonly inputs: ReadonlyMap<string, KerasNode> | undefined
  readonly layers: ReadonlyMap<string, KerasLayer>
  /** The first call that others refer to, by layer; a model that is used as a layer may start from 1. */
  readonly firstCalls: ReadonlyMap<string, number>
  /** By layer, call and tensor; `open` while it is being made. */
  readonly made: Map<string, KerasNode | 'open'>
  /** The scopes of the models that are called, by layer and call. */
  readonly inner: Map<string, Scope>
}

class Flattener {
  readonly #weights: ReadonlyMap<KerasLayer, LayerWeights>
  readonly #file: string
  readonly #names = new Set<string>()
  #calls = 0

  constructor(weights: ReadonlyMap<KerasLayer, LayerWeights>, file: string) {
    this.#weights = weights
    this.#file = file
  }

  flatten(model: KerasModel, output: TensorRef): KerasNode {
    return this.#resolve(this.#scope(model, '', undefined), output)
  }

  #scope(model: KerasModel, prefix: string, inputs: ReadonlyMap<string, KerasNode> | undefined): Scope {
    const refs = [...model.outputs, ...model.layers.flatMap(({ calls }) => calls.flat())]
    const lastCalls = new Map<string, number>()
    for (const { layer, call } of refs) lastCalls.set(layer, Math.max(call, lastCalls.get(layer) ?? 0))
    const firstCalls = new Map(
      model.layers.map(({ name, calls, model: nested }) => [
        name,
        nested !== undefined && lastCalls.get(name) === calls.length ? 1 : 0,
      ]),
    )
    const layers = new Map(model.layers.map((layer) => [layer.name, layer]))
    const scope: Scope = { model, prefix, inputs, layers, firstCalls, made: new Map(), inner: new Map() }
    // In the order of the file, each after those that it reads: so the recursion below stays shallow.
    for (const { name, calls } of model.layers) {
      for (const call of calls.keys()) {
        this.#resolve(scope, { layer: name, call: call + firstCalls.get(name)!, tensor: 0 })
      }
    }
    return scope
  }

  #resolve(scope: Scope, ref: TensorRef): KerasNode {
    const layer = scope.layers.get(ref.layer)
    if (layer === undefined)
      throw this.#fault(`has a layer that reads '${ref.layer}', which is none of its layers`)
    const given = scope.inputs?.get(ref.layer)
    if (given !== undefined) return given
    const key = JSON.stringify([ref.layer, ref.call, ref.tensor])
    if (layer.model === undefined && ref.tensor > 0) {
      throw this.#fault(
        `uses tensor ${ref.tensor} of ${describe(layer)}; only first outputs of layers can be read`,
      )
    }
    const made = scope.made.get(key)
    if (made === 'open') throw this.#fault(`has layers that wait for each other: ${describe(layer)}`)
    if (made !== undefined) return made
    const call = layer.calls[ref.call - scope.firstCalls.get(ref.layer)!]
    if (call === undefined)
      throw this.#fault(`refers to call ${ref.call} of ${describe(layer)}, which it does not have`)
    if (++this.#calls > mostCalls) throw this.#fault(`has more than ${mostCalls} calls of layers`)
    scope.made.set(key, 'open')
    const node = this.#make(scope, layer, call, ref)
    scope.made.set(key, node)
    return node
  }

  #make(scope: Scope, layer: KerasLayer, call: readonly TensorRef[], ref: TensorRef): KerasNode {
    const inputs = call.map((ref) => this.#resolve(scope, ref))
    if (layer.model !== undefined) {
      const nested = layer.model
      const key = JSON.stringify([ref.layer, ref.call])
      let inner = scope.inner.get(key)
      if (inner === undefined) {
        if (inputs.length !== nested.inputs.length) {
          throw this.#fault(
            `calls ${describe(layer)} with ${inputs.length} of its ${nested.inputs.length} inputs`,
          )
        }
        const bound = new Map(nested.inputs.map((ref, i) => [ref.layer, inputs[i]!]))
        inner = this.#scope(nested, `${this.#uniqueName(`${scope.prefix}${layer.name}`)}/`, bound)
        scope.inner.set(key, inner)
      }
      const output = nested.outputs.find(({ number }) => number === ref.tensor)
      if (output === undefined)
        throw this.#fault(`uses output ${ref.tensor} of ${describe(layer)}, which it does not have`)
      return this.#resolve(inner, output)
    }
    if (layer.className !== 'InputLayer' && inputs.length === 0)
      throw this.#fault(`${describe(layer)} reads nothing`)
    if (idleClasses.has(layer.className) && inputs.length === 1) return inputs[0]!
    const name = this.#uniqueName(`${scope.prefix}${layer.name}`)
    const { wrapped } = layer
    // On the last dimension these layers do the same to each position by themselves.
    if (layer.className === 'TimeDistributed' && wrapped !== undefined && actsOnLast.has(wrapped.className)) {
      const weights = this.#weights.get(wrapped) ?? noWeights
      return { name, layer: atEachPosition(wrapped), weights, inputs }
    }
    // Its kernel is stored divided by its norm.
    if (layer.className === 'SpectralNormalization' && wrapped !== undefined) {
      return { name, layer: wrapped, weights: this.#weights.get(wrapped) ?? noWeights, inputs }
    }
    return { name, layer, weights: this.#weights.get(layer) ?? noWeights, inputs }
  }

  #uniqueName(wanted: string): string {
    let name = wanted
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`
    this.#names.add(name)
    return name
  }

  #fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}
