/** One number for each channel: BatchNormalization and Rescaling. */
import type { Layer } from '../../../network/network.ts'
import { product } from '../../../network/shapes.ts'
import { inOurOrder } from '../../channelOrder.ts'
import { affineLayer } from '../../madeLayers.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { asUnits, channelsIn, type Form, inUnits, none, type Part } from './form.ts'
import { misfit, weightsOf } from './layerRule.ts'

export function batchNormalisation(node: KerasNode, form: Form, file: string): Part {
  const { config } = node.layer
  if ((config['mode'] ?? 0) === 1) throw none(node, 'normalises each sample by itself')
  const rank = form.dims.length
  const written: unknown = Array.isArray(config['axis']) ? (config['axis'] as unknown[])[0] : config['axis']
  const axis = typeof written === 'number' ? (written < 0 ? rank + written : written - 1) : rank - 1
  const isChannels = form.kind === 'along' ? axis === form.channel : form.dims[axis] === product(form.dims)
  if (!isChannels) {
    throw none(node, 'normalises along another dimension than the channels')
  }
  const { layers, order } = form.kind === 'along' ? { layers: [], order: form.order } : asUnits(form)
  const channels = form.dims[axis]!
  const read = (role: string, key: string, value: number) =>
    config[key] === false
      ? new Float32Array(channels).fill(value)
      : inOurOrder(weightsOf(node, file, role, [channels]), order)
  const epsilon: unknown = config['epsilon'] ?? 1e-3
  if (typeof epsilon !== 'number') throw misfit(node, file, 'has an epsilon that is no number')
  return {
    layers: [
      ...layers,
      {
        kind: 'batchNorm',
        epsilon,
        gamma: read('gamma', 'scale', 1),
        beta: read('beta', 'center', 0),
        mean: read('moving_mean', '', 0),
        variance: read('moving_variance', '', 1),
      },
    ],
    form: form.kind === 'along' ? form : { kind: 'flat', dims: form.dims, order },
  }
}

export function rescaling(node: KerasNode, form: Form): Part {
  const { scale = 1, offset = 0 } = node.layer.config
  if (typeof scale !== 'number' || typeof offset !== 'number') {
    throw none(node, 'has a scale for each channel')
  }
  const start = inUnits({ layers: [], form })
  return { layers: [...start.layers, ...scaled(start.form, scale, offset)], form: start.form }
}

/** x · scale + offset */
export function scaled(form: Form, scale: number, offset = 0): Layer[] {
  const channels = channelsIn(form)
  return [affineLayer(new Float32Array(channels).fill(scale), new Float32Array(channels).fill(offset))]
}
