/**
 * A convolution over bases and the maximum over its positions, from codes: look-ups in tables instead of products with
 * one-hot numbers, forward and backward, by the WebAssembly kernel `scanTraining`.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { loadKernelModule, memoryBase, pageBytes } from '../../kernels/kernelModule.ts'
import { webAssembly, type KernelExports } from '../../kernels/webAssembly.ts'
import { paddingOf } from '../../model/network/shapes.ts'
import { baseCount } from '../../sequence/alphabet.ts'
import { spanOf, type Convolution } from './tfjsConvolution.ts'
import { viewOf } from './tfjsPooling.ts'
import type { TensorFlow } from './tfjsRuntime.ts'
import { codeCount } from '../../sequence/encoding.ts'

type Kernel = KernelExports & {
  readonly GROUP: { readonly value: number }
  readonly WORDS: { readonly value: number }
  readonly BLOCK: { readonly value: number }
  tabulate(
    weights: number,
    background: number,
    tables: number,
    singles: number,
    kernelSize: number,
    filters: number,
  ): void
  index(
    codes: number,
    padded: number,
    words: number,
    rows: number,
    length: number,
    before: number,
    stride: number,
    dilation: number,
  ): number
  scan(
    words: number,
    tables: number,
    bias: number,
    maxima: number,
    peaks: number,
    rows: number,
    stride: number,
    positions: number,
    kernelSize: number,
    dilation: number,
    paddedFilters: number,
  ): void
  scatter(
    padded: number,
    peaks: number,
    slopes: number,
    background: number,
    sums: number,
    gradient: number,
    rows: number,
    stride: number,
    kernelSize: number,
    dilation: number,
    filters: number,
  ): void
}

/**
 * The scores of the best windows, with gradients of kernel and bias.
 * @param codes Uint8Array [rows, L]
 * @param background what a masked base becomes
 * @param kernel [kernelSize, 4, filters]
 * @param bias [filters]
 * @returns [rows, filters]
 * @throws RangeError where a code is none
 */
export type ScanConvolution = (
  codes: Uint8Array,
  background: readonly number[],
  kernel: Tensor3D,
  bias: Tensor1D,
) => Tensor2D

/** Numbers of one batch and where they lie in the kernel's memory, in bytes. */
interface Layout {
  readonly rows: number
  readonly before: number
  readonly positions: number
  /** Codes of a row, with what the taps reach beyond it. */
  readonly stride: number
  readonly paddedFilters: number
  readonly weights: number // float32 [kernelSize, 4, filters]; the gradient, backward
  readonly bias: number // float32 [filters, padded]
  readonly background: number // float32 [4]
  readonly singles: number
  readonly sums: number
  readonly tables: number
  readonly codes: number // uint8 [rows, L]
  readonly padded: number // uint8 [rows, stride]
  readonly words: number // int32 [rows, stride]
  readonly values: number // float32 [rows, filters, padded]: maxima, or slopes (not padded)
  readonly peaks: number // int32 likewise
  readonly end: number
}

/** @param length L */
export function createScanConvolution(
  tf: TensorFlow,
  length: number,
  filters: number,
  convolution: Convolution,
): ScanConvolution {
  const { kernelSize, dilation } = convolution
  const kernel = new webAssembly.Instance(loadKernelModule('scanTraining')).exports as Kernel

  /** Lays a batch out and puts in what both directions read. */
  const begin = (codes: Uint8Array, background: readonly number[]): Layout => {
    const layout = layOut(kernel, codes.length / length, length, filters, convolution)
    const missing = layout.end - kernel.memory.buffer.byteLength
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / pageBytes))
    const { memory } = kernel
    new Float32Array(memory.buffer, layout.background, baseCount).set(background)
    new Uint8Array(memory.buffer, layout.codes, codes.length).set(codes)
    const { padded, words, rows, before, stride } = layout
    const bad = kernel.index(layout.codes, padded, words, rows, length, before, stride, dilation)
    if (bad >= 0) {
      throw new RangeError(
        `${codes[bad]} at position ${(bad % length) + 1} of row ${Math.floor(bad / length)} is no code of a base`,
      )
    }
    return layout
  }

  const forward = (
    codes: Uint8Array,
    background: readonly number[],
    weights: Float32Array,
    bias: Float32Array,
  ): { maxima: Float32Array; peaks: Int32Array } => {
    const layout = begin(codes, background)
    const { rows, stride, positions, paddedFilters, tables } = layout
    const { buffer } = kernel.memory
    new Float32Array(buffer, layout.weights, weights.length).set(weights)
    new Float32Array(buffer, layout.bias, paddedFilters).fill(0).set(bias)
    kernel.tabulate(layout.weights, layout.background, tables, layout.singles, kernelSize, filters)
    const { words, values, peaks } = layout
    kernel.scan(
      words,
      tables,
      layout.bias,
      values,
      peaks,
      rows,
      stride,
      positions,
      kernelSize,
      dilation,
      paddedFilters,
    )
    const found = {
      maxima: new Float32Array(rows * filters),
      peaks: new Int32Array(rows * filters),
    }
    for (let row = 0; row < rows; row++) {
      const from = row * paddedFilters * 4
      found.maxima.set(new Float32Array(buffer, values + from, filters), row * filters)
      found.peaks.set(new Int32Array(buffer, peaks + from, filters), row * filters)
    }
    return found
  }

  const backward = (
    codes: Uint8Array,
    background: readonly number[],
    peaks: Int32Array,
    slopes: Float32Array,
  ): Float32Array => {
    const layout = begin(codes, background)
    const { buffer } = kernel.memory
    new Int32Array(buffer, layout.peaks, peaks.length).set(peaks)
    new Float32Array(buffer, layout.values, slopes.length).set(slopes)
    kernel.scatter(
      layout.padded,
      layout.peaks,
      layout.values,
      layout.background,
      layout.sums,
      layout.weights,
      layout.rows,
      layout.stride,
      kernelSize,
      dilation,
      filters,
    )
    return new Float32Array(buffer, layout.weights, kernelSize * baseCount * filters).slice()
  }

  return (codes, background, weights, bias) => {
    const apply = tf.customGrad((...args) => {
      const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
      const { maxima, peaks } = forward(codes, background, viewOf(tf, weights), viewOf(tf, bias))
      save([])
      return {
        value: tf.tensor2d(maxima, [codes.length / length, filters]),
        gradFunc: (dy: Tensor) => [
          tf.tensor3d(backward(codes, background, peaks, viewOf(tf, dy)), weights.shape),
          tf.sum(dy, 0),
        ],
      }
    })
    return apply(weights, bias) as Tensor2D
  }
}

function layOut(
  { GROUP, WORDS, BLOCK }: Kernel,
  rows: number,
  length: number,
  filters: number,
  { kernelSize, dilation, padding }: Convolution,
): Layout {
  const span = spanOf({ kernelSize, dilation })
  const [before, after] = paddingOf(length, span, 1, padding)
  const positions = before + length + after - span + 1
  const groups = Math.ceil(kernelSize / GROUP.value)
  const stride = positions + (groups * GROUP.value - 1) * dilation
  const paddedFilters = Math.ceil(filters / BLOCK.value) * BLOCK.value
  let end = memoryBase
  const room = (bytes: number): number => {
    const place = end
    end += Math.ceil(bytes / 16) * 16
    return place
  }
  return {
    rows,
    before,
    positions,
    stride,
    paddedFilters,
    weights: room(4 * kernelSize * baseCount * filters),
    bias: room(4 * paddedFilters),
    background: room(4 * baseCount),
    singles: room(4 * GROUP.value * codeCount * BLOCK.value),
    sums: room(8 * kernelSize * codeCount),
    tables: room(4 * groups * WORDS.value * paddedFilters),
    codes: room(rows * length),
    padded: room(rows * stride),
    words: room(4 * rows * stride),
    values: room(4 * rows * paddedFilters),
    peaks: room(4 * rows * paddedFilters),
    end,
  }
}
