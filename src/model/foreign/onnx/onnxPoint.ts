/** Chains of layers that grow as an ONNX graph is followed; chains that part share their beginning, and all share a budget. */
import { ConfigError } from '../../../base/errors.ts'
import { commonLink, type Link } from '../../network/chains.ts'
import type { Layer } from '../../network/network.ts'
import { outputShape, type Shape } from '../../network/shapes.ts'

/** Why a graph is no network of ours, for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** The dimensions are not what the operator takes: perhaps the input was read in the wrong order. */
  readonly ofLayout: boolean

  constructor(message: string, ofLayout = false) {
    super(message)
    this.ofLayout = ofLayout
  }
}

/** The end of a chain of layers. */
export interface Point extends Link<Point> {
  readonly shape: Shape
  /** Layers up to here, those inside of others included. */
  readonly size: number
  readonly budget: Budget
}

/** Numbers that may still be made: a small file can name one large weight a million times. */
export interface Budget {
  left: number
}

export function spend(budget: Budget, numbers: number): void {
  budget.left -= numbers
  if (budget.left < 0) throw new Refusal('needs more memory as a network than any model of sequences')
}

/** Chains that part and join again share nothing in a network: a graph of many such joints would grow without end. */
const mostLayers = 20_000

export function rootPoint(shape: Shape, budget: Budget): Point {
  return { parent: undefined, layer: undefined, shape, depth: 0, size: 0, budget }
}

export function addLayer(point: Point, layer: Layer): Point {
  let shape: Shape
  try {
    shape = outputShape(layer, point.shape, String(point.depth + 1))
  } catch (error) {
    if (error instanceof ConfigError) throw new Refusal(error.message)
    throw error
  }
  const size = point.size + layerCount(layer)
  if (size > mostLayers)
    throw new Refusal(`joins branches so often that a network has more than ${mostLayers} layers`)
  spend(point.budget, numbersOf(layer))
  return { parent: point, layer, shape, depth: point.depth + 1, size, budget: point.budget }
}

/** Numbers that a layer has of its own; branches were counted when they were made. */
function numbersOf(layer: Layer): number {
  if (layer.kind === 'conv1d' || layer.kind === 'dense') return layer.kernel.length + layer.bias.length
  return layer.kind === 'batchNorm' ? 4 * layer.gamma.length : 0
}

function layerCount(layer: Layer): number {
  const inner =
    layer.kind === 'residual'
      ? [layer.layers, layer.shortcut ?? []]
      : layer.kind === 'concat'
        ? layer.branches
        : []
  return inner.flat().reduce((total, one) => total + layerCount(one), 1)
}

/** @returns the last point that all chains share */
export function commonPoint(points: readonly Point[]): Point {
  const common = commonLink(points as [Point, ...Point[]])
  if (common === undefined) throw new Refusal('joins a sequence with itself turned round')
  return common
}
