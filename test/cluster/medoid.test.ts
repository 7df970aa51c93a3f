/** The medoid by weighted sums of distances. */
import { expect, it } from 'vitest'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { medoidOf } from '../../src/cluster/medoid.ts'

const distances = new EditDistances(['AAAA', 'AAAC', 'AACC', 'ACCC', 'GGGGGGGG'], false)

it('is the member nearest to all others, of the members only', () => {
  expect(medoidOf(distances, [1, 1, 1, 1, 1], [0, 1, 2])).toBe(1)
  expect(medoidOf(distances, [1, 1, 1, 1, 1], [1, 2, 3])).toBe(2)
  expect(medoidOf(distances, [1, 1, 1, 1, 1], [4])).toBe(4)
})

it('heeds weights, and takes the first of equals', () => {
  expect(medoidOf(distances, [5, 1, 1, 1, 1], [0, 1, 2])).toBe(0)
  expect(medoidOf(distances, [1, 1, 1, 1, 1], [0, 1])).toBe(0)
})

it('settles for even steps where there are very many', () => {
  const many = Array.from({ length: 1500 }, (_, i) =>
    i
      .toString(4)
      .padStart(6, '0')
      .replace(/./g, (d) => 'ACGT'[+d]!),
  )
  const medoid = medoidOf(new EditDistances(many, false), new Float64Array(1500).fill(1), [...many.keys()])
  expect([0, 2]).toContain(medoid % 5)
})
