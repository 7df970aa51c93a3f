/** Position profiles, counted by hand. */
import { expect, it } from 'vitest'
import { halfPositions, positionProfile } from '../../src/logic/positionProfile.ts'
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
