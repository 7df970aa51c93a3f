/**
 * The sites of a motif: what the sequences have where a model looks, masked bases included. An SIS keeps only what the
 * model needs, so its motif can be much shorter than the factor's; the sites tell which factor it is.
 */
import { baseCount, complement } from '../sequence/alphabet.ts'
import { columnInformation, compositionOf } from './informativeColumns.ts'
import type { Matrix } from '../sequence/matrix.ts'
import type { PatternCluster } from './findMotifs.ts'

/** Columns looked at on either side of a motif. */
const siteFlank = 10

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
}

/** An SIS as it lies in its sequence. */
export interface PlacedSis {
  readonly codes: Uint8Array // [L]
  /** Kept by the SIS, ascending; not empty. */
  readonly positions: ArrayLike<number>
}

/**
 * The sites of a cluster's motif.
 * @param sisOf the SIS that a member's key names
 */
export function sitesOfCluster(
  { members, motif }: Pick<PatternCluster, 'members' | 'motif'>,
  sisOf: (key: number) => PlacedSis,
): MotifSites {
  const sites = members.map(({ key, strand, motifOffset }) => {
    const { codes, positions } = sisOf(key)
    return { codes, first: positions[0]!, last: positions[positions.length - 1]!, strand, motifOffset }
  })
  return motifSites(sites, motif.ppm.length)
}

/**
 * @param width columns of the motif
 * @returns the sites from their first to their last informative column; the motif's own columns where none is
 */
export function motifSites(members: readonly SiteMember[], width: number, flank = siteFlank): MotifSites {
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
  const columns = columnInformation(counts, compositionOf(members.map(({ codes }) => codes)))
  const first = columns.findIndex(({ informative }) => informative)
  const last = columns.findLastIndex(({ informative }) => informative)
  const [from, to] = first < 0 ? [flank, flank + width] : [first, last + 1]
  return {
    pfm: counts.slice(from, to),
    offset: from - flank,
    informative: columns.slice(from, to).map(({ informative }) => informative),
    information: columns.reduce((sum, { bits, informative }) => sum + (informative ? bits : 0), 0),
  }
}
