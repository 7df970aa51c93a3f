/** Merge: sis.duckdb from the Parquet tables that the other stages wrote, in whatever order they did. */
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { buildDatabase } from '../../store/buildDatabase.ts'
import { tableNames } from '../../store/schema.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import type { TableName } from '../../store/tables.ts'
import type { RunContext } from '../context.ts'
import type { Stage } from '../stage.ts'

/** Tables of which every file belongs to one model and is named after it. */
const modelTables: readonly TableName[] = ['models', 'training_history', 'predictions', 'sis']

export async function mergeStage(context: RunContext): Promise<Stage> {
  const { directory, config, reporter } = context
  await removeStrangers(context)
  const inputs = (await Promise.all(tableNames.map((table) => tableFiles(directory.path, table)))).flat()
  return {
    name: 'merge',
    settings: { models: config.models.map((model) => model.name) },
    inputs: () => inputs,
    async run() {
      const task = reporter.task('building sis.duckdb')
      const { tables } = await buildDatabase(directory.path, directory.database)
      task.end(
        `${tables.sequences.toLocaleString('en-US')} sequences, ${tables.sis.toLocaleString('en-US')} SIS`,
      )
      return { outputs: [directory.database], details: { rows: tables } }
    },
  }
}

/** Removes the files of models that are no longer in the config: their ids may be another model's by now. */
async function removeStrangers({ directory, config, reporter }: RunContext): Promise<void> {
  const names = new Set(config.models.map((model) => model.name))
  for (const table of modelTables) {
    for (const file of await tableFiles(directory.path, table)) {
      const model = basename(file, '.parquet').replace(/\.\d+-of-\d+$/, '')
      if (names.has(model)) continue
      reporter.info(`${table}: removing the rows of ${model}, which is not a model of this run any more`)
      await rm(file)
    }
  }
}
