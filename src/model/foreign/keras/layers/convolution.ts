/** Conv1D and Conv2D: 1-D convolutions along the sequence, whichever dimension that lies in. */
import type { Layer } from '../../../network/network.ts'
import { transposed } from '../../../network/transposed.ts'
import { inOurOrder } from '../../channelOrder.ts'
import { count, counts } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { column, ungrouped } from '../kerasKernels.ts'
import { type AlongForm, none, noPad, type Part } from './form.ts'
import { layoutOf, misfit, weightsOf } from './layerRule.ts'

export function convolution(node: KerasNode, form: AlongForm, file: string): Part {
  const { config } = node.layer
  const { spatial, channelAxis, slideOf, axisOf } = layoutOf(node)
  const { dims, position, channel } = form
  if (dims.length !== spatial + 1) throw misfit(node, file, `reads [${dims.join(', ')}]`)
  const sizes = counts(config['kernel_size'], spatial)
  const strides = counts(config['strides'] ?? 1, spatial)
  const dilations = counts(config['dilation_rate'] ?? 1, spatial)
  const filters = count(config['filters'])
  if (sizes === undefined || strides === undefined || dilations === undefined || filters === undefined) {
    throw misfit(node, file, 'has a configuration that cannot be read')
  }
  const groups = count(config['groups'] ?? 1) ?? 1
  if (position === channelAxis) throw none(node, 'takes the positions for channels')
  const k = slideOf(position)
  if (strides[k] !== 1) throw none(node, `has stride ${strides[k]!}`)
  const inputs = dims[channelAxis]!
  if (inputs % groups !== 0 || filters % groups !== 0) throw misfit(node, file, `has ${groups} groups`)
  if (groups > 1 && spatial > 1) throw none(node, `has ${groups} groups`)
  const written = weightsOf(node, file, 'kernel', [...sizes, inputs / groups, filters])
  const kernel = groups === 1 ? written : ungrouped(written, sizes[0]!, inputs, filters, groups)
  const bias =
    config['use_bias'] === false ? new Float32Array(filters) : weightsOf(node, file, 'bias', [filters])
  const padding = config['padding'] ?? 'valid'
  const rows = sizes[k]!
  const dilation = dilations[k]!
  let taken = kernel
  let outDims = dims
  if (spatial === 2) {
    const other = 1 - k
    const width = sizes[other]!
    if (channel === channelAxis) {
      if (width > 1 && dilations[other] !== 1) throw none(node, 'is dilated across the sequence')
      // Only the column over the one column that there is counts; the rest falls on padding.
      if (padding !== 'same' && width !== 1) throw misfit(node, file, 'is wider than its input')
      taken = column(kernel, sizes as [number, number], inputs * filters, k, Math.floor((width - 1) / 2))
    } else {
      if (width !== dims[channel] || inputs !== 1 || padding !== 'valid' || dilations[other] !== 1) {
        throw none(node, 'slides along the channels of the sequence')
      }
      taken = k === 0 ? kernel : transposed(kernel, [width, rows, filters], [1, 0, 2])
    }
    outDims = dims.with(axisOf(other), 1)
  }
  const span = (rows - 1) * dilation + 1
  const layer: Layer = {
    kind: 'conv1d',
    filters,
    kernelSize: rows,
    padding: paddingFor(node, padding, span, form.pad),
    dilation,
    kernel: inOurOrder(taken, form.order, filters, rows),
    bias,
  }
  const length = padding === 'valid' ? dims[position]! - span + 1 : dims[position]!
  if (length < 1) throw misfit(node, file, `spans ${span} of ${dims[position]!} positions`)
  return {
    layers: [layer],
    form: {
      kind: 'along',
      dims: outDims.with(channelAxis, filters).with(position, length),
      position,
      channel: channelAxis,
      order: undefined,
      pad: noPad,
    },
  }
}

function paddingFor(
  node: KerasNode,
  padding: unknown,
  span: number,
  pad: readonly [number, number],
): 'same' | 'valid' | readonly [number, number] {
  const padded = pad[0] > 0 || pad[1] > 0
  if (padding === 'valid') return padded ? pad : 'valid'
  if (padded) throw none(node, 'pads a sequence that was padded already')
  if (padding === 'same') return 'same'
  if (padding === 'causal') return span === 1 ? 'valid' : [span - 1, 0]
  throw none(node, `has the padding ${JSON.stringify(padding)}`)
}

/** Zeros before and after are its own, where it pads with none itself. */
export function takesZerosAsPadding({ layer: { config } }: KerasNode): boolean {
  return (config['padding'] ?? 'valid') === 'valid'
}
