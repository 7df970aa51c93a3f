/** Overlap of SIS positions between models, by hand and by its bounds. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sisOverlaps } from '../../src/compare/sisOverlaps.ts'

function subset(model_id: number, sequence_id: number, positions: readonly number[], rank = 0) {
  return { model_id, sequence_id, rank, positions }
}

describe('sisOverlaps', () => {
  it('compares the unions in the sequences that both explain', () => {
    const sis = [
      subset(1, 5, [2, 3, 4, 9]),
      subset(0, 5, [1, 2]),
      subset(0, 5, [3, 8], 1),
      subset(0, 6, [1]),
      subset(1, 7, [1]),
    ]
    expect(sisOverlaps(sis)).toEqual([
      {
        sequence_id: 5,
        model_id: 0,
        other_model_id: 1,
        positions: 4,
        other_positions: 4,
        shared: 2,
        jaccard: 2 / 6,
      },
    ])
  })

  it('leaves out what is only vacuously explained, and compares every pair of models', () => {
    const sis = [subset(0, 1, []), subset(1, 1, [0]), subset(2, 1, [0, 1]), subset(3, 1, [4])]
    expect(sisOverlaps(sis).map((row) => [row.model_id, row.other_model_id, row.jaccard])).toEqual([
      [1, 2, 0.5],
      [1, 3, 0],
      [2, 3, 0],
    ])
  })

  it('is 1 for the same positions, and symmetric in the models', () => {
    const positionsOf = fc.uniqueArray(fc.nat(30), { minLength: 1 })
    fc.assert(
      fc.property(positionsOf, positionsOf, (a, b) => {
        const [overlap] = sisOverlaps([subset(0, 0, a), subset(1, 0, b)])
        const [swapped] = sisOverlaps([subset(0, 0, b), subset(1, 0, a)])
        expect(overlap!.jaccard).toBe(swapped!.jaccard)
        expect(overlap!.shared).toBeLessThanOrEqual(Math.min(a.length, b.length))
        expect(sisOverlaps([subset(0, 0, a), subset(1, 0, a)])[0]!.jaccard).toBe(1)
      }),
    )
  })
})
