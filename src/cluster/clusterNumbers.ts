/** Clusters numbered by size, so that cluster 0 is the largest whatever method found them. */

/** Label of a point in no cluster. */
export const noise = -1

/**
 * @param labels any numbers from 0, or `noise` [n]
 * @param weights how often each point occurs [n]
 * @returns the same clusters renumbered: the heaviest is 0; of equals the one whose first point comes first
 */
export function numberBySize(labels: Int32Array, weights: ArrayLike<number>): Int32Array {
  const sizes = new Map<number, number>()
  for (const [i, label] of labels.entries()) {
    if (label !== noise) sizes.set(label, (sizes.get(label) ?? 0) + weights[i]!)
  }
  // A Map keeps the order of first appearance and sort is stable, so ties go to the earlier point.
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)!)
  const numbers = new Map(order.map((label, number) => [label, number]))
  return labels.map((label) => numbers.get(label) ?? noise)
}
