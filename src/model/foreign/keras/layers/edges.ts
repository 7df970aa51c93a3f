/** Positions before and after: zeros that are added, positions that are cut off, and each of them repeated. */
import { repeatLayers } from '../../madeLayers.ts'
import { count, integer, integers } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { type AlongForm, none, type Part } from './form.ts'
import { layoutOf } from './layerRule.ts'

/** Zeros that the next convolution takes as its padding, if it can. */
export function padded(node: KerasNode, form: AlongForm): Part {
  const { dims, position, pad } = form
  const own =
    edgesOf(node, form, node.layer.config['padding'] ?? 1) ??
    raise(none(node, 'adds zeros that are not along the sequence'))
  return {
    layers: [],
    form: {
      ...form,
      dims: dims.with(position, dims[position]! + own[0] + own[1]),
      pad: [pad[0] + own[0], pad[1] + own[1]],
    },
  }
}

export function cropped(node: KerasNode, form: AlongForm): Part {
  const { dims, position } = form
  const [before, after] =
    edgesOf(node, form, node.layer.config['cropping'] ?? 1) ??
    raise(none(node, 'has a cropping that is not along the sequence, or cannot be read'))
  const length = dims[position]! - before - after
  if (length < 1) throw none(node, `crops ${before + after} of ${dims[position]!} positions`)
  return {
    layers: before + after === 0 ? [] : [{ kind: 'crop1d', before, after }],
    form: { ...form, dims: dims.with(position, length) },
  }
}

/** Each position several times: as many copies of its channels, which become positions. */
export function repeated(node: KerasNode, form: AlongForm): Part {
  const size = count(node.layer.config['size'] ?? 2)
  if (size === undefined || form.dims.length !== 2) throw none(node, 'has a size that cannot be read')
  if (form.position !== 0) throw none(node, 'repeats the channels')
  return {
    layers: size === 1 ? [] : repeatLayers(size),
    form: { ...form, dims: [form.dims[0]! * size, form.dims[1]!] },
  }
}

/** @returns how many positions before and after; undefined where other dimensions have some, too */
function edgesOf(
  node: KerasNode,
  { dims, position }: AlongForm,
  written: unknown,
): [before: number, after: number] | undefined {
  const { spatial, slideOf } = layoutOf(node)
  const pairs =
    spatial === 1
      ? [pairOf(written)]
      : Array.isArray(written)
        ? written.map(pairOf)
        : [pairOf(written), pairOf(written)]
  const k = slideOf(position)
  const other = pairs.find((_, i) => i !== k)
  if (dims.length !== spatial + 1) return undefined
  if (spatial === 2 && (other === undefined || other[0] + other[1] > 0)) return undefined
  return pairs[k]
}

function raise(error: Error): never {
  throw error
}

function pairOf(value: unknown): [number, number] | undefined {
  const single = integer(value)
  if (single !== undefined) return [single, single]
  const pair = integers(value, 2)
  return pair === undefined ? undefined : [pair[0]!, pair[1]!]
}
