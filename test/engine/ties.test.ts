/**
 * Different inputs of the last activation can give the same float32 score: a tie, which goes to the lowest index, whichever
 * input is larger.
 */
import { describe, expect, it } from 'vitest'
import { createKernelInstance } from '../../src/engine/kernelInstance.ts'
import { planDense } from '../../src/engine/planDense.ts'
import { planDifferences } from '../../src/engine/planDifferences.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { randomNetwork } from '../model/randomNetworks.ts'

/**
 * Two bases, A both, each with a weight: masking one leaves the other's weight. Weights are multiples of the unit, so that
 * float32 sums of them are exact.
 */
const cases = [
  { name: 'sigmoid', f: (z: number) => 1 / (1 + Math.exp(-z)), from: 0.8, unit: 2 ** -22, gap: 1 },
  { name: 'tanh', f: Math.tanh, from: 3.9, unit: 2 ** -20, gap: 12 },
  { name: 'exp', f: Math.exp, from: 0.3, unit: 2 ** -24, gap: 1 },
] as const

function twoBases(name: (typeof cases)[number]['name'], weights: readonly number[]): Network {
  const layers = [
    { kind: 'flatten' },
    { kind: 'dense', units: 1 },
    { kind: 'activation', function: name },
  ] as const
  const network = randomNetwork(layers, 2, 1)
  const kernel = new Float32Array(8)
  for (const [base, weight] of weights.entries()) kernel[base * 4] = weight
  return {
    ...network,
    layers: network.layers.map((layer): Layer =>
      layer.kind === 'dense' ? { ...layer, kernel, bias: Float32Array.of(0) } : layer,
    ),
  }
}

describe.each([
  ['dense', planDense],
  ['differences', planDifferences],
])('the %s engine', (_, plan) => {
  it.each(cases)('masks the first of two bases whose $name is the same', ({ name, f, from, unit, gap }) => {
    let ties = 0
    for (let i = 0; i < 40; i++) {
      const lower = (Math.round(from / unit) + i) * unit
      const upper = lower + gap * unit
      const tie = Math.fround(f(lower)) === Math.fround(f(upper))
      const planned = plan(twoBases(name, [upper, lower]), {
        output: 0,
        direction: '>=',
        background: [0, 0, 0, 0],
      })
      if ('refusal' in planned) throw new Error(planned.refusal)
      const { features, scores } = createKernelInstance(planned.plan).select(
        Uint8Array.of(0, 0),
        Uint8Array.of(1, 1),
      )
      expect([...features], `weights ${upper}, ${lower}`).toEqual(tie ? [0, 1] : [1, 0])
      expect(scores[0]).toBe(Math.fround(f(tie ? lower : upper)))
      if (tie) ties++
    }
    expect(ties).toBeGreaterThan(3)
  })
})
