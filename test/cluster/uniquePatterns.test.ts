/** Equal patterns counted once. */
import { expect, it } from 'vitest'
import { uniquePatterns } from '../../src/cluster/uniquePatterns.ts'

const given = [
  { pattern: 'TTG' },
  { pattern: 'ACG', weight: 3 },
  { pattern: 'CAA' }, // the reverse complement of TTG
  { pattern: 'TTG' },
]

it('adds weights and orders by them, whatever order the patterns came in', () => {
  const unique = uniquePatterns(given, false)
  expect(unique.patterns).toEqual(['ACG', 'TTG', 'CAA'])
  expect([...unique.weights]).toEqual([3, 2, 1])
  expect([...unique.index]).toEqual([1, 0, 2, 1])
  expect(uniquePatterns(given.toReversed(), false).patterns).toEqual(unique.patterns)
})

it('counts a pattern and its reverse complement as one where asked', () => {
  const unique = uniquePatterns(given, true)
  expect(unique.patterns).toEqual(['ACG', 'CAA'])
  expect([...unique.weights]).toEqual([3, 3])
  expect([...unique.reversed]).toEqual([1, 0, 0, 1])
})
