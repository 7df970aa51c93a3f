/** Separable, depthwise and transposed convolutions as the plain ones that they amount to. */
import type { Padding } from '../../../network/network.ts'
import { windowCount } from '../../../network/shapes.ts'
import { inOurOrder } from '../../channelOrder.ts'
import { count, counts } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { fromDepthwise, fromSeparable, fromTransposed } from '../kerasKernels.ts'
import { type AlongForm, none, type Part } from './form.ts'
import { layoutOf, misfit, weightsOf } from './layerRule.ts'

/** As the plain convolution that it amounts to. */
export function otherConvolution(node: KerasNode, form: AlongForm, file: string): Part {
  const { config, className } = node.layer
  const { dims, position, channel } = form
  const [size] = counts(config['kernel_size'], 1) ?? []
  const [stride] = counts(config['strides'] ?? 1, 1) ?? []
  const [dilation] = counts(config['dilation_rate'] ?? 1, 1) ?? []
  const padding = config['padding'] ?? 'valid'
  if (size === undefined || dilation === undefined || dims.length !== 2) {
    throw misfit(node, file, 'has a configuration that cannot be read')
  }
  if (stride !== 1) throw none(node, `has stride ${stride ?? JSON.stringify(config['strides'])}`)
  if (padding !== 'valid' && padding !== 'same')
    throw none(node, `has the padding ${JSON.stringify(padding)}`)
  if (channel !== layoutOf(node).channelAxis) {
    throw none(node, 'takes the positions for channels')
  }
  const channels = dims[channel]!
  const span = (size - 1) * dilation + 1
  const { kernel, filters } = kernelOf(node, file, size, channels)
  let edges: Padding = padding
  if (className === 'Conv1DTranspose') {
    if ((config['output_padding'] ?? null) !== null) throw none(node, 'has an output_padding')
    const before = padding === 'valid' ? 0 : Math.floor((span - 1) / 2)
    const after = padding === 'valid' ? 0 : span - 1 - before
    edges = [span - 1 - before, span - 1 - after]
  }
  const length = windowCount(dims[position]!, span, 1, edges)
  if (length < 1) throw misfit(node, file, `spans ${span} of ${dims[position]!} positions`)
  const bias =
    config['use_bias'] === false ? new Float32Array(filters) : weightsOf(node, file, 'bias', [filters])
  return {
    layers: [
      {
        kind: 'conv1d',
        filters,
        kernelSize: size,
        padding: edges,
        dilation,
        kernel: inOurOrder(kernel, form.order, filters, size),
        bias,
      },
    ],
    form: {
      ...form,
      dims: dims.with(position, length).with(channel, filters),
      order: undefined,
    },
  }
}

function kernelOf(
  node: KerasNode,
  file: string,
  size: number,
  channels: number,
): { kernel: Float32Array; filters: number } {
  const { config, className } = node.layer
  if (className === 'Conv1DTranspose') {
    const filters = count(config['filters'])
    if (filters === undefined) throw misfit(node, file, 'does not tell its filters')
    const kernel = weightsOf(node, file, 'kernel', [size, filters, channels])
    return { kernel: fromTransposed(kernel, size, channels, filters), filters }
  }
  const multiplier = count(config['depth_multiplier'] ?? 1)
  if (multiplier === undefined) throw misfit(node, file, 'does not tell its depth_multiplier')
  const depthwise = weightsOf(node, file, 'depthwise_kernel', [size, channels, multiplier])
  if (className === 'DepthwiseConv1D') {
    return {
      kernel: fromDepthwise(depthwise, size, channels, multiplier),
      filters: channels * multiplier,
    }
  }
  const filters = count(config['filters'])
  if (filters === undefined) throw misfit(node, file, 'does not tell its filters')
  const pointwise = weightsOf(node, file, 'pointwise_kernel', [1, channels * multiplier, filters])
  return { kernel: fromSeparable(depthwise, pointwise, size, channels, filters), filters }
}
