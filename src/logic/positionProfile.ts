/** Which positions the SIS of a model keep: for models that look at places rather than at motifs. */

export interface KeptPositions {
  readonly codes: Uint8Array // [L]
  /** Ascending, 0-based. */
  readonly positions: readonly number[]
}

/** @returns how many SIS keep each base at each position, [L][5] in the order A C G T and unknown */
export function positionProfile(sis: readonly KeptPositions[], length: number): number[][] {
  const counts = Array.from({ length }, () => [0, 0, 0, 0, 0])
  for (const { codes, positions } of sis) {
    for (const position of positions) counts[position]![Math.min(4, codes[position]!)]!++
  }
  return counts
}

/** @returns the fewest positions that hold half of all kept bases: few where a model looks at certain places */
export function halfPositions(profile: readonly (readonly number[])[]): number {
  const kept = profile.map((row) => row.reduce((sum, count) => sum + count, 0)).sort((a, b) => b - a)
  const total = kept.reduce((sum, count) => sum + count, 0)
  let sum = 0
  let positions = 0
  while (2 * sum < total) sum += kept[positions++]!
  return positions
}
