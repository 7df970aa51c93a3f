/** Sequences of one length where the reads of a BAM file lie: under covered regions, or at given peaks. */
import { ConfigError, DataError } from '../../base/errors.ts'
import { silentReporter, type Reporter } from '../../base/reporter.ts'
import type { SequenceRecord } from '../../sequence/sequenceSet.ts'
import type { BadRecordHandler } from '../sequences/badRecords.ts'
import { readBed } from '../regions/bed.ts'
import { checkInterval, fetchWindow, windowStart, type WindowCentre } from '../regions/bedWindows.ts'
import { unknownChromosomeError } from '../regions/chromosomeNames.ts'
import { coveredRegions, type CoveredRegion } from './coveredRegions.ts'
import type { Genome } from '../regions/genome.ts'
import { ReadDepth, type DepthSum } from './readDepth.ts'
import { reverseComplementLetters } from '../sequences/sequenceLetters.ts'

export interface BamWindowOptions {
  /** Bases in a window. */
  readonly length: number
  /** BED or narrowPeak file: windows at its intervals instead of under the covered regions. */
  readonly peaks?: string | undefined
  /** Where in a peak its window lies; default `summit`. */
  readonly centre?: WindowCentre | undefined
  /**
   * Without peaks: reads that must cover a base of a region, default 1. With peaks: the mean depth that a window must
   * have, default 0.
   */
  readonly minCoverage?: number | undefined
  /** Give the reverse complement where at least three quarters of the depth are reads of the reverse strand. */
  readonly stranded?: boolean | undefined
  /** Reads mapped with a lower quality are left out; default 0. */
  readonly minMappingQuality?: number | undefined
  /** Hears of chromosomes that differ between BAM and genome, and of how many windows were left out. */
  readonly reporter?: Reporter | undefined
  /** Told of every window that is left out because it hangs over the chromosome's end or has too few reads. */
  readonly onSkip?: ((window: SkippedWindow) => void) | undefined
  /** Takes the errors of single peaks, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
}

export interface SkippedWindow {
  readonly chrom: string
  readonly start: number
  readonly end: number
  readonly reason: 'beyond the chromosome' | 'too few reads'
}

/** Share of the depth that one strand must have to be the window's strand. */
const dominantShare = 0.75

interface Window {
  readonly name?: string | undefined
  readonly chrom: string
  readonly start: number
  readonly strand?: '+' | '-' | undefined
  readonly file: string
  readonly line?: number | undefined
}

/**
 * A record for each window, with its coordinates, its mean read depth (`coverage`) and its strand: the peak's, or with
 * `stranded` that of most reads, otherwise `+`. Unmapped, secondary, supplementary, duplicate and failed reads do not count.
 *
 * Without peaks a region no longer than a window gives the window around its summit; a longer one is tiled by the fewest
 * windows that cover it, centred on it. Windows that hang over a chromosome's end are left out and counted.
 * Throws DataError as `ReadDepth.open`, `readBed` and `readBedWindows` do, and where BAM and genome share no chromosome.
 */
export async function* readBamWindows(
  bamPath: string,
  genome: Genome,
  options: BamWindowOptions,
): AsyncGenerator<SequenceRecord> {
  const { peaks, reporter = silentReporter } = options
  const minCoverage = options.minCoverage ?? (peaks === undefined ? 1 : 0)
  if (peaks === undefined && minCoverage < 1) {
    throw new ConfigError(`minCoverage is ${minCoverage}; without peaks it must be at least 1`)
  }
  const depth = await ReadDepth.open(bamPath, { minMappingQuality: options.minMappingQuality })
  try {
    yield* windowsOf(depth, genome, { ...options, minCoverage, reporter })
  } finally {
    depth.close()
  }
}

async function* windowsOf(
  depth: ReadDepth,
  genome: Genome,
  options: BamWindowOptions & { readonly minCoverage: number; readonly reporter: Reporter },
): AsyncGenerator<SequenceRecord> {
  const { length, peaks, stranded = false, minCoverage, onBadRecord, onSkip, reporter } = options
  compareChromosomes(depth, genome, reporter)

  const skipped = { 'beyond the chromosome': 0, 'too few reads': 0 }
  function skip(window: Window, reason: SkippedWindow['reason']): void {
    skipped[reason]++
    onSkip?.({ chrom: window.chrom, start: window.start, end: window.start + length, reason })
  }

  const windows =
    peaks === undefined
      ? regionWindows(depth, genome, minCoverage, length)
      : peakWindows(peaks, depth, genome, length, options.centre ?? 'summit', onBadRecord, reporter)
  for await (const window of windows) {
    const { chrom, start, file, line } = window
    const end = start + length
    if (start < 0 || end > genome.chromosomes.get(chrom)!) {
      skip(window, 'beyond the chromosome')
      continue
    }
    const sum = await depth.sum(chrom, start, end)
    const coverage = (sum.forward + sum.reverse) / length
    if (peaks !== undefined && coverage < minCoverage) {
      skip(window, 'too few reads')
      continue
    }
    const name = window.name ?? `${chrom}:${start}-${end}`
    let letters: string
    try {
      letters = await fetchWindow(genome, chrom, start, end, {
        file,
        ...(line !== undefined && { line }),
        sequence: name,
      })
    } catch (error) {
      if (onBadRecord === undefined || !(error instanceof DataError)) throw error
      onBadRecord(error)
      continue
    }
    const strand = window.strand ?? (stranded ? dominantStrand(sum) : '+')
    const sequence = strand === '-' ? reverseComplementLetters(letters) : letters
    yield { name, sequence, chrom, start, end, strand, coverage, file, line }
  }
  for (const [reason, count] of Object.entries(skipped)) {
    if (count > 0)
      reporter.warn(`${depth.path}: ${count} window${count === 1 ? '' : 's'} left out: ${reason}`)
  }
}

async function* regionWindows(
  depth: ReadDepth,
  genome: Genome,
  minCoverage: number,
  length: number,
): AsyncGenerator<Window> {
  for (const chrom of depth.chromosomes.keys()) {
    if (!genome.chromosomes.has(chrom)) continue
    for await (const region of coveredRegions(depth, chrom, minCoverage)) {
      for (const start of tileRegion(region, length)) yield { chrom, start, file: depth.path }
    }
  }
}

function tileRegion({ start, end, summit }: CoveredRegion, length: number): number[] {
  if (end - start <= length) return [summit - Math.floor(length / 2)]
  const count = Math.ceil((end - start) / length)
  const first = Math.floor((start + end - count * length) / 2)
  return Array.from({ length: count }, (_, i) => first + i * length)
}

async function* peakWindows(
  path: string,
  depth: ReadDepth,
  genome: Genome,
  length: number,
  centre: WindowCentre,
  onBadRecord: BadRecordHandler | undefined,
  reporter: Reporter,
): AsyncGenerator<Window> {
  const onNote = (note: string): void => {
    reporter.warn(note)
  }
  for await (const peak of readBed(path, { onBadRecord, onNote, summits: centre === 'summit' })) {
    const { chrom, name, strand, file, line } = peak
    try {
      checkInterval(peak, genome)
      if (!depth.chromosomes.has(chrom)) {
        throw unknownChromosomeError(chrom, depth.chromosomes.keys(), depth.path, { file, line })
      }
    } catch (error) {
      if (onBadRecord === undefined || !(error instanceof DataError)) throw error
      onBadRecord(error)
      continue
    }
    yield { name, chrom, start: windowStart(peak, { length, centre }), strand, file, line }
  }
}

function dominantStrand({ forward, reverse }: DepthSum): '+' | '-' {
  return reverse > 0 && reverse >= dominantShare * (forward + reverse) ? '-' : '+'
}

function compareChromosomes(depth: ReadDepth, genome: Genome, reporter: Reporter): void {
  const names = [...depth.chromosomes.keys()]
  const shared = names.filter((name) => genome.chromosomes.has(name))
  if (shared.length === 0) {
    if (names.length === 0) throw new DataError('its header names no chromosome', { file: depth.path })
    throw unknownChromosomeError(names[0]!, genome.chromosomes.keys(), genome.path, { file: depth.path })
  }
  const absent = names.length - shared.length
  if (absent > 0) {
    const example = names.find((name) => !genome.chromosomes.has(name))!
    reporter.warn(
      `${depth.path}: ${absent} of its ${names.length} chromosomes are not in ${genome.path} (e.g. ${example}); their reads are left out`,
    )
  }
  const different = shared.filter((name) => depth.chromosomes.get(name) !== genome.chromosomes.get(name))
  if (different.length > 0) {
    const name = different[0]!
    reporter.warn(
      `${depth.path}: chromosome ${name} has ${depth.chromosomes.get(name)!} bases in its header but ${genome.chromosomes.get(name)!} in ${genome.path}` +
        (different.length > 1 ? ` (and ${different.length - 1} more differ)` : '') +
        '; make sure that the reads were aligned to this genome',
    )
  }
}
