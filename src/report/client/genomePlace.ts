/** Where a stretch of a sequence lies on the genome, and links to browsers that show it. */
import { strandLetters } from '../columns/explorerIndex.ts'
import type { ExplorerColumns } from './explorerData.ts'

/** 0-based, half-open. */
export interface Place {
  readonly chrom: string
  readonly start: number
  readonly end: number
  /** '' where it has none. */
  readonly strand: '' | '+' | '-'
}

/**
 * @param from first base of the stretch in the sequence, 0-based; `to` is half-open
 * @param turn code of the strand in the sequence
 * @returns undefined where the sequence has no coordinates
 */
export function placeOf(
  { index, sequences }: ExplorerColumns,
  sequence: number,
  from: number,
  to: number,
  turn: number,
): Place | undefined {
  const chrom = sequences.chrom[sequence]!
  if (chrom === 0) return undefined
  const start = sequences.start[sequence]!
  const end = start + sequences.length[sequence]!
  const reverse = strandLetters[sequences.strand[sequence]!] === '-'
  const own = strandLetters[turn] ?? ''
  return {
    chrom: index.chromosomes[chrom - 1]!,
    start: reverse ? end - to : start + from,
    end: reverse ? end - from : start + to,
    strand: !reverse || own === '' ? own : own === '+' ? '-' : '+',
  }
}

/** e.g. chr1:1,001-1,101, 1-based and closed, as browsers take it. */
export function placeText({ chrom, start, end, strand }: Place): string {
  const turn = strand === '' ? '' : ` (${strand === '-' ? '−' : strand})`
  return `${chrom}:${(start + 1).toLocaleString('en-US')}-${end.toLocaleString('en-US')}${turn}`
}
