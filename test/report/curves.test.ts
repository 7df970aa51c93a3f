/** Curves with areas known in closed form. */
import { describe, expect, it } from 'vitest'
import { precisionRecallCurve, rocCurve } from '../../src/report/curves.ts'

describe('curves', () => {
  it('of a perfect ranking pass through the ideal corner', () => {
    const ranking = [
      { positives: 3, negatives: 0 },
      { positives: 0, negatives: 5 },
    ]
    expect(rocCurve(ranking)).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 1 },
      { x: 1, y: 1 },
    ])
    expect(precisionRecallCurve(ranking)).toContainEqual({ x: 1, y: 1 })
  })

  it('of one tied group are the diagonal and the share of positives', () => {
    const ranking = [{ positives: 1, negatives: 3 }]
    expect(rocCurve(ranking)).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ])
    expect(precisionRecallCurve(ranking)).toEqual([
      { x: 0, y: 0.25 },
      { x: 1, y: 0.25 },
    ])
  })

  it('are steps whose area is the average precision', () => {
    // Ranks 1, 0, 1: average precision = (1/1 + 2/3) / 2.
    const points = precisionRecallCurve([
      { positives: 1, negatives: 0 },
      { positives: 0, negatives: 1 },
      { positives: 1, negatives: 0 },
    ])
    let area = 0
    for (let i = 1; i < points.length; i++) area += (points[i]!.x - points[i - 1]!.x) * points[i]!.y
    expect(area).toBeCloseTo((1 + 2 / 3) / 2, 12)
  })

  it('are empty where a class is missing', () => {
    expect(rocCurve([{ positives: 2, negatives: 0 }])).toEqual([])
    expect(precisionRecallCurve([])).toEqual([])
  })
})
