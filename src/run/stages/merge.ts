/** Merge: sis.duckdb from the Parquet tables that the other stages wrote, in whatever order they did. */
import { existsSync } from 'node:fs'
import { buildDatabase } from '../../store/buildDatabase.ts'
import { withDatabase } from '../../store/duckdb.ts'
import { tableNames } from '../../store/schema.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import type { RunContext } from '../record/context.ts'
import { filesAreCurrent, readStageRecords, removeStage, type Stage } from '../record/stage.ts'
import { derivedKinds, kindOf } from '../record/stageKinds.ts'

/** Also removes what is out of date: see `outdatedStages`. */
export async function mergeStage(context: RunContext): Promise<Stage> {
  await removeStale(context)
  return databaseStage(context)
}

/** The stage alone, of the tables that are there. */
export async function databaseStage({ directory, config, reporter }: RunContext): Promise<Stage> {
  const inputs = (await Promise.all(tableNames.map((table) => tableFiles(directory.path, table)))).flat()
  return {
    name: 'merge',
    settings: { models: config.models.map((model) => model.name) },
    inputs: () => inputs,
    async run() {
      const task = reporter.task('building sis.duckdb')
      const { tables } = await buildDatabase(directory.path, directory.database)
      const [found] = await withDatabase(directory.database, { readOnly: true }, (database) =>
        database.rows<{ sis: number }>('SELECT coalesce(sum(sis), 0)::INTEGER AS sis FROM sis_summary'),
      )
      task.end(
        `${tables.sequences.toLocaleString('en-US')} sequences, ${found!.sis.toLocaleString('en-US')} SIS`,
      )
      return { outputs: [directory.database], details: { rows: tables } }
    },
  }
}

/** @returns names of the stages whose results are of what is no longer there, which a merge would leave out */
export async function outdatedStages({ directory }: RunContext): Promise<string[]> {
  const names: string[] = []
  for (const record of await readStageRecords(directory)) {
    const kind = kindOf(record)
    if (kind === undefined || !derivedKinds.includes(kind)) continue
    if (!(await filesAreCurrent(directory, record))) names.push(record.stage)
  }
  return names
}

/** Rows made from what has changed since would contradict the others. */
async function removeStale({ directory, reporter }: RunContext): Promise<void> {
  const records = await readStageRecords(directory)
  for (const kind of derivedKinds) {
    for (const record of records) {
      if (kindOf(record) !== kind || !existsSync(directory.stageRecord(record.stage))) continue
      if (await filesAreCurrent(directory, record)) continue
      reporter.info(`${record.stage}: out of date and left out; 'sis ${kind}' makes it again`)
      await removeStage(directory, record)
    }
  }
}
