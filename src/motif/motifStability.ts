/** How firmly the data hold a motif's seeds together. */
import { stabilityOf } from '../cluster/stability.ts'
import type { AlignedParts } from './mergeMotifs.ts'
import type { Seed } from './seeds.ts'

/**
 * Seeds may come from several clusterings, each resampled on its own: a motif's stability is the mean over those that it has
 * seeds of, by the parts that it has of each.
 * @returns of each motif, in [0, 1]
 */
export function motifStability(motifs: readonly AlignedParts[], seeds: readonly Seed[]): number[] {
  const sums = motifs.map(() => 0)
  const weights = motifs.map(() => 0)
  for (const search of new Set(seeds.map((seed) => seed.search))) {
    const patternOfPart = new Map<number, number>()
    for (const { members, patterns } of seeds.filter((seed) => seed.search === search)) {
      for (const [i, { part }] of members.entries()) patternOfPart.set(part, patterns[i]!)
    }
    const groups = groupsOf(motifs, patternOfPart)
    const stability = stabilityOf(
      groups.map(({ patterns }) => patterns),
      search.resamples,
    )
    for (const [i, { parts }] of groups.entries()) {
      sums[i]! += parts * stability[i]!
      weights[i]! += parts
    }
  }
  return sums.map((sum, i) => sum / weights[i]!)
}

/** The unique patterns of each motif; one that occurs in several is where most of its occurrences are, and of equals in the first. */
function groupsOf(
  motifs: readonly AlignedParts[],
  patternOfPart: ReadonlyMap<number, number>,
): { readonly patterns: readonly number[]; readonly parts: number }[] {
  const counts = new Map<number, Map<number, number>>()
  const parts = motifs.map(() => 0)
  for (const [i, { members }] of motifs.entries()) {
    for (const { part } of members) {
      const pattern = patternOfPart.get(part) // none of an adopted part
      if (pattern === undefined) continue
      parts[i]!++
      const count = counts.get(pattern) ?? new Map<number, number>()
      counts.set(pattern, count)
      count.set(i, (count.get(i) ?? 0) + 1)
    }
  }
  const groups: number[][] = motifs.map(() => [])
  for (const [pattern, count] of counts) {
    const [most] = [...count].reduce((best, other) => (other[1] > best[1] ? other : best))
    groups[most]!.push(pattern)
  }
  return groups.map((patterns, i) => ({ patterns, parts: parts[i]! }))
}
