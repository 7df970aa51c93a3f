/** Tensors with their dimensions in another order. */

/** @returns of a tensor in row-major order, the numbers to the next one of each dimension */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length)
  let step = 1
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= dims[i]!
  }
  return strides
}

/**
 * @param values of a tensor of these dimensions, row-major
 * @param order which of the dimensions comes first, second, …
 * @returns the same numbers, row-major in the new order
 */
export function transposed<Values extends Float32Array | Float64Array>(
  values: Values,
  dims: readonly number[],
  order: readonly number[],
): Values {
  const sizes = order.map((axis) => dims[axis]!)
  const strides = stridesOf(dims)
  const steps = order.map((axis) => strides[axis]!)
  const result = values.slice() as Values
  const place = new Array<number>(sizes.length).fill(0)
  let from = 0
  for (let i = 0; i < result.length; i++) {
    result[i] = values[from]!
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++place[axis]! < sizes[axis]!) break
      from -= steps[axis]! * sizes[axis]!
      place[axis] = 0
    }
  }
  return result
}
