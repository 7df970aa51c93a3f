/** The medoid of a cluster: the member nearest to all others. */
import type { EditDistances } from './editDistance.ts'

/** Distances grow with the square; a medoid of 600 spread members is as good a start as one of 5,000. */
const mostCompared = 600

/**
 * @param members indexes of unique patterns, not empty
 * @param weights how often each pattern occurs, of all patterns
 * @returns the member with the smallest weighted sum of distances, the earlier one of equals; of more than 600 unique
 *   members, 600 at even steps are compared
 */
export function medoidOf(
  distances: EditDistances,
  weights: ArrayLike<number>,
  members: readonly number[],
): number {
  const step = Math.max(1, members.length / mostCompared)
  const compared = Array.from(
    { length: Math.min(members.length, mostCompared) },
    (_, i) => members[Math.floor(i * step)]!,
  )
  const sums = new Float64Array(compared.length)
  for (let i = 0; i < compared.length; i++) {
    for (let j = i + 1; j < compared.length; j++) {
      const apart = distances.between(compared[i]!, compared[j]!)
      sums[i]! += apart * weights[compared[j]!]!
      sums[j]! += apart * weights[compared[i]!]!
    }
  }
  return compared[sums.indexOf(sums.reduce((least, sum) => Math.min(least, sum), Infinity))]!
}
