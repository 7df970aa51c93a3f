/** What makes the attributions of one model: the methods that are named, and the files that are taken over. */
import { ConfigError } from '../../base/errors.ts'
import { listed } from '../../base/format.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { explainStage } from './explain.ts'
import { takeAttributionsStage } from './takeAttributions.ts'

interface AttributionSource {
  /** A method, or what attributions made elsewhere are called. */
  readonly name: string
  readonly stage: () => Promise<Stage>
}

/** @throws ConfigError where it is not clear of which model attributions made elsewhere are, or two are called the same */
export function attributionSources(context: RunContext, model: ModelConfig): AttributionSource[] {
  const { models, explain } = context.config
  const names = models.map(({ name }) => name)
  const given = explain.attributions.filter((one) => {
    if (one.model === undefined && models.length > 1) {
      throw new ConfigError(
        `attributions '${one.name}': the run has models ${listed(names)}; say whose they are, by --only or as 'model' of explain.attributions`,
      )
    }
    if (one.model !== undefined && !names.includes(one.model)) {
      throw new ConfigError(
        `attributions '${one.name}' are of model '${one.model}'; the run has ${listed(names)}`,
      )
    }
    return one.model === undefined || one.model === model.name
  })
  const twice = given.find(({ name }, i) => given.findIndex((other) => other.name === name) < i)
  if (twice !== undefined)
    throw new ConfigError(`two attributions of model '${model.name}' are called '${twice.name}'`)
  return [
    ...explain.methods.map((name) => ({ name, stage: () => explainStage(context, model, name) })),
    ...given.map((one) => ({ name: one.name, stage: () => takeAttributionsStage(context, model, one) })),
  ]
}
