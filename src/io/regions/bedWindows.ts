/** Sequences of one length around the intervals of a BED file. */
import { DataError } from '../../base/errors.ts'
import type { SequenceRecord } from '../../sequence/sequenceSet.ts'
import type { BadRecordHandler } from '../sequences/badRecords.ts'
import { readBed, type BedRecord } from './bed.ts'
import { unknownChromosomeError } from './chromosomeNames.ts'
import type { Genome } from './genome.ts'
import { findInvalidLetter, reverseComplementLetters } from '../sequences/sequenceLetters.ts'

export type WindowCentre = 'summit' | 'middle'

export interface BedWindowOptions {
  /** Bases in a window. */
  readonly length: number
  /** `summit` takes the middle of a peak without a called summit, as UCSC defines narrowPeak's -1. */
  readonly centre: WindowCentre
  /** Told of every interval that lies in the chromosome but whose window would not. */
  readonly onSkip?: ((interval: BedRecord) => void) | undefined
  /** Takes the errors of single intervals, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
  /** Told what is strange about the file's summits. */
  readonly onNote?: ((note: string) => void) | undefined
}

/**
 * A record for each interval in file order: the window's letters (reverse complement on strand `-`) and coordinates,
 * named after the interval, or after the window where the interval has no name.
 * Throws DataError as `readBed` does, and for an interval outside the chromosome or on one the genome lacks.
 */
export async function* readBedWindows(
  bedPath: string,
  genome: Genome,
  options: BedWindowOptions,
): AsyncGenerator<SequenceRecord> {
  const { onBadRecord, onNote, centre } = options
  for await (const interval of readBed(bedPath, { onBadRecord, onNote, summits: centre === 'summit' })) {
    const start = windowStart(interval, options)
    let record: SequenceRecord
    try {
      const chromosomeLength = checkInterval(interval, genome)
      if (start < 0 || start + options.length > chromosomeLength) {
        options.onSkip?.(interval)
        continue
      }
      record = await windowRecord(interval, start, genome, options.length)
    } catch (error) {
      if (onBadRecord === undefined || !(error instanceof DataError)) throw error
      onBadRecord(error)
      continue
    }
    yield record
  }
}

/** @returns the 0-based start of the window whose base ⌊length / 2⌋ is the centre */
export function windowStart(interval: BedRecord, { length, centre }: BedWindowOptions): number {
  const middle = interval.start + Math.floor((interval.end - interval.start) / 2)
  const at = centre === 'summit' ? (interval.summit ?? middle) : middle
  return at - Math.floor(length / 2)
}

/** @returns the chromosome's length; throws DataError where the interval is not in the genome */
export function checkInterval({ chrom, start, end, file, line }: BedRecord, genome: Genome): number {
  const length = genome.chromosomes.get(chrom)
  if (length === undefined) {
    throw unknownChromosomeError(chrom, genome.chromosomes.keys(), genome.path, { file, line })
  }
  if (end > length) {
    throw new DataError(
      `${chrom}:${start}-${end} lies outside the chromosome, which has ${length} bases in ${genome.path}; use the genome that the intervals belong to`,
      { file, line },
    )
  }
  return length
}

async function windowRecord(
  interval: BedRecord,
  start: number,
  genome: Genome,
  length: number,
): Promise<SequenceRecord> {
  const { chrom, strand, file, line } = interval
  const end = start + length
  const name = interval.name ?? `${chrom}:${start}-${end}`
  const letters = await fetchWindow(genome, chrom, start, end, { file, line, sequence: name })
  const sequence = strand === '-' ? reverseComplementLetters(letters) : letters
  return { name, sequence, chrom, start, end, strand: strand ?? '+', file, line }
}

/** Letters of a window, checked to be IUPAC. */
export async function fetchWindow(
  genome: Genome,
  chrom: string,
  start: number,
  end: number,
  location: { file: string; line?: number; sequence: string },
): Promise<string> {
  const letters = await genome.fetch(chrom, start, end)
  const bad = findInvalidLetter(letters)
  if (bad >= 0) {
    throw new DataError(
      `the genome ${genome.path} has '${letters[bad]!}' at ${chrom}:${start + bad + 1}, which is not an IUPAC nucleotide letter; correct it, or write N for an unknown base`,
      location,
    )
  }
  return letters
}
