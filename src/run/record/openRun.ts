/** Opens run directories: a new one from a config, or one that is there, with overrides from the command line. */
import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { ConfigError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { toConfig, type ConfigFile } from '../config/configSchema.ts'
import type { RunContext } from './context.ts'
import { writtenConfig } from '../config/comparedRuns.ts'
import { readConfigFile } from '../config/readConfig.ts'
import { runDirectory, type RunDirectory } from './runDirectory.ts'
import { chooseThreads } from '../config/threads.ts'

export const notARun = "not a run directory (it has no config.yaml); make one with 'sis prepare' or 'sis run'"

export type RunEnvironment = Pick<RunContext, 'reporter' | 'signal' | 'stdout'>

/**
 * A run in a directory that is made when its first stage has something to write.
 * @throws ConfigError where the environment's number of threads is none
 */
export function createRun(path: string, config: ConfigFile, environment: RunEnvironment): RunContext {
  const directory = runDirectory(resolve(path))
  refuseFile(path)
  refuseOtherKind(directory, config, path)
  return {
    directory,
    config: toConfig(config),
    threads: chooseThreads(config.extract.threads).threads,
    saveConfig: async () => {
      makeDirectory(directory.path)
      const text = stringify(writtenConfig(config))
      // Jobs that share a run all have the same to write, and one that reads it must not wait for others.
      const kept = existsSync(directory.config) ? await readFile(directory.config, 'utf8') : undefined
      if (kept !== text) await writeFileAtomically(directory.config, text)
    },
    ...environment,
  }
}

/**
 * @param overrides flags by dotted key; they are kept in the run's config
 * @throws ConfigError where there is no run
 */
export async function openRun(
  path: string,
  overrides: Readonly<Record<string, unknown>>,
  environment: RunEnvironment,
): Promise<RunContext> {
  const { config } = runDirectory(resolve(path))
  refuseFile(path)
  if (!existsSync(config)) throw new ConfigError(`${path}: ${notARun}`)
  return createRun(path, await readConfigFile(config, overrides), environment)
}

/** @throws ConfigError where arguments were swapped */
function refuseFile(path: string): void {
  if (!existsSync(path) || statSync(path).isDirectory()) return
  const advice = /\.ya?ml$/.test(path) ? `; 'sis run ${path}' does what a config file says` : ''
  throw new ConfigError(`${path} is a file; the first argument is the run directory${advice}`)
}

/** @throws ConfigError where results of a run would be mixed with those of a comparison of runs */
function refuseOtherKind(directory: RunDirectory, { runs }: ConfigFile, path: string): void {
  if (runs === undefined && existsSync(directory.stageRecord('gather'))) {
    throw new ConfigError(`${path} is a comparison of finished runs; use another directory`)
  }
  if (runs !== undefined && existsSync(directory.stageRecord('prepare'))) {
    throw new ConfigError(`${path} is a run with sequences of its own; compare runs in another directory`)
  }
}
