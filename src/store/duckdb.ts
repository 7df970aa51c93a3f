/**
 * DuckDB opened, used and closed for sure: in memory or as a file, with a memory limit, and with its errors told as the
 * errors of this program. Nothing is downloaded: Parquet and JSON are linked into the binary.
 */
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  DuckDBInstance,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBResult,
} from '@duckdb/node-api'
import { BackendError, DataError, oneLine, SisError } from '../base/errors.ts'
import { asDiskError } from '../io/files/atomicWrite.ts'
import { sqlText } from './sqlText.ts'
import { plainValue, type PlainValue } from './values.ts'

export interface DatabaseOptions {
  /** What DuckDB may hold before it spills to disk; the process itself comes on top. */
  readonly memoryMiB?: number
  readonly threads?: number
  readonly readOnly?: boolean
  /** The file that all this writes in the end, which errors name where the disk is full. */
  readonly destination?: string
  /** The file or folder to blame where DuckDB fails in a way that is not known: the queries are this program's. */
  readonly blame?: string
  /** Where DuckDB spills what does not fit; removed on closing. Without it nothing spills. */
  readonly spillDirectory?: string
}

/** An open database. Its methods throw DataError and BackendError where the fault is not the query's. */
export class Database {
  readonly #instance: DuckDBInstance | undefined
  readonly #connection: DuckDBConnection
  readonly #spillDirectory: string | undefined
  readonly #path: string | undefined
  readonly #destination: string | undefined
  readonly #blame: string | undefined

  /** @param instance closed with the connection; undefined where others use it too */
  constructor(
    instance: DuckDBInstance | undefined,
    connection: DuckDBConnection,
    path: string | undefined,
    options: DatabaseOptions,
  ) {
    this.#path = path
    this.#instance = instance
    this.#connection = connection
    this.#spillDirectory = options.spillDirectory
    this.#destination = options.destination
    this.#blame = options.blame
  }

  /** The connection itself, for what this class does not offer; its errors are not translated. */
  get connection(): DuckDBConnection {
    return this.#connection
  }

  async run(sql: string): Promise<void> {
    await translated(() => this.#connection.run(sql), this.#path, this.#destination, this.#blame)
  }

  /** Every row of a small result, keyed by column; integers of any width are numbers where exact. */
  async rows<R = Record<string, PlainValue>>(sql: string): Promise<R[]> {
    return translated(
      async () => {
        const result = await this.#connection.run(sql)
        return (await result.convertRowObjects(plainValue)) as R[]
      },
      this.#path,
      this.#destination,
      this.#blame,
    )
  }

  /** A result that is computed while it is read. */
  async stream(sql: string): Promise<DuckDBResult> {
    return translated(() => this.#connection.stream(sql), this.#path, this.#destination, this.#blame)
  }

  /** The chunks of a result (at most 2,048 rows each) as they are computed. */
  async *chunks(result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
    for (;;) {
      const chunk = await translated(() => result.fetchChunk(), this.#path, this.#destination, this.#blame)
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk
    }
  }

  async appender(table: string): Promise<DuckDBAppender> {
    return translated(
      () => this.#connection.createAppender(table),
      this.#path,
      this.#destination,
      this.#blame,
    )
  }

  /**
   * From here on, SQL reads and writes the database, these files and what DuckDB spills, and cannot change that; for
   * queries that somebody else writes.
   */
  async confine(files: readonly string[]): Promise<void> {
    await this.run(`SET allowed_paths = [${files.map(sqlText).join(', ')}]`)
    await this.run('SET enable_external_access = false')
    await this.run('SET lock_configuration = true')
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance?.closeSync()
    if (this.#spillDirectory !== undefined) await rm(this.#spillDirectory, { recursive: true, force: true })
  }
}

let shared: Promise<DuckDBInstance> | undefined

/** The database in memory that `openShared` connects to. It stays open: a new one takes 40 ms, a connection less than one. */
async function sharedInstance(): Promise<DuckDBInstance> {
  shared ??= DuckDBInstance.create(':memory:', {
    ...settingsOf({}),
    // A file that was written anew is another file, whatever its time says.
    enable_external_file_cache: 'false',
  })
  try {
    return await shared
  } catch (error) {
    shared = undefined
    throw error
  }
}

/**
 * A connection to a database in memory that all of this process share: for reading files, and for temporary tables of some
 * megabytes, which are gone when it is closed. Nothing spills.
 */
export async function openShared(options: Pick<DatabaseOptions, 'destination' | 'blame'>): Promise<Database> {
  const { destination, blame } = options
  return translated(
    async () => new Database(undefined, await (await sharedInstance()).connect(), undefined, options),
    undefined,
    destination,
    blame,
  )
}

function settingsOf({ memoryMiB = 512, threads = 1, readOnly = false, spillDirectory }: DatabaseOptions) {
  return {
    memory_limit: `${memoryMiB}MiB`,
    threads: String(threads),
    access_mode: readOnly ? 'READ_ONLY' : 'AUTOMATIC',
    temp_directory: spillDirectory ?? '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  }
}

/** @param path the database file, or undefined for a database in memory */
export async function openDatabase(
  path: string | undefined,
  options: DatabaseOptions = {},
): Promise<Database> {
  const { spillDirectory, destination } = options
  if (spillDirectory !== undefined) await rm(spillDirectory, { recursive: true, force: true })
  return translated(
    async () => {
      // Of a relative path `a:b` DuckDB takes `a` for the name of an extension.
      const instance = await DuckDBInstance.create(
        path === undefined ? ':memory:' : resolve(path),
        settingsOf(options),
      )
      try {
        return new Database(instance, await instance.connect(), path, options)
      } catch (error) {
        instance.closeSync()
        throw error
      }
    },
    path,
    destination,
    options.blame ?? path,
  )
}

/** Opens, uses and closes a database, whatever `use` does. */
export async function withDatabase<T>(
  path: string | undefined,
  options: DatabaseOptions,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  return closing(await openDatabase(path, options), use)
}

/** `openShared`, used and closed, whatever `use` does. */
export async function withShared<T>(
  options: Pick<DatabaseOptions, 'destination' | 'blame'>,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  return closing(await openShared(options), use)
}

async function closing<T>(database: Database, use: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

async function translated<T>(
  work: () => Promise<T>,
  path?: string,
  destination?: string,
  blame?: string,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const told = translateError(error, path, destination)
    if (blame === undefined || told instanceof SisError) throw told
    throw new DataError(
      `is damaged: DuckDB cannot read it (${afterKind(firstLine(oneLine(error)))}); run the stage that writes it again`,
      { file: quotedPath(oneLine(error)) ?? blame },
      { cause: error },
    )
  }
}

/**
 * What DuckDB says, as an error of this program; an error that only a bug explains is returned as it is.
 * @param path the database file, if there is one
 * @param destination what is written in the end: DuckDB names a temporary file, or none
 */
export function translateError(error: unknown, path?: string, destination = path): unknown {
  if (!(error instanceof Error)) return error
  const message = firstLine(error.message)
  const options = { cause: error }

  if (/No space left on device|Could not write all bytes|max_temp_directory_size/i.test(error.message)) {
    return asDiskError(
      Object.assign(new Error(message, options), { code: 'ENOSPC' }),
      destination ?? quotedPath(message) ?? '',
    )
  }
  if (message.startsWith('Out of Memory Error')) {
    return new BackendError(`DuckDB ran out of its memory limit: ${afterKind(message)}`, options)
  }
  if (/Could not set lock|Conflicting lock|being used by another process|already attached/i.test(message)) {
    return new BackendError(
      `${path ?? quotedPath(message) ?? 'the database'} is in use by another process; close it there and try again`,
      options,
    )
  }
  if (/database does not exist/.test(message)) {
    return new DataError(
      'there is no such database; run the stages of the run first',
      { file: path },
      options,
    )
  }
  if (/not a valid DuckDB database/.test(message)) {
    return new DataError('this is not a DuckDB database', { file: path }, options)
  }
  if (
    /magic bytes|too small to be a Parquet|No files found|[Pp]arquet|Snappy|ZSTD|Cannot open file|TProtocol|[Cc]orrupt|checksum|Could not read enough bytes/.test(
      message,
    ) &&
    !message.startsWith('INTERNAL')
  ) {
    const fault = afterKind(message).replace(/^Failed to read file "[^"]*": /, '')
    return new DataError(fault, { file: quotedPath(message) ?? path }, options)
  }
  return error
}

/** DuckDB's messages go on with the query and advice; what happened stands in the first line. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}

function afterKind(message: string): string {
  return message.replace(/^[A-Z][\w ]* Error: /, '')
}

function quotedPath(message: string): string | undefined {
  return /["']([^"']*\/[^"']*)["']/.exec(message)?.[1]
}
