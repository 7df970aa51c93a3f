/** Layers that only arrange numbers otherwise: Flatten, Reshape, Permute. */
import { product } from '../../../network/shapes.ts'
import { integers } from '../kerasConfigValues.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { type AlongForm, type Form, none, noPad, type Part } from './form.ts'

export function flattened(node: KerasNode, form: Form): Part {
  return { layers: [], form: inOneRow(node, form) }
}

function inOneRow(node: KerasNode, form: Form): Form {
  if (node.layer.config['data_format'] === 'channels_first' && form.dims.length > 1) {
    // Keras then moves the channels to the end first.
    const [channels, ...rest] = form.dims
    if (form.kind === 'along') {
      const moved = (axis: number) => (axis === 0 ? form.dims.length - 1 : axis - 1)
      return underSizes(
        { ...form, dims: [...rest, channels!], position: moved(form.position), channel: moved(form.channel) },
        [product(form.dims)],
        node,
      )
    }
  }
  return underSizes(form, [product(form.dims)], node)
}

/** @returns the sizes that a Reshape makes, the one left open found out */
function targetOf(node: KerasNode, form: Form): number[] {
  const written: unknown = node.layer.config['target_shape']
  const total = product(form.dims)
  if (!Array.isArray(written) || !written.every((size) => Number.isSafeInteger(size))) {
    throw none(node, 'has a target_shape that cannot be read')
  }
  const sizes = written as number[]
  const known = product(sizes.filter((size) => size !== -1))
  const target = sizes.map((size) => (size === -1 ? total / known : size))
  if (product(target) !== total) throw none(node, `makes [${target.join(', ')}] of [${form.dims.join(', ')}]`)
  return target
}

/** Channels become positions where a sequence stays one: [L, C] to [L · g, C / g]. */
export function reshaped(node: KerasNode, form: Form): Part {
  const target = targetOf(node, form)
  const [length, channels] = form.dims
  const groups = target[0]! / length!
  const splits =
    form.kind === 'along' &&
    form.dims.length === 2 &&
    form.position === 0 &&
    form.order === undefined &&
    form.pad[0] + form.pad[1] === 0 &&
    target.length === 2 &&
    groups > 1 &&
    Number.isSafeInteger(groups)
  if (!splits) return { layers: [], form: underSizes(form, target, node) }
  return {
    layers: [{ kind: 'splitChannels', groups }],
    form: { ...form, dims: [length! * groups, channels! / groups] },
  }
}

/** With its positions and channels in dimensions of their own, as they were. */
function staysAlong(form: AlongForm, target: readonly number[]): AlongForm | undefined {
  const { dims, position, channel } = form
  if (target.join() === dims.join()) return form
  const [first, last] = position < channel ? [position, channel] : [channel, position]
  const start = target.indexOf(dims[first]!)
  const end = target.lastIndexOf(dims[last]!)
  if (start < 0 || start >= end || product(target) !== target[start]! * target[end]!) return undefined
  const [newPosition, newChannel] = position < channel ? [start, end] : [end, start]
  return { ...form, dims: target, position: newPosition, channel: newChannel }
}

/** The same numbers under other sizes: dimensions of 1 come and go, a sequence is packed or unpacked. */
function underSizes(form: Form, target: readonly number[], node: KerasNode): Form {
  const large = (dims: readonly number[]) => dims.flatMap((size, axis) => (size > 1 ? [axis] : []))
  if (form.kind === 'flat') {
    if (large(target).length > 1) throw none(node, 'makes a sequence of units')
    return { ...form, dims: target }
  }
  if (form.kind === 'along') {
    const { dims, position, channel, order } = form
    const moved = staysAlong(form, target)
    if (moved !== undefined) return moved
    if (large(target).length <= 1) {
      return {
        kind: 'packed',
        dims: target,
        length: dims[position]!,
        channels: dims[channel]!,
        byPosition: position < channel,
        order,
      }
    }
    throw none(node, `makes [${target.join(', ')}] of [${dims.join(', ')}]`)
  }
  const { length, channels, byPosition, order } = form
  if (large(target).length <= 1) return { ...form, dims: target }
  const wanted = byPosition ? [length, channels] : [channels, length]
  const axes = large(target)
  if (axes.map((axis) => target[axis]).join() !== wanted.join()) {
    throw none(node, `makes [${target.join(', ')}] of ${length} positions × ${channels} channels`)
  }
  const [position, channel] = byPosition ? axes : [...axes].reverse()
  return { kind: 'along', dims: target, position: position!, channel: channel!, order, pad: noPad }
}

export function permuted(node: KerasNode, form: Form): Part {
  const axes = integers(node.layer.config['dims'], form.dims.length)
  if (axes === undefined || [...axes].sort().some((axis, i) => axis !== i + 1)) {
    throw none(node, 'has dims that cannot be read')
  }
  const dims = axes.map((axis) => form.dims[axis - 1]!)
  if (form.kind !== 'along') return { layers: [], form: { ...form, dims } }
  const position = axes.indexOf(form.position + 1)
  const channel = axes.indexOf(form.channel + 1)
  return { layers: [], form: { ...form, dims, position, channel } }
}

/** Whether a Reshape leaves positions and channels in dimensions of their own. */
export function staysSequence(node: KerasNode, form: Form): boolean {
  return form.kind === 'along' && staysAlong(form, targetOf(node, form)) !== undefined
}
