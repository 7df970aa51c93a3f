/** Sets of motifs and alternatives, counted by hand. */
import { expect, it } from 'vitest'
import { motifLogic } from '../../src/logic/motifSets.ts'

const none = undefined
const sis = [
  { sequence: 1, parts: [0, 1], singles: 0 },
  { sequence: 1, parts: [1, 0], singles: 1 },
  { sequence: 2, parts: [1, none, 0], singles: 0 },
  { sequence: 2, parts: [2], singles: 0 },
  { sequence: 3, parts: [2], singles: 0 },
  { sequence: 3, parts: [0, 0], singles: 0 },
  { sequence: 4, parts: [none], singles: 0 },
  { sequence: 5, parts: [2], singles: 2 },
  { sequence: 5, parts: [0, 0], singles: 0 },
]

it('counts the motifs of an SIS whatever their order', () => {
  const { sets, setOf } = motifLogic(sis)
  expect(sets).toEqual([
    { motifs: [2], sis: 3, share: 3 / 9, sequences: 3, complete: 2 },
    { motifs: [0, 1], sis: 3, share: 3 / 9, sequences: 2, complete: 1 },
    { motifs: [0, 0], sis: 2, share: 2 / 9, sequences: 2, complete: 2 },
    { motifs: [], sis: 1, share: 1 / 9, sequences: 1, complete: 0 },
  ])
  expect([...setOf]).toEqual([1, 1, 1, 0, 0, 2, 3, 0, 2])
})

it('counts sequences in which several SIS are enough', () => {
  expect(motifLogic(sis).alternatives).toEqual([
    { sets: [0, 2], sequences: 2 }, // 3 and 5
    { sets: [0, 1], sequences: 1 }, // 2
    { sets: [1, 1], sequences: 1 }, // 1
  ])
})

it('finds nothing in nothing', () => {
  expect(motifLogic([])).toEqual({ sets: [], setOf: new Int32Array(0), alternatives: [] })
})
