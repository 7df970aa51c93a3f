/** `sis query DIR SQL`: asks a run's database; rows on stdout. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { notARun } from '../../run/record/openRun.ts'
import { databaseWarning, requireDatabase } from '../../run/record/readiness.ts'
import { runDirectory } from '../../run/record/runDirectory.ts'
import { runQuery, queryFormats, type QueryFormat } from '../../store/query.ts'
import type { Command } from '../command.ts'

export const queryCommand: Command = {
  usage: 'query <dir> <sql>',
  summary: "ask a run's database in SQL",
  positionals: {
    dir: { type: 'string', description: 'run directory' },
    sql: { type: 'string', description: 'a query of DuckDB; the tables are in the README' },
  },
  flags: {
    format: { choices: queryFormats, default: 'table', description: 'how rows are written' },
    out: { type: 'string', requiresArg: true, description: 'file to write; stdout unless given' },
  },
  examples: [
    ['sis query run "SELECT name, auroc_test, threshold FROM models"', 'the models'],
    ['sis query run "FROM sis" --format parquet --out sis.parquet', 'every subset'],
  ],
  async run(argv, { stdout, reporter }) {
    const [path, sql] = [argv['dir'] as string, argv['sql'] as string]
    const directory = runDirectory(resolve(path))
    if (!existsSync(path) && existsSync(sql)) {
      throw new ConfigError(`the run directory comes first: sis query ${sql} "${path}"`)
    }
    if (!existsSync(directory.config)) throw new ConfigError(`${path}: ${notARun}`)
    await requireDatabase(directory)
    const stale = await databaseWarning(directory)
    if (stale !== undefined) reporter.warn(stale)
    await runQuery(
      directory.database,
      sql,
      argv['format'] as QueryFormat,
      (argv['out'] as string | undefined) ?? stdout,
    )
  },
}
