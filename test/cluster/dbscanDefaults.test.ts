/** The default parameters: few edits, fewer where chance brings patterns together, more neighbours where even one edit does. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import {
  dbscanParameters,
  defaultMinSamples,
  type DbscanParameters,
} from '../../src/cluster/dbscanDefaults.ts'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { uniquePatterns } from '../../src/cluster/uniquePatterns.ts'

const random = new Random(3, 'dbscanDefaults.test')
const randomPattern = (length: number): string =>
  Array.from({ length }, () => 'ACGT-'[random.below(5)]!).join('')

function parametersOf(
  patterns: readonly string[],
  given: Parameters<typeof dbscanParameters>[2] = {},
): DbscanParameters {
  const unique = uniquePatterns(
    patterns.map((pattern) => ({ pattern })),
    true,
  )
  return dbscanParameters(unique, true, given)
}

it('defaultMinSamples grows with the logarithm of n, from 3', () => {
  expect([0, 1, 20, 500, 5000].map(defaultMinSamples)).toEqual([3, 3, 3, 6, 9])
})

describe('dbscanParameters', () => {
  it('are three edits where patterns are long enough for strangers to differ by more', () => {
    const patterns = Array.from({ length: 200 }, () => randomPattern(20))
    expect(parametersOf(patterns)).toEqual({ eps: 3, minSamples: 5 })
  })

  it('stay below what chance alone brings together', () => {
    const patterns = Array.from({ length: 2000 }, () => randomPattern(10))
    const { eps, minSamples } = parametersOf(patterns)
    expect(eps).toBeLessThan(3)
    expect(minSamples).toBe(defaultMinSamples(patterns.length))
    const distances = new EditDistances(patterns, true)
    const within = (limit: number): number =>
      patterns.slice(0, 200).reduce((sum, _, i) => {
        return sum + patterns.filter((__, j) => j !== i && distances.upTo(i, j, limit) <= limit).length
      }, 0) / 200
    expect(within(eps)).toBeLessThan(0.6 * minSamples)
    expect(within(eps + 1)).toBeGreaterThan(0.5 * minSamples)
  })

  it('ask for more neighbours where chance brings patterns together at one edit', () => {
    const patterns = Array.from({ length: 3000 }, () => randomPattern(4))
    const { eps, minSamples } = parametersOf(patterns)
    expect(eps).toBe(1)
    const distances = new EditDistances(patterns, true)
    const strangers = patterns.filter((_, j) => distances.upTo(0, j, 1) <= 1).length
    expect(minSamples).toBeGreaterThan(strangers)
  })

  it('heed the share of columns that may differ', () => {
    const patterns = Array.from({ length: 3000 }, () => randomPattern(6))
    // A quarter of six columns is one edit, whatever eps.
    const limited = parametersOf(patterns, { mostOfLength: 0.25, eps: 3 })
    expect(limited.minSamples).toBe(parametersOf(patterns, { eps: 1 }).minSamples)
    expect(limited.minSamples).toBeLessThan(parametersOf(patterns, { eps: 3 }).minSamples)
  })

  it('are what the user gives', () => {
    const patterns = Array.from({ length: 60 }, () => randomPattern(3))
    expect(parametersOf(patterns, { eps: 2, minSamples: 4 })).toEqual({ eps: 2, minSamples: 4 })
    expect(parametersOf(patterns, { minSamples: 4 }).minSamples).toBe(4)
    expect(parametersOf(patterns, { eps: 2 }).eps).toBe(2)
  })

  it('are the same whatever the order', () => {
    const patterns = Array.from({ length: 60 }, () => randomPattern(9))
    expect(parametersOf(patterns)).toEqual(parametersOf(patterns.toReversed()))
  })
})
