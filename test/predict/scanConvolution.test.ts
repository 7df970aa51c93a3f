/** The kernel that trains scanners, held to plain sums in float64, to the products it replaces, and to differences. */
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { Padding } from '../../src/model/network/network.ts'
import { paddingOf } from '../../src/model/network/shapes.ts'
import { createScanConvolution } from '../../src/predict/tfjs/scanConvolution.ts'
import { conv1dGlobalMax, spanOf, type Convolution } from '../../src/predict/tfjs/tfjsConvolution.ts'
import { buildTfjsModel } from '../../src/predict/tfjs/tfjsModel.ts'
import { loadTensorFlow, type TensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { baseCount, masked, unknown } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { trialLength, trialNames, trialNetwork } from './tfjsNetworks.ts'

const backends = ['tfjs-wasm', 'tfjs-cpu'] as const

let tf: TensorFlow
beforeAll(async () => {
  tf = (await loadTensorFlow('tfjs-cpu')).tf
})

interface Trial {
  readonly rows: number
  readonly length: number
  readonly filters: number
  readonly convolution: Convolution
  readonly codes: Uint8Array // [rows, length]
  readonly background: readonly number[]
  readonly kernel: Float32Array // [kernelSize, 4, filters]
  readonly bias: Float32Array // [filters]
  readonly slopes: Float32Array // [rows, filters]
}

interface Shape {
  readonly length?: number
  readonly filters?: number
  readonly kernelSize?: number
  readonly dilation?: number
  readonly padding?: Padding
}

function drawTrial(
  { length = 31, filters = 5, kernelSize = 7, dilation = 1, padding = 'same' }: Shape,
  seed = 1,
): Trial {
  const random = new Random(seed, 'scan', length, filters, kernelSize, dilation, String(padding))
  const rows = 1 + random.below(9)
  const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal())
  const shares = Array.from({ length: baseCount }, () => 0.1 + random.uniform())
  const total = shares.reduce((sum, share) => sum + share)
  return {
    rows,
    length,
    filters,
    convolution: { kernelSize, dilation, padding },
    codes: Uint8Array.from({ length: rows * length }, () => random.weighted([4, 4, 4, 4, 2, 1])),
    background: shares.map((share) => share / total),
    kernel: numbers(kernelSize * baseCount * filters),
    bias: numbers(filters),
    slopes: numbers(rows * filters),
  }
}

const shapes: readonly Shape[] = [
  {},
  { length: 1 },
  { length: 1, kernelSize: 1 },
  { length: 2, kernelSize: 27 },
  { length: 13, kernelSize: 27, dilation: 2 },
  { kernelSize: 1 },
  { kernelSize: 2, dilation: 5 },
  { kernelSize: 3, padding: 'valid' },
  { kernelSize: 8, padding: 'valid' },
  { kernelSize: 24 },
  { kernelSize: 31, padding: 'valid' },
  { kernelSize: 8, padding: [7, 7] },
  { kernelSize: 4, padding: [0, 9], dilation: 2 },
  { kernelSize: 4, padding: [11, 5] },
  { kernelSize: 5, dilation: 7, padding: 'valid' },
  { kernelSize: 4, dilation: 3 },
  { filters: 1 },
  { filters: 15 },
  { filters: 16 },
  { filters: 17, kernelSize: 9 },
  { filters: 40, length: 70 },
]

interface Found {
  readonly maxima: Float32Array // [rows, filters]
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

/** Gradients of the sum of slopes × maxima. */
function differentiate(
  { rows, filters, slopes, kernel, bias, convolution }: Trial,
  maximum: (kernel: Tensor3D, bias: Tensor1D) => Tensor2D,
): Found {
  return tf.tidy(() => {
    const weights = tf.variable(tf.tensor3d(kernel, [convolution.kernelSize, baseCount, filters]))
    const offsets = tf.variable(tf.tensor1d(bias))
    let maxima = new Float32Array()
    const { grads } = tf.variableGrads(() => {
      const y = maximum(weights, offsets)
      maxima = Float32Array.from(y.dataSync())
      return tf.sum(tf.mul(y, tf.tensor2d(slopes, [rows, filters])))
    }, [weights, offsets])
    const gradient = (name: string) => Float32Array.from(grads[name]!.dataSync())
    const found = { maxima, kernel: gradient(weights.name), bias: gradient(offsets.name) }
    tf.dispose([weights, offsets])
    return found
  })
}

function scanned(trial: Trial): Found {
  const { length, filters, convolution, codes, background } = trial
  const scan = createScanConvolution(tf, length, filters, convolution)
  return differentiate(trial, (kernel, bias) => scan(codes, background, kernel, bias))
}

function byProducts(trial: Trial): Found {
  const { rows, length, convolution, codes, background } = trial
  return differentiate(trial, (kernel, bias) => {
    const x = tf.tensor3d(oneHot(codes, length, 'NWC', background), [rows, length, baseCount])
    return conv1dGlobalMax(tf, x, kernel, bias, convolution, false)
  })
}

/** In float64. @returns maxima [rows, filters] */
function plainMaxima(
  { rows, length, filters, convolution, codes, background }: Trial,
  kernel: ArrayLike<number>,
  bias: ArrayLike<number>,
): number[] {
  const x = oneHot(codes, length, 'NWC', background)
  const span = spanOf(convolution)
  const [before, after] = paddingOf(length, span, 1, convolution.padding)
  const maxima: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let filter = 0; filter < filters; filter++) {
      let most = -Infinity
      for (let from = -before; from + span <= length + after; from++) {
        let sum = bias[filter]!
        for (let tap = 0; tap < convolution.kernelSize; tap++) {
          const position = from + tap * convolution.dilation
          if (position < 0 || position >= length) continue
          for (let base = 0; base < baseCount; base++) {
            sum +=
              kernel[(tap * baseCount + base) * filters + filter]! *
              x[(row * length + position) * baseCount + base]!
          }
        }
        most = Math.max(most, sum)
      }
      maxima.push(most)
    }
  }
  return maxima
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function expectClose(found: Float32Array, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length)
  expect(found.every(Number.isFinite)).toBe(true)
  const error = largest(found.map((value, i) => value - expected[i]!))
  expect(error / Math.max(largest(expected), 1e-6)).toBeLessThan(tolerance)
}

describe.each(backends)('scanConvolution on %s', (backend) => {
  beforeAll(async () => {
    await loadTensorFlow(backend)
  })

  it.each(shapes)('%j: maxima as plain sums, gradients as by products', (shape) => {
    for (const seed of [1, 2]) {
      const trial = drawTrial(shape, seed)
      const found = scanned(trial)
      expectClose(found.maxima, plainMaxima(trial, trial.kernel, trial.bias), 1e-6)
      const expected = byProducts(trial)
      expectClose(found.kernel, expected.kernel, 1e-5)
      expectClose(found.bias, expected.bias, 1e-5)
    }
  })

  it('reads other numbers of rows with the same instance, more and fewer', () => {
    const trial = drawTrial({ length: 40, filters: 18 })
    const { length, filters, convolution, background } = trial
    const scan = createScanConvolution(tf, length, filters, convolution)
    for (const rows of [2, 700, 1, 0]) {
      const codes = Uint8Array.from({ length: rows * length }, (_, i) => trial.codes[i % trial.codes.length]!)
      const slopes = Float32Array.from(
        { length: rows * filters },
        (_, i) => trial.slopes[i % trial.slopes.length]!,
      )
      const batch = { ...trial, rows, codes, slopes }
      const found = differentiate(batch, (kernel, bias) => scan(codes, background, kernel, bias))
      expect(found.maxima.length).toBe(rows * filters)
      if (rows === 0) expect(largest(found.kernel)).toBe(0)
      else {
        const expected = byProducts(batch)
        expectClose(found.maxima, expected.maxima, 1e-5)
        expectClose(found.kernel, expected.kernel, 1e-5)
      }
    }
  })

  it('gives the gradient to the first of equal positions', () => {
    const length = 6
    // Every base in the filter's window counts the same, and so does each of two filters beside it.
    const convolution = { kernelSize: 1, dilation: 1, padding: 'same' } as const
    const trial: Trial = {
      ...drawTrial({ length, filters: 3, kernelSize: 1 }),
      rows: 1,
      codes: Uint8Array.of(unknown, 2, 1, 2, masked, 1),
      background: [0, 0.5, 0.5, 0],
      kernel: Float32Array.from(
        [
          [0, -1, 0],
          [2, -1, 0],
          [2, -1, 0],
          [0, -1, 0],
        ].flat(),
      ),
      bias: new Float32Array(3),
      slopes: Float32Array.of(7, 5, 3),
      convolution,
    }
    const { maxima, kernel } = scanned(trial)
    expect([...maxima]).toEqual([2, 0, 0])
    // Filter 0 wins first at the G; filters 1 and 2 at the unknown base, which is no base.
    expect([...kernel]).toEqual(
      [
        [0, 0, 0],
        [0, 0, 0],
        [7, 0, 0],
        [0, 0, 0],
      ].flat(),
    )
    expect([...byProducts(trial).kernel]).toEqual([...kernel])
  })

  it('shares the gradient of a masked base out by the background', () => {
    const trial: Trial = {
      ...drawTrial({ length: 4, filters: 1, kernelSize: 1 }),
      rows: 1,
      codes: new Uint8Array(4).fill(masked),
      background: [0.5, 0.25, 0.125, 0.125],
      kernel: Float32Array.of(1, 2, 3, 4),
      bias: Float32Array.of(-9),
      slopes: Float32Array.of(8),
    }
    const { maxima, kernel, bias } = scanned(trial)
    expect([...maxima]).toEqual([1.875 - 9])
    expect([...kernel]).toEqual([4, 2, 1, 1])
    expect([...bias]).toEqual([8])
  })

  it('NaN in a window is NaN, without a gradient of the kernel', () => {
    const drawn = drawTrial({ length: 20, filters: 2, kernelSize: 3 })
    const trial = { ...drawn, kernel: drawn.kernel.map((weight, i) => (i === 1 ? NaN : weight)) }
    // The weight is that of A under the first tap of the second filter; padding begins each sequence.
    trial.codes.fill(0)
    const { maxima, kernel } = scanned(trial)
    for (let row = 0; row < trial.rows; row++) {
      expect(maxima[row * 2]).not.toBeNaN()
      expect(maxima[row * 2 + 1]).toBeNaN()
    }
    expect(kernel.every((value, i) => i % 2 === 0 || value === 0)).toBe(true)
    expect(kernel.some((value) => value !== 0)).toBe(true)
  })

  it('refuses what is no code, and says where', () => {
    const trial = drawTrial({ length: 10 })
    trial.codes[3] = 6
    expect(() => scanned(trial)).toThrow(new RangeError('6 at position 4 of row 0 is no code of a base'))
  })
})

describe('against differences', () => {
  it('gradients are the slopes of the sum', async () => {
    await loadTensorFlow('tfjs-wasm')
    const trial = drawTrial({ length: 25, filters: 3, kernelSize: 4, dilation: 2 }, 4)
    const { kernel, bias } = scanned(trial)
    const sum = (weights: readonly number[], offsets: readonly number[]) =>
      plainMaxima(trial, weights, offsets).reduce((total, value, i) => total + value * trial.slopes[i]!, 0)
    const step = 1e-6
    const slopesOf = (values: readonly number[], of: (values: readonly number[]) => number) =>
      values.map(
        (value, i) => (of(values.with(i, value + step)) - of(values.with(i, value - step))) / (2 * step),
      )
    expectClose(
      kernel,
      slopesOf([...trial.kernel], (weights) => sum(weights, [...trial.bias])),
      1e-5,
    )
    expectClose(
      bias,
      slopesOf([...trial.bias], (offsets) => sum([...trial.kernel], offsets)),
      1e-5,
    )
  })
})

describe.each(backends)('a network from codes on %s', (backend) => {
  const rows = 6
  const random = new Random(9, 'codes')
  const codes = Uint8Array.from({ length: rows * trialLength }, () => random.weighted([4, 4, 4, 4, 2, 1]))
  const slopes = Float32Array.from({ length: rows * 2 }, () => random.normal())
  const background = [0.4, 0.3, 0.2, 0.1]

  it.each(trialNames)('%s: scores and gradients are those from one-hot numbers', async (name) => {
    await loadTensorFlow(backend)
    // The sigmoid saturates, so it is left out, as in training.
    const whole = trialNetwork(name)
    const model = buildTfjsModel(tf, { ...whole, layers: whole.layers.slice(0, -1) })
    const pass = () => ({ dropout: new Random(1) })
    const gradients = (scores: () => Tensor2D) => {
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.mul(scores(), tf.tensor2d(slopes, [rows, 2]))),
        [...model.trainable],
      )
      const read = model.trainable.map((weights) => Float32Array.from(grads[weights.name]!.dataSync()))
      tf.dispose([value, grads])
      return read
    }
    const x = tf.tensor3d(oneHot(codes, trialLength, 'NWC', background), [rows, trialLength, baseCount])
    const score = (forward: () => Tensor2D) => tf.tidy(() => Float32Array.from(forward().dataSync()))
    expectClose(
      score(() => model.forwardCodes(codes, background)),
      score(() => model.forward(x)),
      1e-5,
    )
    const found = gradients(() => model.forwardCodes(codes, background, pass()))
    const expected = gradients(() => model.forward(x, pass()))
    const floor = Math.max(...expected.map(largest))
    expect(floor).toBeGreaterThan(0)
    for (const [i, gradient] of found.entries()) {
      // A bias before batch normalisation has no gradient but rounding: errors are held to the largest gradient.
      const error = largest(gradient.map((value, j) => value - expected[i]![j]!))
      expect(error / floor, `gradient ${i}`).toBeLessThan(1e-5)
    }
    x.dispose()
    model.dispose()
  })
})
