import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { blockInput } from '../../src/sis/approximate/blockInput.ts'
import { cellsOfFeatures, featureCount, maskFeature } from '../../src/sis/masking.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import { atLeast, toyPredictor, type ToyFunction } from './toyPredictors.ts'
import { networkProblem, setsOf } from './toyProblems.ts'

const codes = encodeSequence('ACGTACGTAC')

describe('blockInput', () => {
  it('makes k neighbouring bases a feature, the last one shorter', () => {
    expect(blockInput('s', codes, 4).features).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
  })

  it('may begin later, the bases before being a block of their own', () => {
    expect(blockInput('s', codes, 4, { offset: 3 }).features).toEqual([
      [0, 1, 2],
      [3, 4, 5, 6],
      [7, 8, 9],
    ])
  })

  it('covers every base once', () => {
    const lengths = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 50 }), fc.nat(), (length, size, at) => {
        const { features } = blockInput('s', new Uint8Array(length), size, { offset: at % size })
        expect(features!.flat()).toEqual([...Array(length).keys()])
        for (const block of features!) expect(block.length).toBeGreaterThan(0)
        for (const block of features!.slice(1, -1)) expect(block.length).toBe(size)
      }),
    )
  })

  it('masks a block whole', () => {
    const input = blockInput('s', codes, 4)
    const row = codes.slice()
    maskFeature(input, 2, row, 0)
    expect([...row]).toEqual([...codes.subarray(0, 8), masked, masked])
  })

  it('refuses sizes and offsets that make no blocks', () => {
    expect(() => blockInput('s', codes, 0)).toThrow(ConfigError)
    expect(() => blockInput('s', codes, 2.5)).toThrow(ConfigError)
    expect(() => blockInput('s', codes, 3, { offset: 3 })).toThrow('give 0 to 2')
    expect(() => blockInput('s', codes, 3, { offset: -1 })).toThrow(ConfigError)
  })

  it('of one base each gives the collection that bases give', async () => {
    await fc.assert(
      fc.asyncProperty(networkProblem, async ({ input, f, threshold, maxSis }) => {
        const collections = [sequenceInput('toy', input.cells as Uint8Array), blocksOfOne(input.cells)].map(
          (one) => {
            const queue = createScoreQueue({ predictor: toyPredictor(input.cells.length, f), output: 0 })
            return sisCollection(one, { scorer: queue, decision: atLeast(threshold), maxSis })
          },
        )
        const [bases, blocks] = await Promise.all(collections)
        expect(blocks).toEqual(bases)
      }),
      { numRuns: 50 },
    )
  })

  it('explains by blocks: each is needed, and base by base the subset may be smaller', async () => {
    const motif = encodeSequence('GTAC')
    const f: ToyFunction = (cells) => motif.filter((code, i) => cells[6 + i] === code).length
    const input = blockInput('s', codes, 4)
    const queue = createScoreQueue({ predictor: toyPredictor(10, f), output: 0 })
    const collection = await sisCollection(input, { scorer: queue, decision: atLeast(3) })
    expect(setsOf(collection)).toEqual([[1, 2]])
    expect([...cellsOfFeatures(input, collection.subsets[0]!.features)]).toEqual([4, 5, 6, 7, 8, 9])
  })
})

describe('cellsOfFeatures', () => {
  it('of bases are the bases, ascending', () => {
    expect([...cellsOfFeatures(sequenceInput('s', codes), Int32Array.of(10, 9, 2))]).toEqual([2, 9, 10])
  })

  it('of blocks are their bases, ascending, each once', () => {
    const input = { ...blockInput('s', codes, 4), features: [[9, 0], [0, 3], [5]] }
    expect([...cellsOfFeatures(input, Int32Array.of(1, 0))]).toEqual([0, 3, 9])
    expect(featureCount(input)).toBe(3)
  })
})

function blocksOfOne(cells: ArrayLike<number>) {
  return blockInput('toy', Uint8Array.from(cells), 1)
}
