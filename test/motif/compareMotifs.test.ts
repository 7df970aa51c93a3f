/**
 * Names of motifs from data: windows of shuffled sequences, which no factor binds, are named by chance at most, and true
 * sites are. The whole null of real peaks is in compareMotifs.slow.test.ts.
 */
import { describe, expect, it } from 'vitest'
import {
  jaspar,
  level,
  matchAllColumns,
  motifOf,
  nullMotif,
  nullSites,
  nullWidths,
  peaksByFactor,
  strongestHits,
} from '../../benchmarks/motifNull.ts'
import { Random } from '../../src/base/random.ts'
import { matchMotifs, type CountedMotif } from '../../src/motif/compareMotifs.ts'
import { motifSites } from '../../src/motif/sites.ts'
import type { ComparedMotif } from '../../src/motif/motifMatch.ts'
import { baseCount } from '../../src/sequence/alphabet.ts'

const named = (motifs: readonly CountedMotif[], known: readonly ComparedMotif[]): number =>
  matchMotifs(motifs, known).filter(({ matchRank, qValue }) => matchRank === 0 && qValue < level).length

/** Sharp motifs as most are, and long ones whose middle says next to nothing. */
function knownMotifs(random: Random): ComparedMotif[] {
  const column = (sharpness: number): number[] => {
    const row = Array.from({ length: baseCount }, () => random.uniform() ** sharpness)
    const sum = row.reduce((total, value) => total + value)
    return row.map((value) => value / sum)
  }
  const columns = (width: number, sharpness: number): number[][] =>
    Array.from({ length: width }, () => column(sharpness))
  return Array.from({ length: 120 }, (_, i) => ({
    id: `m${i}`,
    name: `m${i}`,
    ppm: i % 20 === 0 ? [...columns(6, 8), ...columns(18, 0.4), ...columns(6, 8)] : columns(8 + (i % 5), 8),
  }))
}

describe('matchMotifs', () => {
  const known = knownMotifs(new Random(1, 'known motifs'))

  it('names no windows of random sequences, of which Tomtom names many', () => {
    const random = new Random(2, 'null')
    const sequences = Array.from({ length: 200 }, () =>
      Uint8Array.from({ length: 101 }, () => random.weighted([0.2, 0.3, 0.3, 0.2])),
    )
    const motifs = nullSites.flatMap((sites) =>
      Array.from({ length: 12 }, () => nullMotif(sequences, sites, 12, random)),
    )
    const byAllColumns = motifs.filter((motif) => matchAllColumns(motif, known)[0]!.qValue < level)
    expect(byAllColumns.length).toBeGreaterThan(0.1 * motifs.length)
    expect(named(motifs, known)).toBeLessThanOrEqual(1)
  })

  it('names a motif by its core, among columns that say nothing', () => {
    const target = known[3]!
    const random = new Random(3, 'true sites')
    const codes = Array.from({ length: 26 }, () => {
      const sequence = Uint8Array.from({ length: 101 }, () => random.below(baseCount))
      for (const [i, row] of target.ppm.entries()) sequence[40 + i] = random.weighted(row)
      return sequence
    })
    // What an SIS kept: two bases in the middle; the sites are looked up around them.
    const members = codes.map((sequence) => ({
      codes: sequence,
      first: 44,
      last: 45,
      strand: '+' as const,
      motifOffset: 0,
    }))
    const { pfm: counts, informative, information } = motifSites(members, 2)
    expect(information).toBeGreaterThan(6)
    const motif = { id: 'q', name: 'q', counts, nsites: members.length, informative }
    const [best] = matchMotifs([motif], known)
    expect(best!.targetId).toBe(target.id)
    expect(best!.qValue).toBeLessThan(1e-4)
  })

  it('is sure of nothing where no column is informative', () => {
    const counts = Array.from({ length: 8 }, () => [2, 1, 1, 1])
    const informative = counts.map(() => false)
    const matches = matchMotifs([{ id: 'q', name: 'q', counts, nsites: 5, informative }], known)
    expect(new Set(matches.map(({ qValue }) => qValue))).toEqual(new Set([1]))
  })
})

describe.skipIf(process.env['SIS_REAL_DATA'] === undefined)('real peaks (SIS_REAL_DATA)', () => {
  it('are named by their factor, their shuffles by none', { timeout: 120_000 }, async () => {
    const known = await jaspar()
    const peaks = await peaksByFactor()
    const shuffled = nullSites.flatMap((sites) =>
      nullWidths.flatMap((width) =>
        [...peaks.values()]
          .slice(0, 5)
          .map((of, i) => nullMotif(of, sites, width, new Random(1, 'fast', sites, width, i))),
      ),
    )
    expect(shuffled).toHaveLength(45)
    expect(named(shuffled, known)).toBeLessThanOrEqual(1)

    for (const factor of ['CTCF', 'FOXA1', 'GABPA', 'USF1', 'TEAD4']) {
      const target = motifOf(factor, known)
      const random = new Random(1, 'fast', factor)
      const hits = strongestHits(peaks.get(factor)!.slice(0, 300), target.ppm, random)
      const members = Array.from({ length: 26 }, () => hits[random.below(100)]!)
      const { pfm: counts, informative } = motifSites(members, target.ppm.length)
      const matches = matchMotifs(
        [{ id: factor, name: factor, counts, nsites: members.length, informative }],
        known,
      )
      expect(matches.find(({ targetId }) => targetId === target.id)!.qValue, factor).toBeLessThan(level)
    }
  })
})
