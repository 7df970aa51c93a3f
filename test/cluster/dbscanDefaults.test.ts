/** The default parameters: each of the three bounds of eps where it governs. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { defaultEps, defaultMinSamples } from '../../src/cluster/dbscanDefaults.ts'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { uniquePatterns } from '../../src/cluster/uniquePatterns.ts'

const random = new Random(3, 'dbscanDefaults.test')
const randomPattern = (length: number): string =>
  Array.from({ length }, () => 'ACGT-'[random.below(5)]!).join('')

function epsOf(patterns: readonly string[]): number {
  const unique = uniquePatterns(
    patterns.map((pattern) => ({ pattern })),
    true,
  )
  return defaultEps(unique, defaultMinSamples(patterns.length), true)
}

it('defaultMinSamples grows with the logarithm of n, from 3', () => {
  expect([0, 1, 20, 500, 5000].map(defaultMinSamples)).toEqual([3, 3, 3, 6, 9])
})

describe('defaultEps', () => {
  it('is where variants of one motif have found enough others', () => {
    const variants = Array.from({ length: 200 }, () => {
      const letters = Array.from('CAGGTCCATGACCTG')
      letters[1 + random.below(13)] = '-'
      letters[1 + random.below(13)] = '-'
      return letters.join('')
    })
    // Two variants that share one gap are two edits apart, and each has some 20 such.
    expect(epsOf(variants)).toBe(2)
  })

  it('stays below what chance alone brings together', () => {
    const few = epsOf(Array.from({ length: 100 }, () => randomPattern(12)))
    const patterns = Array.from({ length: 2000 }, () => randomPattern(12))
    const eps = epsOf(patterns)
    expect(eps).toBeLessThanOrEqual(few)
    const minSamples = defaultMinSamples(patterns.length)
    const distances = new EditDistances(patterns, true)
    const neighbours = patterns.slice(0, 100).map((_, i) => {
      return patterns.filter((__, j) => distances.upTo(i, j, eps) <= eps).length
    })
    // Each is its own neighbour too.
    expect(neighbours.filter((count) => count >= minSamples).length).toBeLessThan(30)
    const wider = patterns.filter((_, j) => distances.upTo(0, j, eps + 1) <= eps + 1).length
    expect(wider).toBeGreaterThan(minSamples)
  })

  it('is bounded for long patterns and at least 1 for short ones', () => {
    expect(epsOf(Array.from({ length: 100 }, () => randomPattern(90)))).toBe(10)
    expect(epsOf(Array.from({ length: 100 }, () => randomPattern(2)))).toBe(1)
  })

  it('is the same each time', () => {
    const patterns = Array.from({ length: 60 }, () => randomPattern(9))
    expect(epsOf(patterns)).toBe(epsOf(patterns.toReversed()))
  })
})
