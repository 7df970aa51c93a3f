/** First weights: their scale, and that the seed alone decides them. */
import { describe, expect, it } from 'vitest'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { inferShapes } from '../../src/model/network/shapes.ts'

const cnn = resolveArchitecture('cnn', 1)
const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe('initialiseNetwork', () => {
  it('draws the same weights from the same seed only', () => {
    const network = initialiseNetwork(cnn, 101, ['bound'], 7)
    expect(initialiseNetwork(cnn, 101, ['bound'], 7)).toEqual(network)
    expect(initialiseNetwork(cnn, 101, ['bound'], 8)).not.toEqual(network)
  })

  // Of conv1d 128 × 24 on 4 channels, dense 128 → 32, dense 32 → 1: 6 / (fan in + fan out), or 6 / fan in.
  it.each([
    ['glorot-uniform', [6 / (24 * 4 + 24 * 128), 6 / (128 + 32), 6 / (32 + 1)]],
    ['he-uniform', [6 / (24 * 4), 6 / 128, 6 / (32 + 1)]],
  ] as const)('draws %s within its limits, biases zero', (initialisation, squares) => {
    const { layers } = initialiseNetwork(cnn, 101, ['bound'], 7, initialisation)
    const kernels = layers.flatMap((layer) =>
      layer.kind === 'conv1d' || layer.kind === 'dense' ? [layer] : [],
    )
    expect(kernels.length).toBe(3)
    for (const [i, { kernel, bias }] of kernels.entries()) {
      const limit = Math.sqrt(squares[i]!)
      expect(largest(kernel)).toBeLessThanOrEqual(Math.fround(limit))
      expect(largest(kernel)).toBeGreaterThan(0.85 * limit)
      // Variance of a uniform distribution on ±limit; its standard error is sqrt(4 / 45 n) limit².
      const variance = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length
      expect(Math.abs(variance / limit ** 2 - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / kernel.length))
      expect(largest(bias)).toBe(0)
    }
  })

  it('draws Glorot-uniform unless told otherwise', () => {
    expect(initialiseNetwork(cnn, 101, ['bound'], 7)).toEqual(
      initialiseNetwork(cnn, 101, ['bound'], 7, 'glorot-uniform'),
    )
  })

  it('begins batch normalisation as the identity, and gives the layers of residuals weights of their own', () => {
    const { layers } = initialiseNetwork(resolveArchitecture('residual', 1), 50, ['bound'], 1)
    const residuals = layers.filter((layer) => layer.kind === 'residual')
    const convolutions = residuals.map(({ layers: [first] }) => first)
    expect(convolutions[0]).not.toEqual({ ...convolutions[1]!, dilation: 2 })
    const norm = layers.find((layer) => layer.kind === 'batchNorm')!
    expect([...norm.gamma, ...norm.variance].every((value) => value === 1)).toBe(true)
    expect([...norm.beta, ...norm.mean].every((value) => value === 0)).toBe(true)
    expect(inferShapes(layers, 50).at(-1)).toEqual([1])
  })

  it('refuses outputs that the architecture does not end with', () => {
    expect(() => initialiseNetwork(cnn, 101, ['a', 'b'], 1)).toThrow('ends with [1], but there are 2 outputs')
  })
})
