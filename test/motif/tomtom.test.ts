/** Tomtom: its null by brute force, its calibration, and known motifs that must find themselves and each other. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { reverseComplementMatrix } from '../../src/motif/motif.ts'
import type { ComparedMotif } from '../../src/motif/motifMatch.ts'
import { tomtom } from '../../src/motif/tomtom.ts'

function motif(id: string, ppm: readonly (readonly number[])[]): ComparedMotif {
  return { id, name: id, ppm }
}
const oneHot = (text: string): number[][] =>
  Array.from(text, (letter) => Array.from('ACGT', (base) => Number(base === letter)))

describe('tomtom', () => {
  it('gives the p-value that counting gives, for one column against one column', () => {
    // On both strands a quarter of the columns is A. The query A meets the target A exactly on one strand:
    // p = 1 - (1 - 1/4)^2.
    const targets = [
      motif('t1', oneHot('A')),
      motif('t2', oneHot('C')),
      motif('t3', oneHot('G')),
      motif('t4', oneHot('T')),
    ]
    const [best] = tomtom([motif('q', oneHot('A'))], targets)
    expect(best).toMatchObject({
      queryId: 'q',
      targetId: 't1',
      matchRank: 0,
      overlap: 1,
      optimalOffset: 0,
      orientation: '+',
    })
    expect(best!.pValue).toBeCloseTo(1 - (3 / 4) ** 2, 12)
    expect(best!.eValue).toBeCloseTo(4 * best!.pValue, 12)
  })

  it('tells offset, overlap, strand and consensus', () => {
    const query = motif('q', oneHot('GATTC'))
    const targets = [
      motif('inside', oneHot('CCGATTCA')),
      motif('reverse', reverseComplementMatrix(oneHot('CCGATTCA'))),
      motif('over', oneHot('TTC')),
      motif('other', oneHot('CCCCGGGG')),
    ]
    const matches = new Map(tomtom([query], targets).map((match) => [match.targetId, match]))
    expect(matches.get('inside')).toMatchObject({
      optimalOffset: 2,
      overlap: 5,
      orientation: '+',
      queryConsensus: 'GATTC',
      targetConsensus: 'CCGATTCA',
    })
    expect(matches.get('reverse')).toMatchObject({
      optimalOffset: 2,
      overlap: 5,
      orientation: '-',
      targetConsensus: 'CCGATTCA',
    })
    expect(matches.get('over')).toMatchObject({ optimalOffset: -2, overlap: 3, orientation: '+' })
    expect([...matches.values()].map(({ matchRank }) => matchRank)).toEqual([0, 1, 2, 3])
  })

  it('does not care on which strand the query is', () => {
    const random = new Random(4, 'compareMotifs.test')
    const targets = Array.from({ length: 30 }, (_, i) =>
      motif(String(i), randomMatrix(6 + random.below(6), random)),
    )
    const query = randomMatrix(8, random)
    const forward = tomtom([motif('q', query)], targets)
    const reverse = tomtom([motif('q', reverseComplementMatrix(query))], targets)
    const pValueOf = new Map(reverse.map(({ targetId, pValue }) => [targetId, pValue]))
    for (const { targetId, pValue } of forward) expect(pValueOf.get(targetId)! / pValue).toBeCloseTo(1, 6)
  })

  it('scores a silent column 0 against all, whatever it holds, inside and at the ends', () => {
    const random = new Random(5, 'silent')
    const targets = Array.from({ length: 30 }, (_, i) => motif(String(i), randomMatrix(8, random)))
    const core = randomMatrix(6, random)
    const withSilent = (base: string): ComparedMotif => ({
      ...motif('q', [
        ...oneHot(base),
        ...core.slice(0, 3),
        ...oneHot(base),
        ...core.slice(3),
        ...oneHot(base),
      ]),
      silent: [true, false, false, false, true, false, false, false, true],
    })
    const matches = tomtom([withSilent('A')], targets)
    const facts = (all: typeof matches): unknown => all.map((match) => ({ ...match, queryConsensus: '' }))
    expect(facts(tomtom([withSilent('G')], targets))).toEqual(facts(matches))
    // At the ends they are as if they were not there, but for the offsets that they add without a score.
    const trimmed = tomtom(
      [{ ...motif('q', withSilent('A').ppm.slice(1, 8)), silent: withSilent('A').silent!.slice(1, 8) }],
      targets,
    )
    const pValueOf = new Map(trimmed.map(({ targetId, pValue }) => [targetId, pValue]))
    for (const { targetId, pValue } of matches) expect(pValue / pValueOf.get(targetId)!).toBeCloseTo(1, 6)
  })

  it('is sure of nothing where all columns are silent', () => {
    const targets = [motif('t', oneHot('ACGT')), motif('u', oneHot('GGGG'))]
    const query = { ...motif('q', oneHot('ACGT')), silent: [true, true, true, true] }
    for (const { pValue, qValue } of tomtom([query], targets)) expect([pValue, qValue]).toEqual([1, 1])
  })

  it('copes with no targets and with a target that says nothing', () => {
    expect(tomtom([motif('q', oneHot('ACGT'))], [])).toEqual([])
    const flat = tomtom([motif('q', oneHot('ACGT'))], [motif('t', [[0.25, 0.25, 0.25, 0.25]])])
    expect(flat[0]!.pValue).toBe(1)
  })
})

function randomMatrix(width: number, random: Random): number[][] {
  return Array.from({ length: width }, () => {
    const row = Array.from({ length: 4 }, () => random.uniform() ** 4)
    const sum = row.reduce((total, value) => total + value)
    return row.map((value) => value / sum)
  })
}

const realData = process.env['SIS_REAL_DATA']
const known =
  realData === undefined ? [] : await readKnownMotifs(join(realData, 'motifs/JASPAR2022_vertebrates.pfm'))

describe.skipIf(realData === undefined)('JASPAR against itself', () => {
  it('finds each motif first, with a tiny p-value', () => {
    const queries = known.filter((_, i) => i % 40 === 0)
    const best = tomtom(queries, known).filter(({ matchRank }) => matchRank === 0)
    expect(best).toHaveLength(queries.length)
    for (const { queryId, targetId, pValue, optimalOffset } of best) {
      expect(targetId).toBe(queryId)
      expect(pValue).toBeLessThan(1e-8)
      expect(optimalOffset).toBe(0)
    }
  })

  it('knows the E-box of USF1 by its core alone', () => {
    const matches = tomtom([motif('ebox', oneHot('GTCACGTGAC'))], known)
    const usf1 = matches.find(({ targetName }) => targetName === 'USF1')!
    expect(usf1.qValue).toBeLessThan(0.01)
    expect(matches[0]!.targetConsensus).toContain('CACGTG')
  })

  it('gives queries of shuffled columns uniform p-values', () => {
    const random = new Random(6, 'calibration')
    const columns = known.flatMap(({ ppm }) => ppm)
    const targets = known.filter((_, i) => i % 4 === 0)
    const queries = Array.from({ length: 40 }, (_, i) =>
      motif(
        String(i),
        Array.from({ length: 10 }, () => columns[random.below(columns.length)]!),
      ),
    )
    const pValues = tomtom(queries, targets).map(({ pValue }) => pValue)
    for (const level of [0.5, 0.1, 0.01]) {
      const share = pValues.filter((p) => p <= level).length / pValues.length
      expect(share / level).toBeGreaterThan(0.6)
      expect(share / level).toBeLessThan(1.4)
    }
  })
})
