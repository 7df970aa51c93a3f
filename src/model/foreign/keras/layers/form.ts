/** Where positions and channels lie in what a layer of Keras reads and gives; what only moves them costs no layer. */
import { describe } from '../kerasWeights.ts'
import type { Layer } from '../../../network/network.ts'
import { product } from '../../../network/shapes.ts'
import { flattenedOrder, sameOrder } from '../../channelOrder.ts'
import type { KerasNode } from '../kerasGraph.ts'

/** What lies where in the output of a node. */
export type Form = AlongForm | PackedForm | FlatForm

/** A sequence: one dimension has the positions, one the channels, the others are 1. */
export interface AlongForm {
  readonly kind: 'along'
  readonly dims: readonly number[]
  readonly position: number
  readonly channel: number
  /** Our channel for each of the model's, where they differ. */
  readonly order: Int32Array | undefined
  /** Of the positions, how many at the beginning and end are zeros that are still to be added. */
  readonly pad: readonly [before: number, after: number]
}

/** A sequence in one dimension: position by position or channel by channel. */
export interface PackedForm {
  readonly kind: 'packed'
  readonly dims: readonly number[]
  readonly length: number
  readonly channels: number
  readonly byPosition: boolean
  readonly order: Int32Array | undefined
}

export interface FlatForm {
  readonly kind: 'flat'
  readonly dims: readonly number[]
  /** Our unit for each of the model's, where they differ. */
  readonly order: Int32Array | undefined
}

export interface Part {
  readonly layers: readonly Layer[]
  readonly form: Form
}

/** Thrown where our form has no counterpart, for people; caught where the network is made. */
export class NoCounterpart extends Error {}

/** Zeros that are still to be added: none. */
export const noPad = [0, 0] as const

export function none(node: KerasNode, reason: string): NoCounterpart {
  return new NoCounterpart(`${describe(node.layer)} ${reason}`)
}

export function along(form: Form, node: KerasNode): AlongForm {
  if (form.kind !== 'along') throw none(node, 'reads positions where there are none')
  return form
}

/** Zeros that no convolution took become a layer. */
export function flushed({ layers, form }: Part): Part {
  if (form.kind !== 'along' || (form.pad[0] === 0 && form.pad[1] === 0)) return { layers, form }
  const [before, after] = form.pad
  return { layers: [...layers, { kind: 'zeroPad1d', before, after }], form: { ...form, pad: noPad } }
}

/** One row of units: the layer that makes it, and our unit for each of the model's where they differ. */
export function asUnits(form: PackedForm | FlatForm): { layers: Layer[]; order: Int32Array | undefined } {
  if (form.kind === 'flat') return { layers: [], order: form.order }
  const { length, channels, byPosition, order } = form
  return { layers: [{ kind: 'flatten' }], order: flattenedOrder(length, channels, byPosition, order) }
}

/** As it can be joined with others. */
export function inUnits(part: Part): Part {
  const { layers, form: end } = flushed(part)
  if (end.kind !== 'packed') return { layers, form: end }
  const units = asUnits(end)
  return { layers: [...layers, ...units.layers], form: { kind: 'flat', dims: end.dims, order: units.order } }
}

/** How many channels a layer of ours sees at this point. */
export function channelsIn(form: Form, node?: KerasNode): number {
  if (form.kind === 'packed') {
    throw new NoCounterpart(
      node === undefined
        ? 'it scales a sequence in one row'
        : `${describe(node.layer)} reads a sequence in one row`,
    )
  }
  return form.kind === 'along' ? form.dims[form.channel]! : product(form.dims)
}

export function sameArrangement(a: Form, b: Form): boolean {
  return sameOrder(a.order, b.order) && (a.kind !== 'along' || b.kind !== 'along' || sameAxes(a, b))
}

export function sameAxes(a: AlongForm, b: AlongForm): boolean {
  return a.position === b.position && a.channel === b.channel
}
