/**
 * Writes one table as one Parquet file. Rows are staged in DuckDB within a memory limit (spilling beside the target) and
 * written at the end, sorted by primary key, so that the same rows give the same bytes and nothing half-written is seen.
 */
import { dirname } from 'node:path'
import {
  DuckDBDataChunk,
  listValue,
  type DuckDBAppender,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import { atomically } from '../io/files/atomicWrite.ts'
import { makeDirectory } from '../io/files/makeDirectory.ts'
import { translateError, withDatabase, withShared, type Database } from './duckdb.ts'
import { columnDefinitions, tableOf } from './schema.ts'
import { sqlName, sqlText } from './sqlText.ts'
import type { Row, TableName } from './tables.ts'

/** Tables of so many rows are staged without spilling: they are in memory already. */
const mostRowsInMemory = 100_000

/** DuckDB's vector size: the most rows that one data chunk holds. */
const chunkRows = 2048

export interface TableWriter<T extends TableName> {
  /** Rows appended so far. */
  readonly count: number
  append(row: Row<T>): void
  /**
   * Writes the file; until then what lay at its path stays.
   * @param last done when the file is written but not yet in its place, where it comes only if this succeeds
   */
  close(last?: () => Promise<void>): Promise<void>
  /** Leaves nothing behind. Does nothing after `close` or `abort`. */
  abort(): Promise<void>
}

/**
 * @param path the Parquet file, e.g. `RUN/tables/sis/cnn.1-of-4.parquet`; its directory is made
 * @param memoryMiB what may be held before rows spill to disk
 */
export async function openTableWriter<T extends TableName>(
  table: T,
  path: string,
  memoryMiB = 192,
): Promise<TableWriter<T>> {
  return openWriter(table, path, (temporaryPath, stage) =>
    withDatabase(
      undefined,
      { memoryMiB, destination: path, spillDirectory: `${temporaryPath}.spill` },
      stage,
    ),
  )
}

/** A database for the staged rows, in which `stage` does its work. */
type StagedIn = (temporaryPath: string, stage: (database: Database) => Promise<void>) => Promise<void>

async function openWriter<T extends TableName>(
  table: T,
  path: string,
  stagedIn: StagedIn,
): Promise<TableWriter<T>> {
  makeDirectory(dirname(path))
  const opened = deferred<DuckDBAppender>()
  const finished = deferred<Finish>()
  const written = atomically(path, (temporaryPath) =>
    stagedIn(temporaryPath, async (database) => {
      await database.run(`CREATE TEMP TABLE ${table} (${columnDefinitions(table).join(', ')})`)
      opened.resolve(await database.appender(table))
      const { rows, last } = await finished.promise
      await database.run(`COPY (${rows}) TO ${sqlText(temporaryPath)} (FORMAT parquet, COMPRESSION zstd)`)
      await last?.()
    }),
  )
  written.catch((error: unknown) => {
    opened.reject(error)
  })
  return new StagedTable(table, path, await opened.promise, finished, written)
}

/** Thrown inside an aborted writer, so that what it has begun is removed. */
class Aborted extends Error {}

/** What is to be done when all rows are staged. */
interface Finish {
  /** SQL of the rows, in order. */
  readonly rows: string
  readonly last: (() => Promise<void>) | undefined
}

interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  return { promise, resolve, reject }
}

/** Writes all rows of a table; leaves nothing where the rows or the writing fail. */
export async function writeTable<T extends TableName>(
  table: T,
  path: string,
  rows: Iterable<Row<T>> | AsyncIterable<Row<T>>,
): Promise<void> {
  const isSmall = Array.isArray(rows) && rows.length <= mostRowsInMemory
  const writer = isSmall
    ? await openWriter(table, path, (_, stage) => withShared({ destination: path }, stage))
    : await openTableWriter(table, path)
  try {
    for await (const row of rows) writer.append(row)
    await writer.close()
  } finally {
    await writer.abort()
  }
}

class StagedTable<T extends TableName> implements TableWriter<T> {
  readonly #path: string
  readonly #table: T
  readonly #names: readonly string[]
  readonly #key: readonly string[]
  readonly #types: readonly DuckDBType[]
  readonly #isList: readonly boolean[]
  readonly #columns: DuckDBValue[][]
  readonly #chunk: DuckDBDataChunk
  readonly #appender: DuckDBAppender
  readonly #finished: Deferred<Finish>
  readonly #written: Promise<void>
  #lastKey: readonly unknown[] = []
  #sorted = true
  #count = 0
  #open = true

  constructor(
    table: T,
    path: string,
    appender: DuckDBAppender,
    finished: Deferred<Finish>,
    written: Promise<void>,
  ) {
    const { columns, primaryKey } = tableOf(table)
    this.#path = path
    this.#table = table
    this.#appender = appender
    this.#finished = finished
    this.#written = written
    this.#names = Object.keys(columns)
    this.#key = primaryKey
    this.#types = this.#names.map((_, i) => appender.columnType(i))
    this.#isList = Object.values(columns).map(({ sql }) => sql.endsWith('[]'))
    this.#columns = this.#names.map(() => [])
    this.#chunk = DuckDBDataChunk.create(this.#types)
  }

  get count(): number {
    return this.#count
  }

  append(row: Row<T>): void {
    const values = row as Record<string, unknown>
    for (let i = 0; i < this.#names.length; i++) {
      const value = values[this.#names[i]!]
      this.#columns[i]!.push(this.#isList[i] ? nestedList(value) : (value as DuckDBValue))
    }
    if (this.#sorted) {
      const key = this.#key.map((name) => values[name])
      this.#sorted = follows(key, this.#lastKey)
      this.#lastKey = key
    }
    this.#count++
    if (this.#columns[0]!.length === chunkRows) this.#flush()
  }

  async close(last?: () => Promise<void>): Promise<void> {
    try {
      this.#flush()
      this.#appender.closeSync()
    } catch (error) {
      throw translateError(error, undefined, this.#path)
    }
    const order = this.#sorted ? '' : `ORDER BY ${this.#key.map(sqlName).join(', ')}`
    this.#open = false
    this.#finished.resolve({ rows: `FROM ${this.#table} ${order}`, last })
    await this.#written
  }

  async abort(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#finished.reject(new Aborted())
    await this.#written.catch((error: unknown) => {
      if (!(error instanceof Aborted)) throw error
    })
  }

  #flush(): void {
    if (this.#columns[0]!.length === 0) return
    try {
      this.#chunk.reset()
      this.#chunk.setColumns(this.#columns)
      this.#appender.appendDataChunk(this.#chunk)
    } catch (error) {
      throw translateError(error, undefined, this.#path)
    }
    for (const column of this.#columns) column.length = 0
  }
}

function nestedList(value: unknown): DuckDBValue {
  return Array.isArray(value) ? listValue(value.map(nestedList)) : (value as DuckDBValue)
}

function follows(key: readonly unknown[], last: readonly unknown[]): boolean {
  for (let i = 0; i < last.length; i++) {
    if (key[i] !== last[i]) return (key[i] as number | string) > (last[i] as number | string)
  }
  return true
}
