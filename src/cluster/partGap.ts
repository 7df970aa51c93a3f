/** How wide a gap within a part may be: learnt from the gaps between the kept bases of all SIS of a model. */

export interface PartGap {
  /** Most masked bases between neighbours of one part. */
  readonly gap: number
  /** Of all gaps, the share within parts, as estimated; 1 where the gaps are of one kind. */
  readonly within: number
  /** Gaps between neighbouring kept bases that it was learnt from. */
  readonly gaps: number
}

/** Fewer gaps tell nothing: what most models have is taken. */
const fewestGaps = 20
const usualGap = 5
const mostSweeps = 500

/**
 * Two populations, told apart by expectation-maximisation: within a part gaps are geometric (each next base is kept or not,
 * with one probability); between parts they are those of two places drawn at random in a sequence of this length. The gap
 * is the widest that is likelier within. Where no part is far from another the estimate for within goes to 1, and
 * the gap is the widest there is.
 * @param sis the kept positions of each SIS, ascending
 * @param length L, of the sequences
 */
export function learnPartGap(sis: Iterable<readonly number[]>, length: number): PartGap {
  const counts = new Float64Array(Math.max(1, length - 1))
  let total = 0
  for (const positions of sis) {
    for (let i = 1; i < positions.length; i++) {
      counts[positions[i]! - positions[i - 1]! - 1]!++
      total++
    }
  }
  if (total < fewestGaps) return { gap: Math.min(usualGap, counts.length - 1), within: 1, gaps: total }

  const between = counts.map((_, gap) => (2 * (length - 1 - gap)) / (length * (length - 1)))
  let within = 0.7
  let keep = 0.5
  const isWithin = (gap: number): number => {
    const inside = within * keep * (1 - keep) ** gap
    return inside / (inside + (1 - within) * between[gap]! || 1)
  }
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let inside = 0
    let masked = 0
    for (const [gap, count] of counts.entries()) {
      if (count === 0) continue
      inside += count * isWithin(gap)
      masked += count * isWithin(gap) * gap
    }
    const [lastWithin, lastKeep] = [within, keep]
    within = inside / total
    keep = inside === 0 ? keep : inside / (inside + masked)
    if (Math.abs(within - lastWithin) + Math.abs(keep - lastKeep) < 1e-9) break
  }
  const widest = counts.findLastIndex((count) => count > 0)
  let gap = 0
  while (gap < widest && isWithin(gap + 1) >= 0.5) gap++
  return { gap, within, gaps: total }
}
