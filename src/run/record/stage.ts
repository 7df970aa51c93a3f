/**
 * A stage of a run and its record. A stage is up to date when its settings and the content of every file it reads are
 * those of its last record and every file it wrote is as it left it, whatever the times of the files.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { DataError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { asReadError } from '../../io/files/fileErrors.ts'
import { hashFile } from '../../io/files/hashFile.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { removeAbandoned, removeRivals } from '../../io/files/scratch.ts'
import { toolVersion } from '../../base/toolVersion.ts'
import { forgetAttempts, keepFailure, whileTold, type Progress } from './attempt.ts'
import type { RunContext } from './context.ts'
import type { RunDirectory } from './runDirectory.ts'
import { occupying } from './runLock.ts'
import { commandOf } from './stageKinds.ts'
import { refuseChanged } from './writtenFiles.ts'

export interface Stage {
  /** Unique in a run, e.g. `prepare`, `train.cnn`, `extract.cnn.1-of-4`. */
  readonly name: string
  /** Everything but files that the result depends on. */
  readonly settings: unknown
  /** Files read, absolute. */
  inputs(): readonly string[]
  /** @param key stands for the settings, the content of all inputs and the version of the tool */
  run(key: string, progress: Progress): Promise<StageResult>
}

export interface StageResult {
  /** Files written, absolute. */
  readonly outputs: readonly string[]
  /** What the record and the report tell of it. */
  readonly details: Readonly<Record<string, unknown>>
}

export const recordSchema = z.object({
  stage: z.string(),
  key: z.string(),
  started: z.string(),
  seconds: z.number(),
  settings: z.unknown(),
  inputs: z.record(z.string(), z.string()),
  /** SHA-256 of each. */
  outputs: z.record(z.string(), z.string()),
  details: z.record(z.string(), z.unknown()),
  warnings: z.array(z.string()),
})
export type StageRecord = z.output<typeof recordSchema>

/** @returns the stage's record of its last run, or undefined where it has not run (or its record is not readable) */
export async function readStageRecord(
  directory: RunDirectory,
  name: string,
): Promise<StageRecord | undefined> {
  const path = directory.stageRecord(name)
  if (!existsSync(path)) return undefined
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asReadError(error, path)
    throw new DataError(
      `is damaged: it is not JSON; remove it and run 'sis ${commandOf(name)}' again`,
      { file: path },
      { cause: error },
    )
  }
  const parsed = recordSchema.safeParse(json)
  return parsed.success ? parsed.data : undefined
}

/** @returns the records of all stages that have run, in the order they started */
export async function readStageRecords(directory: RunDirectory): Promise<StageRecord[]> {
  const folder = dirname(directory.stageRecord('any'))
  if (!existsSync(folder)) return []
  const records: StageRecord[] = []
  for (const name of (await readdir(folder)).sort()) {
    const record = name.endsWith('.json') ? await readStageRecord(directory, name.slice(0, -5)) : undefined
    if (record !== undefined) records.push(record)
  }
  return records.sort((a, b) => a.started.localeCompare(b.started))
}

/**
 * Runs a stage and writes its record, unless `onlyIfStale` and it is up to date.
 * @throws BackendError where `sis run` of another process of this machine works in the directory
 */
export async function runStage(
  context: RunContext,
  stage: Stage,
  options: { onlyIfStale: boolean },
): Promise<void> {
  context.signal.throwIfAborted()
  await occupying(context.directory, 'job', () => attemptStage(context, stage, options))
}

async function attemptStage(
  context: RunContext,
  stage: Stage,
  { onlyIfStale }: { onlyIfStale: boolean },
): Promise<void> {
  const { directory, reporter, signal } = context
  await removeLeftBehind(directory)
  const { inputs, settings, key } = await identityOf(directory, stage)

  if (onlyIfStale) {
    const last = await readStageRecord(directory, stage.name)
    if (last?.key === key && (await areUnchanged(directory, last.outputs))) {
      reporter.info(`${stage.name}: up to date`)
      return
    }
  }

  refuseChanged(inputs, await readStageRecords(directory), (name) => inDirectory(directory, name))

  const before = await readStageRecord(directory, stage.name)
  const started = new Date()
  const warningsBefore = reporter.warnings.length
  let result: StageResult
  try {
    result = await whileTold(directory, stage.name, (progress) => stage.run(key, progress))
  } catch (error) {
    // A retry that was done first has taken away what this attempt had half written.
    const other = signal.aborted ? undefined : await doneByAnother(directory, stage.name, key, before)
    if (other !== undefined && (await areUnchanged(directory, other.outputs))) {
      reporter.info(`${stage.name}: another attempt has done it`)
      return
    }
    if (!signal.aborted) await keepFailure(directory, stage.name, error)
    throw error
  }
  const { outputs, details } = result
  const record: StageRecord = {
    stage: stage.name,
    key,
    started: started.toISOString(),
    seconds: Number(((Date.now() - started.getTime()) / 1000).toFixed(2)),
    settings,
    inputs,
    outputs: await hashesOf(directory, outputs),
    details,
    warnings: reporter.warnings.slice(warningsBefore),
  }
  const other = await doneByAnother(directory, stage.name, key, before)
  if (other !== undefined && isDeepStrictEqual(other.outputs, record.outputs)) {
    // Whoever waits for the stage has seen that record, and its time.
    reporter.info(`${stage.name}: another attempt has done it, to the same bytes`)
  } else {
    const path = directory.stageRecord(stage.name)
    makeDirectory(dirname(path))
    await writeFileAtomically(path, `${JSON.stringify(record, undefined, 2)}\n`)
  }
  await forgetAttempts(directory, stage.name)
  for (const output of outputs) await removeRivals(output)
}

/** @returns the record of another attempt that has come to its end since this one began */
async function doneByAnother(
  directory: RunDirectory,
  name: string,
  key: string,
  before: StageRecord | undefined,
): Promise<StageRecord | undefined> {
  const now = await readStageRecord(directory, name)
  return now?.key === key && !isDeepStrictEqual(now, before) ? now : undefined
}

/** What a stage's result depends on, and the key that stands for it. */
async function identityOf(
  directory: RunDirectory,
  stage: Stage,
): Promise<Pick<StageRecord, 'inputs' | 'settings' | 'key'>> {
  const inputs = await hashesOf(directory, stage.inputs())
  const settings: unknown = JSON.parse(JSON.stringify(stage.settings ?? null))
  return { inputs, settings, key: keyOf(settings, inputs) }
}

/** @returns the settings that are not those of the stage's last run, e.g. `train.batch-size`; nothing is read but its record */
export async function changedSettings(directory: RunDirectory, stage: Stage): Promise<string[]> {
  const last = await readStageRecord(directory, stage.name)
  const names = differing(last?.settings, JSON.parse(JSON.stringify(stage.settings ?? null)))
  // As the config and the flags have them.
  return names.map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
}

/** @returns why a stage would run, for people; undefined where it is up to date. Nothing is written. */
export async function staleness(directory: RunDirectory, stage: Stage): Promise<string | undefined> {
  const last = await readStageRecord(directory, stage.name)
  if (last === undefined) return 'it has not run'
  const { inputs, key } = await identityOf(directory, stage)
  if (last.key === key) {
    return (await areUnchanged(directory, last.outputs)) ? undefined : 'what it wrote was changed or deleted'
  }
  const changed = await changedSettings(directory, stage)
  if (changed.length > 0) return `other settings: ${changed.join(', ')}`
  const read = differing(last.inputs, inputs)
  if (read.length > 0) return `other content: ${read.join(', ')}`
  return `made by another version than ${toolVersion()}`
}

/** The keys, one level down where both have objects there, whose values are not the same. */
function differing(before: unknown, now: unknown, prefix = ''): string[] {
  if (!isObject(before) || !isObject(now)) return isDeepStrictEqual(before, now) ? [] : ['all']
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return keys.flatMap((name) => {
    const [a, b] = [before[name], now[name]]
    if (isDeepStrictEqual(a, b)) return []
    return prefix === '' && isObject(a) && isObject(b) ? differing(a, b, `${name}.`) : [prefix + name]
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keyOf(settings: unknown, inputs: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify([toolVersion(), settings, inputs]))
    .digest('hex')
}

/** @returns whether this version of the tool did it: its key holds the version */
export function isOfThisVersion({ key, settings, inputs }: StageRecord): boolean {
  return key === keyOf(settings, inputs)
}

/**
 * @param hashes of files that were read before, by name; undefined where there is none
 * @returns the name of the first file that is not as the stage read it
 */
export async function changedInput(
  directory: RunDirectory,
  { inputs }: StageRecord,
  hashes: Map<string, string | undefined>,
): Promise<string | undefined> {
  for (const [name, hash] of Object.entries(inputs)) {
    const path = inDirectory(directory, name)
    if (!hashes.has(name)) hashes.set(name, existsSync(path) ? await hashFile(path) : undefined)
    if (hashes.get(name) !== hash) return name
  }
  return undefined
}

/** What killed runs had half written, in this directory's own folders: not in others that a user keeps there. */
async function removeLeftBehind({ path }: RunDirectory): Promise<void> {
  await removeAbandoned(path)
  for (const folder of ['stages', 'models', 'tables']) {
    const own = join(path, folder)
    if (!existsSync(own)) continue
    await removeAbandoned(own)
    for (const name of await readdir(own)) await removeAbandoned(join(own, name))
  }
}

/** @returns whether all that the stage read and wrote is as its record says; its settings are not looked at */
export async function filesAreCurrent(directory: RunDirectory, record: StageRecord): Promise<boolean> {
  return (await areUnchanged(directory, record.inputs)) && (await areUnchanged(directory, record.outputs))
}

async function areUnchanged(
  directory: RunDirectory,
  hashes: Readonly<Record<string, string>>,
): Promise<boolean> {
  for (const [name, hash] of Object.entries(hashes)) {
    const path = inDirectory(directory, name)
    if (!existsSync(path) || (await hashFile(path)) !== hash) return false
  }
  return true
}

/** @returns SHA-256 by name, names in order */
async function hashesOf(directory: RunDirectory, paths: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const path of [...new Set(paths)].sort()) hashes[nameIn(directory, path)] = await hashFile(path)
  return hashes
}

/** Removes what a stage wrote, and its record. */
export async function removeStage(directory: RunDirectory, record: StageRecord): Promise<void> {
  for (const name of Object.keys(record.outputs)) await rm(inDirectory(directory, name), { force: true })
  await rm(directory.stageRecord(record.stage), { force: true })
}

/** Files of the run are named relative to it, so that a run directory can be moved. */
function nameIn(directory: RunDirectory, path: string): string {
  const name = relative(directory.path, path)
  return name.startsWith('..') ? path : name
}

function inDirectory(directory: RunDirectory, name: string): string {
  return name.startsWith('/') ? name : `${directory.path}/${name}`
}
