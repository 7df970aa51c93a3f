/** Counts as whole numbers whose columns all sum to the sites. */
import { expect, it } from 'vitest'
import { wholeCounts } from '../../src/motif/wholeCounts.ts'

const even = [0.25, 0.25, 0.25, 0.25]

it('members without a base count as the background says', () => {
  expect(
    wholeCounts(
      [
        [0, 10, 0, 0],
        [2, 0, 0, 0],
      ],
      10,
      even,
    ),
  ).toEqual([
    [0, 10, 0, 0],
    [4, 2, 2, 2],
  ])
  expect(wholeCounts([[0, 0, 0, 0]], 10, [0.1, 0.4, 0.4, 0.1])).toEqual([[1, 4, 4, 1]])
})

it('what is broken goes by the largest remainder, equal ones in turn', () => {
  expect(wholeCounts([[0, 0, 0, 0]], 5, [0.3, 0.2, 0.2, 0.3])).toEqual([[2, 1, 1, 1]])
  const halves = wholeCounts(new Array<number[]>(4).fill([0, 0, 0, 0]), 2, even)
  expect(halves).toEqual([
    [1, 1, 0, 0],
    [1, 0, 0, 1],
    [0, 0, 1, 1],
    [0, 1, 1, 0],
  ])
})
