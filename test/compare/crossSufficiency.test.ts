/** Cross-sufficiency under a predictor whose score is known in closed form: how many A's are not masked. */
import { describe, expect, it } from 'vitest'
import { backgroundDecides, crossSufficiency, type Judge } from '../../src/compare/crossSufficiency.ts'
import { DataError } from '../../src/base/errors.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'

const letters = ['AAAACC', 'CCAANN', 'ACACAC']
const sequences = {
  ids: Int32Array.of(10, 20, 30),
  length: 6,
  codes: Uint8Array.from(letters.flatMap((text) => [...encodeSequence(text)])),
}

/** Outputs: bases masked, A's kept. */
function counter(batchSize: number, batches: number[] = []): Predictor {
  return {
    width: 6,
    outputs: ['masked', 'adenines'],
    batchSize,
    backend: 'test',
    predict: (cells, rows) => {
      batches.push(rows)
      const scores = new Float32Array(rows * 2)
      for (let i = 0; i < rows * 6; i++) {
        if (cells[i] === masked) scores[Math.floor(i / 6) * 2]!++
        if (cells[i] === 0) scores[Math.floor(i / 6) * 2 + 1]!++
      }
      return Promise.resolve(scores)
    },
    close: () => Promise.resolve(),
  }
}

function judge(change: Partial<Judge['decision']> = {}, batchSize = 2, batches: number[] = []): Judge {
  return {
    modelId: 1,
    predictor: counter(batchSize, batches),
    decision: { output: 1, direction: '>=', threshold: 2, ...change },
  }
}

function subset(sequence_id: number, positions: readonly number[], rank = 0, model_id = 0) {
  return { model_id, sequence_id, rank, positions }
}

const sis = [
  subset(20, [2, 3]),
  subset(10, [0, 4, 5]),
  subset(10, [1], 1),
  subset(30, []),
  subset(30, [0, 2, 4], 0, 2),
]

describe('crossSufficiency', () => {
  it('scores what is kept, all else masked, and holds it to the decision of the judge', async () => {
    const rows = await crossSufficiency(sis, sequences, judge())
    expect(rows.map((row) => [row.model_id, row.sequence_id, row.rank, row.score, row.sufficient])).toEqual([
      [0, 20, 0, 2, true],
      [0, 10, 0, 1, false],
      [0, 10, 1, 1, false],
      [2, 30, 0, 3, true],
    ])
    expect(rows.every((row) => row.other_model_id === 1)).toBe(true)
    const maskedBases = await crossSufficiency(sis, sequences, judge({ output: 0 }))
    expect(maskedBases.map((row) => row.score)).toEqual([4, 3, 5, 3])
  })

  it('knows the low side too', async () => {
    const rows = await crossSufficiency(sis, sequences, judge({ direction: '<=', threshold: 1 }))
    expect(rows.map((row) => row.sufficient)).toEqual([false, true, true, false])
  })

  it('passes over empty SIS, which hold of any sequence', async () => {
    const rows = await crossSufficiency([subset(30, []), subset(30, [0])], sequences, judge())
    expect(rows.map(({ score }) => score)).toEqual([1])
  })

  it('gives the same in any batch size, never more than the predictor wants', async () => {
    const batches: number[] = []
    const inTwos = await crossSufficiency(sis, sequences, judge({}, 2, batches))
    expect(batches).toEqual([2, 2])
    expect(await crossSufficiency(sis, sequences, judge({}, 100))).toEqual(inTwos)
  })

  it('passes over the SIS of the judge itself', async () => {
    const batches: number[] = []
    const own = [subset(10, [0], 0, 1)]
    expect(await crossSufficiency(own, sequences, judge({}, 2, batches))).toEqual([])
    expect(batches).toEqual([])
  })

  it('names the sequence of a NaN score', async () => {
    const broken: Judge = {
      ...judge(),
      predictor: {
        ...counter(4),
        predict: (_, rows) => Promise.resolve(new Float32Array(rows * 2).fill(NaN)),
      },
    }
    const scored = crossSufficiency(sis, sequences, broken)
    await expect(scored).rejects.toThrow(DataError)
    await expect(scored).rejects.toThrow("sequence '20'")
  })

  it('refuses a predictor of another length and a sequence that it was not given', async () => {
    const wide = { ...judge(), predictor: { ...counter(2), width: 7 } }
    await expect(crossSufficiency(sis, sequences, wide)).rejects.toThrow('7 bases')
    await expect(crossSufficiency([subset(99, [0])], sequences, judge())).rejects.toThrow('sequence 99')
  })
})

describe('backgroundDecides', () => {
  it('asks what the judge says of nothing at all', async () => {
    expect(await backgroundDecides(judge())).toBe(false) // no A is kept
    expect(await backgroundDecides(judge({ direction: '<=' }))).toBe(true)
    expect(await backgroundDecides(judge({ output: 0, threshold: 6 }))).toBe(true) // six are masked
    expect(await backgroundDecides(judge({ output: 0, threshold: 7 }))).toBe(false)
  })
})
