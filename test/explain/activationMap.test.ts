/** Class activation maps, by hand. */
import { describe, expect, it } from 'vitest'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { unitPlaces } from '../../src/model/network/unitPlaces.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { named, withMethod } from './methodContext.ts'

/** One filter for A and one for G, each of one base. */
const lettersOf: Layer = {
  kind: 'conv1d',
  filters: 2,
  kernelSize: 1,
  padding: 'valid',
  dilation: 1,
  kernel: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0),
  bias: new Float32Array(2),
}

function dense(...weights: number[]): Layer {
  return { kind: 'dense', units: 1, kernel: Float32Array.from(weights), bias: Float32Array.of(0.5) }
}

function network(layers: readonly Layer[], more: Partial<Network> = {}): Network {
  return { inputLength: 6, strands: 'forward', layers, outputs: ['bound'], ...more }
}

async function explained(name: 'cam' | 'grad-cam', of: Network, text: string): Promise<number[]> {
  const [found] = await withMethod(name, of, {}, (explain) => explain(named([encodeSequence(text)])))
  return [...found!.importance].map((value) => Math.round(value * 1e5) / 1e5)
}

describe('class activation maps', () => {
  const averaged = [
    lettersOf,
    { kind: 'globalAveragePool' },
    dense(3, -2),
    { kind: 'activation', function: 'sigmoid' },
  ] as const

  it('CAM is the weight of the channels that are on', async () => {
    expect(await explained('cam', network(averaged), 'ACGTAN')).toEqual([3, 0, -2, 0, 3, 0])
  })

  it('Grad-CAM is the same a unit less, and keeps what speaks for the number', async () => {
    expect(await explained('grad-cam', network(averaged), 'ACGTAA')).toEqual([0.5, 0, 0, 0, 0.5, 0.5])
  })

  it('reads both strands: of the larger one, in the places of the forward one', async () => {
    const both = network([lettersOf, { kind: 'globalMaxPool' }, dense(3, 0)], { strands: 'both' })
    // The reverse complement has the A: T at place 4 is its place 1.
    expect(await explained('grad-cam', both, 'CCCCTC')).toEqual([0, 0, 0, 0, 0.5, 0])
  })

  it('is drawn out by straight lines between the middles of pooled units', async () => {
    const pooled = network([
      { ...lettersOf, kernelSize: 1 },
      { kind: 'maxPool1d', size: 2, stride: 2, padding: 'valid' },
      { ...lettersOf, kernel: Float32Array.of(1, 0, 0, 0), filters: 2 },
      { kind: 'globalAveragePool' },
      dense(3, 0),
    ])
    // Middles at 0.5, 2.5, 4.5 with 3, 0, 3.
    expect(await explained('cam', pooled, 'ACCCAC')).toEqual([3, 2.25, 0.75, 0.75, 2.25, 3])
  })

  it('says why there is none', async () => {
    const largest = network([lettersOf, { kind: 'globalMaxPool' }, dense(3, -2)])
    await expect(explained('cam', largest, 'ACGTAC')).rejects.toThrow(
      'the network does not end in global average pooling and one dense layer; take grad-cam',
    )
    const none = network([{ kind: 'flatten' }, dense(...new Array<number>(24).fill(1))])
    await expect(explained('grad-cam', none, 'ACGTAC')).rejects.toThrow('no convolution')
  })
})

describe('unitPlaces', () => {
  it('follows kernels, paddings, strides and crops', () => {
    const wide: Layer = { ...lettersOf, kernelSize: 5, kernel: new Float32Array(40) }
    const input = [20, 4] as const
    expect(unitPlaces([wide], input)).toEqual({ first: 2, step: 1 })
    expect(unitPlaces([{ ...wide, padding: 'same' }], input)).toEqual({ first: 0, step: 1 })
    const pool: Layer = { kind: 'maxPool1d', size: 4, stride: 4, padding: 'valid' }
    expect(unitPlaces([wide, pool], input)).toEqual({ first: 3.5, step: 4 })
    expect(unitPlaces([wide, pool, { kind: 'crop1d', before: 1, after: 0 }], input)).toEqual({
      first: 7.5,
      step: 4,
    })
    const inner: Layer = {
      kind: 'residual',
      layers: [{ ...wide, filters: 4, kernel: new Float32Array(80), bias: new Float32Array(4) }],
      shortcut: [{ kind: 'crop1d', before: 2, after: 2 }],
    }
    expect(unitPlaces([inner], input)).toEqual({ first: 2, step: 1 })
    expect(unitPlaces([wide, { kind: 'globalMaxPool' }], input)).toBeUndefined()
  })
})
