/** Maximum entropy: samples have the distribution that they are to have, and what a hidden layer does not read is free. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { maximumEntropy, sampleNear } from '../../src/explain/maximumEntropy.ts'
import type { Attribution } from '../../src/explain/method.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Network } from '../../src/model/network/network.ts'
import { mapWeights } from '../../src/model/network/mapWeights.ts'
import { baseCount } from '../../src/sequence/alphabet.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { basesOf, contextOf, predictorOf } from './knownModels.ts'

async function explain(network: Network, codes: Uint8Array, samples = 1000): Promise<Attribution> {
  const number = predictorOf(codes.length, () => 0)
  const ready = await maximumEntropy.open(contextOf(number, { samples }, { network }))
  try {
    const [found] = await ready.explain([{ name: 'a', codes }])
    return found!
  } finally {
    await ready.close()
  }
}

const conv: LayerSpec & { kind: 'conv1d' } = {
  kind: 'conv1d',
  filters: 1,
  kernelSize: 1,
  padding: 'valid',
  dilation: 1,
}
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })

describe('maximum entropy', () => {
  it('samples what is near as often as it should', async () => {
    const length = 3
    const prior = [0.4, 0.3, 0.2, 0.1]
    const rate = 1.5
    const codes = Uint8Array.of(0, 1, 3)
    // Numbers of nobody's making, one for each sequence.
    const random = new Random(1, 'distances')
    const distances = Float64Array.from({ length: baseCount ** length }, () => 2 * random.uniform())
    const indexOf = (one: Uint8Array): number => one.reduce((sum, code) => sum * baseCount + code, 0)
    distances[indexOf(codes)] = 0
    const distancesOf = (cells: Uint8Array) =>
      Promise.resolve(
        Float64Array.from(
          { length: cells.length / length },
          (_, row) => distances[indexOf(cells.subarray(row * length, (row + 1) * length))]!,
        ),
      )
    const expected = distances.map((distance, index) => {
      const bases = [index >> 4, (index >> 2) & 3, index & 3]
      return Math.exp(-rate * distance) * bases.reduce((product, base) => product * prior[base]!, 1)
    })
    const total = expected.reduce((sum, value) => sum + value, 0)
    const sampling = { prior, kept: 2000, rate, random: new Random(2, 'chains'), signal: undefined }
    const { samples, acceptance } = await sampleNear(codes, distancesOf, sampling)
    const rows = samples.length / length
    const shares = new Float64Array(expected.length)
    for (let row = 0; row < rows; row++) {
      shares[indexOf(samples.subarray(row * length, (row + 1) * length))]! += 1 / rows
    }
    for (const [index, share] of shares.entries()) {
      const p = expected[index]! / total
      // Four standard errors, if a fifth of the samples are worth something.
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / (rows / 5)))
    }
    expect(acceptance).toBeGreaterThan(0.3)
    expect(acceptance).toBeLessThan(1)
  })

  it('holds what the hidden layer reads, and leaves the rest free', async () => {
    const length = 8
    const network = randomNetwork([{ kind: 'flatten' }, dense(4), dense(1)], length, 1)
    // Of the first dense layer, the inputs of all bases but the third and fourth count for nothing.
    let isFirst = true
    const layers = mapWeights(network.layers, (layer) => {
      if (layer.kind !== 'dense' || !isFirst) return layer
      isFirst = false
      const reads = (i: number) => [2, 3].includes(Math.floor(i / (baseCount * layer.units)))
      return { ...layer, kernel: layer.kernel.map((weight, i) => (reads(i) ? weight : 0)) }
    })
    const found = await explain({ ...network, layers }, basesOf(length, 1))
    for (const [at, value] of found.importance.entries()) {
      if (at === 2 || at === 3) expect(value).toBeCloseTo(Math.log(4), 5)
      else expect(value).toBeLessThan(5 * found.standardErrors![at]! + 0.005)
    }
    // A free base is redrawn with chance 0.4 from one sample to the next: some 25 in 100 are independent.
    expect(found.effectiveSamples).toBeGreaterThan(150)
    expect(found.effectiveSamples).toBeLessThan(500)
    expect(found.acceptance).toBeGreaterThan(0.5)
  })

  it('reads both strands where the network does', async () => {
    const length = 6
    const wide: LayerSpec = { ...conv, filters: 2, kernelSize: 3 }
    const network = randomNetwork([wide, { kind: 'globalMaxPool' }, dense(1)], length, 3, 'both')
    const codes = basesOf(length, 2)
    const forward = await explain({ ...network, strands: 'forward' }, codes, 100)
    const both = await explain(network, codes, 100)
    expect(both.importance).not.toEqual(forward.importance)
    expect(await explain(network, codes, 100)).toEqual(both)
  })

  it.each<[string, LayerSpec[], string]>([
    ['no hidden layer', [{ kind: 'flatten' }, dense(1)], 'needs a hidden layer; layer 2'],
    ['no dense layer at the end', [conv, { kind: 'globalMaxPool' }], 'layer 2 of this one is globalMaxPool'],
  ])('refuses %s', async (_, layers, message) => {
    await expect(explain(randomNetwork(layers, 5, 1), basesOf(5, 1))).rejects.toThrow(message)
  })
})
