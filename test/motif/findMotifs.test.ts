/** From patterns to motifs, on small made-up patterns and on SIS of real sequences under real motifs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { tomtom } from '../../src/motif/tomtom.ts'
import type { KeyedPattern } from '../../src/cluster/clusterPatterns.ts'
import { findMotifs, type FindMotifsOptions } from '../../src/motif/findMotifs.ts'
import { pwmSis } from './pwmSis.ts'

const options: FindMotifsOptions = { method: 'dbscan', reverseComplements: true, seed: 1 }

function keyed(patterns: readonly string[]): KeyedPattern[] {
  return patterns.map((pattern, key) => ({ pattern, key }))
}

/** Copies of the given text with some bases masked and some changed, every other one on the other strand. */
function copies(text: string, count: number, random: Random): string[] {
  return Array.from({ length: count }, (_, i) => {
    const letters = Array.from(text)
    letters[1 + random.below(text.length - 2)] = '-'
    if (random.uniform() < 0.3) letters[1 + random.below(text.length - 2)] = 'ACGT'[random.below(4)]!
    return i % 2 === 0 ? letters.join('') : reverseComplementPattern(letters.join(''))
  })
}

describe('findMotifs', () => {
  const random = new Random(5, 'findMotifs.test')
  const patterns = [
    ...copies('CAGGTCCATGA', 60, random),
    ...copies('TTGCGCAATCG', 40, random),
    'A-------------C',
    '',
  ]
  const found = findMotifs(keyed(patterns), options)

  it('separates two motifs, the larger first, and leaves the rest as noise', () => {
    expect(found.clusters.map(({ clusterId, size }) => [clusterId, size])).toEqual([
      [0, 60],
      [1, 40],
    ])
    expect(found.clusters[0]!.members.map(({ key }) => key)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect([...found.noise].sort()).toEqual([100, 101])
    const { consensus } = found.clusters[0]!.motif
    expect(['CAGGTCCATGA', 'TCATGGACCTG']).toContain(consensus)
    expect(found.clusters[1]!.motif.nsites).toBe(40)
  })

  it('places each member so that the counts are those of its kept bases', () => {
    for (const { members, motif } of found.clusters) {
      const counts = motif.pfm.map(() => [0, 0, 0, 0])
      for (const { key, strand, motifOffset } of members) {
        const text = strand === '+' ? patterns[key]! : reverseComplementPattern(patterns[key]!)
        for (const [i, letter] of Array.from(text).entries()) {
          if (letter !== '-') counts[motifOffset + i]!['ACGT'.indexOf(letter)]!++
        }
      }
      expect(motif.pfm).toEqual(counts)
      for (const row of motif.ppm) expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12)
    }
  })

  it('does not depend on the order of the patterns', () => {
    const shuffled = findMotifs(new Random(2, 'order').shuffle(keyed(patterns)), options)
    expect(shuffled.clusters.map(({ members, motif }) => ({ members, motif }))).toEqual(
      found.clusters.map(({ members, motif }) => ({ members, motif })),
    )
    expect(shuffled.parameters).toEqual(found.parameters)
  })

  it('keeps strands apart where reverse complements are not to be merged', () => {
    const apart = findMotifs(keyed(patterns), { ...options, reverseComplements: false })
    expect(apart.clusters.map(({ size }) => size)).toEqual([30, 30, 20, 20])
    for (const { members } of apart.clusters) expect(members.every(({ strand }) => strand === '+')).toBe(true)
  })

  it('takes weights, and the parameters it is given', () => {
    const weighted = findMotifs(
      [
        { pattern: 'CACGTG', weight: 5, key: 7 },
        { pattern: 'CACGTC', weight: 1, key: 8 },
      ],
      { ...options, eps: 1, minSamples: 5 },
    )
    expect(weighted.clusters).toHaveLength(1)
    expect(weighted.clusters[0]!.motif.nsites).toBe(6)
    expect(weighted.clusters[0]!.motif.pfm[4]).toEqual([0, 0, 0, 6])
    expect(weighted.parameters).toEqual({ eps: 1, minSamples: 5, reverseComplements: true })
  })

  it('clusters by k-means as well', () => {
    const { clusters, noise, parameters } = findMotifs(keyed(patterns.slice(0, 100)), {
      ...options,
      method: 'kmeans',
      k: 2,
    })
    expect(clusters.map(({ size }) => size)).toEqual([60, 40])
    expect(noise).toEqual([])
    expect(parameters).toEqual({ k: 2, reverseComplements: true })
  })

  it('finds nothing in nothing', () => {
    expect(findMotifs([], options)).toEqual({
      clusters: [],
      resamples: [],
      noise: [],
      parameters: { reverseComplements: true },
    })
    expect(findMotifs([{ pattern: '', key: 3 }], options).noise).toEqual([3])
  })

  it('does not take long, random, ragged patterns for motifs', () => {
    const ragged = Array.from({ length: 250 }, () => {
      const letters = Array.from({ length: 60 + random.below(41) }, () =>
        random.uniform() < 0.4 ? 'ACGT'[random.below(4)]! : '-',
      )
      return `A${letters.join('')}T`
    })
    expect(findMotifs(keyed(ragged), options).clusters).toEqual([])
  })
})

const realData = process.env['SIS_REAL_DATA']
const known =
  realData === undefined ? [] : await readKnownMotifs(join(realData, 'motifs/JASPAR2022_vertebrates.pfm'))

describe.skipIf(realData === undefined)('SIS of real sequences under real motifs', () => {
  const sequences =
    realData === undefined
      ? []
      : readFileSync(join(realData, 'ctcf-labelled-101bp/valid.fa'), 'utf8')
          .split('>')
          .filter((record) => record !== '' && !record.includes('_shuf'))
          .map((record) => record.split('\n')[1]!)
  const ppmOf = (name: string): readonly (readonly number[])[] =>
    known.find((motif) => motif.name === name)!.ppm

  it('give one big cluster that Tomtom names CTCF', () => {
    const { clusters, noise } = findMotifs(keyed(pwmSis(sequences, ppmOf('CTCF'), 0.6)), options)
    expect(clusters[0]!.size).toBeGreaterThanOrEqual(150)
    expect(noise.length).toBeLessThan(20)
    const [best] = tomtom([{ id: 'found', name: 'found', ppm: clusters[0]!.motif.ppm }], known)
    expect(best!.targetName).toBe('CTCF')
    expect(best!.qValue).toBeLessThan(1e-4)
  })
})
