/**
 * The sites of a motif: what the sequences have where a model looks, masked bases included. An SIS keeps only what the
 * model needs, so its motif can be much shorter than the factor's; the sites tell which factor it is.
 */
import { baseCount, complement } from '../sequence/alphabet.ts'
import { columnInformation, compositionOf } from './informativeColumns.ts'
import type { Matrix } from '../sequence/matrix.ts'

/** Columns looked at on either side of a motif. */
export const siteFlank = 10

/** Where a pattern lies in its sequence. */
export interface Place {
  /** The sequence: Uint8Array [L]. */
  readonly codes: Uint8Array
  /** First and last kept position, 0-based. */
  readonly first: number
  readonly last: number
}

/** How a pattern lies on a motif. */
export interface Placement {
  /** As aligned to the motif. */
  readonly strand: '+' | '-'
  /** Motif column of the first base of the pattern as aligned; negative where it begins before the motif. */
  readonly motifOffset: number
}

export type SiteMember = Place & Placement

/**
 * The same placement in the motif read on the other strand.
 * @param width columns of the motif
 */
export function turned<Placed extends Placement>(
  placement: Placed,
  { first, last }: Pick<Place, 'first' | 'last'>,
  width: number,
): Placed {
  return {
    ...placement,
    strand: placement.strand === '+' ? '-' : '+',
    motifOffset: width - placement.motifOffset - (last - first + 1),
  }
}

/** The sites of a motif, from their first to their last informative column. */
export interface MotifSites {
  /** Counts of the sequences' bases, [columns][4]; unknown bases and what lies beyond a sequence count nothing. */
  readonly pfm: Matrix
  /** Motif column of the first row; negative where the sites begin before the motif. */
  readonly offset: number
  /** Columns that differ from the composition of the sequences: by them a known motif is recognised. */
  readonly informative: readonly boolean[] // [columns]
  /** Their bits over the composition, summed. */
  readonly information: number
  /** Of the sequences that the sites lie in, [4]. */
  readonly composition: readonly number[]
}

/**
 * @param width columns of the motif
 * @returns counts of the sequences' bases from `flank` columns before the motif to as many behind it, [width + 2 flank][4]
 */
export function siteCounts(members: readonly SiteMember[], width: number, flank = siteFlank): number[][] {
  const counts = Array.from({ length: width + 2 * flank }, () => new Array<number>(baseCount).fill(0))
  for (const member of members) {
    for (const [row, count] of counts.entries()) {
      const code = siteBase(member, row - flank)
      if (code !== undefined) count[code]!++
    }
  }
  return counts
}

/** @returns the base that the sequence has in this column of the motif; undefined where it is unknown, or beyond the sequence */
export function siteBase(
  { codes, first, last, strand, motifOffset }: SiteMember,
  column: number,
): number | undefined {
  const fromPattern = column - motifOffset
  const code = codes[strand === '+' ? first + fromPattern : last - fromPattern]
  if (code === undefined || code >= baseCount) return undefined
  return strand === '+' ? code : complement(code)
}

/**
 * @param width columns of the motif
 * @param composition [4], of the sequences that the sites lie in; of the members' own unless given
 * @returns the sites from their first to their last informative column; the motif's own columns where none is
 */
export function motifSites(
  members: readonly SiteMember[],
  width: number,
  composition: readonly number[] = compositionOf(members.map(({ codes }) => codes)),
  flank = siteFlank,
): MotifSites {
  const counts = siteCounts(members, width, flank)
  const columns = columnInformation(counts, composition)
  const first = columns.findIndex(({ informative }) => informative)
  const last = columns.findLastIndex(({ informative }) => informative)
  const [from, to] = first < 0 ? [flank, flank + width] : [first, last + 1]
  return {
    pfm: counts.slice(from, to),
    offset: from - flank,
    informative: columns.slice(from, to).map(({ informative }) => informative),
    information: columns.reduce((sum, { bits, informative }) => sum + (informative ? bits : 0), 0),
    composition,
  }
}
