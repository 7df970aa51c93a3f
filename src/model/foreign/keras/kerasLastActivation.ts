/**
 * Where a layers model of TensorFlow.js ends in an activation, the numbers before it become a second output, of which the
 * scores are made in float64.
 */
import { activationNear, found } from '../cutActivation.ts'
import type { CutActivation, CutFunction } from '../importedModel.ts'
import type { Config } from './kerasWords.ts'
import { operationClass, readOperation, type KerasOperation } from './kerasOperation.ts'
import type { TfjsModel } from './kerasTopology.ts'

export interface CutLayers {
  readonly topology: unknown
  /** The layer whose numbers are the scores. */
  readonly output: string
  readonly cut: CutActivation | undefined
  /** An activation close to the end that cannot be cut off, for people. */
  readonly leftInside: string | undefined
}

interface Layer {
  readonly class_name: string
  readonly name: string
  readonly config: Config
  readonly inbound_nodes: readonly unknown[]
}

const cutFunctionOf: Readonly<Record<string, CutFunction>> = {
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  exponential: 'exp',
  softmax: 'softmax',
  log_softmax: 'log-softmax',
}

/** Their numbers are those of their input, in the same order; of layers, and of operations of ours. */
const sameNumbers: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Dropout', 'reshape', 'copy'])

/** What an activation's results may go through, its rounding with them. */
const passesOn: ReadonlySet<string> = new Set([
  ...sameNumbers,
  ...['crop', 'pad', 'repeat', 'subtract', 'blank', 'pool', 'poolAdaptively', 'poolGlobally'],
  ...[
    'Add',
    'Average',
    'Maximum',
    'Minimum',
    'Multiply',
    'Concatenate',
    'Permute',
    'RepeatVector',
    'Rescaling',
  ],
  ...['GlobalMaxPooling1D', 'GlobalAveragePooling1D', 'MaxPooling1D', 'AveragePooling1D'],
])

/** @param model as `kerasTopology` writes it: layers by name, one output */
export function cutLastLayer({ topology, output }: Pick<TfjsModel, 'topology' | 'output'>): CutLayers {
  const model = topology as { readonly config: Config & { readonly layers: readonly Layer[] } }
  const layers = new Map(model.config.layers.map((layer) => [layer.name, layer]))
  let last = layers.get(output)
  while (last !== undefined && sameNumbers.has(kindOf(last))) last = layers.get(inputsOf(last)[0] ?? '')
  if (last === undefined) return { topology, output, cut: undefined, leftInside: undefined }
  const own = activationOf(last)
  const [input] = inputsOf(last)
  if (own !== undefined && input !== undefined && inputsOf(last).length === 1) {
    if (alone.has(kindOf(last))) {
      const cut = { function: own, tensor: input, width: undefined }
      return {
        topology: withOutputs(model, layers.values(), [output, input]),
        output,
        cut,
        leftInside: undefined,
      }
    }
    // What reads the layer reads the activation that now follows it.
    const following = `${last.name}_activation`
    const renamed = [...layers.values()].map((layer) => redirected(layer, last.name, following))
    const bare = renamed.map((layer) =>
      layer.name === last.name ? { ...layer, config: { ...layer.config, activation: 'linear' } } : layer,
    )
    const activation: Layer = {
      class_name: 'Activation',
      name: following,
      config: { name: following, activation: last.config['activation'] },
      inbound_nodes: [[[last.name, 0, 0, {}]]],
    }
    const units = last.config['units'] ?? last.config['filters']
    const end = output === last.name ? following : output
    const cut = { function: own, tensor: last.name, width: typeof units === 'number' ? units : undefined }
    return {
      topology: withOutputs(model, [...bare, activation], [end, last.name]),
      output: end,
      cut,
      leftInside: undefined,
    }
  }
  return { topology, output, cut: undefined, leftInside: insideOf(last, layers) }
}

function withOutputs(
  model: { readonly config: Config },
  layers: Iterable<Layer>,
  outputs: readonly string[],
): unknown {
  const ends = outputs.map((name) => [name, 0, 0])
  return { ...model, config: { ...model.config, layers: [...layers], output_layers: ends } }
}

/** Layers that are an activation and nothing else. */
const alone: ReadonlySet<string> = new Set(['Activation', 'Softmax', 'activate'])

/** The class of a layer, or what an operation of ours does. */
function kindOf(layer: Layer): string {
  return operationIn(layer)?.kind ?? layer.class_name
}

function operationIn({ class_name, config }: Layer): KerasOperation | undefined {
  const definition = class_name === operationClass ? config['definition'] : undefined
  return typeof definition === 'string' ? readOperation({ definition }).operation : undefined
}

/** Classes whose `activation` comes last of all that they do. */
const activated = new Set(['Activation', 'Dense', 'Conv1D', 'Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'])

function activationOf(layer: Layer): CutFunction | undefined {
  const { class_name, config } = layer
  const operation = operationIn(layer)
  if (operation !== undefined) {
    return operation.kind === 'activate' && operation.axis === -1
      ? cutFunctionOf[operation.function]
      : undefined
  }
  if (class_name === 'Softmax') {
    const axis = config['axis'] ?? -1
    return axis === -1 || axis === 1 ? 'softmax' : undefined
  }
  const name = config['activation']
  return activated.has(class_name) && typeof name === 'string' ? cutFunctionOf[name] : undefined
}

function inputsOf({ inbound_nodes: [node] }: Layer): string[] {
  if (!Array.isArray(node)) return []
  return node.flatMap((inbound: unknown) =>
    Array.isArray(inbound) && typeof inbound[0] === 'string' ? [inbound[0]] : [],
  )
}

function redirected(layer: Layer, from: string, to: string): Layer {
  if (!inputsOf(layer).includes(from)) return layer
  const nodes = layer.inbound_nodes.map((node) =>
    Array.isArray(node)
      ? node.map((inbound: unknown) =>
          Array.isArray(inbound) && inbound[0] === from ? [to, ...(inbound.slice(1) as unknown[])] : inbound,
        )
      : node,
  )
  return { ...layer, inbound_nodes: nodes }
}

/** Layers between an activation and the end, at most; farther away its rounding is one among many. */
const nearEnd = 8

function insideOf(last: Layer, layers: ReadonlyMap<string, Layer>): string | undefined {
  const inside = activationNear(last, {
    most: nearEnd,
    isActivation: (layer) => {
      const name = innerActivation(layer)
      return layer.class_name === 'Softmax' || (typeof name === 'string' && name in cutFunctionOf)
    },
    passesOn: (layer) => passesOn.has(kindOf(layer)),
    before: (layer) => found(inputsOf(layer), layers),
  })
  return inside && `the activation of layer '${inside.name}' (${inside.class_name})`
}

function innerActivation(layer: Layer): unknown {
  const operation = operationIn(layer)
  if (operation?.kind === 'recur') return operation.activation
  return operation?.kind === 'activate' ? operation.function : layer.config['activation']
}
