/** Dense: of one row of units, or at every position. */
import { product } from '../../../network/shapes.ts'
import { inOurOrder } from '../../channelOrder.ts'
import { pointwiseLayer } from '../../madeLayers.ts'
import { count } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { asUnits, type Form, none, type Part } from './form.ts'
import { misfit, weightsOf } from './layerRule.ts'

export function dense(node: KerasNode, form: Form, file: string): Part {
  const units = count(node.layer.config['units'])
  if (units === undefined) throw misfit(node, file, 'does not tell its units')
  const bias =
    node.layer.config['use_bias'] === false ? new Float32Array(units) : weightsOf(node, file, 'bias', [units])
  const inputs = form.dims.at(-1)!
  const kernel = weightsOf(node, file, 'kernel', [inputs, units])
  if (form.kind === 'along') {
    if (form.channel !== form.dims.length - 1) throw none(node, 'works along the sequence')
    return {
      layers: [pointwiseLayer(true, inOurOrder(kernel, form.order, units), bias)],
      form: {
        ...form,
        dims: form.dims.with(form.channel, units),
        order: undefined,
      },
    }
  }
  if (product(form.dims) !== inputs) throw none(node, 'reads units that lie across its input')
  const { layers, order } = asUnits(form)
  return {
    layers: [...layers, pointwiseLayer(false, inOurOrder(kernel, order, units), bias)],
    form: {
      kind: 'flat',
      dims: form.dims.with(-1, units),
      order: undefined,
    },
  }
}
