/** Position profiles, counted by hand. */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { halfPositions, positionClusters, positionProfile } from '../../src/logic/positionProfile.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'

it('counts the kept bases at each position', () => {
  const profile = positionProfile(
    [
      { codes: encodeSequence('ACGTN'), positions: [0, 1, 4] },
      { codes: encodeSequence('AGGTA'), positions: [0, 1] },
    ],
    5,
  )
  expect(profile).toEqual([
    [2, 0, 0, 0, 0],
    [0, 1, 1, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1],
  ])
  expect(halfPositions(profile)).toBe(2)
  expect(halfPositions(positionProfile([], 5))).toBe(0)
})

it('positionClusters tells SIS of one place from those of another', () => {
  const random = new Random(5, 'positionProfile.test')
  const keptNear = (start: number): number[] =>
    Array.from({ length: 20 }, (_, i) => start + i).filter(() => random.uniform() < 0.5)
  const sis = Array.from({ length: 90 }, (_, i) => ({ positions: keptNear(i % 3 === 0 ? 70 : 10) }))
  const clusters = positionClusters(sis, 100, 1)
  expect([...clusters]).toEqual(sis.map((_, i) => (i % 3 === 0 ? 1 : 0)))
  expect(positionClusters([], 100, 1)).toEqual(new Int32Array(0))
})
