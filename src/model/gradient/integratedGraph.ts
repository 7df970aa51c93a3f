/**
 * The mean gradient along the straight way from a reference to a sequence (Sundararajan, Taly and Yan, ICML 2017) as an ONNX
 * graph. The layers in front of the first that is not linear are passed once, whatever the number of points.
 *
 * Between two points the slope of a function is its secant: the exact mean of the gradient of whatever moves evenly between
 * them, a rectifier that switches on the way as well, at which quadrature by gradients errs by as much as the step is long.
 * Contributions so add up at any number of points, and come to the integral with the square of the step.
 */
import { baseCount } from '../../sequence/alphabet.ts'
import type { OnnxGraph } from '../formats/onnx/onnxEncode.ts'
import { inputName } from '../formats/ownOnnx/ownOnnxGraph.ts'
import { foldNormalisation } from '../network/foldNormalisation.ts'
import type { Layer, Network } from '../network/network.ts'
import { outputShape, type Shape } from '../network/shapes.ts'
import { Comparison } from './comparison.ts'
import {
  contributionsCount,
  contributionsName,
  contributionsOf,
  readBases,
  referencesName,
} from './contributions.ts'
import { batch, GraphWriter, type MaximumForm } from './graphWriter.ts'
import { constants } from './layerPass.ts'
import { passLayers } from './layerRules.ts'
import { chosenName } from './maskGradient.ts'
import { dimsOf } from './rescaleRules.ts'
import { rescaleScore } from './rescaleScore.ts'
import { scoreNumber, scoreRuleOf } from './scoreRule.ts'
import { bothStrands, joinedStrands } from './strands.ts'

/** What the graph reads beside sequence and reference, [k] each. */
export const wayInputs = {
  /** Where on the way, 0 being the reference and 1 the sequence. */
  points: 'points',
  /** How far from the point before: what the mean gradient between them counts in the integral. */
  shares: 'shares',
  /** What the number there counts in the difference that contributions are to add up to. */
  ends: 'ends',
} as const

/** The graph reads `sequence` and `references` [1, 4, L], `wayInputs`, `chosen` [1, outputs]; it gives sums over the points. */
export function buildIntegratedGraph(network: Network, form: MaximumForm = 'unpool'): OnnxGraph {
  const { inputLength: length, outputs, strands } = network
  const rule = scoreRuleOf(network)
  const layers = poolFirst(foldNormalisation(rule.layers))
  const bend = layers.findIndex((layer) => !isLinear(layer))
  const straight = bend < 0 ? layers : layers.slice(0, bend)
  const isBoth = strands === 'both'
  const g = new GraphWriter(form)
  const rows = new Comparison(g, isBoth ? 2 : 1, 'previous')
  const pass = { g, parameters: constants(g), compared: rows }
  const sequence = readBases(g, inputName, 1, length)
  const reference = readBases(g, referencesName, 1, length)
  const chosen = g.input(chosenName, [1, outputs.length])
  const [points, shares, ends] = [wayInputs.points, wayInputs.shares, wayInputs.ends].map((name) =>
    g.input(name, [batch]),
  ) as [string, string, string]
  const pair = g.concat([reference, sequence], 0)
  const input: Shape = [length, baseCount]
  const start = passLayers(pass, straight, isBoth ? bothStrands(g, pair) : pair, input)
  const shape = straight.reduce<Shape>((before, layer) => outputShape(layer, before, ''), input)
  const dims = dimsOf(shape)
  const along = (vector: string): string => g.reshape(vector, [-1, ...dims.map(() => 1)])
  const both = rows.apart(start.y, dims)
  const [first, last] = [0, 1].map((row) => g.slice(both, rows.strands - 1, row, row + 1)) as [string, string]
  const way = g.op('Sub', [last, first])
  const between = g.op('Add', [first, g.op('Mul', [way, along(points)])])
  const end = passLayers(pass, layers.slice(straight.length), rows.together(between, dims), shape)
  const owed = rows.apart(end.backward(rescaleScore(g, rows, rule, end.y, chosen, outputs.length)), dims)
  const sum = g.sum(g.op('Mul', [owed, along(shares)]), [rows.strands - 1], true)
  const ofStrands = start.backward(rows.together(sum, dims))
  const gradient = isBoth ? joinedStrands(g, ofStrands) : ofStrands
  const contributions = contributionsOf(g, gradient, reference)
  const numbers = g.op('Mul', [scoreNumber(g, rule, end.y, chosen), g.reshape(ends, [-1, 1])])
  const count = contributionsCount(length)
  const joined = [g.reshape(contributions, [1, count - 1]), g.sum(numbers, [0], true)]
  g.output(contributionsName, g.concat(joined, 1), [1, count])
  return g.graph('integrated gradients')
}

/** The largest of rectified numbers is the rectified largest one, of which there are fewer. */
function poolFirst(layers: readonly Layer[]): Layer[] {
  const ordered: Layer[] = []
  for (const layer of layers) {
    const before = ordered.at(-1)
    const isMaximum = layer.kind === 'maxPool1d' || layer.kind === 'globalMaxPool'
    if (isMaximum && before?.kind === 'activation' && before.function === 'relu') {
      ordered.splice(-1, 1, layer, before)
    } else {
      ordered.push(layer)
    }
  }
  return ordered
}

function isLinear(layer: Layer): boolean {
  switch (layer.kind) {
    case 'averagePool1d':
    case 'batchNorm':
    case 'conv1d':
    case 'crop1d':
    case 'dense':
    case 'dropout':
    case 'flatten':
    case 'globalAveragePool':
    case 'splitChannels':
    case 'zeroPad1d':
      return true
    case 'activation':
      return layer.function === 'linear'
    case 'residual':
      return [...layer.layers, ...(layer.shortcut ?? [])].every(isLinear)
    case 'concat':
      return layer.branches.flat().every(isLinear)
    case 'globalMaxPool':
    case 'maxPool1d':
      return false
  }
}
