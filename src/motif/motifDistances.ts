/** How different motifs are from each other, by what their sites look like. */
import { uniformBackground } from '../sequence/alphabet.ts'
import { likenessOf, type SiteCounts } from './likeness.ts'

/** Columns that two motifs must share, where both are as wide. */
const leastOverlap = 5

/**
 * The square root of the share of information that pooling two motifs loses where they fit best, on either strand
 * (likeness.ts): 0 for the same, 1 for motifs that have nothing in common. The root, since that of a divergence is a metric.
 * @returns symmetric, [n][n]
 */
export function motifDistances(motifs: readonly SiteCounts[]): number[][] {
  const distances = motifs.map(() => motifs.map(() => 0))
  for (const [i, a] of motifs.entries()) {
    for (const [j, b] of motifs.slice(0, i).entries()) {
      const overlap = Math.min(leastOverlap, a.counts.length, b.counts.length)
      const { loss } = likenessOf(a, b, uniformBackground, { overlap, reverseComplements: true })
      const distance = Math.sqrt(Math.min(1, Math.max(0, loss)))
      distances[i]![j] = distance
      distances[j]![i] = distance
    }
  }
  return distances
}
