/** Scaling gives points on a plane back, up to what distances do not tell: their place, turn and side. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classicalScaling } from '../../src/motif/classicalScaling.ts'

type Point = readonly [number, number]

const between = ([a, b]: Point, [c, d]: Point): number => Math.hypot(a - c, b - d)

describe('classicalScaling', () => {
  it('keeps the distances of points on a plane', () => {
    const point = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }))
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 12 }), (points) => {
        const { points: placed, shown } = classicalScaling(
          points.map((a) => points.map((b) => between(a, b))),
        )
        for (const [i, a] of points.entries()) {
          for (const [j, b] of points.entries()) {
            const [p, q] = [placed[i]!, placed[j]!]
            expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeCloseTo(between(a, b), 5)
          }
        }
        expect(shown).toBeCloseTo(1, 9)
      }),
      { seed: 3, numRuns: 60 },
    )
  })

  it('lays a line along x, its largest end to the right, and shows two thirds of a tetrahedron', () => {
    const line = classicalScaling([
      [0, 1, 4],
      [1, 0, 3],
      [4, 3, 0],
    ])
    expect(line.points.map(({ x, y }) => [x.toFixed(6), Math.abs(y).toFixed(6)])).toEqual([
      ['-1.666667', '0.000000'],
      ['-0.666667', '0.000000'],
      ['2.333333', '0.000000'],
    ])
    const tetrahedron = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Number(i !== j)))
    expect(classicalScaling(tetrahedron).shown).toBeCloseTo(2 / 3, 9)
  })

  it('puts what is the same in one place', () => {
    expect(
      classicalScaling([
        [0, 0],
        [0, 0],
      ]),
    ).toEqual({
      points: [
        { x: 0, y: 0 },
        { x: 0, y: 0 },
      ],
      shown: 1,
    })
  })
})
