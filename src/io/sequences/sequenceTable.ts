/** Streams the rows of a table of sequences (TSV or CSV with a header line; plain or gzip). */
import { basename } from 'node:path'
import { DataError } from '../../base/errors.ts'
import type { SequenceRecord, Split } from '../../sequence/sequenceSet.ts'
import type { BadRecordHandler } from './badRecords.ts'
import { parseLabel } from './labels.ts'
import { placeRegion, regionOfName } from './region.ts'
import { findInvalidLetter, invalidLetterError } from './sequenceLetters.ts'
import { readLineBlocks } from '../files/textLines.ts'

export interface SequenceTableOptions {
  /** Default: `seq` or `sequence`. Column names are compared without regard to case. */
  readonly sequenceColumn?: string | undefined
  /** Default: the first of `Bound`, `label`, `target`; `[]` for a table without labels. */
  readonly labelColumns?: readonly string[] | undefined
  /** Default: the first of `EventID`, `name`, `id`, `seqName`; where there is none, records are named after their line. */
  readonly nameColumn?: string | undefined
  /** Holds train, valid or test; none by default. */
  readonly splitColumn?: string | undefined
  /** Takes the errors of single rows, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
}

const defaultColumns = {
  sequence: ['seq', 'sequence'],
  label: ['bound', 'label', 'target'],
  name: ['eventid', 'name', 'id', 'seqname'],
  chrom: ['chrom', 'chr', 'chromosome'],
  start: ['start', 'chromstart'],
  end: ['end', 'stop', 'chromend'],
  strand: ['strand'],
}

/**
 * Every row as a record. Columns `chrom`, `start`, `end` (and `strand`) give coordinates where present and as wide as the
 * sequence, otherwise a name `chr:start-end` does.
 * Throws DataError: unreadable or empty file, a column that is not there; of single rows: another number of fields than
 * the header, no sequence, a letter that is not IUPAC, a label that is neither 0 nor 1, an unknown split.
 */
export async function* readSequenceTable(
  path: string,
  options: SequenceTableOptions = {},
): AsyncGenerator<SequenceRecord> {
  let table: TableLayout | undefined
  let rows = 0
  for await (const block of readLineBlocks(path)) {
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!
      if (text === '') continue
      if (table === undefined) {
        table = readHeader(text, path, block.line + i, options)
        continue
      }
      rows++
      let record: SequenceRecord
      try {
        record = readRow(text, path, block.line + i, table)
      } catch (error) {
        if (options.onBadRecord === undefined || !(error instanceof DataError)) throw error
        options.onBadRecord(error)
        continue
      }
      yield record
    }
  }
  if (table === undefined) throw new DataError('the file is empty: it has no header line', { file: path })
  if (rows === 0) throw new DataError('the table has a header but no rows', { file: path })
}

/** Column numbers (0-based) of what a record is made from. */
interface TableLayout {
  readonly delimiter: string
  readonly columns: readonly string[]
  readonly sequence: number
  readonly labels: readonly number[]
  readonly name: number | undefined
  readonly split: number | undefined
  readonly chrom: number | undefined
  readonly start: number | undefined
  readonly end: number | undefined
  readonly strand: number | undefined
}

function readHeader(text: string, file: string, line: number, options: SequenceTableOptions): TableLayout {
  const delimiter = text.includes('\t') ? '\t' : ','
  const columns = splitRow(text.replace(/^#\s*/, ''), delimiter).map((name) => name.trim())
  const lowerCase = columns.map((name) => name.toLowerCase())

  function find(names: readonly string[]): number | undefined {
    for (const name of names) {
      const index = lowerCase.indexOf(name.toLowerCase())
      if (index >= 0) return index
    }
    return undefined
  }
  function require(what: string, names: readonly string[]): number {
    const index = find(names)
    if (index !== undefined) return index
    const wanted = names.map((name) => `'${name}'`).join(' or ')
    throw new DataError(
      `no ${what} column ${wanted}; the columns are ${columns.map((name) => `'${name}'`).join(', ')}`,
      { file, line },
    )
  }

  return {
    delimiter,
    columns,
    sequence: require('sequence', options.sequenceColumn === undefined
      ? defaultColumns.sequence
      : [options.sequenceColumn]),
    labels:
      options.labelColumns === undefined
        ? [require('label', defaultColumns.label)]
        : options.labelColumns.map((name) => require('label', [name])),
    name:
      options.nameColumn === undefined ? find(defaultColumns.name) : require('name', [options.nameColumn]),
    split: options.splitColumn === undefined ? undefined : require('split', [options.splitColumn]),
    chrom: find(defaultColumns.chrom),
    start: find(defaultColumns.start),
    end: find(defaultColumns.end),
    strand: find(defaultColumns.strand),
  }
}

function readRow(text: string, file: string, line: number, table: TableLayout): SequenceRecord {
  const fields = splitRow(text, table.delimiter)
  if (fields.length !== table.columns.length) {
    throw new DataError(`has ${fields.length} fields where the header has ${table.columns.length}`, {
      file,
      line,
    })
  }
  const name = (table.name === undefined ? '' : fields[table.name]!.trim()) || `${basename(file)}:${line}`
  const location = { file, line, sequence: name }
  const sequence = fields[table.sequence]!.trim()
  if (sequence === '') throw new DataError(`the field '${table.columns[table.sequence]!}' is empty`, location)
  const bad = findInvalidLetter(sequence)
  if (bad >= 0) throw invalidLetterError(sequence, bad, location)

  const labels = table.labels.map((column) =>
    parseLabel(fields[column]!, `column '${table.columns[column]!}'`, location),
  )
  return {
    name,
    sequence,
    ...(labels.length > 0 && { labels }),
    ...regionOfRow(fields, table, name, sequence.length),
    ...(table.split !== undefined && {
      split: parseSplit(fields[table.split]!, table.columns[table.split]!, location),
    }),
    file,
    line,
  }
}

function regionOfRow(fields: readonly string[], table: TableLayout, name: string, length: number) {
  const { chrom, start, end, strand } = table
  if (chrom === undefined || start === undefined || end === undefined) return regionOfName(name, length)
  const sign = strand === undefined ? undefined : fields[strand]
  return placeRegion(
    fields[chrom]!,
    Number(fields[start]),
    Number(fields[end]),
    length,
    sign === '+' || sign === '-' ? sign : undefined,
  )
}

const splitWords: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  valid: 'valid',
  validation: 'valid',
  val: 'valid',
  dev: 'valid',
  test: 'test',
  testing: 'test',
}

function parseSplit(text: string, column: string, location: { file: string; line: number }): Split {
  const split = splitWords[text.trim().toLowerCase()]
  if (split !== undefined) return split
  throw new DataError(`'${text}' in column '${column}' is not a split: train, valid or test`, location)
}

/** The fields of a row; in CSV a field may stand in double quotes, doubled inside it (RFC 4180, without line ends). */
function splitRow(text: string, delimiter: string): string[] {
  if (delimiter === '\t' || !text.includes('"')) return text.split(delimiter)
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!)
    if (match[3] === '') break
  }
  return fields
}
