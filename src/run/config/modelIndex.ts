/** Model ids: a model's place in the config. */
import { ConfigError } from '../../base/errors.ts'
import type { Config } from './configSchema.ts'

export type ModelConfig = Config['models'][number]

export function modelId(config: Config, model: ModelConfig): number {
  return config.models.findIndex(({ name }) => name === model.name)
}

/** The index of the output that is explained, given by name or index. */
export function outputIndex(output: string | number, outputs: readonly string[], model: string): number {
  const index =
    typeof output === 'number' ? output : /^\d+$/.test(output) ? Number(output) : outputs.indexOf(output)
  if (index < 0 || index >= outputs.length) {
    throw new ConfigError(`model '${model}' has no output '${output}'; its outputs are ${outputs.join(', ')}`)
  }
  return index
}

/** The models that a command is about, in the config's order. @throws ConfigError where the run has no such model */
export function chosenModels(config: Config, only: readonly string[] | undefined): Config['models'] {
  const names = config.models.map((model) => model.name)
  const stranger = only?.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw new ConfigError(`--only ${stranger}: the run has no such model; it has ${names.join(', ')}`)
  }
  return config.models.filter((model) => only?.includes(model.name) ?? true)
}
