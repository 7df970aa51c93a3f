/** Networks for tests: random weights everywhere, and random stacks of layers for property tests. */
import * as fc from 'fast-check'
import { Random } from '../../src/base/random.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { mapWeights, type WeightedLayer } from '../../src/model/network/mapWeights.ts'
import {
  activationFunctions,
  strandChoices,
  type Network,
  type Strands,
} from '../../src/model/network/network.ts'
import { outputShape, sizeOf, type Shape } from '../../src/model/network/shapes.ts'

/** These layers (and a flatten, where they do not end flat), with no weight or statistic left at its start value. */
export function randomNetwork(
  layers: readonly LayerSpec[],
  inputLength: number,
  seed: number,
  strands: Strands = 'forward',
): Network {
  const shape = layers.reduce<Shape>((input, layer) => outputShape(layer, input, '?'), [inputLength, 4])
  const all: LayerSpec[] = shape.length === 1 ? [...layers] : [...layers, { kind: 'flatten' }]
  const units = shape.length === 1 ? shape[0] : shape[0] * shape[1]
  const outputs = Array.from({ length: units }, (_, i) => `output ${i}`)
  const network = initialiseNetwork({ name: 'custom', layers: all, strands }, inputLength, outputs, seed)
  const random = new Random(seed, 'randomNetwork')
  return { ...network, layers: mapWeights(network.layers, (layer) => perturb(layer, random)) }
}

function perturb(layer: WeightedLayer, random: Random): WeightedLayer {
  const around = (centre: number, values: Float32Array) =>
    values.map(() => centre + (random.uniform() - 0.5) * 0.8)
  if (layer.kind !== 'batchNorm') return { ...layer, bias: around(0, layer.bias) }
  return {
    ...layer,
    gamma: around(1, layer.gamma),
    beta: around(0, layer.beta),
    mean: around(0, layer.mean),
    variance: around(1, layer.variance),
  }
}

export function randomCodes(length: number, seed: number): Uint8Array {
  const random = new Random(seed, 'codes')
  return Uint8Array.from({ length }, () => random.below(6))
}

/** One layer that leaves the length alone. */
const sameShape: fc.Arbitrary<LayerSpec> = fc.oneof(
  fc.constant<LayerSpec>({ kind: 'batchNorm', epsilon: 0.001 }),
  fc.constant<LayerSpec>({ kind: 'dropout', rate: 0.5 }),
  fc.constantFrom(...activationFunctions).map((name): LayerSpec => ({ kind: 'activation', function: name })),
)
const edge = fc.integer({ min: 0, max: 4 })
const padding = fc.oneof(
  fc.constantFrom('same' as const, 'valid' as const),
  fc.tuple(edge, edge).map(([before, after]) => [before, after] as const),
)
const convolution: fc.Arbitrary<LayerSpec> = fc.record({
  kind: fc.constant('conv1d' as const),
  filters: fc.integer({ min: 1, max: 20 }),
  kernelSize: fc.integer({ min: 1, max: 9 }),
  padding,
  dilation: fc.integer({ min: 1, max: 3 }),
})
const pooling: fc.Arbitrary<LayerSpec> = fc.record({
  kind: fc.constantFrom('maxPool1d' as const, 'averagePool1d' as const),
  size: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  padding,
})
const edges: fc.Arbitrary<LayerSpec> = fc.record({
  kind: fc.constantFrom('crop1d' as const, 'zeroPad1d' as const),
  before: edge,
  after: edge,
})
const ending: fc.Arbitrary<LayerSpec> = fc.constantFrom(
  { kind: 'globalMaxPool' },
  { kind: 'globalAveragePool' },
  { kind: 'flatten' },
)
const units: fc.Arbitrary<LayerSpec> = fc.record({
  kind: fc.constant('dense' as const),
  units: fc.integer({ min: 1, max: 12 }),
})

const endings: fc.Arbitrary<LayerSpec> = fc.oneof(
  ending,
  fc.array(ending, { minLength: 2, maxLength: 3 }).map((ends): LayerSpec => ({
    kind: 'concat',
    branches: ends.map((end) => [end]),
  })),
)
const split: fc.Arbitrary<LayerSpec[]> = fc
  .record({ convolution, groups: fc.integer({ min: 1, max: 3 }), size: fc.constantFrom(3, 4, 8, 12) })
  .map(({ convolution, groups, size }) => [
    { ...(convolution as LayerSpec & { kind: 'conv1d' }), filters: groups * size },
    { kind: 'splitChannels', groups },
  ])

/** More than that would take long to compute by definition. */
const mostValues = 600

/** Layers along the sequence, an end of the sequence axis, flat layers; what does not fit is left out. */
export const randomNetworks: fc.Arbitrary<Network> = fc
  .record({
    inputLength: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 30 })),
    along: fc.array(
      fc.oneof(
        ...[convolution, pooling, edges, sameShape, residualOf(convolution), branchesOf(convolution)].map(
          (layer) => layer.map((one) => [one]),
        ),
        split,
      ),
      { maxLength: 5 },
    ),
    ending: endings,
    flat: fc.array(fc.oneof(units, sameShape, residualOf(units), branchesOf(units)), { maxLength: 3 }),
    strands: fc.constantFrom(...strandChoices),
    strandJoin: fc.constantFrom(undefined, 'mean' as const, 'mean-of-logits' as const),
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .map(({ inputLength, along, ending, flat, strands, strandJoin, seed }) => {
    let shape: Shape = [inputLength, 4]
    const layers: LayerSpec[] = []
    for (const layer of [...along.flat(), ending, ...flat, { kind: 'dense', units: 2 } as const]) {
      const fitting = fittedLayer(layer, shape)
      try {
        const after = outputShape(fitting, shape, '')
        if (sizeOf(after) > mostValues) continue
        shape = after
        layers.push(fitting)
      } catch {
        continue
      }
    }
    const all: LayerSpec[] = [...layers, { kind: 'activation', function: 'sigmoid' }]
    const network = randomNetwork(all, inputLength, seed, strands)
    return strands === 'both' && strandJoin !== undefined ? { ...network, strandJoin } : network
  })

function residualOf(layer: fc.Arbitrary<LayerSpec>): fc.Arbitrary<LayerSpec> {
  return fc
    .tuple(layer, sameShape, fc.boolean(), fc.option(layer, { nil: undefined }))
    .map(([first, second, nested, shortcut]): LayerSpec => ({
      kind: 'residual',
      layers: nested ? [second, { kind: 'residual', layers: [first] }] : [first, second],
      ...(shortcut && { shortcut: [shortcut] }),
    }))
}

/** Some of the branches are the input itself. */
function branchesOf(layer: fc.Arbitrary<LayerSpec>): fc.Arbitrary<LayerSpec> {
  const branch = fc.array(fc.oneof(layer, sameShape, residualOf(layer)), { maxLength: 2 })
  return fc
    .array(branch, { minLength: 2, maxLength: 3 })
    .map((branches): LayerSpec => ({ kind: 'concat', branches }))
}

/** The same layer; inside residual layers and branches, made to keep the shape. */
function fittedLayer(layer: LayerSpec, shape: Shape): LayerSpec {
  if (layer.kind === 'residual') {
    return {
      ...layer,
      layers: fitted(layer.layers, shape),
      ...(layer.shortcut && { shortcut: fitted(layer.shortcut, shape) }),
    }
  }
  if (layer.kind !== 'concat') return layer
  return { kind: 'concat', branches: layer.branches.map((branch) => fitted(branch, shape)) }
}

function fitted(layers: readonly LayerSpec[], shape: Shape): LayerSpec[] {
  const [first, channels] = shape
  return layers.map((layer) => {
    if (layer.kind === 'conv1d') return { ...layer, filters: channels ?? first, padding: 'same' }
    if (layer.kind === 'dense') return { ...layer, units: first }
    return fittedLayer(layer, shape)
  })
}
