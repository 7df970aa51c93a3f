/** Runs of bases that enough reads cover. */
import { tileLength, type ReadDepth } from './readDepth.ts'

export interface CoveredRegion {
  readonly chrom: string
  /** 0-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  /** Middle of the first stretch of highest depth, 0-based. */
  readonly summit: number
}

/** Every longest run of bases of a chromosome with a depth of `minCoverage` (at least 1) or more, in order. */
export async function* coveredRegions(
  depth: ReadDepth,
  chrom: string,
  minCoverage: number,
): AsyncGenerator<CoveredRegion> {
  const length = depth.chromosomes.get(chrom) ?? 0
  let start = -1 // of the run that is open
  let highest = 0
  let highestStart = 0
  let highestEnd = 0

  function close(end: number): CoveredRegion {
    const region = { chrom, start, end, summit: Math.floor((highestStart + highestEnd - 1) / 2) }
    start = -1
    return region
  }

  for (let index = 0; index * tileLength < length; index++) {
    const tile = await depth.tile(chrom, index)
    const tileStart = index * tileLength
    if (tile === undefined) {
      if (start >= 0) yield close(tileStart)
      continue
    }
    const to = Math.min(tileLength, length - tileStart)
    for (let i = 0; i < to; i++) {
      const here = tile.forward[i]! + tile.reverse[i]!
      const position = tileStart + i
      if (here < minCoverage) {
        if (start >= 0) yield close(position)
        continue
      }
      if (start < 0) {
        start = position
        highest = 0
      }
      if (here > highest) {
        highest = here
        highestStart = position
        highestEnd = position + 1
      } else if (here === highest && position === highestEnd) {
        highestEnd = position + 1
      }
    }
  }
  if (start >= 0) yield close(length)
}
