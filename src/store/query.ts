/**
 * Runs one SQL query on a run's database, which can reach neither other files nor the network, and prints what it gives as a table, CSV, JSON or Parquet.
 * CSV and JSON stream; only the table is held, for its widths.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { DuckDBResult } from '@duckdb/node-api'
import { ConfigError, SisError } from '../base/errors.ts'
import { atomically } from '../io/files/atomicWrite.ts'
import { withScratch } from '../io/files/scratch.ts'
import { writePieces } from '../io/files/writePieces.ts'
import { formatTable } from '../terminal/formatTable.ts'
import { firstLine, withDatabase, type Database } from './duckdb.ts'
import { sqlText } from './sqlText.ts'
import { printableValue, type PlainValue } from './values.ts'

export const queryFormats = ['table', 'csv', 'json', 'parquet'] as const
export type QueryFormat = (typeof queryFormats)[number]

export interface QueryOptions {
  /** Columns that a table should fit; those of the output where it is a terminal, otherwise nothing is elided. */
  readonly width?: number | undefined
  /** The most rows that a table shows; it says how many there are. */
  readonly maxRows?: number | undefined
}

type Rows = AsyncIterable<readonly (readonly PlainValue[])[]>

/**
 * @param output a stream, or the path of a file that appears whole or not at all; Parquet needs a file
 * Throws ConfigError with DuckDB's message where the query is wrong.
 */
export async function runQuery(
  databasePath: string,
  sql: string,
  format: QueryFormat,
  output: Writable | string = process.stdout,
  options: QueryOptions = {},
): Promise<void> {
  await withScratch(tmpdir(), 'sis-query', (scratch) =>
    answer(scratch, databasePath, sql, format, output, options),
  )
}

async function answer(
  scratch: string,
  databasePath: string,
  sql: string,
  format: QueryFormat,
  output: Writable | string,
  options: QueryOptions,
): Promise<void> {
  const settings = {
    readOnly: true,
    memoryMiB: 1024,
    threads: 2,
    ...(typeof output === 'string' ? { destination: output } : {}),
    spillDirectory: join(scratch, 'spill'),
  }
  await withDatabase(databasePath, settings, async (database) => {
    try {
      const query = await singleStatement(database, sql)
      if (format === 'parquet') {
        if (typeof output !== 'string') {
          throw new ConfigError('Parquet is binary and goes to a file: name one with --out FILE')
        }
        await atomically(output, async (temporaryPath) => {
          await database.confine([temporaryPath])
          await database.run(
            `COPY (\n${query}\n) TO ${sqlText(temporaryPath)} (FORMAT parquet, COMPRESSION zstd)`,
          )
        })
        return
      }
      await database.confine([])
      const result = await database.stream(query)
      const width =
        typeof output !== 'string' && 'columns' in output ? (output.columns as number | undefined) : undefined
      await writePieces(formatted(database, result, format, { width, ...options }), output)
    } catch (error) {
      throw queryError(error)
    }
  })
}

function formatted(
  database: Database,
  result: DuckDBResult,
  format: Exclude<QueryFormat, 'parquet'>,
  options: QueryOptions,
): AsyncGenerator<string> {
  const names = distinctNames(result.columnNames())
  const rows = printableRows(database, result)
  if (format === 'csv') return csv(names, rows)
  return format === 'json' ? json(names, rows) : table(names, result, rows, options)
}

/** Columns of the same name as name, name:1, name:2; none takes the name that another has by itself. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    let distinct = name
    for (let i = 1; seen.has(distinct); i++) {
      if (!taken.has(`${name}:${i}`) && !seen.has(`${name}:${i}`)) distinct = `${name}:${i}`
    }
    seen.add(distinct)
    return distinct
  })
}

async function* printableRows(database: Database, result: DuckDBResult): Rows {
  for await (const chunk of database.chunks(result)) yield chunk.convertRows(printableValue)
}

async function* csv(names: readonly string[], rows: Rows): AsyncGenerator<string> {
  yield csvLine(names)
  for await (const chunk of rows) yield chunk.map((row) => csvLine(row.map(cellText))).join('')
}

/** RFC 4180, but that LF ends a line, as cut, sort and every tool of the field want it: a field with a quote, comma or line break is quoted, and so is the empty text (NULL is not). */
function csvLine(cells: readonly (string | null)[]): string {
  const fields = cells.map((cell) => {
    if (cell === null) return ''
    return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  })
  return `${fields.join(',')}\n`
}

async function* json(names: readonly string[], rows: Rows): AsyncGenerator<string> {
  let separator = '['
  for await (const chunk of rows) {
    let text = ''
    for (const row of chunk) {
      const entries = row.map((value, i) => `${JSON.stringify(names[i])}:${jsonText(value)}`)
      text += `${separator}\n{${entries.join(',')}}`
      separator = ','
    }
    yield text
  }
  yield separator === '[' ? '[]\n' : '\n]\n'
}

/** JSON has no NaN and no infinities: they are written as text, as DuckDB does. */
function jsonText(value: PlainValue): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
  )
}

async function* table(
  names: readonly string[],
  result: DuckDBResult,
  rows: Rows,
  options: QueryOptions,
): AsyncGenerator<string> {
  const { maxRows = 1000, width } = options
  const shown: (string | null)[][] = []
  let count = 0
  for await (const chunk of rows) {
    for (const row of chunk) if (count++ < maxRows) shown.push(row.map((value) => tableText(value, width)))
  }
  const numeric = result.columnTypes().map((type) => numberTypes.test(type.toString()))
  yield formatTable(names, shown, { numeric, width })
  const noun = count === 1 ? 'row' : 'rows'
  yield count > shown.length ? `${count} rows, the first ${shown.length} shown\n` : `${count} ${noun}\n`
}

/** As a table is read: four digits; on a terminal, of a list its first items and how many there are, of a matrix its shape. */
function tableText(value: PlainValue, width: number | undefined): string | null {
  const text = cellText(legible(value))
  if (width === undefined || !Array.isArray(value) || text!.length <= listColumns) return text
  const items = value as readonly PlainValue[]
  const [first] = items
  if (Array.isArray(first)) {
    const lengths = new Set(items.map((row) => (Array.isArray(row) ? row.length : 0)))
    return `[${items.length} × ${lengths.size === 1 ? first.length : 'several'}]`
  }
  let shown = 0
  let begun = '['
  for (; shown < items.length; shown++) {
    const next = `${jsonText(legible(items[shown]!))},`
    if (begun.length + next.length > listColumns / 2) break
    begun += next
  }
  return `${begun}… ${items.length} in all]`
}

/** What a list may take on a terminal before it is told in short. */
const listColumns = 24

/** Four digits say what a table is read for; the other formats have all. */
function legible(value: PlainValue): PlainValue {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(4))
  if (Array.isArray(value)) return value.map(legible)
  return value
}

const numberTypes = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^FLOAT$|^DOUBLE$|^DECIMAL/

/** One value as text; NULL stays null. Lists and structs are JSON. */
function cellText(value: PlainValue): string | null {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? jsonText(value) : String(value)
}

/** The query without comments and what ends it, so that it can stand in COPY; refuses none and several. */
async function singleStatement(database: Database, sql: string): Promise<string> {
  const query = sql.replace(commentsAndTexts, (_, text?: string) => text ?? ' ').replace(/[\s;]+$/, '')
  if (query.trim() === '') throw new ConfigError('the query is empty')
  const { count } = await database.connection.extractStatements(query)
  if (count !== 1) throw new ConfigError(`the query has ${count} statements; give one`)
  return query
}

/** Quoted texts and names (group 1), in which nothing is a comment, or a comment. */
const commentsAndTexts =
  /([eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\2\$)|--[^\n]*|\/\*[^]*?\*\//g

const kindsOfWrongQuery =
  /^(Parser|Binder|Catalog|Conversion|Invalid Input|Invalid|Out of Range|Not implemented|Syntax|Permission|TransactionContext|Constraint|Mismatch Type) Error: /

/** What DuckDB holds against a query is the user's to mend; what this program knows already is told as it is. */
function queryError(error: unknown): unknown {
  if (error instanceof SisError || !(error instanceof Error)) return error
  const message = error.message.replace(/^Failed to extract statements: /, '')
  if (!kindsOfWrongQuery.test(message)) return error
  if (/file system operations are disabled|Loading external extensions is disabled/.test(message)) {
    return new ConfigError(
      'SQL: a query reads the tables of the run and nothing else; --out FILE writes what it gives (--format csv, json or parquet)',
      { cause: error },
    )
  }
  const hint = /^Did you mean.*/m.exec(message)?.[0]
  return new ConfigError(`SQL: ${firstLine(message)}${hint === undefined ? '' : ` ${hint}`}`, {
    cause: error,
  })
}
