/**
 * In which precision Keras computes a model's layers. sis computes all in float32: another precision is told, and weights
 * that are quantised are refused, since what they stand for depends on each input.
 */
import { DataError } from '../../../base/errors.ts'
import { isObject } from '../../formats/json.ts'
import type { KerasLayer, KerasModel } from './kerasConfig.ts'
import type { KerasGraph } from './kerasGraph.ts'
import { describe } from './kerasWeights.ts'

/** How far scores may be from Keras', for people. */
const gaps: Readonly<Record<string, string>> = {
  float16: 'from the third digit on',
  bfloat16: 'from the second digit on',
  float64: 'from the seventh digit on',
}

/** Kept short in a message. */
const mostNamed = 3

/** @throws DataError naming a quantised layer, and the remedy */
export function refuseQuantised(model: KerasModel, file: string): void {
  for (const layer of model.layers) {
    if (layer.model !== undefined) refuseQuantised(layer.model, file)
    const quantised = [layer, layer.wrapped].find((one) => one !== undefined && modeOf(one) !== undefined)
    if (quantised === undefined) continue
    throw new DataError(
      `${describe(quantised)} was quantised to ${modeOf(quantised)!}, which Keras rounds anew for each input; save the model before quantize(), and give that`,
      { file },
    )
  }
}

/** @returns a sentence for each precision that Keras computes layers of the graph in, other than float32 */
export function precisionNotes(graph: KerasGraph): string[] {
  const layers = new Map<string, string[]>()
  for (const { layer } of graph.nodes) {
    const precision = layer.className === 'InputLayer' ? undefined : precisionOf(layer)
    if (precision === undefined || gaps[precision] === undefined) continue
    layers.set(precision, [...(layers.get(precision) ?? []), `'${layer.name}'`])
  }
  return [...layers].map(([precision, names]) => {
    const more = names.length - mostNamed
    const listed =
      names.slice(0, mostNamed).join(', ') +
      (more > 0 ? ` and ${more} ${more === 1 ? 'other' : 'others'}` : '')
    return `Keras computes ${names.length === 1 ? 'the layer' : 'the layers'} ${listed} in ${precision}, sis all layers in float32: scores may differ from Keras' ${gaps[precision]!}, and decisions close to the threshold with them`
  })
}

/** @returns the type that a layer computes in, where its policy tells */
function precisionOf({ config, wrapped }: KerasLayer): string | undefined {
  const policy = config['dtype'] ?? wrapped?.config['dtype']
  const name = isObject(policy) && isObject(policy['config']) ? policy['config']['name'] : policy
  return typeof name === 'string' ? name.replace(/^mixed_/, '') : undefined
}

/** @returns int8, int4, float8, …; undefined where the layer is not quantised */
function modeOf({ config }: KerasLayer): string | undefined {
  const policy = config['dtype']
  if (typeof policy === 'string') return /^(.+)_from_/.exec(policy)?.[1]
  if (!isObject(policy) || !isObject(policy['config'])) return undefined
  const { mode } = policy['config']
  return typeof mode === 'string' ? mode : undefined
}
