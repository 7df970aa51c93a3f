/** Opens a finished run to be shown: its facts, its state and its database. */
import { readFile } from 'node:fs/promises'
import { DataError } from '../../base/errors.ts'
import { asReadError } from '../../io/files/fileErrors.ts'
import type { ReportData } from '../../report/reportData.ts'
import { loadReportData } from '../../report/loadReportData.ts'
import { withDatabase, type Database } from '../../store/duckdb.ts'
import { requireCurrentTables } from '../record/databaseVersion.ts'
import { openRun, type RunEnvironment } from '../record/openRun.ts'
import { databaseWarning, requireDatabase } from '../record/readiness.ts'
import { runRecordSchema, type RunRecord } from '../record/runRecord.ts'
import { runFacts } from '../stages/report.ts'

export interface Shown {
  readonly path: string
  readonly data: ReportData
  /** Why the database is not of what the run has now. */
  readonly stale: string | undefined
  readonly database: Database
}

/** @throws ConfigError where there is no run or no database yet, DataError where its record or database is damaged or old */
export async function withShown<T>(
  path: string,
  environment: RunEnvironment,
  use: (shown: Shown) => Promise<T>,
): Promise<T> {
  const context = await openRun(path, {}, environment)
  const { directory } = context
  await requireDatabase(directory)
  const stale = await databaseWarning(directory)
  const facts = await runFacts(context, await readRunRecord(directory.record), stale)
  return withDatabase(directory.database, { readOnly: true, blame: directory.database }, async (database) => {
    await requireCurrentTables(database, directory)
    const data = await loadReportData(database, facts, { examples: 0 })
    return use({ path, data, stale, database })
  })
}

/** @throws DataError where it is missing or damaged */
export async function readRunRecord(path: string): Promise<RunRecord> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw asReadError(error, path)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw damaged(path, error)
  }
  const record = runRecordSchema.safeParse(json)
  if (!record.success) throw damaged(path, record.error)
  return record.data
}

function damaged(path: string, cause: unknown): DataError {
  return new DataError(
    `is damaged: it is no record of a run; 'sis merge' writes it anew`,
    { file: path },
    { cause },
  )
}
