/** Saliency, gradient × input, deconvolution and guided backpropagation: closed forms and finite differences. */
import { describe, expect, it } from 'vitest'
import { openExplainedNumber } from '../../src/explain/explainedNumber.ts'
import { methods, type MethodName } from '../../src/explain/methods.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { randomCodes, randomNetwork } from '../model/randomNetworks.ts'
import { trialLength, trialNetwork } from '../predict/tfjsNetworks.ts'
import { largest, named, withMethod } from './methodContext.ts'

/** Two bases, weights of A, C, G, T in front and behind, then what is given. */
function weighing(...last: Layer[]): Network {
  return {
    inputLength: 2,
    strands: 'forward',
    layers: [
      { kind: 'flatten' },
      {
        kind: 'dense',
        units: 1,
        kernel: Float32Array.of(1, 2, 3, -8, 10, 20, 30, 40),
        bias: Float32Array.of(5),
      },
      ...last,
    ],
    outputs: ['weight'],
  }
}

async function explained(name: MethodName, network: Network, codes: Uint8Array) {
  const [found] = await withMethod(name, network, {}, (explain) => explain(named([codes])))
  return { importance: [...found!.importance], contributions: [...found!.contributions!] }
}

describe('of a weighted sum', () => {
  const codes = encodeSequence('GN')

  it('saliency is the largest weight of a place, contributions the weights less their mean', async () => {
    expect(await explained('saliency', weighing({ kind: 'activation', function: 'sigmoid' }), codes)).toEqual(
      {
        importance: [8, 40],
        contributions: [1.5, 2.5, 3.5, -7.5, -15, -5, 5, 15],
      },
    )
  })

  it('gradient × input is the weight of the base, and nothing where none is known', async () => {
    expect(await explained('gradient-x-input', weighing(), codes)).toEqual({
      importance: [3, 0],
      contributions: [1.5, 2.5, 3.5, -7.5, -15, -5, 5, 15],
    })
  })
})

/** Units with the numbers 2, 2, −1, −1 of 'A', which are owed 1, −1, 1, −1 behind their rectifier. */
const rectified: Network = {
  inputLength: 1,
  strands: 'forward',
  layers: [
    { kind: 'flatten' },
    {
      kind: 'dense',
      units: 4,
      kernel: Float32Array.of(2, 2, -1, -1, 1, 0, 0, 0, 0, 0, 10, 0, 0, 100, 0, 1000),
      bias: new Float32Array(4),
    },
    { kind: 'activation', function: 'relu' },
    { kind: 'dense', units: 1, kernel: Float32Array.of(1, -1, 1, -1), bias: new Float32Array(1) },
  ],
  outputs: ['y'],
}

it.each([
  // of A, C, G, T: each unit's weight, where the unit counts, with its sign
  ['gradient-x-input', [2 - 2, 1, 0, -100]],
  ['guided-backpropagation', [2, 1, 0, 0]],
  ['deconvolution', [2 - 1, 1, 10, 0]],
] as const)('what rectifiers hand back: %s', async (name, [a, c, g, t]) => {
  const { importance, contributions } = await explained(name, rectified, encodeSequence('A'))
  const mean = name === 'gradient-x-input' ? (a + c + g + t) / 4 : 0
  expect(importance).toEqual([a])
  expect(contributions).toEqual([a, c, g, t].map((value) => value - mean))
})

/** Base x in each place made a little of base b, by a mask of that mixture: what the number gains over h, both ways. */
async function slopes(network: Network, codes: Uint8Array, output: number, x: number, b: number) {
  const h = 1 / 256
  const rows = Uint8Array.from({ length: codes.length ** 2 }, (_, at) =>
    at % codes.length === Math.floor(at / codes.length) ? masked : codes[at % codes.length]!,
  )
  const found: Float32Array[] = []
  for (const step of [h, 0, -h]) {
    const background = Array.from(
      { length: 4 },
      (_, base) => Number(base === x) + step * (Number(base === b) - Number(base === x)),
    )
    const { predictor } = await openExplainedNumber({ kind: 'network', network }, output, {
      background,
      device: 'cpu',
    })
    found.push(await predictor.predict(rows, codes.length))
    await predictor.close()
  }
  const [above, at, below] = found as [Float32Array, Float32Array, Float32Array]
  return Array.from(at, (number, i) => [(above[i]! - number) / h, (number - below[i]!) / h] as const)
}

describe.each(['both strands, residual', 'concat of global pools, batch norm', 'gelu'])(
  'from one base towards another contributions are finite differences: %s',
  (name) => {
    const network = trialNetwork(name)
    const codes = randomCodes(trialLength, 3).map((code) => code % 4)
    it.each([
      [0, 1],
      [1, 2],
      [3, 0],
    ])('base %i to %i', async (x, b) => {
      const found = await withMethod('gradient-x-input', network, { output: 1 }, async (explain) => {
        const [attribution] = await explain(named([codes]))
        return attribution!.contributions!
      })
      const scale = largest(found)
      let compared = 0
      for (const [i, [up, down]] of (await slopes(network, codes, 1, x, b)).entries()) {
        // Nowhere that a maximum changes hands within the step.
        if (codes[i] !== x || Math.abs(up - down) > 0.02 * scale) continue
        expect(Math.abs((up + down) / 2 - (found[4 * i + b]! - found[4 * i + x]!)) / scale).toBeLessThan(0.02)
        compared++
      }
      expect(compared).toBeGreaterThan(0)
    })
  },
)

const fast = Object.keys(methods).filter((name) => methods[name as MethodName].needs === 'network')

it.each(fast as MethodName[])('the same sequence has the same numbers in any batch: %s', async (name) => {
  const network = randomNetwork(
    [
      { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
      { kind: 'activation', function: 'relu' },
      { kind: 'globalAveragePool' },
      { kind: 'dense', units: 1 },
    ],
    20,
    4,
  )
  const sequences = named(Array.from({ length: 37 }, (_, i) => randomCodes(20, i)))
  await withMethod(name, network, { settings: { references: 3, steps: 5 } }, async (explain) => {
    const all = await explain(sequences)
    const [last] = await explain([sequences[36]!])
    expect(all).toHaveLength(37)
    expect(last).toEqual(all[36])
  })
})
