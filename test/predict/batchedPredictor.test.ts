/** Batches of fixed sizes, over scorers that break the promise that a row's score is its own, each in its own way. */
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { inFixedBatches, type BatchScorer, type BatchSizes } from '../../src/predict/batchedPredictor.ts'

/** @param values [size]: one cell a row; what the scorer was handed, stale rows included */
type Score = (values: Float32Array, row: number) => number

function scorerOf(score: Score): BatchScorer & { readonly sizes: number[]; closed: boolean } {
  const sizes: number[] = []
  return {
    width: 1,
    outputs: ['score'],
    backend: 'test',
    sizes,
    closed: false,
    prepare(size) {
      sizes.push(size)
      const values = new Float32Array(size)
      return (cells, from, rows) => {
        values.set(cells.subarray(from, from + rows))
        return Promise.resolve(Float32Array.from(values, (_, row) => score(values, row)))
      }
    },
    trialCells: (rows) => Float32Array.from({ length: rows }, (_, row) => row + 1),
    otherCells: (rows) => new Float32Array(rows).fill(-1),
    close() {
      this.closed = true
      return Promise.resolve()
    },
  }
}

async function scoresOf(score: Score, sizes: BatchSizes, rows: number) {
  const scorer = scorerOf(score)
  const predictor = await inFixedBatches(scorer, sizes)
  const cells = Float32Array.from({ length: rows }, (_, row) => 10 * row)
  const scores = [...(await predictor.predict(cells, rows))]
  await predictor.close()
  expect(scorer.closed).toBe(true)
  return { scores, predictor, sizes: scorer.sizes }
}

const doubled = (rows: number) => Array.from({ length: rows }, (_, row) => 20 * row)
const twice: Score = (values, row) => 2 * values[row]!

describe('inFixedBatches', () => {
  it.each([0, 1, 16, 63, 64, 65, 200])('%i rows, in batches of 64 and 16', async (rows) => {
    const { scores, predictor, sizes } = await scoresOf(twice, { batchSize: 64 }, rows)
    expect(scores).toEqual(doubled(rows))
    expect(sizes).toEqual([64, 16])
    expect([predictor.batchSize, predictor.backend]).toEqual([64, 'test'])
  })

  it('keeps to full batches where small ones round otherwise', async () => {
    const rounding: Score = (values, row) => twice(values, row) + (values.length === 64 ? 0 : 1e-6)
    const { scores, predictor } = await scoresOf(rounding, { batchSize: 64 }, 70)
    expect(scores).toEqual(doubled(70))
    expect(predictor.batchSize).toBe(64)
  })

  it('takes full batches only from a model that takes no others', async () => {
    const { scores, sizes } = await scoresOf(twice, { batchSize: 40, fixed: true }, 50)
    expect(scores).toEqual(doubled(50))
    expect(sizes).toEqual([40])
  })

  it.each<[string, Score]>([
    ['the other rows', (values, row) => 2 * values[row]! + Math.max(...values) - values[row]!],
    ['its place', (values, row) => 2 * values[row]! + (row < 40 ? 0 : 1e-3)],
  ])('scores row by row where %s would count', async (_, score) => {
    const { scores, predictor } = await scoresOf(score, { batchSize: 64 }, 5)
    expect(scores).toEqual(doubled(5))
    expect(predictor.batchSize).toBe(1)
    expect(predictor.backend).toMatch(/^test, one row at a time \(/)
  })

  it('refuses a model of one batch size where the other rows count', async () => {
    const mixing: Score = (values, row) => values[row]! / Math.max(...values)
    const attempt = inFixedBatches(scorerOf(mixing), { batchSize: 8, fixed: true })
    await expect(attempt).rejects.toThrow(DataError)
    await expect(attempt).rejects.toThrow('scores 8 rows at once')
  })

  it.each<BatchSizes>([{ batchSize: 64 }, { batchSize: 1 }, { batchSize: 8, fixed: true }])(
    'refuses a model that draws random numbers: %j',
    async (sizes) => {
      let calls = 0
      const attempt = inFixedBatches(
        scorerOf(() => calls++),
        sizes,
      )
      await expect(attempt).rejects.toThrow(DataError)
      await expect(attempt).rejects.toThrow('other scores the second time')
    },
  )

  it('goes on after a batch that failed', async () => {
    let broken = false
    const scorer = scorerOf((values, row) => {
      if (broken) throw new DataError('broken')
      return twice(values, row)
    })
    const predictor = await inFixedBatches(scorer, { batchSize: 4 })
    broken = true
    await expect(predictor.predict(Float32Array.of(1), 1)).rejects.toThrow('broken')
    broken = false
    expect(await predictor.predict(Float32Array.of(1), 1)).toEqual(Float32Array.of(2))
    await predictor.close()
  })
})
