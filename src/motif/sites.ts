/**
 * The sites of a motif: what the sequences have where a model looks, masked bases included. An SIS keeps only what the
 * model needs, so its motif can be much shorter than the factor's; the sites tell which factor it is.
 */
import { baseCount, complement } from '../sequence/alphabet.ts'
import { informationOf, ppmOf, type Matrix } from './motif.ts'

/** Columns looked at on either side of a motif. */
export const siteFlank = 10
/** Flanking columns with fewer bits than this are cut off. */
export const informativeBits = 0.25

export interface SiteMember {
  /** The sequence: Uint8Array [L]. */
  readonly codes: Uint8Array
  /** First and last position kept by the SIS, 0-based. */
  readonly first: number
  readonly last: number
  /** As aligned to the motif. */
  readonly strand: '+' | '-'
  /** Motif column of the first base of the pattern as aligned. */
  readonly motifOffset: number
}

export interface MotifSites {
  /** Counts of the sequences' bases, [columns][4]; unknown bases and what lies beyond a sequence count nothing. */
  readonly pfm: Matrix
  /** Motif column of the first row; negative where the sites begin before the motif. */
  readonly offset: number
}

/**
 * @param width columns of the motif
 * @returns the sites from their first to their last informative column; the motif's own columns where none is
 */
export function motifSites(
  members: readonly SiteMember[],
  width: number,
  background: readonly number[],
  flank = siteFlank,
): MotifSites {
  const counts = Array.from({ length: width + 2 * flank }, () => new Array<number>(baseCount).fill(0))
  for (const { codes, first, last, strand, motifOffset } of members) {
    for (const [row, count] of counts.entries()) {
      const fromPattern = row - flank - motifOffset
      const position = strand === '+' ? first + fromPattern : last - fromPattern
      const code = codes[position] // undefined beyond the sequence
      if (code === undefined || code >= baseCount) continue
      count[strand === '+' ? code : complement(code)]!++
    }
  }
  const bits = informationOf(ppmOf(counts, members.length, background), background)
  const from = bits.findIndex((value) => value >= informativeBits)
  const to = bits.findLastIndex((value) => value >= informativeBits)
  if (from < 0) return { pfm: counts.slice(flank, flank + width), offset: 0 }
  return { pfm: counts.slice(from, to + 1), offset: from - flank }
}
