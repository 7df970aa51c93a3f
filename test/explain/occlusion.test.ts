/** Occlusion: closed forms, and the same by an engine as by the predictor. */
import { describe, expect, it } from 'vitest'
import { openExplainedNumber } from '../../src/explain/explainedNumber.ts'
import { mutagenesis } from '../../src/explain/mutagenesis.ts'
import { occlusion } from '../../src/explain/occlusion.ts'
import { unknown } from '../../src/sequence/alphabet.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { additive, additiveWorth, basesOf, contextOf, predictorOf, randomWeights } from './knownModels.ts'

describe('occlusion', () => {
  it('gives the weights of an additive model, several sequences at once', async () => {
    const weights = randomWeights(5, 1)
    const ready = await occlusion.open(contextOf(predictorOf(5, additive(weights))))
    expect(ready.batchSize).toBe(2)
    const sequences = [1, 2, 3].map((seed) => ({ name: `${seed}`, codes: basesOf(5, seed) }))
    const found = await ready.explain(sequences)
    for (const [i, { codes }] of sequences.entries()) {
      const expected = additiveWorth(weights, codes)
      for (const [at, value] of found[i]!.importance.entries()) expect(value).toBeCloseTo(expected[at]!, 5)
    }
  })

  it('means over the windows that hold a base', async () => {
    const weights = randomWeights(6, 4)
    const codes = basesOf(6, 5)
    const ready = await occlusion.open(contextOf(predictorOf(6, additive(weights)), { window: 3 }))
    const [found] = await ready.explain([{ name: 'a', codes }])
    const worth = additiveWorth(weights, codes)
    const windows = [0, 1, 2, 3].map((start) => (worth[start]! + worth[start + 1]! + worth[start + 2]!) / 3)
    const mean = (first: number, last: number) =>
      windows.slice(first, last + 1).reduce((sum, value) => sum + value, 0) / (last + 1 - first)
    const expected = [mean(0, 0), mean(0, 1), mean(0, 2), mean(1, 3), mean(2, 3), mean(3, 3)]
    for (const [at, value] of found!.importance.entries()) expect(value).toBeCloseTo(expected[at]!, 5)
  })
})

describe.each([
  ['occlusion', occlusion],
  ['mutagenesis', mutagenesis],
])('%s by an engine', (_, method) => {
  it.each(['forward', 'both'] as const)('is what the predictor gives, %s', async (strands) => {
    const length = 20
    const network = randomNetwork(
      [
        { kind: 'conv1d', filters: 12, kernelSize: 5, padding: 'same', dilation: 1 },
        { kind: 'activation', function: 'relu' },
        { kind: 'globalMaxPool' },
        { kind: 'dense', units: 3 },
        { kind: 'activation', function: 'sigmoid' },
      ],
      length,
      1,
      strands,
    )
    const background = [0.3, 0.2, 0.1, 0.4]
    const settings = { background, device: 'cpu', threads: 1 } as const
    const number = await openExplainedNumber({ kind: 'network', network }, 1, settings)
    expect(number.kind).toBe('number before the last activation')
    const context = contextOf(number.predictor, {}, { background, numberOf: number.numberOf })
    const byEngine = await method.open(context)
    const byPredictor = await method.open({ ...context, numberOf: undefined })
    try {
      expect(byEngine.backend).toBe('engine scanner')
      expect(byPredictor.backend).toBe(number.predictor.backend)
      const sequences = [
        { name: 'a', codes: basesOf(length, 1) },
        { name: 'b', codes: basesOf(length, 2).fill(unknown, 3, 6) },
        { name: 'c', codes: new Uint8Array(length).fill(unknown) },
      ]
      const found = await byEngine.explain(sequences)
      for (const [i, expected] of (await byPredictor.explain(sequences)).entries()) {
        for (const key of ['importance', 'contributions'] as const) {
          expect(found[i]![key]?.length).toBe(expected[key]?.length)
          for (const [at, value] of (found[i]![key] ?? []).entries()) {
            expect(value).toBeCloseTo(expected[key]![at]!, 5)
          }
        }
      }
    } finally {
      await byEngine.close()
      await number.predictor.close()
    }
  })
})
