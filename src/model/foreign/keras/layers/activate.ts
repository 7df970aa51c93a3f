/** Activation functions, as layers of their own or at the end of others. */
import type { ActivationFunction, Layer } from '../../../network/network.ts'
import { product } from '../../../network/shapes.ts'
import { inOurOrder } from '../../channelOrder.ts'
import { leakyLayer } from '../../madeLayers.ts'
import { activationName } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { asUnits, channelsIn, type Form, inUnits, none, type Part } from './form.ts'
import type { LayerRule } from './layerRule.ts'
import { scaled } from './normalise.ts'

const activations: ReadonlyMap<string, ActivationFunction> = new Map([
  ['linear', 'linear'],
  ['relu', 'relu'],
  ['elu', 'elu'],
  ['gelu', 'gelu'],
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['exponential', 'exp'],
  ['softmax', 'softmax'],
  ['softplus', 'softplus'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['gelu_new', 'gelu-tanh'], // of TensorFlow.js
])

const relu: Layer = { kind: 'activation', function: 'relu' }

/** The rule, and after it the activation that the layer names. */
export function activated(rule: LayerRule): LayerRule {
  return (node, form, file) => {
    const part = rule(node, form, file)
    const name = activationName(node.layer.config['activation'])
    if (name === undefined) throw none(node, 'has an activation function that cannot be read')
    const ours = activations.get(name)
    if (ours === undefined) throw none(node, `has the activation '${name}'`)
    return ours === 'linear' ? part : activate(node, part, ours)
  }
}

export const activation: LayerRule = activated((_, form) => ({ layers: [], form }))

export function softmax(node: KerasNode, form: Form): Part {
  return activate(node, { layers: [], form }, 'softmax', node.layer.config['axis'] ?? -1)
}

export function elu(node: KerasNode, form: Form): Part {
  const { alpha = 1 } = node.layer.config
  if (alpha !== 1) throw none(node, `has alpha ${String(alpha)}`)
  return activate(node, { layers: [], form }, 'elu')
}

/** x above 0, its slope times x below. */
export function leaky(node: KerasNode, form: Form): Part {
  return { layers: [leakyLayer(slopesOf(node, form))], form }
}

function activate(
  node: KerasNode,
  { layers, form }: Part,
  name: ActivationFunction,
  axis: unknown = -1,
): Part {
  const layer: Layer = { kind: 'activation', function: name }
  if (name !== 'softmax') return { layers: [...layers, layer], form }
  const rank = form.dims.length
  const isLast = form.kind === 'along' ? form.channel === rank - 1 : form.dims.at(-1) === product(form.dims)
  if ((axis !== -1 && axis !== rank) || !isLast) throw none(node, 'is a softmax along another dimension')
  if (form.kind !== 'packed') return { layers: [...layers, layer], form }
  const units = asUnits(form)
  return {
    layers: [...layers, ...units.layers, layer],
    form: { kind: 'flat', dims: form.dims, order: units.order },
  }
}

/** At most: relu(x) less relu(x - most). */
export function rectified(node: KerasNode, form: Form): Part {
  const { max_value: most = null, negative_slope: slope = 0, threshold = 0 } = node.layer.config
  if ((slope ?? 0) !== 0 || (threshold ?? 0) !== 0) throw none(node, 'is no plain rectifier')
  if (most === null) return activate(node, { layers: [], form }, 'relu')
  if (typeof most !== 'number') throw none(node, `has max_value ${JSON.stringify(most)}`)
  const start = inUnits({ layers: [], form })
  const over: Layer[] = [...scaled(start.form, 1, -most), relu, ...scaled(start.form, -1)]
  return {
    layers: [...start.layers, { kind: 'residual', layers: over, shortcut: [relu] }],
    form: start.form,
  }
}

/** Of what lies below 0, for each of our channels. */
function slopesOf(node: KerasNode, form: Form): Float32Array {
  const channels = channelsIn(form, node)
  const { className, config } = node.layer
  if (className === 'LeakyReLU') {
    const slope = config['alpha'] ?? config['negative_slope'] ?? 0.3
    if (typeof slope !== 'number') throw none(node, `has the slope ${JSON.stringify(slope)}`)
    return new Float32Array(channels).fill(slope)
  }
  const shape = form.dims.map((size, axis) => (form.kind === 'along' && axis === form.position ? 1 : size))
  const alpha = node.weights.get('alpha')
  if (alpha?.shape.join() !== shape.join()) throw none(node, 'has a slope for each position')
  return inOurOrder(alpha.values, form.order)
}
