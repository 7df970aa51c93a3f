/** Weights of a difference graph as the kernel reads them (src/kernels/assembly/sparseProducts.ts, rectifiedReadOut.ts). */
import { masked } from '../sequence/alphabet.ts'
import { codeCount, numbersOfCodes } from '../sequence/encoding.ts'
import { ceilTo, padRows } from './denseHead.ts'
import type { GraphValue, Product } from './differenceGraph.ts'

/** Floats of a row of so many channels. */
export function widthOf({ channels }: Pick<GraphValue, 'channels'>): number {
  return ceilTo(channels, 4)
}

/** Rows of `channels`, each filled up to a multiple of 4 with zeros. */
export function padded(values: Float64Array, channels: number): Float32Array {
  return padRows(values, channels, widthOf({ channels }))
}

/** In the order of sparseProducts.ts: [taps][tiles][inputs][the tile's vectors of 4 filters]. */
export function tiled({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const inputs = widthOf(input)
  const filters = widthOf(output)
  const result = new Float32Array(taps * inputs * filters)
  for (let tap = 0; tap < taps; tap++) {
    let at = tap * inputs * filters
    for (let from = 0; from < filters;) {
      const left = filters - from
      const tile = left >= 16 ? 16 : left >= 8 ? 8 : 4
      for (let c = 0; c < input.channels; c++) {
        for (let f = from; f < Math.min(from + tile, output.channels); f++) {
          result[at + c * tile + f - from] = kernel[(tap * input.channels + c) * output.channels + f]!
        }
      }
      at += inputs * tile
      from += tile
    }
  }
  return result
}

/** Weights by output channel: [output channels][taps][input width]. */
export function transposed({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const width = widthOf(input)
  const result = new Float32Array(widthOf(output) * taps * width)
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < input.channels; c++) {
      for (let f = 0; f < output.channels; f++) {
        result[(f * taps + tap) * width + c] = kernel[(tap * input.channels + c) * output.channels + f]!
      }
    }
  }
  return result
}

/** More than float32 sums of squares can be off by. */
const normMargin = 1 + 1e-4

/** Lengths of the weights by tap and output channel: [taps][output width]. */
export function norms({ taps, kernel }: Product, input: GraphValue, output: GraphValue): Float32Array {
  const width = widthOf(output)
  const result = new Float32Array(taps * width)
  for (let tap = 0; tap < taps; tap++) {
    for (let f = 0; f < output.channels; f++) {
      let square = 0
      for (let c = 0; c < input.channels; c++) {
        square += kernel[(tap * input.channels + c) * output.channels + f]! ** 2
      }
      result[tap * width + f] = normMargin * Math.sqrt(square)
    }
  }
  return result
}

/**
 * What each code is, as a strand reads it: the other strand's codes are complements already, its background is turned round.
 * @returns [6][4]
 */
export function basesOfStrand(background: readonly number[], bank: number): readonly (readonly number[])[] {
  return numbersOfCodes(bank === 0 ? background : background.toReversed())
}

/** Blocks of a value that never change: rows by code, from the position candidate + shift on. */
export interface ConstantBlocks {
  readonly rows: Float32Array // [banks][6][span][width]
  readonly shift: number
}

/** @param product of bases; the input itself unless given */
export function constantBlocks(
  { taps, dilation, padding, kernel }: Pick<Product, 'taps' | 'dilation' | 'padding' | 'kernel'> = identity,
  value: GraphValue,
  background: readonly number[],
  banks: number,
): ConstantBlocks {
  const { channels } = value
  const width = widthOf(value)
  const span = (taps - 1) * dilation + 1
  const rows = new Float32Array(banks * codeCount * span * width)
  for (let bank = 0; bank < banks; bank++) {
    const bases = basesOfStrand(background, bank)
    for (const [code, base] of bases.entries()) {
      const difference = base.map((was, b) => bases[masked]![b]! - was)
      for (let tap = 0; tap < taps; tap++) {
        const at = ((bank * codeCount + code) * span + (taps - 1 - tap) * dilation) * width
        for (let c = 0; c < channels; c++) {
          rows[at + c] = difference.reduce(
            (sum, change, b) => sum + change * kernel[(tap * difference.length + b) * channels + c]!,
            0,
          )
        }
      }
    }
  }
  return { rows, shift: padding - (taps - 1) * dilation }
}

/** The input as a product of itself. */
const identity: Pick<Product, 'taps' | 'dilation' | 'padding' | 'kernel'> = {
  taps: 1,
  dilation: 1,
  padding: 0,
  kernel: Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
}
