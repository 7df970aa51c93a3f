/** A config of finished runs that are compared: which models it names, and what it leaves to the runs. */
import { ConfigError } from '../../base/errors.ts'
import { nameRule, type ConfigFile } from './configSchema.ts'

/** @returns the value of a config file, with no sequences of its own where finished runs have them */
export function withoutSequences(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('runs' in value) || 'sequences' in value) return value
  return { ...value, sequences: { sources: [] } }
}

/** Sections that say nothing of runs that are compared: their own configs say it. */
const leftToRuns: readonly string[] = ['sequences', 'train'] satisfies (keyof ConfigFile)[]

/** @returns what is written of a config: of compared runs, only what counts */
export function writtenConfig(config: ConfigFile): object {
  if (config.runs === undefined) return config
  return Object.fromEntries(Object.entries(config).filter(([key]) => !leftToRuns.includes(key)))
}

/** @param name of a model of compared runs: RUN/MODEL */
export function modelOfRun(name: string): { readonly run: string; readonly model: string } {
  const at = name.indexOf('/')
  return { run: name.slice(0, at), model: name.slice(at + 1) }
}

/**
 * @param place names the place of a key path in messages
 * @throws ConfigError where the models are not those of compared runs, or those of compared runs where there are none
 */
export function checkComparedRuns(config: ConfigFile, place: (path: readonly PropertyKey[]) => string): void {
  const { runs, sequences, models } = config
  if (runs === undefined) {
    if (sequences.sources.length === 0) {
      throw new ConfigError(
        `${place(['sequences', 'sources'])}: sequences.sources needs at least one source of sequences`,
      )
    }
    const i = models.findIndex(({ name }) => name.includes('/'))
    if (i >= 0) throw new ConfigError(`${place(['models', i])}: models.${i}.name ${nameRule}`)
    return
  }
  const names = runs.map(({ name }) => name)
  const twice = names.findIndex((name, i) => names.indexOf(name) < i)
  if (twice >= 0)
    throw new ConfigError(`${place(['runs', twice])}: two runs are named '${names[twice]!}'; rename one`)
  if (sequences.sources.length > 0) {
    throw new ConfigError(
      `${place(['sequences'])}: finished runs are compared here, and theirs are the sequences; leave 'sequences' or 'runs' out`,
    )
  }
  for (const [i, { name, ...rest }] of models.entries()) {
    if (names.includes(modelOfRun(name).run) && Object.values(rest).every((value) => value === undefined))
      continue
    throw new ConfigError(
      `${place(['models', i])}: finished runs are compared here, and a model is one of theirs: write only its name, e.g. ${names[0]!}/cnn`,
    )
  }
}
