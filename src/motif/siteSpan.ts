/** Where a motif's site begins and ends in a sequence. */
import { informationContent } from '../sequence/matrix.ts'
import { ppmOf } from './motif.ts'
import type { MotifSites, Placement } from './sites.ts'

/** Columns that say nothing between two that do, at most, in one site: more, and the outer ones are neighbours by habit. */
const widestBreak = 2

/** Motif columns of a site, half-open. */
export interface SiteSpan {
  readonly from: number
  readonly to: number
}

/** @returns the run of informative columns, with narrow breaks at most, that holds most bits; all columns where none is informative */
export function siteSpan({ pfm, offset, informative }: MotifSites): SiteSpan {
  const most = pfm.reduce(
    (sites, row) =>
      Math.max(
        sites,
        row.reduce((sum, count) => sum + count, 0),
      ),
    0,
  )
  const bits = ppmOf(pfm, most).map((row) => informationContent(row))
  let best = { from: 0, to: pfm.length, bits: -1 }
  let from = -1
  let last = -1
  let sum = 0
  for (const [column, says] of informative.entries()) {
    if (!says) continue
    if (from < 0 || column - last - 1 > widestBreak) {
      from = column
      sum = 0
    }
    last = column
    sum += bits[column]!
    if (sum > best.bits) best = { from, to: column + 1, bits: sum }
  }
  return { from: best.from + offset, to: best.to + offset }
}

/**
 * @param first position of the first kept base of the pattern, 0-based
 * @param last and of the last
 * @returns 0-based, half-open; may reach beyond the sequence
 */
export function siteInSequence(
  { from, to }: SiteSpan,
  { first, last, strand, motifOffset }: Placement & { readonly first: number; readonly last: number },
): { start: number; end: number } {
  return strand === '+'
    ? { start: first - motifOffset + from, end: first - motifOffset + to }
    : { start: last + motifOffset - to + 1, end: last + motifOffset - from + 1 }
}
