/** DBSCAN on small cases worked out by hand, and its invariants. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dbscan } from '../../src/cluster/dbscan.ts'
import type { Neighbours } from '../../src/cluster/neighbourRows.ts'

/** Points on a line. */
function online(points: readonly number[], eps: number): Neighbours {
  const near = points.map((a, point) =>
    [...points.keys()].filter((i) => i < point && Math.abs(points[i]! - a) <= eps),
  )
  return { count: points.length, before: (point) => near[point]! }
}
const ones = (n: number): number[] => new Array<number>(n).fill(1)

describe('dbscan', () => {
  it('finds cores, borders and noise; the larger cluster is 0', () => {
    const points = [0, 1, 2, 10, 11, 12, 13, 14.9, 30]
    const { labels, core } = dbscan(online(points, 2), ones(9), 4)
    expect([...core]).toEqual([0, 0, 0, 0, 1, 1, 1, 0, 0])
    expect([...labels]).toEqual([-1, -1, -1, 0, 0, 0, 0, 0, -1])
    const two = dbscan(online(points, 2), ones(9), 3)
    expect([...two.labels]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, -1])
  })

  it('counts the point itself', () => {
    expect([...dbscan(online([0, 5], 1), ones(2), 1).labels]).toEqual([0, 1])
    expect([...dbscan(online([0, 5], 1), ones(2), 2).labels]).toEqual([-1, -1])
  })

  it('gives a border point to the first cluster that reaches it', () => {
    // 3 lies within 1 of 2 and of 4 and is no core itself (three points where four are needed).
    const right = [4.2, 4.4, 4, 3, 2, 1.6, 1.8]
    const { labels, core } = dbscan(online(right, 1), ones(7), 4)
    expect(core[3]).toBe(0)
    expect(labels[3]).toBe(labels[0])
    const left = dbscan(online(right.toReversed(), 1), ones(7), 4)
    expect(left.labels[3]).toBe(left.labels[0])
  })

  it('takes a weight for as many equal points', () => {
    const spread = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 40 }), weight: fc.integer({ min: 1, max: 4 }) }),
      {
        minLength: 1,
        maxLength: 25,
      },
    )
    fc.assert(
      fc.property(spread, fc.integer({ min: 1, max: 8 }), (points, minSamples) => {
        const weighted = dbscan(
          online(
            points.map(({ at }) => at),
            2,
          ),
          points.map(({ weight }) => weight),
          minSamples,
        )
        const copies = points.flatMap((point, i) => new Array<number>(point.weight).fill(i))
        const plain = dbscan(
          online(
            copies.map((i) => points[i]!.at),
            2,
          ),
          ones(copies.length),
          minSamples,
        )
        expect([...plain.labels]).toEqual(copies.map((i) => weighted.labels[i]!))
        expect([...plain.core]).toEqual(copies.map((i) => weighted.core[i]!))
      }),
    )
  })
})
