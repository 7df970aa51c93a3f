/** Streams the intervals of a BED file (BED3 to BED12, narrowPeak; plain or gzip). */
import { DataError, type DataLocation } from '../base/errors.ts'
import type { BadRecordHandler } from './badRecords.ts'
import { readLineBlocks } from './textLines.ts'

export interface BedRecord {
  readonly chrom: string
  /** 0-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  /** Column 4, absent where it is `.`. */
  readonly name?: string | undefined
  readonly strand?: '+' | '-' | undefined
  /** The position on the chromosome (0-based) of the called summit: column 10 of a narrowPeak file, absent where it is -1. */
  readonly summit?: number | undefined
  readonly file: string
  readonly line: number
}

export interface ReadBedOptions {
  /** Takes the errors of single lines, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
}

const narrowPeakColumns = 10

/**
 * Every interval in file order; blank lines, comments, `track` and `browser` lines are skipped.
 * Throws DataError: unreadable file, one without intervals; of single lines: fewer than three columns, coordinates that
 * are not whole numbers, end before start, an unknown strand, a summit outside the peak.
 */
export async function* readBed(path: string, options: ReadBedOptions = {}): AsyncGenerator<BedRecord> {
  let intervals = 0
  for await (const block of readLineBlocks(path)) {
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!
      if (text.trim() === '' || /^(?:#|(?:track|browser)(?:\s|$))/.test(text)) continue
      intervals++
      let record: BedRecord
      try {
        record = parseInterval(text, path, block.line + i)
      } catch (error) {
        if (options.onBadRecord === undefined || !(error instanceof DataError)) throw error
        options.onBadRecord(error)
        continue
      }
      yield record
    }
  }
  if (intervals === 0) throw new DataError('the file is empty: it has no BED interval', { file: path })
}

function parseInterval(text: string, file: string, line: number): BedRecord {
  const location = { file, line }
  const fields = text.includes('\t') ? text.split('\t') : text.trim().split(/\s+/)
  if (fields.length < 3) {
    throw new DataError(
      `has ${fields.length} column${fields.length === 1 ? '' : 's'}; BED needs chromosome, start and end, tab-separated`,
      location,
    )
  }
  const chrom = fields[0]!
  if (chrom === '') throw new DataError('the chromosome is empty', location)
  const start = parseCoordinate(fields[1]!, 'start', location)
  const end = parseCoordinate(fields[2]!, 'end', location)
  if (end < start) throw new DataError(`the end ${end} lies before the start ${start}`, location)

  const name = fields[3]
  const strand = fields[5]
  if (strand !== undefined && strand !== '+' && strand !== '-' && strand !== '.') {
    throw new DataError(`the strand (column 6) is '${strand}'; write +, - or .`, location)
  }
  return {
    chrom,
    start,
    end,
    ...(name !== undefined && name !== '' && name !== '.' && { name }),
    ...((strand === '+' || strand === '-') && { strand }),
    ...summitOf(fields, start, end, location),
    file,
    line,
  }
}

function parseCoordinate(text: string, what: string, location: DataLocation): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw new DataError(`the ${what} '${text}' is not a whole number`, location)
  }
  if (value < 0) throw new DataError(`the ${what} ${value} is negative; BED counts from 0`, location)
  return value
}

function summitOf(
  fields: readonly string[],
  start: number,
  end: number,
  location: DataLocation,
): { summit: number } | undefined {
  if (fields.length !== narrowPeakColumns) return undefined // in BED12 column 10 counts blocks
  const offset = Number(fields[9])
  if (fields[9] === '' || !Number.isInteger(offset) || offset < -1) {
    throw new DataError(
      `the summit (column 10) is '${fields[9]!}'; write its offset from the start, or -1`,
      location,
    )
  }
  if (offset === -1) return undefined
  if (offset >= end - start) {
    throw new DataError(
      `the summit (column 10) at offset ${offset} lies outside the peak of ${end - start} bases`,
      location,
    )
  }
  return { summit: start + offset }
}
