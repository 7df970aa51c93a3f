/** Lists the runs of a directory, told from their records alone: no database is opened, and a damaged run ends nothing. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ConfigError, SisError } from '../../base/errors.ts'
import { count, moment } from '../../base/format.ts'
import type { Screen } from '../../terminal/palette.ts'
import { Sheet } from '../../terminal/sheet.ts'
import { readConfigFile } from '../config/readConfig.ts'
import { databaseWarning } from '../record/readiness.ts'
import { runDirectory, type RunDirectory } from '../record/runDirectory.ts'
import { readStageRecords, type StageRecord } from '../record/stage.ts'
import { kindOf, optionalKinds, ownKinds, stageKinds } from '../record/stageKinds.ts'
import { finishedPartOf } from '../stages/finishedSequences.ts'
import { findRuns } from './findRuns.ts'
import { readRunRecord } from './openShown.ts'

export const listFormats = ['text', 'json'] as const

interface ListedRun {
  readonly directory: string
  readonly title: string
  /** When its last stage began, ISO 8601; null where none has. */
  readonly date: string | null
  readonly models: readonly string[]
  /** Null before the database is built. */
  readonly sis: number | null
  /** e.g. `finished`, `to do: cluster, logic`, `damaged`. */
  readonly state: string
  /** What is wrong with one that is damaged. */
  readonly fault?: string
}

const rowsSchema = z.object({ rows: z.object({ sis: z.number() }) })

/** @throws ConfigError where there is no such directory */
export async function listRuns(
  path: string,
  format: (typeof listFormats)[number],
  screen: Screen,
): Promise<void> {
  if (!existsSync(path)) throw new ConfigError(`${path}: there is no such directory`)
  if (!statSync(path).isDirectory()) throw new ConfigError(`${path} is a file; give a directory`)
  const runs: ListedRun[] = []
  for (const directory of findRuns(path)) runs.push(await listed(directory))
  if (format === 'json') {
    screen.write(`${JSON.stringify(runs, undefined, 2)}\n`)
    return
  }
  const sheet = Sheet.of(screen, process.env)
  if (runs.length === 0) sheet.paragraph(`No run in ${path} or three levels below it; 'sis demo' makes one.`)
  else {
    sheet.table({
      names: ['run', 'title', 'last stage', 'models', 'SIS', 'state'],
      numeric: ['SIS'],
      whole: ['run'],
      rows: runs.map(({ directory, title, date, models, sis, state }) => [
        directory,
        title,
        date === null ? '–' : moment(date),
        models.join(', '),
        sis === null ? '–' : count(sis),
        state,
      ]),
    })
    for (const { directory, fault } of runs) if (fault !== undefined) sheet.warning(`${directory}: ${fault}`)
  }
  screen.write(sheet.text())
}

async function listed(path: string): Promise<ListedRun> {
  const directory = runDirectory(path)
  const unknown = { directory: path, title: '–', date: null, models: [], sis: null }
  try {
    const { report, models } = await readConfigFile(directory.config)
    const records = await readStageRecords(directory)
    if (existsSync(directory.record)) await readRunRecord(directory.record)
    const merged = rowsSchema.safeParse(records.find((record) => kindOf(record) === 'merge')?.details)
    return {
      directory: path,
      title: report.title ?? '–',
      date: records.at(-1)?.started ?? null,
      models: models.map(({ name }) => name),
      sis: merged.success ? merged.data.rows.sis : null,
      state: await stateOf(directory, records),
    }
  } catch (error) {
    if (!(error instanceof SisError)) throw error
    return { ...unknown, state: 'damaged', fault: error.message }
  }
}

async function stateOf(directory: RunDirectory, records: readonly StageRecord[]): Promise<string> {
  if (isInterrupted(directory)) return 'interrupted in extract'
  if ((await databaseWarning(directory)) !== undefined) return 'out of date'
  const gathered = records.some((record) => kindOf(record) === 'gather')
  const kinds = stageKinds.filter((kind) => (gathered ? !ownKinds.includes(kind) : kind !== 'gather'))
  const needed = kinds.filter((kind) => !optionalKinds.includes(kind))
  const missing = needed.filter((kind) => !records.some((record) => kindOf(record) === kind))
  if (missing.length > 0) return `to do: ${missing.join(', ')}`
  return existsSync(directory.report) ? 'finished' : 'to do: report'
}

/** An extraction that ends keeps what it had finished, until it is done. */
function isInterrupted(directory: RunDirectory): boolean {
  const folder = dirname(directory.finishedSequences('any'))
  return existsSync(folder) && readdirSync(folder).some((name) => finishedPartOf(name) !== undefined)
}
