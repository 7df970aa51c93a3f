/** The stages of a run in their order, and what each command makes of them. */
import { ConfigError } from '../base/errors.ts'
import { checkInputs } from './checkInputs.ts'
import type { Config } from './configSchema.ts'
import type { RunContext } from './context.ts'
import { writeRunRecord } from './runRecord.ts'
import { runStage, type Stage } from './stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { compareStage } from './stages/compare.ts'
import { extractStage, type Shard, wholeShard } from './stages/extract.ts'
import { mergeStage } from './stages/merge.ts'
import { predictStage } from './stages/predict.ts'
import { prepareStage } from './stages/prepare.ts'
import { reportStage } from './stages/report.ts'
import { trainStage } from './stages/train.ts'

export type { Shard }

export async function prepareRun(context: RunContext): Promise<void> {
  await checkInputs(context.config, ['sequences'])
  await runStage(context, prepareStage(context), { onlyIfStale: false })
  await writeRunRecord(context)
}

export async function trainRun(context: RunContext, only?: readonly string[]): Promise<void> {
  const chosen = chosenModels(context.config, only)
  await checkInputs({ ...context.config, models: [...chosen] }, ['models'])
  for (const model of takenOverFirst(chosen)) {
    await runStage(context, await trainStage(context, model), { onlyIfStale: false })
    await runStage(context, await predictStage(context, model), { onlyIfStale: true })
  }
  await writeRunRecord(context)
}

export async function predictRun(context: RunContext): Promise<void> {
  for (const model of context.config.models) {
    await runStage(context, await predictStage(context, model), { onlyIfStale: false })
  }
  await writeRunRecord(context)
}

/** All or one shard; with all, the database is built too. */
export async function extractRun(context: RunContext, shard: Shard, only?: readonly string[]): Promise<void> {
  for (const model of chosenModels(context.config, only)) {
    await runStage(context, await predictStage(context, model), { onlyIfStale: true })
    await runStage(context, await extractStage(context, model, shard), { onlyIfStale: false })
  }
  // Shards of one run may end at the same time on different machines: only the merge writes what they share.
  if (shard.count === 1) await mergeRun(context)
}

export async function mergeRun(context: RunContext): Promise<void> {
  await runStage(context, await mergeStage(context), { onlyIfStale: false })
  await writeRunRecord(context)
}

export async function clusterRun(context: RunContext): Promise<void> {
  await checkInputs(context.config, ['motifs'])
  await runStage(context, await clusterStage(context), { onlyIfStale: false })
  await mergeRun(context)
}

export async function compareRun(context: RunContext): Promise<void> {
  await runStage(context, await compareStage(context), { onlyIfStale: false })
  await mergeRun(context)
}

export async function reportRun(context: RunContext): Promise<void> {
  await writeRunRecord(context)
  await runStage(context, reportStage(context), { onlyIfStale: false })
  await writeRunRecord(context)
}

/** Every stage in order; those up to date are skipped unless forced. Prints the report's path on stdout. */
export async function runAll(context: RunContext, { force }: { force: boolean }): Promise<void> {
  const run = async (stage: Stage): Promise<void> => {
    await runStage(context, stage, { onlyIfStale: !force })
  }
  await checkInputs(context.config, ['sequences', 'models', 'motifs'])
  await run(prepareStage(context))
  for (const model of takenOverFirst(context.config.models)) await run(await trainStage(context, model))
  for (const model of context.config.models) await run(await predictStage(context, model))
  for (const model of context.config.models) await run(await extractStage(context, model, wholeShard))
  await run(await clusterStage(context))
  await run(await compareStage(context))
  await run(await mergeStage(context))
  await writeRunRecord(context)
  await run(reportStage(context))
  await writeRunRecord(context)
  context.stdout.write(`${context.directory.report}\n`)
}

/** A model file that cannot be read is found out before others are trained. */
function takenOverFirst(models: Config['models']): Config['models'] {
  const isTrained = ({ file, artifact }: Config['models'][number]) => (file ?? artifact) === undefined
  return models.toSorted((a, b) => Number(isTrained(a)) - Number(isTrained(b)))
}

function chosenModels(config: Config, only: readonly string[] | undefined): Config['models'] {
  const names = config.models.map((model) => model.name)
  const stranger = only?.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw new ConfigError(`--only ${stranger}: the run has no such model; it has ${names.join(', ')}`)
  }
  return config.models.filter((model) => only?.includes(model.name) ?? true)
}
