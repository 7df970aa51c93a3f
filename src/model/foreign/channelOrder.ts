/** Channels (or units) that lie in another order in a foreign model than in ours. */

export function orderUnlessSame(order: Int32Array): Int32Array | undefined {
  return order.every((place, i) => place === i) ? undefined : order
}

export function sameOrder(a: Int32Array | undefined, b: Int32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((place, i) => place === b[i])
}

/** @returns values a channel in our order */
export function inOurOrder(values: Float32Array, order: Int32Array | undefined): Float32Array {
  if (order === undefined) return values
  const result = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) result[order[i]!] = values[i]!
  return result
}

/**
 * @param weights [inputs of the graph, units]
 * @returns [our inputs, units]
 */
export function rowsInOurOrder(
  weights: Float32Array,
  units: number,
  order: Int32Array | undefined,
): Float32Array {
  if (order === undefined) return weights
  const result = new Float32Array(weights.length)
  for (let row = 0; row < order.length; row++) {
    result.set(weights.subarray(row * units, (row + 1) * units), order[row]! * units)
  }
  return result
}
