/** `sis query DIR SQL`: asks a run's database; rows on stdout. */
import { join } from 'node:path'
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
    output: { type: 'string', requiresArg: true, description: 'file to write; stdout unless given' },
  },
  examples: [
    ['sis query run "SELECT name, auroc_test, threshold FROM models"', 'the models'],
    ['sis query run "FROM sis" --format parquet --output sis.parquet', 'every subset'],
  ],
  async run(argv, { stdout }) {
    await runQuery(
      join(argv['dir'] as string, 'sis.duckdb'),
      argv['sql'] as string,
      argv['format'] as QueryFormat,
      (argv['output'] as string | undefined) ?? stdout,
    )
  },
}
