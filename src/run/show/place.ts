/** Where an interval of a sequence lies: on the genome where that is known, else in the sequence. */
import { count } from '../../base/format.ts'

export interface Place {
  readonly chrom: string | null
  /** Of the sequence on the genome, 0-based, half-open. */
  readonly start: number | null
  readonly end: number | null
  readonly strand: string | null
}

/**
 * @param first 0-based in the sequence
 * @param end half-open
 * @returns 1-based and closed, as genome browsers read it, e.g. chr1:1,000,012-1,000,025; undefined where it is not known
 */
export function placeText(place: Place, first: number, end: number): string | undefined {
  const { chrom, start, end: last, strand } = place
  if (chrom === null || start === null || last === null) return undefined
  const [from, to] = strand === '-' ? [last - end, last - first] : [start + first, start + end]
  return `${chrom}:${count(from + 1)}-${count(to)}`
}
