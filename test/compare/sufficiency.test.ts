/** How far the tops of rankings reach, for predictors whose answers are known. */
import { describe, expect, it } from 'vitest'
import { sufficiencyOf } from '../../src/compare/sufficiency.ts'
import { masked } from '../../src/sequence/alphabet.ts'
import { atLeast, atMost, toyPredictor } from '../sis/toyPredictors.ts'

const length = 40

/** Bases that are not masked, of the first ten. */
const countOfTen = (cells: readonly number[]): number =>
  cells.slice(0, 10).filter((cell) => cell !== masked).length / 10

const codes = new Uint8Array(length).fill(1)
const forwards = Int32Array.from(codes.keys())
const backwards = forwards.toReversed()

describe('sufficiencyOf', () => {
  it('finds the shortest top that is enough, the score of another, and the areas', async () => {
    const predictor = toyPredictor(length, countOfTen)
    const [good, bad] = await sufficiencyOf(predictor, atLeast(0.5), [
      { name: 'toy', codes, ranking: forwards, kept: 3 },
      { name: 'toy', codes, ranking: backwards, kept: 3 },
    ])
    expect(good!.length).toBe(5)
    expect(bad!.length).toBe(35)
    expect(good!.keptScore).toBeCloseTo(0.3, 6)
    expect(bad!.keptScore).toBe(0)
    // From 0 to 1 along ten of forty bases, then 1: 35 of 40; masked, the other way round.
    expect(good!.insertionArea).toBeCloseTo(35 / 40, 6)
    expect(good!.deletionArea).toBeCloseTo(5 / 40, 6)
    expect(bad!.insertionArea).toBeCloseTo(5 / 40, 6)
    expect(bad!.deletionArea).toBeCloseTo(35 / 40, 6)
  })

  it('says so where no top is enough, and where none is needed', async () => {
    const predictor = toyPredictor(length, countOfTen)
    const ranked = { name: 'toy', codes, ranking: forwards, kept: 1 }
    const [never] = await sufficiencyOf(predictor, atLeast(1.5), [ranked])
    expect(never!.length).toBeUndefined()
    const [low] = await sufficiencyOf(predictor, atMost(0.2), [ranked])
    expect(low!.length).toBe(0)
  })

  it('tries every length: a score may fall again', async () => {
    // Enough with exactly 33 bases, the last possible within a batch of prefixes.
    const predictor = toyPredictor(length, (cells) =>
      cells.filter((cell) => cell !== masked).length === 33 ? 1 : 0,
    )
    const [found] = await sufficiencyOf(predictor, atLeast(1), [
      { name: 'toy', codes, ranking: forwards, kept: 1 },
    ])
    expect(found!.length).toBe(33)
  })
})
