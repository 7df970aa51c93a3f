/** `sis status`: which stages of a run, or of all samples of a batch, are done, run, failed or are missing, and how long is left. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { counted, duration } from '../../base/format.ts'
import type { Screen } from '../../terminal/palette.ts'
import { Sheet } from '../../terminal/sheet.ts'
import { batchDirectory, readBatch } from '../batch/batch.ts'
import { readConfigFile } from '../config/readConfig.ts'
import { notARun } from '../record/openRun.ts'
import { readAttempts, readFailure, type Attempt, type Failure } from '../record/attempt.ts'
import { runDirectory, type RunDirectory } from '../record/runDirectory.ts'
import { readStageRecords, type StageRecord } from '../record/stage.ts'
import { optionalKinds, ownKinds, stageKinds } from '../record/stageKinds.ts'
import { shardPart } from '../../store/tableFiles.ts'
import { shardCounts } from '../stages/shards.ts'

/** `silent`: an attempt that was killed, or of another machine and gave no word for `silentMilliseconds`. */
type State = 'done' | 'running' | 'silent' | 'failed' | 'missing'

interface StageStatus {
  readonly stage: string
  readonly state: State
  /** Of one that is done. */
  readonly seconds?: number
  /** Sequences, of one that runs. */
  readonly done?: number
  readonly total?: number
  /** Host and process of one that runs or is silent. */
  readonly where?: string
  readonly since?: string
  /** What the last attempt died of. */
  readonly error?: string
}

interface RunStatus {
  readonly run: string
  readonly stages: readonly StageStatus[]
  /** Of extraction, with as many jobs as run now (one if none does); null before a part of it is done. */
  readonly secondsLeft: number | null
  readonly lastError: Failure | null
}

/** Attempts give word every 5 seconds; file servers may be late. */
const silentMilliseconds = 60_000

/**
 * @throws ConfigError where there is neither a run nor a batch
 */
export async function statusOf(
  path: string,
  { json }: { readonly json: boolean },
  screen: Screen,
): Promise<void> {
  const batch = batchDirectory(resolve(path))
  const runs: RunStatus[] = []
  if (existsSync(batch.file)) {
    const { samples, shards } = await readBatch(batch)
    for (const { name, run, models } of samples) {
      const directory = runDirectory(join(batch.path, run))
      runs.push(await statusOfRun(directory, name, models, shards))
    }
  } else {
    const directory = runDirectory(resolve(path))
    if (!existsSync(directory.config)) throw new ConfigError(`${path}: ${notARun}`)
    const { models } = await readConfigFile(directory.config)
    runs.push(
      await statusOfRun(
        directory,
        path,
        models.map(({ name }) => name),
        undefined,
      ),
    )
  }
  screen.write(json ? `${JSON.stringify(runs, undefined, 2)}\n` : textOf(runs, screen))
}

async function statusOfRun(
  directory: RunDirectory,
  run: string,
  models: readonly string[],
  shards: number | undefined,
): Promise<RunStatus> {
  const records = await readStageRecords(directory)
  const attempts = await readAttempts(directory)
  const stages: StageStatus[] = []
  const failures: Failure[] = []
  for (const stage of await stagesOf(directory, models, shards, [...records, ...attempts])) {
    const failure = await readFailure(directory, stage)
    if (failure !== undefined) failures.push(failure)
    const record = records.find((one) => one.stage === stage)
    stages.push(statusOfStage(stage, record, attempts, failure))
  }
  const last = failures.toSorted((a, b) => a.time.localeCompare(b.time)).at(-1)
  return { run, stages, secondsLeft: secondsLeftOf(stages), lastError: last ?? null }
}

/** In the order in which they are done. */
async function stagesOf(
  directory: RunDirectory,
  models: readonly string[],
  shards: number | undefined,
  known: readonly { readonly stage: string }[],
): Promise<string[]> {
  if (known.some(({ stage }) => stage === 'gather')) return ['gather', ...laterStages]
  const extracts: string[] = []
  for (const model of models) {
    const count = shards ?? (await shardCounts(directory, model, known)).at(-1) ?? 1
    for (let index = 1; index <= count; index++) extracts.push(`extract.${shardPart(model, index, count)}`)
  }
  const each = (kind: string): string[] => models.map((model) => `${kind}.${model}`)
  return ['prepare', ...each('train'), ...each('predict'), ...extracts, ...laterStages]
}

/** What comes once the SIS are there, however they came. */
const laterStages: readonly string[] = [
  ...stageKinds.filter((kind) => kind !== 'gather' && ![...ownKinds, ...optionalKinds].includes(kind)),
  'report',
]

function statusOfStage(
  stage: string,
  record: StageRecord | undefined,
  attempts: readonly Attempt[],
  failure: Failure | undefined,
): StageStatus {
  const own = attempts.filter((attempt) => attempt.stage === stage)
  const alive = own.findLast(({ isAlive, heard }) => isAlive ?? Date.now() - heard < silentMilliseconds)
  if (alive !== undefined) return { ...toldOf(alive), state: 'running' }
  if (failure !== undefined) return { stage, state: 'failed', error: failure.message }
  if (record !== undefined) return { stage, state: 'done', seconds: record.seconds }
  const silent = own.at(-1)
  return silent === undefined ? { stage, state: 'missing' } : { ...toldOf(silent), state: 'silent' }
}

function toldOf({ stage, host, pid, job, since, done, total }: Attempt): Omit<StageStatus, 'state'> {
  return {
    stage,
    where: `${host}, process ${pid}${job === undefined ? '' : `, job ${job}`}`,
    since,
    ...(done === undefined ? {} : { done }),
    ...(total === undefined ? {} : { total }),
  }
}

/** From the mean of the shards that are done. */
function secondsLeftOf(stages: readonly StageStatus[]): number | null {
  const extracts = stages.filter(({ stage }) => stage.startsWith('extract.'))
  const done = extracts.filter(({ state }) => state === 'done')
  if (done.length === extracts.length) return 0
  if (done.length === 0) return null
  const mean = done.reduce((sum, { seconds }) => sum + seconds!, 0) / done.length
  const running = extracts.filter(({ state }) => state === 'running')
  const left = extracts.length - done.length - running.reduce((sum, one) => sum + shareDone(one), 0)
  return Math.round((mean * left) / Math.max(1, running.length))
}

function shareDone({ done = 0, total = 0 }: StageStatus): number {
  return total === 0 ? 0 : done / total
}

function textOf(runs: readonly RunStatus[], screen: Screen): string {
  const sheet = Sheet.of(screen, process.env)
  for (const { run, stages, secondsLeft, lastError } of runs) {
    sheet.heading(run)
    const of = (state: State): readonly StageStatus[] => stages.filter((stage) => stage.state === state)
    const states = ['done', 'running', 'silent', 'failed', 'missing'] as const
    const told = states
      .map((state) => `${of(state).length} ${state}`)
      .filter((text) => !text.startsWith('0 '))
    const left =
      secondsLeft === null || secondsLeft === 0 ? '' : `; extraction: about ${duration(secondsLeft)} left`
    sheet.paragraph(`${counted(stages.length, 'stage')}: ${told.join(', ')}${left}`)
    const shown = stages.filter(
      ({ state }) => state === 'running' || state === 'silent' || state === 'failed',
    )
    if (shown.length > 0) {
      sheet.table({
        names: ['stage', 'state', 'done', 'where', 'since'],
        whole: ['stage'],
        rows: shown.map(({ stage, state, done, total, where, since }) => [
          stage,
          state,
          done === undefined ? '' : `${done} of ${total!}`,
          where ?? '',
          since ?? '',
        ]),
      })
    }
    const missing = of('missing')
    if (missing.length > 0) sheet.quiet(`missing: ${missing.map(({ stage }) => stage).join(', ')}`)
    if (lastError !== null)
      sheet.warning(`${lastError.stage}, ${lastError.time} on ${lastError.host}: ${lastError.message}`)
  }
  return sheet.text()
}
