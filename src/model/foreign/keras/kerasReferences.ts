/** How configurations name tensors: what calls read, what models read and give, and what makes the masks of Masking layers. */
import { isObject } from '../../formats/json.ts'
import type { Config } from './kerasWords.ts'

/** A tensor: what one call of a layer gives, and which of the call's tensors. */
export interface TensorRef {
  readonly layer: string
  readonly call: number
  readonly tensor: number
}

export function refTo(layer: string): TensorRef {
  return { layer, call: 0, tensor: 0 }
}

export function refOf(value: unknown): TensorRef | undefined {
  if (!Array.isArray(value) || value.length < 3) return undefined
  const [layer, call, tensor] = value as unknown[]
  if (typeof layer !== 'string' || !isIndex(call) || !isIndex(tensor)) return undefined
  return { layer, call, tensor }
}

/** The tensor that Keras 3 means. */
export function historyOf(value: unknown): TensorRef | undefined {
  return isObject(value) && value['class_name'] === '__keras_tensor__' && isObject(value['config'])
    ? refOf(value['config']['keras_history'])
    : undefined
}

interface Leaf {
  readonly value: unknown
  /** Keys of the dictionaries and places in the lists that it lies in. */
  readonly path: readonly (string | number)[]
}

/** What lies in lists and dictionaries, in the order of the file. */
export function leavesOf(value: unknown, path: Leaf['path'] = []): Leaf[] {
  if (Array.isArray(value) && refOf(value) === undefined) {
    return (value as unknown[]).flatMap((item, i) => leavesOf(item, [...path, i]))
  }
  if (isObject(value) && value['class_name'] !== '__keras_tensor__') {
    return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]))
  }
  return [{ value, path }]
}

/** As Keras numbers them: dictionaries by the order of their keys. */
export function inNumberedOrder(leaves: readonly Leaf[]): Leaf[] {
  return [...leaves].sort((a, b) => {
    const at = a.path.findIndex((step, i) => step !== b.path[i])
    const [first, second] = [a.path[at], b.path[at]]
    if (first === undefined || second === undefined) return 0
    return first < second ? -1 : 1
  })
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * The operations that make the masks of Masking layers, by name: `any(x != value)` of what a Masking of that value reads,
 * each read by nothing but masks.
 */
export function maskOperationsOf(layers: readonly unknown[]): ReadonlySet<string> {
  const items = layers.filter(isObject)
  const firstCall = (item: Config): Config => {
    const [node] = Array.isArray(item['inbound_nodes']) ? (item['inbound_nodes'] as unknown[]) : []
    return isObject(node) ? node : {}
  }
  const argumentsOf = (item: Config): unknown[] => {
    const { args } = firstCall(item)
    return Array.isArray(args) ? args : []
  }
  const isOf = (module: string, className: string) => (item: Config) =>
    item['class_name'] === className && typeof item['module'] === 'string' && item['module'].includes(module)
  const maskings = items.filter(isOf('layers', 'Masking')).map((item) => {
    const value: unknown = isObject(item['config']) ? (item['config']['mask_value'] ?? 0) : 0
    return JSON.stringify([historyOf(argumentsOf(item)[0]), value])
  })
  const comparisons = items
    .filter(isOf('.ops.', 'NotEqual'))
    .filter((item) => {
      const [tensor, value] = argumentsOf(item)
      return maskings.includes(JSON.stringify([historyOf(tensor), value]))
    })
    .map(nameOf)
  const masks = items
    .filter(isOf('.ops.', 'Any'))
    .filter((item) => comparisons.includes(historyOf(argumentsOf(item)[0])?.layer ?? ''))
    .map(nameOf)
  return new Set([...comparisons, ...masks])
}

export function nameOf(item: unknown): string {
  if (!isObject(item)) return ''
  return firstText(item['name'], isObject(item['config']) ? item['config']['name'] : undefined) ?? ''
}

export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string')
}
