/**
 * Some stages of a run by their names, each skipped where it is up to date: what one job of a cluster does. Jobs of one run
 * may end at the same time on different machines, so none writes what they share but the one that merges and reports.
 */
import { ConfigError } from '../base/errors.ts'
import { checkInputs, type InputPart } from './inputs/checkInputs.ts'
import type { ModelConfig } from './config/modelIndex.ts'
import type { RunContext } from './record/context.ts'
import { requireDatabase, requireOwn, requireReady } from './record/readiness.ts'
import { settleModels } from './record/runModels.ts'
import { writeRunRecord } from './record/runRecord.ts'
import { readStageRecords, runStage, type Stage } from './record/stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { compareStage } from './stages/compare.ts'
import { extractStage } from './stages/extract.ts'
import { logicStage } from './stages/logic.ts'
import { mergeStage } from './stages/merge.ts'
import { predictStage } from './stages/predict.ts'
import { prepareStage } from './stages/prepare.ts'
import { reportStage } from './stages/report.ts'
import { wholeShard, type Shard } from './stages/shards.ts'
import { trainStage } from './stages/train.ts'
import { requireTrainable } from './stages/trainable.ts'
import { requireWholeExtractions } from './stages/wholeExtractions.ts'

const plainKinds = ['prepare', 'cluster', 'logic', 'compare', 'merge', 'report'] as const
const modelKinds = ['train', 'predict', 'extract'] as const

/** A stage as it is named in records: `prepare`, `train.cnn`, `extract.cnn.3-of-16`. */
type NamedStage =
  | { readonly kind: (typeof plainKinds)[number] }
  | { readonly kind: (typeof modelKinds)[number]; readonly model: ModelConfig; readonly shard: Shard }

/**
 * @param names of stages, done in this order
 * @param force also what is up to date
 * @throws ConfigError for a name that is no stage of this run, or whose stage lacks what others have to make first
 */
export async function runStages(
  context: RunContext,
  names: readonly string[],
  { force }: { force: boolean },
): Promise<void> {
  requireOwn(context, 'prepare')
  const stages = names.map((name) => stageNamed(context, name))
  await settleModels(context, await readStageRecords(context.directory))
  for (const stage of stages) {
    await requireInputs(context, stage)
    await runStage(context, await open(context, stage), { onlyIfStale: !force })
    if (stage.kind === 'prepare') await context.saveConfig()
  }
  if (stages.some(({ kind }) => kind === 'report')) await writeRunRecord(context)
}

function stageNamed({ config }: RunContext, name: string): NamedStage {
  const plain = plainKinds.find((kind) => kind === name)
  if (plain !== undefined) return { kind: plain }
  const [, prefix, rest] = /^(train|predict|extract)\.(.+)$/.exec(name) ?? []
  const kind = modelKinds.find((one) => one === prefix)
  if (kind === undefined) {
    const perModel = modelKinds.map((one) => `${one}.MODEL`)
    throw new ConfigError(
      `--stage ${name}: a stage is ${[...plainKinds, ...perModel].join(', ')} or extract.MODEL.1-of-4`,
    )
  }
  const ofModel = (text: string): ModelConfig | undefined => config.models.find((one) => one.name === text)
  const whole = ofModel(rest!)
  if (whole !== undefined) return { kind, model: whole, shard: wholeShard }
  const [, model, index, count] = /^(.+)\.([1-9]\d*)-of-([1-9]\d*)$/.exec(rest!) ?? []
  const sharded = kind === 'extract' && model !== undefined ? ofModel(model) : undefined
  if (sharded === undefined || Number(index) > Number(count)) {
    const models = config.models.map((one) => one.name).join(', ')
    throw new ConfigError(`--stage ${name}: the run has no such stage; its models are ${models}`)
  }
  return { kind, model: sharded, shard: { index: Number(index), count: Number(count) } }
}

/** What the stage reads is there and of what the run has now. */
async function requireInputs(context: RunContext, stage: NamedStage): Promise<void> {
  const { config, directory } = context
  const check = (models: readonly ModelConfig[], ...parts: InputPart[]): Promise<void> =>
    checkInputs({ ...config, models: [...models] }, parts)
  switch (stage.kind) {
    case 'prepare':
      return check(config.models, 'sequences', 'models', 'motifs')
    case 'train':
      await requireReady(context, 'train')
      await requireTrainable(directory, [stage.model])
      return check([stage.model], 'models')
    case 'predict':
    case 'extract':
      return requireReady(context, stage.kind, [stage.model])
    case 'cluster':
      await requireReady(context, 'cluster')
      return check([], 'motifs')
    case 'merge':
      await requireReady(context, 'merge')
      return requireWholeExtractions(directory, config.models, { all: true })
    case 'logic':
    case 'compare':
      return requireReady(context, stage.kind)
    case 'report':
      return requireDatabase(directory)
  }
}

async function open(context: RunContext, stage: NamedStage): Promise<Stage> {
  switch (stage.kind) {
    case 'prepare':
      return prepareStage(context)
    case 'train':
      return trainStage(context, stage.model)
    case 'predict':
      return predictStage(context, stage.model, { explains: true })
    case 'extract':
      return extractStage(context, stage.model, stage.shard)
    case 'cluster':
      return clusterStage(context)
    case 'logic':
      return logicStage(context)
    case 'compare':
      return compareStage(context)
    case 'merge':
      return mergeStage(context)
    case 'report':
      await writeRunRecord(context)
      return reportStage(context)
  }
}
