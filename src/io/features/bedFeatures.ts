/**
 * Writes features as BED6+ (https://github.com/samtools/hts-specs, BEDv1): tab-separated, 0-based and half-open, in the
 * order that bedtools' `-sorted`, bedToBigBed and tabix want, which is that of `LC_ALL=C sort -k1,1 -k2,2n`.
 */
import { percentEncoded } from './percentEncoding.ts'

export interface BedFeature {
  /** Fit for BED already: see `bedChrom`. */
  readonly chrom: string
  /** 0-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  readonly name: string
  /** A whole number from 0 to 1000. */
  readonly score: number
  readonly strand: '+' | '-' | undefined
  /** Columns after the sixth; null is written as `.`. */
  readonly more: readonly (string | number | null)[]
}

// eslint-disable-next-line no-control-regex -- they end fields and lines
const unfit = /[\u0000- %\u007f]/g

/** A text as a field of BED: white space and control characters are percent-encoded, so that names stay apart. */
function bedText(text: string): string {
  return percentEncoded(text, unfit)
}

/** As `bedText`, for the first column: lines that begin like comments, `track` or `browser` lines are no features. */
export function bedChrom(name: string): string {
  return percentEncoded(bedText(name), /^(?:#|t(?=rack)|b(?=rowser))/g)
}

function bedLine({ chrom, start, end, name, score, strand, more }: BedFeature): string {
  const rest = more.map((value) => (value === null || value === '' ? '.' : bedText(String(value))))
  return [chrom, start, end, bedText(name), score, strand ?? '.', ...rest].join('\t')
}

/**
 * Lines of features, byte for byte in the order of `LC_ALL=C sort -k1,1 -k2,2n`: those of one place by the bytes of their lines.
 * @param features batches, sorted by the bytes of `chrom`, then by `start`
 * @returns pieces of text, none longer than a batch and those of one place
 */
export async function* bedLines(features: AsyncIterable<readonly BedFeature[]>): AsyncGenerator<string> {
  let place: { chrom: string; start: number } | undefined
  let lines: string[] = []
  for await (const batch of features) {
    let text = ''
    for (const feature of batch) {
      if (place?.chrom !== feature.chrom || place.start !== feature.start) {
        text += inByteOrder(lines)
        lines = []
        place = feature
      }
      lines.push(bedLine(feature))
    }
    yield text
  }
  yield inByteOrder(lines)
}

function inByteOrder(lines: readonly string[]): string {
  const sorted =
    lines.length < 2 ? lines : lines.map((line) => Buffer.from(line)).sort((a, b) => Buffer.compare(a, b))
  return sorted.map((line) => `${line.toString()}\n`).join('')
}
