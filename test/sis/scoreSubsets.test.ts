/** Scores of subsets in batches; what is done with them is held by test/compare/crossSufficiency.test.ts. */
import { expect, it } from 'vitest'
import type { Predictor } from '../../src/predict/predictor.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { scoreSubsets } from '../../src/sis/scoreSubsets.ts'

const kept: Predictor = {
  width: 4,
  outputs: ['none', 'kept'],
  batchSize: 2,
  backend: 'test',
  predict: (cells, rows) =>
    Promise.resolve(
      Float32Array.from({ length: 2 * rows }, (_, i) => {
        const row = Array.from(cells.slice(4 * (i >> 1), 4 * (i >> 1) + 4))
        return i % 2 === 0
          ? 0
          : row.filter((code) => code !== masked).reduce((sum, code) => 10 * sum + code + 1, 0)
      }),
    ),
  close: () => Promise.resolve(),
}
const subset = (positions: readonly number[]) => ({
  codes: encodeSequence('ACGT'),
  positions,
  sequence: 'chr1',
})

it('keeps what it is told and masks the rest', async () => {
  const scores = await scoreSubsets(kept, 1, [subset([0, 3]), subset([]), subset([1, 2])])
  expect([...scores]).toEqual([14, 0, 23])
  expect(await scoreSubsets(kept, 1, [])).toEqual(new Float32Array(0))
})

it('stops when told, and refuses sequences of another length', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(scoreSubsets(kept, 1, [subset([0])], { signal })).rejects.toThrow('enough')
  const long = { codes: encodeSequence('ACGTA'), positions: [0], sequence: 'long' }
  await expect(scoreSubsets(kept, 1, [long])).rejects.toThrow('reads 4 bases')
})
