/** Counts and lengths of SIS, by hand. */
import { describe, expect, it } from 'vitest'
import { sisCounts } from '../../src/compare/sisCounts.ts'

function subset(model_id: number, sequence_id: number, size: number, rank = 0) {
  return { model_id, sequence_id, rank, positions: Array.from({ length: size }, (_, i) => i) }
}

describe('sisCounts', () => {
  it('counts sequences, SIS and lengths by model', () => {
    const sis = [
      subset(1, 0, 3),
      subset(0, 0, 2),
      subset(0, 0, 5, 1),
      subset(0, 4, 5),
      subset(0, 5, 4),
      subset(1, 1, 0),
    ]
    expect(sisCounts(sis)).toEqual([
      {
        model_id: 0,
        sequences: 3,
        sis: 4,
        decided_by_background: 0,
        mean_size: 4,
        median_size: 4.5,
        by_count: [0, 2, 1],
        by_size: [0, 0, 1, 0, 1, 2],
      },
      {
        model_id: 1,
        sequences: 1,
        sis: 1,
        decided_by_background: 1,
        mean_size: 3,
        median_size: 3,
        by_count: [0, 1],
        by_size: [0, 0, 0, 1],
      },
    ])
  })

  it('has no SIS and no length where the background decides every sequence', () => {
    expect(sisCounts([subset(0, 0, 0), subset(0, 3, 0)])).toEqual([
      {
        model_id: 0,
        sequences: 0,
        sis: 0,
        decided_by_background: 2,
        mean_size: NaN,
        median_size: NaN,
        by_count: [],
        by_size: [],
      },
    ])
  })
})
