/** Channels (or units) that lie in another order in a foreign model than in ours: for each of the model's, which of ours. */

export function orderUnlessSame(order: Int32Array): Int32Array | undefined {
  return order.every((place, i) => place === i) ? undefined : order
}

export function sameOrder(a: Int32Array | undefined, b: Int32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((place, i) => place === b[i])
}

/**
 * @param weights Float32Array [blocks, the model's channels, outputs]
 * @param order of the channels; undefined: as ours
 * @returns Float32Array [blocks, our channels, outputs]
 */
export function inOurOrder(
  weights: Float32Array,
  order: Int32Array | undefined,
  outputs = 1,
  blocks = 1,
): Float32Array {
  if (order === undefined) return weights
  const result = new Float32Array(weights.length)
  for (let block = 0; block < blocks; block++) {
    const first = block * order.length
    for (let i = 0; i < order.length; i++) {
      const from = (first + i) * outputs
      result.set(weights.subarray(from, from + outputs), (first + order[i]!) * outputs)
    }
  }
  return result
}

/** The order of channels side by side; undefined where all of them are in our order. */
export function joinedOrder(
  parts: readonly { readonly size: number; readonly order: Int32Array | undefined }[],
): Int32Array | undefined {
  if (parts.every(({ order }) => order === undefined)) return undefined
  const joined = new Int32Array(parts.reduce((total, { size }) => total + size, 0))
  let before = 0
  for (const { size, order } of parts) {
    for (let i = 0; i < size; i++) joined[before + i] = before + (order?.[i] ?? i)
    before += size
  }
  return joined
}

/**
 * The order of the units of a sequence in one row; ours lie position by position.
 * @param byPosition whether the model's do, too, or channel by channel
 */
export function flattenedOrder(
  length: number,
  channels: number,
  byPosition: boolean,
  order: Int32Array | undefined,
): Int32Array | undefined {
  if (byPosition && order === undefined) return undefined
  const units = new Int32Array(length * channels)
  for (let i = 0; i < length; i++) {
    for (let c = 0; c < channels; c++) {
      units[byPosition ? i * channels + c : c * length + i] = i * channels + (order?.[c] ?? c)
    }
  }
  return units
}
