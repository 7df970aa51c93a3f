/** k-means over spaced base pairs. */
import { describe, expect, it } from 'vitest'
import { kmeansClusters, pairSpectrum } from '../../src/cluster/kmeans.ts'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'
import { uniquePatterns } from '../../src/cluster/uniquePatterns.ts'

const boxes = ['CACGTG', 'CACGTGA', 'TCACGTG', 'CACGTGAC', 'CACG-GAC']
const gata = ['AGATAA', 'AGATAAG', 'GATAAG', 'TGATAAG', 'GATAAGA', 'GAT-AG']
const patterns = [...boxes, ...gata].map((pattern) => ({ pattern }))

describe('pairSpectrum', () => {
  it('has length 1 and counts pairs of kept bases by their distance', () => {
    const counts = pairSpectrum('A-CN', false)
    expect(counts.flatMap((count, i) => (count > 0 ? [[i, count]] : []))).toEqual([[16 + 1, 1]])
    expect(Math.hypot(...pairSpectrum('CACGTG', false))).toBeCloseTo(1, 12)
    expect(pairSpectrum('A', false).every((count) => count === 0)).toBe(true)
  })

  it('is the same on both strands where asked', () => {
    for (const { pattern } of patterns) {
      expect(pairSpectrum(reverseComplementPattern(pattern), true)).toEqual(pairSpectrum(pattern, true))
    }
    expect(pairSpectrum('GATA', false)).not.toEqual(pairSpectrum('TATC', false))
  })
})

describe('kmeansClusters', () => {
  const unique = uniquePatterns(patterns, true)
  const groupOf = (labels: Int32Array, texts: readonly string[], from: number): Set<number> =>
    new Set(texts.map((_, i) => labels[unique.index[from + i]!]!))

  it('chooses two clusters for two motifs and numbers the larger 0', () => {
    const { labels, k } = kmeansClusters(unique, { reverseComplements: true, seed: 1 })
    expect(k).toBe(2)
    expect([...groupOf(labels, boxes, 0)]).toEqual([1])
    expect([...groupOf(labels, gata, boxes.length)]).toEqual([0])
  })

  it('is the same for the same seed, and takes the k it is given', () => {
    const options = { reverseComplements: true, seed: 7, k: 4 }
    const first = kmeansClusters(unique, options)
    expect(first.k).toBe(4)
    expect(new Set(first.labels).size).toBe(4)
    expect(kmeansClusters(unique, options)).toEqual(first)
  })

  it('leaves what has no structure in one cluster, and copes with fewer patterns than clusters', () => {
    const same = uniquePatterns([{ pattern: 'CACGTG', weight: 9 }], true)
    expect(kmeansClusters(same, { reverseComplements: true, seed: 1 })).toEqual({
      labels: Int32Array.of(0),
      k: 1,
    })
    expect(kmeansClusters(same, { reverseComplements: true, seed: 1, k: 3 }).k).toBe(1)
  })
})
