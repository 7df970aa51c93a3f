/** A finished run as one of several that are compared: opened, and refused where it is not finished, not of now or not of this version. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { ConfigError, DataError } from '../../base/errors.ts'
import { listed } from '../../base/format.ts'
import { toolVersion } from '../../base/toolVersion.ts'
import { filesOfModel } from '../../import/modelFormat.ts'
import { hashFile } from '../../io/files/hashFile.ts'
import { checkShards, tableFiles } from '../../store/tableFiles.ts'
import { readRows } from '../../store/tableReader.ts'
import type { Row, TableName } from '../../store/tables.ts'
import type { Config } from '../config/configSchema.ts'
import { notARun, openRun, type RunEnvironment } from '../record/openRun.ts'
import { asTyped, requireReady } from '../record/readiness.ts'
import { runDirectory, type RunDirectory } from '../record/runDirectory.ts'
import { modelOf } from '../record/runModels.ts'
import { isOfThisVersion, readStageRecords, type StageRecord } from '../record/stage.ts'
import { kindOf, ownKinds } from '../record/stageKinds.ts'
import { refuseChanged } from '../record/writtenFiles.ts'
import { readPrepared } from '../stages/readPrepared.ts'

export interface FinishedRun {
  /** What it is called among those compared. */
  readonly name: string
  readonly directory: RunDirectory
  readonly config: Config
  /** Of what it did by itself, in the order in which it did. */
  readonly records: readonly StageRecord[]
  /** Bases of its sequences. */
  readonly length: number
  readonly labelNames: readonly string[]
  readonly models: readonly Pick<Row<'models'>, 'model_id' | 'name' | 'background'>[]
}

/**
 * @throws ConfigError naming the command that is to be run first, DataError where shards are missing
 */
export async function openFinishedRun(
  name: string,
  path: string,
  environment: RunEnvironment,
): Promise<FinishedRun> {
  const directory = runDirectory(resolve(path))
  const shown = asTyped(directory)
  if (!existsSync(directory.config)) throw new ConfigError(`${shown}: ${notARun}`)
  if (existsSync(directory.stageRecord('gather'))) {
    throw new ConfigError(`${shown} is itself a comparison of runs; give the runs that it compares`)
  }
  const records = (await readStageRecords(directory)).filter(isOwn)
  // Before the config is read: that of another version may have other keys.
  const other = records.find((record) => !isOfThisVersion(record))
  if (other !== undefined) {
    throw new ConfigError(
      `${shown}: '${other.stage}' was done by another version of sis than this one (${toolVersion()}); run 'sis run ${shown}' first, which makes the run anew`,
    )
  }
  const { reporter, signal, stdout } = environment
  const context = await openRun(path, {}, { reporter, signal, stdout })
  const { config } = context
  await requireReady(context, 'gather')
  for (const model of config.models) {
    const extracted = records.some(
      ({ stage }) => kindOf({ stage }) === 'extract' && modelOf(stage) === model.name,
    )
    if (extracted) continue
    throw new ConfigError(
      `${shown}: no SIS of model '${model.name}' are extracted yet; run 'sis extract ${shown} --only ${model.name}' first`,
    )
  }
  checkShards(await tableFiles(directory.path, 'sis'))
  const { length, labelNames } = await readPrepared(directory)
  const models = await readRows(directory.path, 'models', ['model_id', 'name', 'background'])
  return { name, directory, config, records, length, labelNames, models }
}

function isOwn(record: StageRecord): boolean {
  return ownKinds.some((kind) => kind === kindOf(record))
}

/** The tables that are gathered of each run. */
const gatheredTables = [
  'sequences',
  'truth',
  'models',
  'training_history',
  'predictions',
  'sis',
] as const satisfies TableName[]

/** All files that are read of a run; models that are not compared do not count. */
export async function filesOfRun(run: FinishedRun, models: readonly string[]): Promise<string[]> {
  const { directory } = run
  const files = await Promise.all([
    ...gatheredTables.map((table) => gatheredFiles(run, table, models)),
    ...models.map((model) => filesOfModel(directory.model(model))),
  ])
  return files.flat()
}

/** @returns the files of a table: of those with a file a model or shard, the files of these models */
export async function gatheredFiles(
  { directory }: FinishedRun,
  table: (typeof gatheredTables)[number],
  models: readonly string[],
): Promise<string[]> {
  const files = await tableFiles(directory.path, table)
  if (table === 'sequences' || table === 'truth') return files
  const modelOfFile = (file: string): string => basename(file, '.parquet').replace(/(?<=.)\.\d+-of-\d+$/, '')
  return files.filter((file) => models.includes(modelOfFile(file)))
}

/** @throws DataError for a file that is not as the stage of the run which wrote it left it */
export async function refuseDamaged({ directory, records }: FinishedRun): Promise<void> {
  const hashes: Record<string, string> = {}
  for (const name of records.flatMap(({ outputs }) => Object.keys(outputs))) {
    const path = resolve(directory.path, name)
    if (!existsSync(path)) {
      throw new DataError(`is no longer there; 'sis run ${asTyped(directory)}' makes it again`, {
        file: path,
      })
    }
    hashes[name] = await hashFile(path)
  }
  refuseChanged(hashes, records, (name) => resolve(directory.path, name))
}

/**
 * @param background what masked bases become where the runs are compared
 * @throws ConfigError where sequences of one run cannot be given to the models of another, or masked bases mean another thing
 */
export function requireComparable(runs: readonly FinishedRun[], background: readonly number[]): void {
  const [first, ...others] = runs
  const other = others.find(({ length }) => length !== first!.length)
  if (other !== undefined) {
    const lengths = listed([first!, other].map(({ name, length }) => `those of ${name} have ${length} bases`))
    throw new ConfigError(
      `sequences of different lengths cannot be compared: ${lengths}, and no model can be asked about the others' SIS; prepare them with the same --length`,
    )
  }
  const expected = background.join(' ')
  for (const { name, models } of runs) {
    const masked = models.find((model) => model.background.join(' ') !== expected)
    if (masked === undefined) continue
    throw new ConfigError(
      `SIS of different backgrounds cannot be compared, since what suffices depends on what a masked base becomes: ${name}/${masked.name} was explained with ${masked.background.join(' ')}, not with ${expected}; explain one run anew with the other's --background`,
    )
  }
}
