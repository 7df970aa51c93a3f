/** The rule by which a known motif lends its name. */
import { expect, it } from 'vitest'
import { namingOf } from '../../src/motif/naming.ts'

it.each([
  [20, 5e-10, 'named'],
  [6, 0.05, 'named'],
  [5.9, 1e-9, 'vague'],
  [5.9, 0.5, 'vague'],
  [20, 0.051, 'unlike'],
  [20, undefined, 'not compared'],
] as const)('%f bits of the sites, q = %d: %s', (bits, qValue, naming) => {
  expect(namingOf(bits, qValue)).toBe(naming)
})
