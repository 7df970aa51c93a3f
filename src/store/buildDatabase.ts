/**
 * The merge step: builds `sis.duckdb` from whatever Parquet files a run directory holds. The database is derived: any
 * order of shards gives the same content, and it appears whole or not at all.
 */
import { dirname, relative } from 'node:path'
import { DataError, oneLine, SisError } from '../base/errors.ts'
import { atomically } from '../io/files/atomicWrite.ts'
import { withDatabase, type Database } from './duckdb.ts'
import { createTable, createViews, tableNames, tableOf } from './schema.ts'
import { parquetScan, sqlName } from './sqlText.ts'
import { checkShards, tableFiles } from './tableFiles.ts'
import type { TableName } from './tables.ts'

export interface BuildOptions {
  /** What DuckDB may hold before it spills to disk. */
  readonly memoryMiB?: number
  readonly threads?: number
}

export interface BuildResult {
  /** Rows of each table. */
  readonly tables: Readonly<Record<TableName, number>>
}

/**
 * @param runDirectory holds `tables/<table>/<part>.parquet`; tables without a file are created empty
 * @param databasePath replaced if there
 * Throws DataError for missing shards, the same key in two files, and rows that refer to nothing.
 */
export async function buildDatabase(
  runDirectory: string,
  databasePath: string,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const files = new Map<TableName, string[]>()
  for (const table of tableNames) {
    const found = await tableFiles(runDirectory, table)
    checkShards(found)
    files.set(table, found)
  }
  const counts = {} as Record<TableName, number>
  await atomically(databasePath, async (temporaryPath) => {
    const { memoryMiB = 768, threads = 1 } = options
    const settings = {
      memoryMiB,
      threads,
      destination: databasePath,
      spillDirectory: `${temporaryPath}.spill`,
    }
    await withDatabase(temporaryPath, settings, async (database) => {
      for (const table of tableNames) {
        await database.run(createTable(table))
        await insert(database, runDirectory, table, files.get(table)!)
        const [row] = await database.rows<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)
        counts[table] = row!.count
      }
      for (const view of createViews) await database.run(view)
      await database.run('CHECKPOINT')
    })
  })
  return { tables: counts }
}

async function insert(
  database: Database,
  runDirectory: string,
  table: TableName,
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return
  const columns = Object.keys(tableOf(table).columns).map(sqlName).join(', ')
  const key = tableOf(table).primaryKey.map(sqlName).join(', ')
  try {
    await database.run(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${parquetScan(files)} ${files.length === 1 ? '' : `ORDER BY ${key}`}`,
    )
  } catch (error) {
    if (!(error instanceof Error) || error instanceof SisError) throw error
    if (/^(Binder|Conversion) Error/.test(error.message)) {
      throw new DataError(
        `not the columns of table '${table}': of another version of this program? Run its stage again`,
        { file: files.length === 1 ? files[0] : dirname(files[0]!) },
        { cause: error },
      )
    }
    const file = files.length === 1 ? files[0] : dirname(files[0]!)
    const damaged = new DataError(
      `is damaged: DuckDB cannot read it (${oneLine(error)}); run the stage that writes it again`,
      { file },
      { cause: error },
    )
    // What is damaged may fail once more.
    throw await findFault(database, runDirectory, table, files).then(
      (fault) => fault ?? damaged,
      () => damaged,
    )
  }
}

/** Which rows of which files break a key: DuckDB's own message names the key but not the files. */
async function findFault(
  database: Database,
  runDirectory: string,
  table: TableName,
  files: readonly string[],
): Promise<DataError | undefined> {
  const { primaryKey, foreignKeys } = tableOf(table)
  const scan = parquetScan(files, true)
  const key = primaryKey.map(sqlName).join(', ')
  const [twice] = await database.rows<Record<string, unknown> & { files: string[] }>(
    `SELECT ${key}, list_sort(list_distinct(list(filename))) AS files FROM ${scan}
     GROUP BY ${key} HAVING count(*) > 1 ORDER BY ${key} LIMIT 1`,
  )
  if (twice !== undefined) {
    const where = twice.files.map((file) => relative(runDirectory, file)).join(' and ')
    return new DataError(
      `${keyText(primaryKey, twice)} is in ${where} more than once; remove the stale file`,
      {
        file: runDirectory,
      },
    )
  }
  for (const foreign of foreignKeys) {
    const names = foreign.columns.map(sqlName).join(', ')
    const [orphan] = await database.rows<Record<string, unknown> & { file: string }>(
      `SELECT ${names}, filename AS file FROM ${scan} AS child
       WHERE ${foreign.columns.map((column) => `${sqlName(column)} IS NOT NULL`).join(' AND ')}
       AND NOT EXISTS (FROM ${foreign.table} AS parent WHERE ${foreign.columns
         .map((column) => `parent.${sqlName(column)} = child.${sqlName(column)}`)
         .join(' AND ')})
       ORDER BY ALL LIMIT 1`,
    )
    if (orphan !== undefined) {
      return new DataError(
        `${keyText(foreign.columns, orphan)} is not in table '${foreign.table}': the file is of another run or stale; run its stage again`,
        { file: orphan.file },
      )
    }
  }
  return undefined
}

function keyText(columns: readonly string[], row: Record<string, unknown>): string {
  return columns.map((column) => `${column} ${String(row[column])}`).join(', ')
}
