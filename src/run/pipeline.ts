/** The stages of a run in their order, and what each command makes of them. */
import { existsSync } from 'node:fs'
import { ConfigError } from '../base/errors.ts'
import { methodNames } from '../explain/methods.ts'
import { chosenModels } from './config/modelIndex.ts'
import { comparisonSummary } from './gather/comparisonSummary.ts'
import { checkInputs } from './inputs/checkInputs.ts'
import type { Config } from './config/configSchema.ts'
import type { RunContext } from './record/context.ts'
import { requireDatabase, requireOwn, requireReady } from './record/readiness.ts'
import { occupying } from './record/runLock.ts'
import { writeRunRecord } from './record/runRecord.ts'
import { settleModels } from './record/runModels.ts'
import { readStageRecords, runStage, type Stage } from './record/stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { completionsStage } from './stages/completions.ts'
import { compareStage } from './stages/compare.ts'
import { gatherStage } from './stages/gather.ts'
import { logicStage } from './stages/logic.ts'
import { attributionSources } from './stages/attributions.ts'
import { evaluateStage } from './stages/evaluate.ts'
import { extractStage } from './stages/extract.ts'
import { wholeShard, type Shard } from './stages/shards.ts'
import { mergeStage } from './stages/merge.ts'
import { predictStage } from './stages/predict.ts'
import { prepareStage } from './stages/prepare.ts'
import { reportStage } from './stages/report.ts'
import { requireWholeExtractions } from './stages/wholeExtractions.ts'
import { trainStage } from './stages/train.ts'
import { requireTrainable } from './stages/trainable.ts'

export async function prepareRun(context: RunContext): Promise<void> {
  requireOwn(context, 'prepare')
  await checkInputs(context.config, ['sequences'])
  await runStage(context, prepareStage(context), { onlyIfStale: false })
  await succeed(context)
}

export async function trainRun(context: RunContext, only?: readonly string[]): Promise<void> {
  requireOwn(context, 'train')
  const chosen = chosenModels(context.config, only)
  await requireReady(context, 'train')
  await checkInputs({ ...context.config, models: [...chosen] }, ['models'])
  for (const model of takenOverFirst(chosen)) {
    await runStage(context, await trainStage(context, model), { onlyIfStale: false })
    await runStage(context, await predictStage(context, model), { onlyIfStale: true })
  }
  await succeed(context)
}

export async function predictRun(context: RunContext): Promise<void> {
  requireOwn(context, 'predict')
  await requireReady(context, 'predict')
  for (const model of context.config.models) {
    await runStage(context, await predictStage(context, model), { onlyIfStale: false })
  }
  await succeed(context)
}

/** All or one shard; with all, the database is built too. */
export async function extractRun(context: RunContext, shard: Shard, only?: readonly string[]): Promise<void> {
  requireOwn(context, 'extract')
  const chosen = chosenModels(context.config, only)
  await requireReady(context, 'extract', chosen)
  for (const model of chosen) {
    await runStage(context, await predictStage(context, model, { explains: true }), { onlyIfStale: true })
    await runStage(context, await extractStage(context, model, shard), { onlyIfStale: false })
  }
  // Shards of one run may end at the same time on different machines: only the merge writes what they share.
  if (shard.count === 1) await mergeAndRecord(context)
  else await context.saveConfig()
}

/** What the models make of their SIS in real contexts. */
export async function completionsRun(context: RunContext, only?: readonly string[]): Promise<void> {
  const chosen = chosenModels(context.config, only)
  await requireReady(context, 'completions', chosen)
  for (const model of chosen) {
    await runStage(context, await completionsStage(context, model), { onlyIfStale: true })
  }
  await mergeAndRecord(context)
}

export async function mergeRun(context: RunContext): Promise<void> {
  await requireReady(context, 'merge')
  await requireWholeExtractions(context.directory, context.config.models, { all: false })
  await mergeAndRecord(context)
}

export async function clusterRun(context: RunContext): Promise<void> {
  await requireReady(context, 'cluster')
  await checkInputs(context.config, ['motifs'])
  await runStage(context, await clusterStage(context), { onlyIfStale: false })
  await mergeAndRecord(context)
}

export async function logicRun(context: RunContext): Promise<void> {
  await requireReady(context, 'logic')
  await runStage(context, await logicStage(context), { onlyIfStale: false })
  await mergeAndRecord(context)
}

/** @param only names of the models that are explained; all unless given */
export async function explainRun(context: RunContext, only?: readonly string[]): Promise<void> {
  requireOwn(context, 'explain')
  const chosen = chosenModels(context.config, only)
  const { methods, attributions } = context.config.explain
  if (methods.length === 0 && attributions.length === 0) {
    throw new ConfigError(`no explanation method is named; --methods takes ${methodNames.join(', ')}`)
  }
  await requireReady(context, 'explain', chosen)
  for (const model of chosen) {
    for (const { stage } of attributionSources(context, model)) {
      await runStage(context, await stage(), { onlyIfStale: true })
    }
  }
  await mergeAndRecord(context)
}

export async function evaluateRun(context: RunContext): Promise<void> {
  requireOwn(context, 'evaluate')
  await requireReady(context, 'evaluate')
  await runStage(context, await evaluateStage(context), { onlyIfStale: false })
  await mergeAndRecord(context)
}

export async function compareRun(context: RunContext): Promise<void> {
  await requireReady(context, 'compare')
  await runStage(context, await compareStage(context), { onlyIfStale: false })
  await mergeAndRecord(context)
}

/** The page shows what the database holds; where that is out of date, the page says so too. */
export async function reportRun(context: RunContext): Promise<void> {
  await settleModels(context, await readStageRecords(context.directory))
  await requireDatabase(context.directory)
  await writeRunRecord(context)
  await runStage(context, reportStage(context), { onlyIfStale: false })
  await succeed(context)
}

async function mergeAndRecord(context: RunContext): Promise<void> {
  await runStage(context, await mergeStage(context), { onlyIfStale: false })
  await succeed(context)
}

/** Only what has succeeded is kept as the run's config: a flag that failed must not win for ever. */
async function succeed(context: RunContext): Promise<void> {
  await context.saveConfig()
  await writeRunRecord(context)
}

/**
 * Every stage in order; those up to date are skipped unless forced. Prints the report's path on stdout.
 * @param remove models that the config names no more and whose results are deleted
 * @throws BackendError where another process of this machine works in the directory
 */
export async function runAll(
  context: RunContext,
  options: { force: boolean; remove?: readonly string[] | undefined },
): Promise<void> {
  await occupying(context.directory, 'run', () => runAllAlone(context, options))
}

async function runAllAlone(
  context: RunContext,
  { force, remove }: { force: boolean; remove?: readonly string[] | undefined },
): Promise<void> {
  await settleModels(context, await readStageRecords(context.directory), remove)
  const run = async (stage: Stage): Promise<void> => {
    await runStage(context, stage, { onlyIfStale: !force })
  }
  if (context.config.runs === undefined) await findSis(context, run)
  else await gather(context, run)
  if (context.config.completions !== undefined) {
    for (const model of context.config.models) await run(await completionsStage(context, model))
  }
  await run(await clusterStage(context))
  await run(await logicStage(context))
  await run(await compareStage(context))
  if (context.config.runs === undefined) await explain(context, run)
  await run(await mergeStage(context))
  await succeed(context)
  await run(reportStage(context))
  await writeRunRecord(context)
  context.stdout.write(`${context.directory.report}\n`)
}

/** From sequences to the SIS of all models. */
async function findSis(context: RunContext, run: (stage: Stage) => Promise<void>): Promise<void> {
  const { config, directory } = context
  await checkInputs(config, ['sequences', 'models', 'motifs'])
  await run(prepareStage(context))
  await requireTrainable(directory, config.models)
  await saveFirstConfig(context)
  for (const model of takenOverFirst(config.models)) await run(await trainStage(context, model))
  for (const model of config.models) await run(await predictStage(context, model, { explains: true }))
  for (const model of config.models) await run(await extractStage(context, model, wholeShard))
}

/** What other methods say of the same sequences, where the config names some, and how good they are. */
async function explain(context: RunContext, run: (stage: Stage) => Promise<void>): Promise<void> {
  const { models, explain: wanted } = context.config
  for (const model of models) {
    for (const { stage } of attributionSources(context, model)) await run(await stage())
  }
  if (wanted.methods.length > 0 || wanted.attributions.length > 0) await run(await evaluateStage(context))
}

/** The SIS that finished runs have found. */
async function gather(context: RunContext, run: (stage: Stage) => Promise<void>): Promise<void> {
  await checkInputs(context.config, ['motifs'])
  const stage = await gatherStage(context)
  // What is interrupted and begun again must be known for what it is.
  await saveFirstConfig(context)
  await run(stage)
}

/** So that a run which is interrupted can be gone on with stage by stage. */
async function saveFirstConfig(context: RunContext): Promise<void> {
  if (!existsSync(context.directory.config)) await context.saveConfig()
}

/** What `runAll` does of finished runs, and what they have in common and apart, on stderr. */
export async function compareRuns(context: RunContext): Promise<void> {
  await runAll(context, { force: false })
  for (const part of await comparisonSummary(context.directory)) context.reporter.info(part)
}

/** A model file that cannot be read is found out before others are trained. */
function takenOverFirst(models: Config['models']): Config['models'] {
  const isTrained = ({ file, artifact }: Config['models'][number]) => (file ?? artifact) === undefined
  return models.toSorted((a, b) => Number(isTrained(a)) - Number(isTrained(b)))
}
