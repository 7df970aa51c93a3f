/** Pools along the sequence, and over all of it. */
import { windowCount } from '../../../network/shapes.ts'
import { counts } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { type AlongForm, none, type Part } from './form.ts'
import { layoutOf } from './layerRule.ts'

export function pooled(kind: 'maxPool1d' | 'averagePool1d') {
  return (node: KerasNode, form: AlongForm): Part => {
    const { config } = node.layer
    const { spatial, channelAxis, slideOf, axisOf } = layoutOf(node)
    const { dims, position, channel } = form
    if (dims.length !== spatial + 1 || position === channelAxis) throw none(node, 'pools along the channels')
    const sizes = counts(config['pool_size'] ?? 2, spatial)
    const strides = counts(config['strides'] ?? config['pool_size'] ?? 2, spatial)
    if (sizes === undefined || strides === undefined)
      throw none(node, 'has a configuration that cannot be read')
    const k = slideOf(position)
    if (spatial === 2) {
      const other = 1 - k
      const across = dims[axisOf(other)]!
      const idle =
        across === 1
          ? sizes[other] === 1 || config['padding'] === 'same'
          : sizes[other] === 1 && strides[other] === 1
      if (!idle || (channel !== channelAxis && across === 1)) throw none(node, 'pools along the channels')
    }
    const padding = config['padding'] ?? 'valid'
    if (padding !== 'valid' && padding !== 'same')
      throw none(node, `has the padding ${JSON.stringify(padding)}`)
    const [size, stride] = [sizes[k]!, strides[k]!]
    const length = windowCount(dims[position]!, size, stride, padding)
    if (length < 1) throw none(node, `pools ${size} of ${dims[position]!} positions`)
    return {
      layers: [{ kind, size, stride, padding }],
      form: { ...form, dims: dims.with(position, length) },
    }
  }
}

export function pooledGlobally(kind: 'globalMaxPool' | 'globalAveragePool') {
  return (node: KerasNode, form: AlongForm): Part => {
    const { spatial, channelAxis } = layoutOf(node)
    const { dims, channel, order } = form
    if (dims.length !== spatial + 1 || channel !== channelAxis) throw none(node, 'pools along the channels')
    return {
      layers: [{ kind }],
      form: {
        kind: 'flat',
        dims:
          node.layer.config['keepdims'] === true
            ? dims.map((size, axis) => (axis === channel ? size : 1))
            : [dims[channel]!],
        order,
      },
    }
  }
}
