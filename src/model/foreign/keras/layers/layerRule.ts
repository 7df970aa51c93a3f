/** What a rule for a layer is given, and how it reads the layer's weights and directions. */
import { DataError } from '../../../../base/errors.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { describe } from '../kerasWeights.ts'
import { type AlongForm, along, type Form, type Part } from './form.ts'

/**
 * @param form of what the layer reads
 * @param file named in errors
 * @returns the layers that make its output, and what lies where in that
 * @throws NoCounterpart where no layer of ours does the same, DataError where weights do not fit the configuration
 */
export type LayerRule = (node: KerasNode, form: Form, file: string) => Part

/** A rule for what works along a sequence. */
export function alongSequence(rule: (node: KerasNode, form: AlongForm, file: string) => Part): LayerRule {
  return (node, form, file) => rule(node, along(form, node), file)
}

/** The dimensions that a layer slides along, and where its input has the channels. */
export interface Layout {
  readonly spatial: 1 | 2
  readonly channelAxis: number
  /** Of a dimension after the batch, which of those that the layer slides along. */
  readonly slideOf: (axis: number) => number
  /** The other way round. */
  readonly axisOf: (slide: number) => number
}

export function layoutOf({ layer: { className, config } }: KerasNode): Layout {
  const spatial = className.endsWith('2D') ? 2 : 1
  const before = config['data_format'] === 'channels_first' ? 1 : 0
  return {
    spatial,
    channelAxis: before === 1 ? 0 : spatial,
    slideOf: (axis) => axis - before,
    axisOf: (slide) => slide + before,
  }
}

export function weightsOf(
  node: KerasNode,
  file: string,
  role: string,
  shape: readonly number[],
): Float32Array {
  const tensor = node.weights.get(role)
  if (tensor === undefined) throw misfit(node, file, `has no ${role}`)
  if (tensor.shape.join() !== shape.join()) {
    throw misfit(
      node,
      file,
      `has a ${role} of [${tensor.shape.join(', ')}], where its configuration and input need [${shape.join(', ')}]`,
    )
  }
  return tensor.values
}

export function misfit(node: KerasNode, file: string, problem: string): DataError {
  return new DataError(`${describe(node.layer)} ${problem}; are the weights those of another model?`, {
    file,
  })
}
