/** Masked bases become real ones: the mean over a sequence's completions, whatever rows stand beside it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillMasked } from '../../src/completion/filledPredictor.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { blockInput } from '../../src/sis/approximate/blockInput.ts'
import { cellsOfFeatures } from '../../src/sis/masking.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import { atLeast, toyPredictor } from '../sis/toyPredictors.ts'
import '../propertySeeds.ts'

const as = (cells: readonly number[]): number => cells.filter((cell) => cell === 0).length

describe('a predictor whose masks are filled', () => {
  it('gives the mean over the completions of the sequence that a row is of', async () => {
    const inner = toyPredictor(4, [as, (cells) => cells[3]!])
    const filled = fillMasked(inner, 2)
    const fills = [
      [encodeSequence('AAAA'), encodeSequence('CCCC')],
      [encodeSequence('ACAC'), encodeSequence('TTTT')],
    ].map(([a, b]) => Uint8Array.from([...a!, ...b!]))
    const inputs = ['ACGT', 'TGCA'].map((letters, i) =>
      filled.begin(sequenceInput(letters, encodeSequence(letters)), fills[i]!),
    )
    const whole = inputs.map(({ cells }) => [...cells])
    const first = [...whole[0]!]
    first[1] = masked
    const second = inputs.map(({ maskedCells }) => [...maskedCells])[1]!
    const rows = Uint8Array.from([...whole[0]!, ...first, ...second, ...whole[1]!])
    const scores = await filled.predict(rows, 4)
    // ACGT; A?GT is AAGT and ACGT; ???? is ACAC and TTTT; TGCA.
    expect([...scores]).toEqual([1, 3, 1.5, 3, 1, 2, 1, 0])
    // What masks nothing is scored once.
    expect(inner.rows()).toBe(1 + 2 + 2 + 1)
  })

  it('gives the collection of the mean itself, through the same certificates', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ min: 0, max: 3, minLength: 6, maxLength: 6 }),
        fc.uint8Array({ min: 0, max: 3, minLength: 18, maxLength: 18 }),
        fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 24, maxLength: 24 }),
        fc.integer({ min: 1, max: 3 }),
        async (codes, fills, weights, block) => {
          const additive = (cells: readonly number[]): number =>
            cells.reduce((sum, cell, at) => sum + weights[at * 4 + cell]!, 0)
          /** By hand: a masked base is worth what its three fills are on average. */
          const mean = (cells: readonly number[]): number =>
            cells.reduce((sum, cell, at) => {
              const each = [0, 1, 2].map((copy) => weights[at * 4 + fills[copy * 6 + at]!]!)
              return sum + (cell === masked ? each.reduce((a, b) => a + b) / 3 : weights[at * 4 + cell]!)
            }, 0)
          const input = block === 1 ? sequenceInput('x', codes) : blockInput('x', codes, block)
          const decision = atLeast(2.1)
          const filled = fillMasked(toyPredictor(6, additive), 3)
          const queue = (predictor: Parameters<typeof createScoreQueue>[0]['predictor']) =>
            createScoreQueue({ predictor, output: 0 })
          const found = await sisCollection(filled.begin(input, fills), { scorer: queue(filled), decision })
          const expected = await sisCollection(input, { scorer: queue(toyPredictor(6, mean)), decision })
          const placesOf = ({ subsets }: typeof found): number[][] =>
            subsets.map(({ features }) => [...cellsOfFeatures(input, features)])
          expect(placesOf(found)).toEqual(placesOf(expected))
          expect(found.subsets.every(({ certificate }) => certificate.certified)).toBe(true)
          for (const [i, { certificate }] of found.subsets.entries()) {
            expect(certificate.scoreSis).toBeCloseTo(expected.subsets[i]!.certificate.scoreSis, 5)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('forgets a sequence that is finished', async () => {
    const filled = fillMasked(toyPredictor(4, as), 1)
    const input = filled.begin(sequenceInput('x', encodeSequence('ACGT')), encodeSequence('AAAA'))
    filled.finish(input)
    await expect(filled.predict(input.cells, 1)).rejects.toThrow('of no sequence that was begun')
  })

  it('asks for as many rows at once as fill the batches below', () => {
    expect(fillMasked(toyPredictor(4, as, 256), 20).batchSize).toBe(12)
    expect(fillMasked(toyPredictor(4, as, 8), 20).batchSize).toBe(1)
    expect(() =>
      fillMasked(toyPredictor(4, as), 2).begin(sequenceInput('x', encodeSequence('ACGT')), new Uint8Array(4)),
    ).toThrow('4 bases are no 2 completions of 4 bases')
  })
})
