/** Of many parts, short ones chain one motif to the next: seeds are of one kind all the same. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { findPartMotifs, type PartMotifSearch, type PlacedPart } from '../../src/motif/partMotifs.ts'
import { reverseComplement } from '../../src/sequence/alphabet.ts'

const options = { method: 'dbscan', reverseComplements: true, seed: 1 } as const
const random = new Random(4, 'seeds.test')
const kept = 150
const sites = Array.from({ length: 12 }, () =>
  Uint8Array.from({ length: 7 + random.below(7) }, () => random.below(4)),
)

/** Of each site 150 parts, of which each base is kept with probability 0.6, in random sequences of 60. */
const parts = sites.flatMap((site) =>
  Array.from({ length: kept }, (): PlacedPart => {
    const codes = Uint8Array.from({ length: 60 }, () => random.below(4))
    codes.set(site, 25)
    let positions: number[] = []
    while (positions.length < 2) {
      positions = Array.from(site, (_, i) => 25 + i).filter(() => random.uniform() < 0.6)
    }
    if (random.below(2) === 0) return { codes, positions }
    return { codes: reverseComplement(codes), positions: positions.map((p) => 59 - p).reverse() }
  }),
)
const kindOf = (part: number): number => Math.floor(part / kept)

/** Of each motif, the share of its members that are of its commonest kind. */
const purities = ({ motifs }: PartMotifSearch): number[] =>
  motifs.map(({ members }) => {
    const counts = sites.map((_, kind) => members.filter(({ part }) => kindOf(part) === kind).length)
    return Math.max(...counts) / members.length
  })

describe('findPartMotifs of many parts', () => {
  const search = findPartMotifs(parts, options)

  it('finds each motif, where one density alone chains them', () => {
    const { eps, minSamples } = search.parameters as { eps: number; minSamples: number }
    expect(Math.min(...purities(findPartMotifs(parts, { ...options, eps, minSamples })))).toBeLessThan(0.5)
    expect(search.motifs).toHaveLength(sites.length)
    expect(Math.min(...purities(search))).toBeGreaterThan(0.8)
    expect(search.noise.length).toBeLessThan(0.05 * parts.length)
  })

  it('tells how firmly the data hold motifs, whichever clustering their seeds are of', () => {
    for (const { stability } of search.motifs) {
      expect(stability).toBeGreaterThan(0)
      expect(stability).toBeLessThanOrEqual(1)
    }
  })
})
