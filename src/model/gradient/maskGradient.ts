/** The gradient of a network's score with respect to the mask of each base, to its input, and to what its layers give. */
import { baseCount } from '../../sequence/alphabet.ts'
import type { OnnxGraph } from '../formats/onnx/onnxEncode.ts'
import { foldNormalisation } from '../network/foldNormalisation.ts'
import type { Network } from '../network/network.ts'
import type { Shape } from '../network/shapes.ts'
import type { RectifierRule } from './activationRules.ts'
import { batch, GraphWriter, type MaximumForm } from './graphWriter.ts'
import { constants } from './layerPass.ts'
import { passLayers } from './layerRules.ts'
import { owedByScore, scoreRuleOf } from './scoreRule.ts'
import { joinedStrands, readSequence, splitStrands } from './strands.ts'

/** [1, outputs]: 1 at the output whose gradient is wanted, 0 elsewhere. */
export const chosenName = 'chosen'

export const maskGradientName = 'maskGradient'

export const inputGradientName = 'inputGradient'

export const activationMapName = 'activationMap'

/** Of the output of layer i, 0-based, and of what it is owed; [n, length, channels] or [n, units]. */
export const layerOutputName = (i: number): string => `layer.${i}.output`
export const layerGradientName = (i: number): string => `layer.${i}.gradient`

export interface GradientGraphOptions {
  /** What a masked base becomes; asks for the gradient with respect to the mask, [n, L]. */
  readonly background?: readonly number[] | undefined // [4]
  /** `unpool` unless given. */
  readonly form?: MaximumForm | undefined
  /** Asks for that with respect to the input, [n, 4, L]. */
  readonly input?: boolean | undefined
  /** `gradient` unless given. */
  readonly rectifier?: RectifierRule | undefined
  /** Asks for the class activation map of a layer along the sequence, [n, units], or [n, 2 units] of both strands. */
  readonly activationMap?: { readonly layer: number; readonly positive: boolean } | undefined
  /** Asks for the outputs and gradients of these layers of the network, 0-based. */
  readonly layers?: readonly number[] | undefined
}

/**
 * ∂f/∂m at m = 1 where a network reads m · base + (1 − m) · background, and f is the score before a last sigmoid, softmax
 * or the like flattens it (`scoreRuleOf`). Maxima owe all to the first of equals. The graph reads `sequence` [n, 4, L] and
 * `chosen` [1, outputs], in batches of any size.
 * @throws RangeError where a layer that is asked for is not there, or is no longer apart: one folded into another, or behind f
 */
export function buildGradientGraph(network: Network, options: GradientGraphOptions): OnnxGraph {
  const { inputLength: length, strands, outputs } = network
  const { background, input = false, layers: asked = [], activationMap } = options
  const wanted = activationMap === undefined ? asked : [...asked, activationMap.layer]
  const rule = scoreRuleOf(network)
  // Layers that are looked at stay as they are.
  const layers = wanted.length === 0 ? foldNormalisation(rule.layers) : rule.layers
  const g = new GraphWriter(options.form ?? 'unpool')
  const { sequence, read } = readSequence(g, network)
  const chosen = g.input(chosenName, [1, outputs.length])
  const found = new Map<number, { y: string; dy: string; shape: Shape }>()
  const passed = passLayers(
    {
      g,
      parameters: constants(g),
      rectifier: options.rectifier,
      visit(layer, y, dy, shape) {
        const at = layers.indexOf(layer)
        if (at >= 0 && wanted.includes(at)) found.set(at, { y, dy, shape })
      },
    },
    layers,
    read,
    [length, baseCount],
  )
  const owed = passed.backward(owedByScore(g, rule, passed.y, chosen))
  const ofInput = strands === 'both' ? joinedStrands(g, owed) : owed
  if (background !== undefined) {
    // A masked base is its background: the difference is 0, and so is the product.
    const difference = g.op('Sub', [sequence, g.numbers(Float32Array.from(background), [baseCount, 1, 1])])
    g.output(maskGradientName, g.sum(g.op('Mul', [ofInput, difference]), [1, 2], false), [batch, length])
  }
  if (input) {
    g.output(inputGradientName, g.reshape(ofInput, [0, baseCount, length]), [batch, baseCount, length])
  }
  for (const at of wanted) {
    const layer = found.get(at)
    if (layer === undefined) {
      throw new RangeError(
        `layer ${at + 1} has no gradient of its own: the score is that of the ${layers.length} layers in front of it`,
      )
    }
    if (at === activationMap?.layer) {
      const map = mapOf(g, layer, activationMap.positive)
      const units = layer.shape[0] * (strands === 'both' ? 2 : 1)
      g.output(activationMapName, strands === 'both' ? g.concat([...splitStrands(g, map)], 1) : map, [
        batch,
        units,
      ])
    }
    if (!asked.includes(at)) continue
    const order = (tensor: string): string =>
      layer.shape.length === 2
        ? g.op('Squeeze', [g.transpose(tensor, [0, 2, 3, 1]), g.integers([1])])
        : tensor
    const dims = [strands === 'both' ? 'strands of the batch' : batch, ...layer.shape]
    g.output(layerOutputName(at), order(layer.y), dims)
    g.output(layerGradientName(at), order(layer.dy), dims)
  }
  return g.graph('gradient')
}

/**
 * Each channel counts as much as it is owed on average along the sequence (Selvaraju et al., ICCV 2017).
 * @param positive drops what speaks against the number
 * @returns [n, units]
 */
function mapOf(g: GraphWriter, { y, dy }: { y: string; dy: string }, positive: boolean): string {
  const map = g.sum(g.op('Mul', [y, g.mean(dy, 3)]), [1], false)
  const flat = g.op('Squeeze', [map, g.integers([1])])
  return positive ? g.op('Relu', [flat]) : flat
}
