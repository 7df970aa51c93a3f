/**
 * Whether a run has what a command needs, and whether its results are of what is there now: told from the stages' records
 * alone, which name the files that each stage read and wrote by their hashes.
 */
import { existsSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import type { TableName } from '../../store/tables.ts'
import type { RunContext } from './context.ts'
import type { RunDirectory } from './runDirectory.ts'
import { modelOf, settleModels } from './runModels.ts'
import { readStageRecords, type StageRecord } from './stage.ts'
import { commandOf, kindOf, ownKinds, stageKinds, type StageKind } from './stageKinds.ts'

interface StaleStage {
  /** e.g. `extract.cnn` */
  readonly stage: string
  readonly kind: StageKind
  /** What has changed since, for people. */
  readonly because: string
}

/** What each command takes. A report shows what the database has, out of date or not (`requireDatabase`). */
const needs = {
  train: ['prepare'],
  predict: ['prepare', 'train'],
  extract: ['prepare', 'train'],
  completions: ['prepare', 'train', 'extract'],
  cluster: ['prepare', 'train', 'extract'],
  logic: ['prepare', 'train', 'extract', 'cluster'],
  compare: ['prepare', 'train', 'extract', 'cluster'],
  export: ['prepare', 'train', 'extract', 'cluster'],
  explain: ['prepare', 'train', 'predict'],
  evaluate: ['prepare', 'train', 'predict', 'extract'],
  merge: ['prepare'],
  // Of each run that is compared.
  gather: ['prepare', 'train', 'predict', 'extract'],
} as const satisfies Record<string, readonly StageKind[]>

/** What is said of a stage that has not run. */
const nothing: Readonly<Partial<Record<StageKind, string>>> = {
  gather: 'no runs are gathered',
  prepare: 'no sequences are prepared',
  train: 'no model is trained or taken over',
  extract: 'no SIS are extracted',
  cluster: 'no parts are clustered',
}

/**
 * @throws ConfigError naming the first stage that must run before the command does: one that has not run, or one whose
 * results are of something else than is there now
 * @param models those that the command is about
 */
export async function requireReady(
  context: RunContext,
  command: keyof typeof needs,
  models: readonly { readonly name: string }[] = context.config.models,
): Promise<void> {
  const { directory } = context
  const records = await readStageRecords(directory)
  await settleModels(context, records)
  const stale = staleStages(records)
  for (const kind of neededKinds(context, command)) {
    // A run may be compared before it is clustered.
    const missing = command === 'compare' && kind === 'cluster' ? undefined : nothing[kind]
    if (missing !== undefined && !records.some((record) => kindOf(record) === kind)) {
      throw notYet(directory, missing, firstMissing(records, kind))
    }
    const first = stale.find((stage) => {
      const model = modelOf(stage.stage)
      return stage.kind === kind && (model === undefined || models.some(({ name }) => name === model))
    })
    if (first !== undefined) {
      throw new ConfigError(`${saidOf(first)}; run ${mendedBy(kind, directory)} first`)
    }
  }
}

/** Where finished runs are compared, what they have done is gathered. */
function neededKinds({ config }: RunContext, command: keyof typeof needs): readonly StageKind[] {
  const kinds: readonly StageKind[] = needs[command]
  return config.runs === undefined ? kinds : ['gather', ...kinds.filter((kind) => !ownKinds.includes(kind))]
}

/** @throws ConfigError where finished runs are compared: what a run does by itself is done in each of them */
export function requireOwn({ directory, config }: RunContext, command: StageKind): void {
  if (config.runs === undefined) return
  const runs = config.runs.map(({ path }) => `'sis ${command} ${asTyped({ path })}'`).join(' or ')
  throw new ConfigError(
    `${asTyped(directory)} compares finished runs; ${runs} is for them, then 'sis run ${asTyped(directory)}'`,
  )
}

/** @throws ConfigError where clustering has not written this table: by a version that had none, or it was deleted */
export async function requireClustered(directory: RunDirectory, table: TableName): Promise<void> {
  if ((await tableFiles(directory.path, table)).length > 0) return
  throw notYet(directory, `there is no table '${table}'`, 'cluster')
}

/** @throws ConfigError where no database was built yet */
export async function requireDatabase(directory: RunDirectory): Promise<void> {
  if (existsSync(directory.database)) return
  throw notYet(directory, 'no database is built', firstMissing(await readStageRecords(directory), 'merge'))
}

function notYet(directory: RunDirectory, what: string, next: StageKind): ConfigError {
  return new ConfigError(`${asTyped(directory)}: ${what} yet; run ${mendedBy(next, directory)} first`)
}

/** What is to be done next for a stage of this kind to have what it takes. */
function firstMissing(records: readonly StageRecord[], kind: StageKind): StageKind {
  const way: readonly StageKind[] = records.some((record) => kindOf(record) === 'gather')
    ? ['gather', 'cluster']
    : ['prepare', 'train', 'extract', 'cluster']
  return way.find((step) => step === kind || !records.some((record) => kindOf(record) === step)) ?? kind
}

/** @returns a sentence where what the run's database holds is not of what the run has now, with the commands that mend it */
export async function databaseWarning(directory: RunDirectory): Promise<string | undefined> {
  const stale = staleStages(await readStageRecords(directory))
  const first = stale[0]
  if (first === undefined) return undefined
  const kinds = stageKinds.filter((kind) => stale.some((stage) => stage.kind === kind))
  return `sis.duckdb is not of what the run has now: ${saidOf(first)}; ${allMendedBy(kinds, directory)} makes it new`
}

/** The stages whose results are out of date, in the order in which they are to be made again. */
function staleStages(records: readonly StageRecord[]): StaleStage[] {
  const written = new Map<string, { stage: string; hash: string }>()
  for (const { stage, outputs } of records) {
    for (const [name, hash] of Object.entries(outputs)) written.set(name, { stage, hash })
  }
  const stale = new Map<string, StaleStage>()
  const inOrder = records
    .filter((record) => kindOf(record) !== undefined)
    .toSorted((a, b) => stageKinds.indexOf(kindOf(a)!) - stageKinds.indexOf(kindOf(b)!))
  for (const record of inOrder) {
    const because = changeSince(record, written, stale) ?? missingIn(record, inOrder)
    if (because !== undefined) {
      stale.set(record.stage, { stage: record.stage, kind: kindOf(record)!, because })
    }
  }
  return [...stale.values()]
}

function changeSince(
  { inputs }: StageRecord,
  written: ReadonlyMap<string, { stage: string; hash: string }>,
  stale: ReadonlyMap<string, StaleStage>,
): string | undefined {
  for (const [name, hash] of Object.entries(inputs)) {
    const source = written.get(name)
    if (source === undefined) {
      // Of the run, and no stage has it any more. What lies outside is the user's, and `sis run` looks at it.
      if (isAbsolute(name)) continue
      return `${name} is no longer there`
    }
    if (source.hash !== hash) return `${name} was made anew since`
    if (stale.has(source.stage)) return `${source.stage} is out of date itself`
  }
  return undefined
}

/** What a stage that gathers all results of a kind has not seen. */
function missingIn(record: StageRecord, records: readonly StageRecord[]): string | undefined {
  const kind = kindOf(record)!
  const gathered: readonly StageKind[] =
    kind === 'merge'
      ? stageKinds
      : kind === 'cluster' || kind === 'compare'
        ? ['extract']
        : kind === 'evaluate'
          ? ['extract', 'explain']
          : []
  for (const other of records) {
    if (other === record || !gathered.includes(kindOf(other)!)) continue
    const name = Object.keys(other.outputs).find((output) => isTable(output) && !(output in record.inputs))
    if (name !== undefined) return `${other.stage} has been done since`
  }
  return undefined
}

function isTable(name: string): boolean {
  return name.startsWith('tables/')
}

function saidOf({ stage, because }: StaleStage): string {
  return `${stage} is out of date (${because})`
}

/** The command that makes what a stage of this kind makes. */
function mendedBy(kind: StageKind, directory: RunDirectory): string {
  const gathers = ownKinds.includes(kind) && existsSync(directory.stageRecord('gather'))
  return `'sis ${commandOf(gathers ? 'gather' : kind)} ${asTyped(directory)}'`
}

/** The commands that make, one after the other, what stages of these kinds make. */
export function allMendedBy(kinds: readonly StageKind[], directory: RunDirectory): string {
  // Every command that makes tables builds the database too.
  const makers = kinds.length > 1 ? kinds.filter((kind) => kind !== 'merge') : kinds
  const commands = makers.map((kind) => mendedBy(kind, directory))
  const all = mendedBy('gather', directory)
  return commands.includes(all) ? all : commands.join(', then ')
}

/** From where the user stands, if the run lies below. */
export function asTyped({ path }: Pick<RunDirectory, 'path'>): string {
  const below = relative(process.cwd(), path)
  return below.startsWith('..') ? path : below || '.'
}
