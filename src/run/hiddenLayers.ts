/** The layers of a model that is to be trained: those of its config, of its YAML file, or the name of an architecture. */
import { ConfigError } from '../base/errors.ts'
import type { ModelConfig } from './modelIndex.ts'
import { isPath } from './readConfig.ts'
import { readYaml } from './yamlFile.ts'

/** @throws DataError where the file cannot be read, ConfigError where it holds no list */
export async function readHiddenLayers({
  architecture,
  layers,
}: Pick<ModelConfig, 'architecture' | 'layers'>): Promise<string | readonly unknown[]> {
  if (layers !== undefined) return layers
  if (!isPath(architecture!)) return architecture!
  const list: unknown = await readYaml(architecture!)
  if (!Array.isArray(list))
    throw new ConfigError(`${architecture}: an architecture file is a YAML list of layers`)
  return list as unknown[]
}
