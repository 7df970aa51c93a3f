/** Opens run directories: a new one from a config, or one that is there, with overrides from the command line. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { ConfigError } from '../base/errors.ts'
import { writeFileAtomically } from '../io/atomicWrite.ts'
import { toConfig, type ConfigFile } from './configSchema.ts'
import type { RunContext } from './context.ts'
import { readConfigFile } from './readConfig.ts'
import { makeDirectory, runDirectory, type RunDirectory } from './runDirectory.ts'

export type RunEnvironment = Omit<RunContext, 'directory' | 'config'>

/** Makes the directory where it is not there and writes the config into it: paths absolute, defaults filled in. */
export async function createRun(
  path: string,
  config: ConfigFile,
  environment: RunEnvironment,
): Promise<RunContext> {
  const directory = runDirectory(resolve(path))
  await makeDirectory(directory.path)
  await writeConfig(directory, config)
  return { directory, config: toConfig(config), ...environment }
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
  const directory = runDirectory(resolve(path))
  if (!existsSync(directory.config)) {
    throw new ConfigError(
      `${path}: not a run directory (it has no config.yaml); make one with 'sis prepare' or 'sis run'`,
    )
  }
  const config = await readConfigFile(directory.config, overrides)
  if (Object.keys(overrides).length > 0) await writeConfig(directory, config)
  return { directory, config: toConfig(config), ...environment }
}

async function writeConfig(directory: RunDirectory, config: ConfigFile): Promise<void> {
  await writeFileAtomically(directory.config, stringify(config))
}
