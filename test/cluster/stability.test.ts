/** Stability in closed form, and of clusters that the data hold or do not hold. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import {
  clusterPatterns,
  type ClusterOptions,
  type PatternClustering,
} from '../../src/cluster/clusterPatterns.ts'
import { resamplesOf, stabilityOf, type Resample } from '../../src/cluster/stability.ts'

const resample = (weights: number[], labels: number[]): Resample => ({
  weights: Float64Array.from(weights),
  labels: Int32Array.from(labels),
})

describe('stabilityOf', () => {
  it('is the mean Jaccard index by weight of a group and of the clusters that lie mostly in it', () => {
    const found = resample([1, 2, 1, 4], [0, 0, 1, 1])
    // Of {0, 1, 2}, cluster 0 lies in it whole, cluster 1 by a fifth.
    expect(stabilityOf([[0, 1, 2], [3]], [found])).toEqual([3 / 4, 4 / 5])
    // Clusters that a group unites count together, and members in none are lost.
    expect(stabilityOf([[0, 1, 2, 3]], [found])).toEqual([1])
    expect(stabilityOf([[0, 1, 2, 3]], [resample([1, 2, 1, 4], [0, -1, 1, 1])])).toEqual([6 / 8])
    // Half is not most; what was not drawn is not found.
    expect(stabilityOf([[0], [1]], [resample([1, 1], [0, 0])])).toEqual([0, 0])
    expect(stabilityOf([[0]], [resample([0, 1], [-1, 0])])).toEqual([0])
    expect(stabilityOf([[0, 1, 2, 3]], [found, resample([1, 2, 1, 4], [-1, -1, -1, -1])])).toEqual([1 / 2])
  })
})

describe('resamplesOf', () => {
  it('keeps half of the occurrences, drawn anew each time and alike for the same seed', () => {
    const weights = Float64Array.of(1, 40, 1000, 0.5)
    const draw = (seed: number) => resamplesOf(weights, seed, (kept) => Int32Array.from(kept))
    const drawn = draw(1)
    expect(drawn).toEqual(draw(1))
    expect(drawn).not.toEqual(draw(2))
    expect(new Set(drawn.map((each) => each.weights.join())).size).toBe(drawn.length)
    for (const { weights: kept } of drawn) {
      for (const [i, weight] of weights.entries()) expect(kept[i]!).toBeLessThanOrEqual(weight)
      expect(Math.abs(kept[1]! - 20)).toBeLessThan(16)
      expect(Math.abs(kept[2]! - 500)).toBeLessThan(80)
    }
    const mean = (i: number): number => drawn.reduce((sum, each) => sum + each.weights[i]!, 0) / drawn.length
    expect(mean(0)).toBeGreaterThan(0.2)
    expect(mean(0)).toBeLessThan(0.8)
    expect(Math.abs(mean(2) - 500)).toBeLessThan(20)
  })
})

describe('clusterPatterns', () => {
  const random = new Random(4, 'stability test')
  const variant = (text: string): string => {
    const letters = Array.from(text)
    letters[random.below(letters.length)] = 'ACGT'[random.below(4)]!
    return letters.join('')
  }
  const clear = Array.from({ length: 200 }, () =>
    variant(random.below(2) === 0 ? 'TGACGTCATTGCA' : 'CCAGATAAGGCTT'),
  )
  /** Four copies each, which half of the draws leave too few of. */
  const faint = ['GGGGCCCGGGTTT', 'TATATATTTATAC'].flatMap((text) => new Array<string>(4).fill(text))
  const patterns = [...clear, ...faint].map((pattern, key) => ({ pattern, key }))
  const options: ClusterOptions = {
    method: 'dbscan',
    reverseComplements: true,
    eps: 2,
    minSamples: 4,
    seed: 1,
  }

  const stabilityIn = ({ clusters, resamples }: PatternClustering): number[] =>
    stabilityOf(
      clusters.map((members) => members.map(({ place }) => place)),
      resamples,
    )

  it('tells clusters that half of the data give again from those of a few patterns', () => {
    const clustering = clusterPatterns(patterns, options)
    expect(clustering.clusters).toHaveLength(4)
    const stability = stabilityIn(clustering)
    expect(Math.min(...stability.slice(0, 2))).toBeGreaterThan(0.97)
    expect(Math.max(...stability.slice(2))).toBeLessThan(0.95)
    for (const value of stability) expect(value).toBeGreaterThan(0.3)
  })

  it('does not depend on the order of the patterns, by either method', () => {
    for (const method of ['dbscan', 'kmeans'] as const) {
      const stability = stabilityIn(clusterPatterns(patterns, { ...options, method }))
      expect(stabilityIn(clusterPatterns(patterns.toReversed(), { ...options, method }))).toEqual(stability)
    }
  })

  it('judges unions of clusters too', () => {
    const { clusters, resamples } = clusterPatterns(patterns, options)
    const places = clusters.map((members) => members.map(({ place }) => place))
    const [merged] = stabilityOf([[...places[0]!, ...places[1]!]], resamples)
    expect(merged).toBeGreaterThan(0.97)
  })

  it('says with how much of the length neighbours may differ', () => {
    const { parameters } = clusterPatterns(patterns, { ...options, mostOfLength: 0.25 })
    expect(parameters).toEqual({ eps: 2, minSamples: 4, mostOfLength: 0.25, reverseComplements: true })
  })
})
