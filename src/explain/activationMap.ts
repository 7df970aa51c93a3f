/**
 * Class activation maps: each channel of the last convolution counts as much as the number owes it. Grad-CAM (Selvaraju et al.,
 * ICCV 2017) takes the mean gradient and keeps what speaks for the number; CAM (Zhou et al., CVPR 2016) is the same with the
 * weights of the last layer, and so only for networks that end in global average pooling and one dense layer. Maps are as
 * coarse as the layer; between the middles of what its units read they are drawn out by straight lines.
 */
import { ConfigError } from '../base/errors.ts'
import { activationMapName, buildGradientGraph } from '../model/gradient/maskGradient.ts'
import { scoreRuleOf } from '../model/gradient/scoreRule.ts'
import type { Layer, Network } from '../model/network/network.ts'
import { shapesAfter } from '../model/network/shapes.ts'
import { unitPlaces, type UnitPlaces } from '../model/network/unitPlaces.ts'
import { baseCount } from '../sequence/alphabet.ts'
import { graphDevice, openGraphMethod } from './graphMethod.ts'
import type { ExplanationMethod } from './method.ts'

export const gradCam = mapMethod(
  'channels of the last convolution by their mean gradient (Selvaraju 2017)',
  () => undefined,
  true,
)

export const cam = mapMethod(
  'channels of the last convolution by the weights of the last layer (Zhou 2016)',
  (layers) => {
    const behind = layers.filter(({ kind }) => kind !== 'dropout')
    return behind.length === 2 && behind[0]!.kind === 'globalAveragePool' && behind[1]!.kind === 'dense'
      ? undefined
      : 'the network does not end in global average pooling and one dense layer'
  },
  false,
)

/** @param refusal why the map cannot be had, from the layers behind the one that is mapped */
function mapMethod(
  summary: string,
  refusal: (behind: readonly Layer[]) => string | undefined,
  positive: boolean,
): ExplanationMethod {
  return {
    needs: 'network',
    samples: false,
    summary,
    open(context) {
      const on = graphDevice(context)
      const { network } = on
      const { layers } = scoreRuleOf(network)
      const at = lastAlongSequence(network, layers)
      if (at === undefined)
        throw new ConfigError(
          '--methods cam, grad-cam: the network has no convolution whose units lie along the sequence',
        )
      const why = refusal(layers.slice(at.layer + 1))
      if (why !== undefined) throw new ConfigError(`--methods cam: ${why}; take grad-cam`)
      const graph = buildGradientGraph(network, {
        activationMap: { layer: at.layer, positive },
        form: on.form,
      })
      const strands = network.strands === 'both' ? 2 : 1
      // The mean gradient of a mean of so many units is the weight divided by their number.
      const scale = positive ? 1 : at.units
      const output = { name: activationMapName, count: at.units * strands }
      return openGraphMethod(context, on, graph, output, (map, codes) => ({
        importance: drawnOut(map, at, codes.length, scale),
      }))
    },
  }
}

interface MappedLayer {
  /** 0-based. */
  readonly layer: number
  readonly units: number
  readonly places: UnitPlaces
}

/** The last convolution (or residual or joined layers), with the activation and normalisation that follow it. */
function lastAlongSequence({ inputLength }: Network, layers: Network['layers']): MappedLayer | undefined {
  let layer = layers.findLastIndex(
    ({ kind }) => kind === 'conv1d' || kind === 'residual' || kind === 'concat',
  )
  if (layer < 0) return undefined
  while (['activation', 'batchNorm', 'dropout'].includes(layers[layer + 1]?.kind ?? '')) layer++
  const input = [inputLength, baseCount] as const
  const mapped = layers.slice(0, layer + 1)
  const places = unitPlaces(mapped, input)
  const shape = shapesAfter(mapped, input).at(-1)!
  return places === undefined || shape.length === 1 ? undefined : { layer, units: shape[0], places }
}

/**
 * @param map of the units of one strand, or of both, the reverse one's as it reads
 * @returns one number a base, those of both strands added
 */
function drawnOut(
  map: Float32Array,
  { units, places: { first, step } }: MappedLayer,
  length: number,
  scale: number,
): Float32Array {
  const importance = new Float32Array(length)
  for (let from = 0; from < map.length; from += units) {
    for (let position = 0; position < length; position++) {
      const at = Math.min(Math.max((position - first) / step, 0), units - 1)
      const [low, part] = [Math.floor(at), at % 1]
      const next = Math.min(low + 1, units - 1)
      const value = (1 - part) * map[from + low]! + part * map[from + next]!
      importance[from === 0 ? position : length - 1 - position]! += scale * value
    }
  }
  return importance
}
