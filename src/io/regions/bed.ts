/** Streams the intervals of a BED file (BED3 to BED12, narrowPeak and other peaks, with columns behind; plain or gzip). */
import { DataError, type DataLocation } from '../../base/errors.ts'
import type { BadRecordHandler } from '../sequences/badRecords.ts'
import { summitColumnOf, type SummitColumn } from './summitColumn.ts'
import { readLineBlocks } from '../files/textLines.ts'

export interface BedRecord {
  readonly chrom: string
  /** 0-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  /** Column 4, absent where it is `.`. */
  readonly name?: string | undefined
  readonly strand?: '+' | '-' | undefined
  /** The position on the chromosome (0-based) of the called summit: column 10 of a narrowPeak (see `summitColumnOf`), absent where it is -1. */
  readonly summit?: number | undefined
  readonly file: string
  readonly line: number
}

export interface ReadBedOptions {
  /** Takes the errors of single lines, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
  /** Whether summits are wanted; where not, column 10 is not looked at. Default true. */
  readonly summits?: boolean | undefined
  /** Told once, before the first interval, what is strange about the summits. */
  readonly onNote?: ((note: string) => void) | undefined
}

/**
 * Every interval in file order; blank lines, comments, `track` and `browser` lines are skipped.
 * Throws DataError: unreadable file, one without intervals; of single lines: fewer than three columns, coordinates that
 * are not whole numbers, end before start, an unknown strand, a summit outside the peak.
 */
export async function* readBed(path: string, options: ReadBedOptions = {}): AsyncGenerator<BedRecord> {
  const { onBadRecord, onNote, summits = true } = options
  let intervals = 0
  let column: SummitColumn | undefined
  for await (const block of readLineBlocks(path)) {
    const rows = block.lines.map((text) => (isInterval(text) ? fieldsOf(text) : undefined))
    // The first block is some thousand lines, enough to tell what the columns are.
    if (summits && column === undefined) {
      column = summitColumnOf(
        rows.filter((row) => row !== undefined),
        path,
      )
      if (column?.note !== undefined) onNote?.(`${path}: ${column.note}`)
    }
    for (const [i, fields] of rows.entries()) {
      if (fields === undefined) continue
      intervals++
      let record: BedRecord
      try {
        record = parseInterval(fields, column?.present === true, { file: path, line: block.line + i })
      } catch (error) {
        if (onBadRecord === undefined || !(error instanceof DataError)) throw error
        onBadRecord(error)
        continue
      }
      yield record
    }
  }
  if (intervals === 0) throw new DataError('the file is empty: it has no BED interval', { file: path })
}

function isInterval(text: string): boolean {
  return text.trim() !== '' && !/^(?:#|(?:track|browser)(?:\s|$))/.test(text)
}

function fieldsOf(text: string): string[] {
  return text.includes('\t') ? text.split('\t') : text.trim().split(/\s+/)
}

interface Place extends DataLocation {
  readonly file: string
  readonly line: number
}

function parseInterval(fields: readonly string[], hasSummit: boolean, location: Place): BedRecord {
  if (fields.length < 3) {
    throw new DataError(
      `has ${fields.length} column${fields.length === 1 ? '' : 's'}; BED needs chromosome, start and end, tab-separated`,
      location,
    )
  }
  const chrom = fields[0]!
  if (chrom === '') throw new DataError('the chromosome is empty', location)
  refuseHeader(fields, location)
  const start = parseCoordinate(fields[1]!, 'start', location)
  const end = parseCoordinate(fields[2]!, 'end', location)
  if (end < start) throw new DataError(`the end ${end} lies before the start ${start}`, location)

  const name = fields[3]
  const strand = fields[5]
  if (strand !== undefined && strand !== '+' && strand !== '-' && strand !== '.') {
    throw new DataError(
      `the strand (column 6) is '${strand}'; write +, - or ., or keep the first columns alone: cut -f1-5`,
      location,
    )
  }
  return {
    chrom,
    start,
    end,
    ...(name !== undefined && name !== '' && name !== '.' && { name }),
    ...((strand === '+' || strand === '-') && { strand }),
    ...(hasSummit && fields.length >= 10 && summitOf(fields[9]!, start, end, location)),
    ...location,
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

/** Tables that begin as BED does not, by their names of columns. */
function refuseHeader(fields: readonly string[], location: Place): void {
  const names = fields.map((field) => field.trim().toLowerCase())
  if (names.includes('abs_summit') || (names[1] === 'start' && names[3] === 'length')) {
    throw new DataError(
      "is MACS' table of peaks, which counts from 1, not BED; give its .narrowPeak or _summits.bed file",
      location,
    )
  }
  if (/^(?:chrom)?start$/.test(names[1]!) || /^(?:chrom)?end$/.test(names[2]!)) {
    throw new DataError(
      'is a line of column names; BED has none: remove it, or write # before it, and make sure that starts count from 0',
      location,
    )
  }
  if (isWhole(fields[1]!)) return
  if (isWhole(fields[2]!) && isWhole(fields[3] ?? '')) {
    throw new DataError(
      `the start '${fields[1]!}' is not a whole number, but columns 3 and 4 are: if this is HOMER's peak file (name, chromosome, start, end; counted from 1), convert it with: pos2bed.pl ${location.file}`,
      location,
    )
  }
  if (fields.length >= 8 && isWhole(fields[3]!) && isWhole(fields[4]!) && /^[-+.]$/.test(fields[6]!)) {
    throw new DataError('is GTF or GFF, which counts from 1, not BED; convert it to BED', location)
  }
}

function isWhole(text: string): boolean {
  return text.trim() !== '' && Number.isSafeInteger(Number(text))
}

function summitOf(text: string, start: number, end: number, location: Place): { summit: number } | undefined {
  const offset = Number(text)
  const otherwise = "take peaks' middles with --centre middle"
  if (text === '' || !Number.isInteger(offset) || offset < -1) {
    throw new DataError(
      `the summit (column 10) is '${text}'; write its offset from the start, or -1, or ${otherwise}`,
      location,
    )
  }
  if (offset === -1) return undefined
  if (offset < end - start) return { summit: start + offset }
  const place =
    offset >= start && offset < end ? ' (if it is a place on the chromosome, subtract the start)' : ''
  throw new DataError(
    `the summit (column 10) at offset ${offset} lies outside the peak of ${end - start} bases${place}; mend it, or ${otherwise}`,
    location,
  )
}
