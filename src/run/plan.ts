/** What `sis run` would do, told without doing it: each stage in order, and why it would run. Nothing is written. */
import { existsSync } from 'node:fs'
import type { tableNames } from '../store/schema.ts'
import { checkInputs } from './inputs/checkInputs.ts'
import type { RunContext } from './record/context.ts'
import { refuseStrangers } from './record/runModels.ts'
import { readStageRecord, readStageRecords, whyStale, type Stage } from './record/stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { compareStage } from './stages/compare.ts'
import { extractStage } from './stages/extract.ts'
import { logicStage } from './stages/logic.ts'
import { mergeStage } from './stages/merge.ts'
import { predictStage } from './stages/predict.ts'
import { prepareStage } from './stages/prepare.ts'
import { reportStage } from './stages/report.ts'
import { wholeShard } from './stages/shards.ts'
import { trainStage } from './stages/train.ts'

export interface PlannedStage {
  /** e.g. `extract.cnn` */
  readonly name: string
  /** Why it would run, for people; undefined where it is up to date. */
  readonly because: string | undefined
  /** What it wrote last time, or writes as a rule, relative to the run directory. */
  readonly writes: readonly string[]
}

/** A stage, and those whose files it reads. */
interface Step {
  readonly name: string
  readonly takesFrom: readonly string[]
  /** Asked only where all that it takes from is up to date: it may read their files. */
  readonly stage: () => Stage | Promise<Stage>
}

/**
 * @param force every stage, up to date or not
 * @param remove models that the config names no more and whose results would be deleted
 * @returns the stages in the order in which they would run
 * @throws as the run would before its first stage: inputs that cannot be read, models that the config does not name
 */
export async function planRun(
  context: RunContext,
  { force, remove }: { force: boolean; remove?: readonly string[] | undefined },
): Promise<PlannedStage[]> {
  const { directory, config } = context
  refuseStrangers(context, await readStageRecords(directory), remove)
  await checkInputs(config, ['sequences', 'models', 'motifs'])
  const planned = new Map<string, PlannedStage>()
  for (const { name, takesFrom, stage } of stepsOf(context)) {
    const first = takesFrom.find((from) => planned.get(from)?.because !== undefined)
    const because =
      first !== undefined
        ? `${first} comes before it`
        : ((await whyStale(directory, await stage())) ?? (force ? '--force' : undefined))
    const record = await readStageRecord(directory, name)
    const writes = record === undefined ? usuallyWrites(name) : Object.keys(record.outputs)
    planned.set(name, { name, because, writes })
  }
  return [...planned.values()]
}

function stepsOf(context: RunContext): Step[] {
  const { models } = context.config
  const all = (kind: string): string[] => models.map(({ name }) => `${kind}.${name}`)
  return [
    { name: 'prepare', takesFrom: [], stage: () => prepareStage(context) },
    ...models.map((model) => ({
      name: `train.${model.name}`,
      takesFrom: ['prepare'],
      stage: () => trainStage(context, model),
    })),
    ...models.map((model) => ({
      name: `predict.${model.name}`,
      takesFrom: ['prepare', `train.${model.name}`],
      stage: () => predictStage(context, model, { explains: true }),
    })),
    ...models.map((model) => ({
      name: `extract.${model.name}`,
      takesFrom: ['prepare', `predict.${model.name}`],
      stage: () => extractStage(context, model, wholeShard),
    })),
    { name: 'cluster', takesFrom: ['prepare', ...all('extract')], stage: () => clusterStage(context) },
    { name: 'logic', takesFrom: ['cluster'], stage: () => logicStage(context) },
    { name: 'compare', takesFrom: ['cluster'], stage: () => compareStage(context) },
    {
      name: 'merge',
      takesFrom: [
        'prepare',
        ...all('train'),
        ...all('predict'),
        ...all('extract'),
        'cluster',
        'logic',
        'compare',
      ],
      stage: () => mergeStage(context),
    },
    { name: 'report', takesFrom: ['merge'], stage: () => reportStage(context) },
  ]
}

/** Of a stage that has not run yet. */
function usuallyWrites(name: string): string[] {
  const [kind = '', ...rest] = name.split('.')
  const model = rest.join('.')
  const tables: Readonly<Record<string, readonly (typeof tableNames)[number][]>> = {
    prepare: ['sequences', 'truth'],
    predict: ['models', 'predictions'],
    extract: ['sis'],
    compare: ['truth_scores', 'sis_overlaps', 'cross_sufficiency', 'cluster_shares'],
  }
  const part = model === '' ? 'all' : model
  const own = (tables[kind] ?? []).map((table) => `tables/${table}/${part}.parquet`)
  if (kind === 'train') return [`models/${model}/`, `tables/training_history/${model}.parquet`]
  if (kind === 'cluster') return ['tables/motifs/ and other tables of parts', 'motifs.meme']
  if (kind === 'logic') return ['tables/model_logic/ and other tables of logic']
  if (kind === 'merge') return ['sis.duckdb']
  if (kind === 'report') return ['report.html']
  return own
}

/** @returns lines for people */
export function planText({ directory }: RunContext, stages: readonly PlannedStage[]): string {
  const widest = Math.max(...stages.map(({ name }) => name.length))
  const lines = stages.map(({ name, because, writes }) =>
    because === undefined
      ? `up to date  ${name}`
      : `would run   ${name.padEnd(widest)}  ${because}; writes ${writes.join(', ')}`,
  )
  const count = stages.filter(({ because }) => because !== undefined).length
  const where = existsSync(directory.path) ? directory.path : `${directory.path}, a new directory`
  const end =
    count === 0
      ? `Nothing to do in ${where}.`
      : `${count} of ${stages.length} stages would run in ${where}. A stage is skipped after all where what comes before it gives the same files. Nothing was written.`
  return `${lines.join('\n')}\n\n${end}\n`
}
