/** The hidden layers of a model that is to be trained: a named architecture, or a list of layers. */
import { ConfigError } from '../../base/errors.ts'
import { isPath } from '../config/configSchema.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import { readYaml } from '../config/readYaml.ts'

/** @returns a name, or the list as written; throws ConfigError or DataError where its file holds none */
export async function hiddenLayers({
  architecture,
  layers,
}: ModelConfig): Promise<string | readonly unknown[]> {
  if (layers !== undefined) return layers
  if (!isPath(architecture!)) return architecture!
  const list = await readYaml(architecture!)
  if (!Array.isArray(list)) {
    throw new ConfigError(`${architecture!}: an architecture file is a YAML list of layers`)
  }
  return list as unknown[]
}
