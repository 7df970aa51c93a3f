/** The models of a run: which were trained, which are added, and that no result is deleted unless somebody says so. */
import { rm } from 'node:fs/promises'
import { ConfigError } from '../../base/errors.ts'
import type { ConfigFile } from '../config/configSchema.ts'
import type { RunContext } from './context.ts'
import { readConfigFile } from '../config/readConfig.ts'
import type { RunDirectory } from './runDirectory.ts'
import { readStageRecords, removeStage, type StageRecord } from './stage.ts'

type ModelFile = ConfigFile['models'][number]

/** Names of the models that have been trained or taken over, or have results. */
function modelsOf(records: readonly StageRecord[]): string[] {
  const names = records.map(({ stage }) => modelOf(stage)).filter((name) => name !== undefined)
  return [...new Set(names)]
}

/** @param stage e.g. `extract.cnn.1-of-4`, `explain.cnn.saliency` */
export function modelOf(stage: string): string | undefined {
  // Names of models may have dots in them, those of methods have none.
  const explained = /^explain\.(.*)\.[^.]+$/.exec(stage)?.[1]
  return explained ?? /^(?:train|predict|extract|completions)\.(.*?)(?:\.\d+-of-\d+)?$/.exec(stage)?.[1]
}

/**
 * The models of a run with others beside them: those that have been trained keep their places, one of the same name is
 * replaced, and what a config names but nobody trained gives way.
 */
export async function modelsBeside(
  directory: RunDirectory,
  given: readonly Pick<ModelFile, 'name'>[],
): Promise<Pick<ModelFile, 'name'>[]> {
  const { models } = await readConfigFile(directory.config)
  const trained = modelsOf(await readStageRecords(directory))
  const kept = models
    .filter(({ name }) => trained.includes(name))
    .map((model) => given.find(({ name }) => name === model.name) ?? model)
  return [...kept, ...given.filter((model) => !kept.includes(model))]
}

/**
 * @param records of all stages of the run
 * @param remove names of models whose results may be deleted
 * @throws ConfigError where the run has results of a model that its config does not name, or none of one to be removed
 */
export async function settleModels(
  context: RunContext,
  records: readonly StageRecord[],
  remove: readonly string[] = [],
): Promise<void> {
  checkModels(context, records, remove)
  const { directory, reporter } = context
  for (const record of records) {
    const name = modelOf(record.stage)
    if (name !== undefined && remove.includes(name)) await removeStage(directory, record)
  }
  for (const name of remove) {
    await rm(directory.model(name), { recursive: true, force: true })
    reporter.info(`model '${name}' and its results: removed`)
  }
}

/** Throws as `settleModels` does, and removes nothing. */
export function checkModels(
  { directory, config }: Pick<RunContext, 'directory' | 'config'>,
  records: readonly StageRecord[],
  remove: readonly string[],
): void {
  const named = config.models.map(({ name }) => name)
  const strangers = modelsOf(records).filter((name) => !named.includes(name))
  for (const name of remove) {
    if (named.includes(name)) {
      throw new ConfigError(`--remove ${name}: the config names this model; take it out there first`)
    }
    if (!strangers.includes(name)) throw new ConfigError(`--remove ${name}: the run has no such model`)
  }
  const kept = strangers.find((name) => !remove.includes(name))
  if (kept !== undefined) {
    throw new ConfigError(
      `${directory.path} has results of the model '${kept}', which its config does not name: name it again, use another run directory, or delete its results with 'sis run … --remove ${kept}'`,
    )
  }
}
