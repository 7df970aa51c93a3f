/** Patterns of one cluster laid on top of each other without gaps, and the motif that they make. */
import { patternCodes, reverseComplementPattern } from '../sequence/pattern.ts'
import { baseCount, uniformBackground } from '../sequence/alphabet.ts'
import { defaultPseudocount } from './motif.ts'
import type { Matrix } from '../sequence/matrix.ts'

interface AlignedPattern {
  /** '-' where the reverse complement of the pattern was aligned. */
  readonly strand: '+' | '-'
  /** Motif column of the first base of the pattern as aligned; negative where it begins before the trimmed motif. */
  readonly offset: number
}

export interface Alignment {
  readonly members: readonly AlignedPattern[] // in the order of the patterns
  /** Counts of kept bases, [width][4]; a kept N counts nothing. */
  readonly pfm: Matrix
  readonly nsites: number
}

/** An edge column that fewer members keep is cut off: it says more about their ragged ends than about the motif. */
const edgeShare = 0.1
/** Each sweep raises the likelihood, so sweeps end by themselves; no real cluster took more than 12. */
const mostSweeps = 50

interface Placement {
  strand: 0 | 1
  /** Frame column of the first base. */
  offset: number
}

/** The kept bases of a pattern on one strand. */
interface Kept {
  readonly columns: Int32Array
  readonly bases: Uint8Array
}

/**
 * Aligns patterns to a common frame by coordinate ascent on the likelihood of the motif: beginning with the first
 * pattern (give the medoid), each next one is placed where the log-odds of the motif so far, summed over its kept bases,
 * are highest; then all are placed anew against the whole motif until none moves. Ties go to the place nearest to where
 * the pattern was, then to the forward strand. Edge columns that fewer than a tenth of the members keep are cut off.
 * @param patterns the medoid first, then best the nearest to it first; not empty
 * @param weights how often each pattern occurs
 * @param reverseComplements a pattern may be placed on either strand
 */
export function alignPatterns(
  patterns: readonly string[],
  weights: ArrayLike<number>,
  reverseComplements: boolean,
): Alignment {
  const longest = patterns.reduce((length, pattern) => Math.max(length, pattern.length), 0)
  const strands = patterns.map((pattern) =>
    (reverseComplements ? [pattern, reverseComplementPattern(pattern)] : [pattern]).map(keptBases),
  )
  // The first pattern lies in the middle third; no other can be placed where it does not meet it.
  const frame = new Frame(3 * longest)
  const placements: Placement[] = []
  for (const [i, kept] of strands.entries()) {
    const start = { strand: 0, offset: longest } as const
    placements.push(i === 0 ? start : frame.bestPlacement(kept, start, longest))
    frame.add(kept[placements[i]!.strand]!, placements[i]!.offset, weights[i]!)
  }
  for (let sweep = 0, moved = true; moved && sweep < mostSweeps; sweep++) {
    moved = false
    const next = new Frame(3 * longest)
    for (const [i, kept] of strands.entries()) {
      const was = placements[i]!
      const is = frame.bestPlacement(kept, was, longest)
      if (is.strand !== was.strand || is.offset !== was.offset) moved = true
      placements[i] = is
      next.add(kept[is.strand]!, is.offset, weights[i]!)
    }
    frame.become(next)
  }
  const [from, to] = frame.trimmed()
  return {
    members: placements.map(({ strand, offset }) => ({
      strand: strand === 0 ? '+' : '-',
      offset: offset - from,
    })),
    pfm: frame.rows(from, to),
    nsites: frame.total,
  }
}

/** The same alignment read on the other strand. */
export function reverseAlignment(alignment: Alignment, patterns: readonly string[]): Alignment {
  return {
    members: alignment.members.map(({ strand, offset }, i) => ({
      strand: strand === '+' ? '-' : '+',
      offset: alignment.pfm.length - offset - patterns[i]!.length,
    })),
    pfm: alignment.pfm.map((row) => row.toReversed()).reverse(),
    nsites: alignment.nsites,
  }
}

function keptBases(pattern: string): Kept {
  const codes = patternCodes(pattern)
  const columns = [...codes.keys()].filter((i) => codes[i]! < baseCount)
  return { columns: Int32Array.from(columns), bases: Uint8Array.from(columns, (i) => codes[i]!) }
}

/** Counts over all columns that a pattern may come to lie in. */
class Frame {
  readonly #width: number
  #counts: Float64Array // [width, 4]
  readonly #logOdds: Float64Array // [width, 4]
  #stale = true
  total = 0

  constructor(width: number) {
    this.#width = width
    this.#counts = new Float64Array(width * baseCount)
    this.#logOdds = new Float64Array(width * baseCount)
  }

  add(kept: Kept, offset: number, weight: number): void {
    for (let i = 0; i < kept.columns.length; i++) {
      this.#counts[(offset + kept.columns[i]!) * baseCount + kept.bases[i]!]! += weight
    }
    this.total += weight
    this.#stale = true
  }

  become(other: Frame): void {
    this.#counts = other.#counts
    this.total = other.total
    this.#stale = true
  }

  bestPlacement(strands: readonly Kept[], was: Placement, longest: number): Placement {
    if (this.#stale) this.#score()
    let best = was
    let bestScore = this.#scoreOf(strands[was.strand]!, was.offset)
    // Outwards from where it was, so that of equals the nearest is met first.
    for (let step = 0; step < 2 * longest; step++) {
      for (const offset of step === 0 ? [was.offset] : [was.offset - step, was.offset + step]) {
        for (const [strand, kept] of strands.entries()) {
          const last = kept.columns[kept.columns.length - 1] ?? 0
          if (offset < 0 || offset + last >= this.#width) continue
          const score = this.#scoreOf(kept, offset)
          // Sums in another order differ in their last bits; that is no reason to move.
          if (score <= bestScore + 1e-9) continue
          best = { strand: strand === 0 ? 0 : 1, offset }
          bestScore = score
        }
      }
    }
    return best
  }

  /** @returns the columns [from, to) that are left when edge columns that few members keep are cut off */
  trimmed(): [number, number] {
    const kept = Array.from({ length: this.#width }, (_, column) => this.#keptIn(column))
    const least = Math.min(edgeShare * this.total, Math.max(...kept))
    const enough = (count: number): boolean => count > 0 && count >= least
    return [kept.findIndex(enough), kept.findLastIndex(enough) + 1]
  }

  rows(from: number, to: number): number[][] {
    return Array.from({ length: to - from }, (_, i) => [
      ...this.#counts.subarray((from + i) * baseCount, (from + i + 1) * baseCount),
    ])
  }

  #keptIn(column: number): number {
    let kept = 0
    for (let base = 0; base < baseCount; base++) kept += this.#counts[column * baseCount + base]!
    return kept
  }

  /** Log-odds of the PPM as `ppmOf` makes it: a column that few members keep can neither attract nor repel much. */
  #score(): void {
    for (let column = 0; column < this.#width; column++) {
      const silent = this.total - this.#keptIn(column) + defaultPseudocount
      for (let base = 0; base < baseCount; base++) {
        const i = column * baseCount + base
        const background = uniformBackground[base]!
        const probability = (this.#counts[i]! + silent * background) / (this.total + defaultPseudocount)
        this.#logOdds[i] = Math.log2(probability / background)
      }
    }
    this.#stale = false
  }

  #scoreOf(kept: Kept, offset: number): number {
    let score = 0
    for (let i = 0; i < kept.columns.length; i++) {
      score += this.#logOdds[(offset + kept.columns[i]!) * baseCount + kept.bases[i]!]!
    }
    return score
  }
}
