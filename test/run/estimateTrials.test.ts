/** Trials of selections and of scores: what they ask for, and that times follow from it by the square law. */
import { describe, expect, it } from 'vitest'
import { selectionRows, tryScores, trySelection } from '../../src/run/estimate/trials.ts'
import type { BackwardSelector } from '../../src/sis/types.ts'
import { sum, toyInput, toyPredictor } from '../sis/toyPredictors.ts'

/** Takes so long for each score that a selection asks for. */
function slowSelector(secondsAScore: number, asked: number[]): BackwardSelector {
  return {
    scoredBy: 'engine',
    async select(_, present) {
      const features = Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
      asked.push(features.length)
      await new Promise((resolve) =>
        setTimeout(resolve, 1000 * secondsAScore * selectionRows(features.length)),
      )
      return { features, scores: new Float32Array(features.length) }
    },
  }
}

describe('a trial of a selection', () => {
  it('is whole where that is quick', async () => {
    const asked: number[] = []
    const input = toyInput(Array<number>(20).fill(1))
    const { measured } = await trySelection(slowSelector(0, asked), [input], 20)
    expect(measured).toBe('a whole selection')
    // The first is not timed.
    expect(asked).toEqual([16, 16, 20])
  })

  it('of a long one takes twice as many steps until it takes half a second, and tells the rest by their square', async () => {
    const asked: number[] = []
    const input = toyInput(Array<number>(2000).fill(1))
    const { seconds, measured } = await trySelection(slowSelector(2e-3, asked), [input, input], 2000)
    expect(asked).toEqual([16, 16, 16, 16, 32, 32])
    expect(measured).toBe('the last 32 of 2000 steps')
    // Two at once: a selection takes half of what both take.
    const expected = (2e-3 * selectionRows(2000)) / 2
    expect(seconds).toBeGreaterThan(0.98 * expected)
    expect(seconds).toBeLessThan(1.5 * expected)
  })
})

describe('a trial of scores', () => {
  it('asks for full batches of forms that are masked more and more', async () => {
    const seen: number[] = []
    const predictor = toyPredictor(4, sum, 4)
    const told = await tryScores(
      {
        ...predictor,
        predict: async (cells, rows) => {
          seen.push(...cells)
          await new Promise((resolve) => setTimeout(resolve, 100))
          return predictor.predict(cells, rows)
        },
      },
      { name: 'toy', cells: Uint8Array.of(1, 2, 3, 4), maskedCells: new Uint8Array(4) },
    )
    expect(seen.slice(0, 16)).toEqual([1, 2, 3, 4, 0, 2, 3, 4, 0, 0, 3, 4, 0, 0, 0, 4])
    expect(new Set(predictor.batches)).toEqual(new Set([4]))
    expect(told).toBeGreaterThan(0.9 * 0.025)
    expect(told).toBeLessThan(0.05)
  })
})
