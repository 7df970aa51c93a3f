/** Shares of motifs and motif sets by model, counted by hand. */
import { expect, it } from 'vitest'
import { motifDifferences } from '../../src/compare/motifDifferences.ts'

it('counts an SIS once for each motif that it has, and for its one set', () => {
  const models = [
    { model_id: 0, sis: 10 },
    { model_id: 3, sis: 4 },
    { model_id: 5, sis: 0 },
  ]
  const { motifs, sets } = motifDifferences(
    [
      { model_id: 0, motifs: [7], sis: 5 },
      { model_id: 0, motifs: [7, 7], sis: 1 },
      { model_id: 0, motifs: [7, 8], sis: 3 },
      { model_id: 0, motifs: [], sis: 1 },
      { model_id: 3, motifs: [7], sis: 1 },
      { model_id: 3, motifs: [9], sis: 3 },
    ],
    models,
  )
  expect(motifs).toEqual([
    { of: 7, shares: [0.9, 0.25, 0], only: undefined, range: 0.9 },
    { of: 8, shares: [0.3, 0, 0], only: 0, range: 0.3 },
    { of: 9, shares: [0, 0.75, 0], only: 1, range: 0.75 },
  ])
  expect(sets.map(({ of, shares }) => [of, shares])).toEqual([
    [[9], [0, 0.75, 0]],
    [[7], [0.5, 0.25, 0]],
    [
      [7, 8],
      [0.3, 0, 0],
    ],
    [[], [0.1, 0, 0]],
    [
      [7, 7],
      [0.1, 0, 0],
    ],
  ])
})
