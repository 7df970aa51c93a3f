/** Orders of rows and of a motif's sites. Ties keep the order of the rows, whatever the direction. */
import { marginOf, type ExplorerColumns } from './explorerData.ts'

export const rowKeys = ['name', 'position', 'model', 'score', 'margin', 'subsets', 'bases'] as const
/** `position`: chromosome and start; `bases`: of the smallest SIS. */
export type RowKey = (typeof rowKeys)[number]

export interface SortOrder {
  readonly key: RowKey
  readonly descending: boolean
}

/** The orders of all rows, each worked out when it is first asked for: what filters leave of one is then a matter of looking. */
export class RowOrders {
  readonly #columns: ExplorerColumns
  readonly #orders = new Map<string, Uint32Array>()

  constructor(columns: ExplorerColumns) {
    this.#columns = columns
  }

  /**
   * @param rows ascending
   * @returns the rows, sorted
   */
  sorted(rows: Uint32Array, order: SortOrder): Uint32Array {
    const chosen = new Uint8Array(this.#columns.rows.count)
    for (let i = 0; i < rows.length; i++) chosen[rows[i]!] = 1
    const sorted = new Uint32Array(rows.length)
    let count = 0
    for (const row of this.#all(order)) if (chosen[row] === 1) sorted[count++] = row
    return sorted
  }

  #all({ key, descending }: SortOrder): Uint32Array {
    const name = `${key} ${descending}`
    let order = this.#orders.get(name)
    if (order === undefined) {
      const { count } = this.#columns.rows
      const keyOf = rowKeyOf(this.#columns, key)
      const rows = new Uint32Array(count)
      const keys = new Float64Array(count)
      for (let row = 0; row < count; row++) {
        rows[row] = row
        keys[row] = keyOf(row)
      }
      order = sortedBy(rows, keys, descending)
      this.#orders.set(name, order)
    }
    return order
  }
}

function rowKeyOf(columns: ExplorerColumns, key: RowKey): (row: number) => number {
  const { sequences, rows, sis } = columns
  switch (key) {
    case 'name':
      return (row) => sequences.order[rows.sequence[row]!]!
    case 'position':
      return (row) => {
        const sequence = rows.sequence[row]!
        return sequences.chrom[sequence]! * 2 ** 31 + sequences.start[sequence]!
      }
    case 'model':
      return (row) => rows.model[row]!
    case 'score':
      return (row) => rows.score[row]!
    case 'margin':
      return (row) => marginOf(columns, row)
    case 'subsets':
      return (row) => rows.first[row + 1]! - rows.first[row]!
    case 'bases':
      return (row) => {
        let least = Infinity
        for (let i = rows.first[row]!; i < rows.first[row + 1]!; i++) least = Math.min(least, sis.size[i]!)
        return least
      }
  }
}

/**
 * @param keys of each item
 * @returns the items by their keys, equal ones in the order given
 */
export function sortedBy(items: Uint32Array, keys: Float64Array, descending: boolean): Uint32Array {
  const places = radixOrder(keys)
  const sorted = new Uint32Array(items.length)
  if (!descending) {
    for (let i = 0; i < places.length; i++) sorted[i] = items[places[i]!]!
    return sorted
  }
  // From the end, but equal ones as they came.
  let out = 0
  for (let end = places.length; end > 0;) {
    let from = end - 1
    while (from > 0 && keys[places[from - 1]!] === keys[places[end - 1]!]) from--
    for (let i = from; i < end; i++) sorted[out++] = items[places[i]!]!
    end = from
  }
  return sorted
}

/** Indexes of keys from the least to the largest, stable: by 16 bits at a time of their order-preserving form. */
function radixOrder(keys: Float64Array): Uint32Array {
  const n = keys.length
  const own = new Float64Array(n)
  const bits = new Uint16Array(own.buffer)
  for (let i = 0; i < n; i++) {
    // Adding 0 makes -0 into 0.
    own[i] = keys[i]! + 0
    const isNegative = bits[4 * i + 3]! >= 0x8000
    if (isNegative) for (let digit = 0; digit < 4; digit++) bits[4 * i + digit]! ^= 0xffff
    else bits[4 * i + 3]! ^= 0x8000
  }
  let from = new Uint32Array(n)
  for (let i = 0; i < n; i++) from[i] = i
  let to = new Uint32Array(n)
  const counts = new Uint32Array(65_537)
  for (let digit = 0; digit < 4; digit++) {
    counts.fill(0)
    for (let i = 0; i < n; i++) counts[bits[4 * i + digit]! + 1]!++
    for (let value = 0; value < 65_536; value++) counts[value + 1]! += counts[value]!
    for (let i = 0; i < n; i++) {
      const item = from[i]!
      to[counts[bits[4 * item + digit]!]!++] = item
    }
    ;[from, to] = [to, from]
  }
  return from
}
