/** The plain rows that comparisons read: columns of the run's tables, named as there. */

/** One SIS: of which model and sequence, and the positions it keeps. */
export interface SisPositions {
  readonly model_id: number
  readonly sequence_id: number
  readonly rank: number
  /** Ascending, 0-based in the sequence; empty where the SIS is vacuous. */
  readonly positions: readonly number[]
}

/**
 * The union of positions of the SIS of each model and sequence.
 * @returns by model_id, then by sequence_id; vacuous SIS add nothing, and a sequence that has only those is left out
 */
export function unionPositions(sis: Iterable<SisPositions>): Map<number, Map<number, Set<number>>> {
  const models = new Map<number, Map<number, Set<number>>>()
  for (const { model_id, sequence_id, positions } of sis) {
    const sequences = valueOf(models, model_id, () => new Map<number, Set<number>>())
    if (positions.length === 0) continue
    const union = valueOf(sequences, sequence_id, () => new Set<number>())
    for (const position of positions) union.add(position)
  }
  return models
}

export function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b)
}

/** How many of the positions are in the set. */
export function countIn(positions: Iterable<number>, set: ReadonlySet<number>): number {
  let count = 0
  for (const position of positions) if (set.has(position)) count++
  return count
}

/** The value of a key, made and kept where the map has none. */
export function valueOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
