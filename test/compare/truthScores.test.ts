/** Precision, recall and F1 of SIS positions against planted ones, by hand. */
import { describe, expect, it } from 'vitest'
import { truthScores } from '../../src/compare/truthScores.ts'

const truth = [
  { sequence_id: 0, motif: 'CTCF', positions: [2, 3, 4, 5] },
  { sequence_id: 0, motif: 'GATA', positions: [5, 6] },
  { sequence_id: 1, motif: 'GATA', positions: [0, 1] },
  { sequence_id: 2, motif: 'CTCF', positions: [0, 1, 2, 3] },
]

function subset(model_id: number, sequence_id: number, positions: readonly number[], rank = 0) {
  return { model_id, sequence_id, rank, positions }
}

describe('truthScores', () => {
  it('counts positions over all explained sequences that have sites', () => {
    const sis = [subset(0, 0, [3, 4]), subset(0, 0, [5, 9], 1), subset(0, 1, [1, 7]), subset(0, 8, [1, 2])]
    const { scores, motifs } = truthScores(sis, truth)
    // kept {3 4 5 9} {1 7}; planted {2 3 4 5 6} {0 1}; shared {3 4 5} {1}
    expect(scores).toEqual([{ model_id: 0, sequences: 2, precision: 4 / 6, recall: 4 / 7, f1: 8 / 13 }])
    expect(motifs).toEqual([
      { model_id: 0, motif: 'CTCF', sites: 1, positions: 4, recovered: 3, recall: 3 / 4 },
      { model_id: 0, motif: 'GATA', sites: 2, positions: 4, recovered: 2, recall: 2 / 4 },
    ])
  })

  it('is 1 where the SIS are the sites, 0 where they miss them', () => {
    const sis = [
      ...truth.map((site, i) => subset(0, site.sequence_id, site.positions, i)),
      subset(1, 1, [2, 3]),
    ]
    expect(truthScores(sis, truth).scores).toEqual([
      { model_id: 0, sequences: 3, precision: 1, recall: 1, f1: 1 },
      { model_id: 1, sequences: 1, precision: 0, recall: 0, f1: 0 },
    ])
  })

  it('has no row for a model that explains no sequence with sites', () => {
    expect(truthScores([subset(0, 9, [1]), subset(1, 0, [])], truth)).toEqual({ scores: [], motifs: [] })
  })
})
