/** Genome coordinates written as text: `chr:start-end` names, and which of the two conventions the numbers follow. */

export interface Region {
  readonly chrom: string
  /** 0-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  readonly strand?: '+' | '-' | undefined
}

// `name::` is what bedtools getfasta -name puts before the region, `(+)` what -s puts behind it.
const regionName = /^(?:.*::)?(.+):([\d,]+)-([\d,]+)(?:\(([+.-])\))?(?:_.*)?$/

/**
 * The region that a sequence's name gives, e.g. `chr1:101-200`, `chr1:100-200_shuf`, `chr1:100-200(+)`.
 * samtools and UCSC write 1-based inclusive numbers, bedtools 0-based half-open ones: the sequence's length decides.
 * @returns undefined where the name has no region or its width is not the sequence's
 */
export function regionOfName(name: string, sequenceLength: number): Region | undefined {
  const match = regionName.exec(name)
  if (match === null) return undefined
  const [, chrom, start, end, strand] = match
  return placeRegion(
    chrom!,
    Number(start!.replaceAll(',', '')),
    Number(end!.replaceAll(',', '')),
    sequenceLength,
    strand === '+' || strand === '-' ? strand : undefined,
  )
}

/** Numbers of either convention to a 0-based half-open region of the sequence's length; undefined where neither fits. */
export function placeRegion(
  chrom: string,
  start: number,
  end: number,
  sequenceLength: number,
  strand?: '+' | '-',
): Region | undefined {
  if (end - start === sequenceLength) return { chrom, start, end, strand }
  if (end - start + 1 === sequenceLength && start >= 1) return { chrom, start: start - 1, end, strand }
  return undefined
}
