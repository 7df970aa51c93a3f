/**
 * Kernels of Keras as those of plain convolutions along the sequence, [size, channels, filters]: convolutions of one
 * channel, of groups, of two steps and transposed ones are that with zeros, sums or turned round.
 */
import { transposed } from '../../network/transposed.ts'

/** Of a kernel [rows, columns, block], the column across the other dimension: [rows, block]. */
export function column(
  kernel: Float32Array,
  sizes: readonly [number, number],
  block: number,
  k: number,
  at: number,
): Float32Array {
  const rows = sizes[k]!
  const out = new Float32Array(rows * block)
  for (let row = 0; row < rows; row++) {
    const place = k === 0 ? row * sizes[1] + at : at * sizes[1] + row
    out.set(kernel.subarray(place * block, (place + 1) * block), row * block)
  }
  return out
}

/** @param kernel [size, channels / groups, filters]; a group of filters reads a group of channels */
export function ungrouped(
  kernel: Float32Array,
  size: number,
  channels: number,
  filters: number,
  groups: number,
): Float32Array {
  const [own, made] = [channels / groups, filters / groups]
  const out = new Float32Array(size * channels * filters)
  for (let row = 0; row < size; row++) {
    for (let filter = 0; filter < filters; filter++) {
      const first = Math.floor(filter / made) * own
      for (let c = 0; c < own; c++) {
        out[(row * channels + first + c) * filters + filter] = kernel[(row * own + c) * filters + filter]!
      }
    }
  }
  return out
}

/** @param kernel [size, channels, multiplier]: filter c · multiplier + m reads channel c alone */
export function fromDepthwise(
  kernel: Float32Array,
  size: number,
  channels: number,
  multiplier: number,
): Float32Array {
  const filters = channels * multiplier
  const out = new Float32Array(size * channels * filters)
  for (let row = 0; row < size; row++) {
    for (let c = 0; c < channels; c++) {
      const from = (row * channels + c) * multiplier
      out.set(kernel.subarray(from, from + multiplier), (row * channels + c) * filters + c * multiplier)
    }
  }
  return out
}

/**
 * Of one step, what two make.
 * @param depthwise [size, channels, multiplier]
 * @param pointwise [channels · multiplier, filters]
 */
export function fromSeparable(
  depthwise: Float32Array,
  pointwise: Float32Array,
  size: number,
  channels: number,
  filters: number,
): Float32Array {
  const multiplier = depthwise.length / (size * channels)
  const out = new Float32Array(size * channels * filters)
  for (let row = 0; row < size; row++) {
    for (let c = 0; c < channels; c++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = 0
        for (let m = 0; m < multiplier; m++) {
          sum +=
            depthwise[(row * channels + c) * multiplier + m]! *
            pointwise[(c * multiplier + m) * filters + filter]!
        }
        out[(row * channels + c) * filters + filter] = sum
      }
    }
  }
  return out
}

/** @param kernel [size, filters, channels] of a transposed convolution of stride 1 */
export function fromTransposed(
  kernel: Float32Array,
  size: number,
  channels: number,
  filters: number,
): Float32Array {
  const block = channels * filters
  const out = new Float32Array(kernel.length)
  const turned = transposed(kernel, [size, filters, channels], [0, 2, 1])
  for (let row = 0; row < size; row++) {
    out.set(turned.subarray(row * block, (row + 1) * block), (size - 1 - row) * block)
  }
  return out
}
