/** A run's tables under their names in a database in memory, straight from their Parquet files: whether sis.duckdb is built or not. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withScratch } from '../io/files/scratch.ts'
import { withDatabase, type Database } from './duckdb.ts'
import { columnDefinitions } from './schema.ts'
import { parquetScan } from './sqlText.ts'
import { tableFiles } from './tableFiles.ts'
import type { TableName } from './tables.ts'

/** @param names tables that queries of `use` have; one that was not written is empty. What does not fit in memory spills. */
export async function withTables<T>(
  runDirectory: string,
  names: readonly TableName[],
  use: (database: Database) => Promise<T>,
): Promise<T> {
  return withScratch(tmpdir(), 'sis-tables', (scratch) =>
    withDatabase(
      undefined,
      {
        memoryMiB: 768,
        threads: 2,
        spillDirectory: join(scratch, 'spill'),
        blame: join(runDirectory, 'tables'),
      },
      async (database) => {
        for (const name of names) {
          const files = await tableFiles(runDirectory, name)
          await database.run(
            files.length === 0
              ? `CREATE TABLE ${name} (${columnDefinitions(name).join(', ')})`
              : `CREATE VIEW ${name} AS FROM ${parquetScan(files)}`,
          )
        }
        return use(database)
      },
    ),
  )
}
