/** The whole null of benchmarks/motifNull.ts, and the power on true sites: real peaks of 15 factors against JASPAR. */
import { describe, expect, it } from 'vitest'
import {
  factorMotifs,
  jaspar,
  level,
  motifOf,
  nullMotif,
  nullSites,
  nullWidths,
  peaksByFactor,
  strongestHits,
} from '../../benchmarks/motifNull.ts'
import { Random } from '../../src/base/random.ts'
import { matchMotifs } from '../../src/motif/compareMotifs.ts'
import { motifSites } from '../../src/motif/sites.ts'

const trials = 200

describe.skipIf(process.env['SIS_REAL_DATA'] === undefined)('real peaks (SIS_REAL_DATA)', () => {
  it.each(nullSites.flatMap((sites) => nullWidths.map((width) => [sites, width] as const)))(
    'of windows of %i shuffled peaks, %i columns wide, at most 15 in a thousand are named',
    async (sites, width) => {
      const known = await jaspar()
      const peaks = [...(await peaksByFactor()).values()]
      const motifs = Array.from({ length: trials }, (_, trial) =>
        nullMotif(
          peaks[trial % peaks.length]!,
          sites,
          width,
          new Random(1, 'shuffled peaks', sites, width, trial),
        ),
      )
      const best = matchMotifs(motifs, known).filter(({ matchRank }) => matchRank === 0)
      expect(best).toHaveLength(trials)
      expect(best.filter(({ qValue }) => qValue < level).length).toBeLessThanOrEqual(0.015 * trials)
    },
  )

  it('names the factor by 26 of its sites, in nearly all of 15 factors', async () => {
    const known = await jaspar()
    const named: string[] = []
    for (const [factor, of] of await peaksByFactor()) {
      const target = motifOf(factor, known)
      const random = new Random(1, 'peaks', factor)
      const hits = strongestHits(of, target.ppm, random)
      const members = Array.from({ length: 26 }, () => hits[random.below(hits.length)]!)
      const { pfm: counts, informative } = motifSites(members, target.ppm.length)
      const motif = { id: factor, name: factor, counts, nsites: members.length, informative }
      const itself = matchMotifs([motif], known).find(({ targetId }) => targetId === target.id)!
      if (itself.qValue < level) named.push(factor)
    }
    // TBP's motif is TATAAA in surroundings that are not told from those of its peaks.
    expect(Object.keys(factorMotifs).filter((factor) => !named.includes(factor)).length).toBeLessThanOrEqual(
      2,
    )
  })
})
