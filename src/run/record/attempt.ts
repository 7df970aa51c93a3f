/**
 * Attempts at stages: each leaves word of itself in a directory of its own in `stages/` while it works, so that `sis status`
 * can tell what runs where and how far it is; a failed one leaves what it died of, until the stage is done. Nothing is
 * decided by these files, so it does no harm where they are late (on NFS) or lost.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { oneLine, SisError } from '../../base/errors.ts'
import { isDiskFull } from '../../io/files/atomicWrite.ts'
import { errorCode } from '../../io/files/fileErrors.ts'
import { scratchesIn, withScratch } from '../../io/files/scratch.ts'
import type { RunDirectory } from './runDirectory.ts'

const attemptSchema = z.object({
  stage: z.string(),
  host: z.string(),
  pid: z.int(),
  /** By its machine's clock. */
  since: z.string(),
  /** Of a scheduler, where one runs it. */
  job: z.string().optional(),
  done: z.int().optional(),
  total: z.int().optional(),
})

/** One that is under way, or has been when it was killed. */
export type Attempt = z.output<typeof attemptSchema> & {
  /** Its directory. */
  readonly path: string
  /** Undefined where its machine is another one. */
  readonly isAlive: boolean | undefined
  /** When it last gave word, in milliseconds by the file system's clock. */
  readonly heard: number
}

const failureSchema = z.object({
  stage: z.string(),
  host: z.string(),
  pid: z.int(),
  time: z.string(),
  message: z.string(),
})
export type Failure = z.output<typeof failureSchema>

/** How far a stage is, told as often as it likes. */
export type Progress = (done: number, total: number) => void

/** Between two words of an attempt. */
const wordMilliseconds = 5000
const fileName = 'attempt.json'

/** Does a stage's work while telling of it. */
export async function whileTold<T>(
  directory: RunDirectory,
  stage: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const folder = dirname(directory.stageRecord(stage))
  // What is wrong with the place, its stage will say.
  await mkdir(folder, { recursive: true }).catch(ignoreSystem)
  let told = false as boolean
  try {
    return await withScratch(folder, 'attempt', async (path) => {
      told = true
      let last: { done?: number; total?: number } = {}
      const own = {
        stage,
        host: hostname(),
        pid: process.pid,
        since: new Date().toISOString(),
        job: process.env['SLURM_JOB_ID'],
      }
      // A file that is gone, or a full disk, must not end the work.
      const tell = (): Promise<void> =>
        writeFile(join(path, fileName), JSON.stringify({ ...own, ...last })).catch(ignoreSystem)
      await tell()
      const timer = setInterval(() => void tell(), wordMilliseconds).unref()
      try {
        return await work((done, total) => {
          last = { done, total }
        })
      } finally {
        clearInterval(timer)
      }
    })
  } catch (error) {
    if (told || !isSystem(error)) throw error
    return work(() => undefined)
  }
}

/** Keeps what a stage died of for `sis status`; What is no run yet stays empty, and nothing half written is left on a full disk. */
export async function keepFailure(directory: RunDirectory, stage: string, error: unknown): Promise<void> {
  if (!existsSync(directory.config) || (error instanceof Error && isDiskFull(error.cause))) return
  const message = error instanceof SisError ? error.message : oneLine(error)
  const failure: Failure = {
    stage,
    host: hostname(),
    pid: process.pid,
    time: new Date().toISOString(),
    message,
  }
  await writeFile(failurePath(directory, stage), JSON.stringify(failure)).catch(ignoreSystem)
}

/** The stage is done: what became of other attempts at it is of no interest, and one that lives will see it. */
export async function forgetAttempts(directory: RunDirectory, stage: string): Promise<void> {
  await rm(failurePath(directory, stage), { force: true }).catch(ignoreSystem)
  for (const attempt of await readAttempts(directory)) {
    if (attempt.stage !== stage || attempt.isAlive === true) continue
    await rm(attempt.path, { recursive: true, force: true }).catch(ignoreSystem)
  }
}

/** Not *.json: it is no record. */
function failurePath(directory: RunDirectory, stage: string): string {
  return directory.stageRecord(stage).replace(/json$/, 'failure')
}

export async function readFailure(directory: RunDirectory, stage: string): Promise<Failure | undefined> {
  return readAs(failureSchema, failurePath(directory, stage))
}

/** @returns the attempts that are under way or were killed, the newest last */
export async function readAttempts(directory: RunDirectory): Promise<Attempt[]> {
  const found: Attempt[] = []
  for (const { path, isAlive } of await scratchesIn(dirname(directory.stageRecord('any')))) {
    const file = join(path, fileName)
    const attempt = await readAs(attemptSchema, file)
    const heard = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    if (attempt !== undefined && heard !== undefined) found.push({ ...attempt, path, isAlive, heard })
  }
  return found.sort((a, b) => a.since.localeCompare(b.since))
}

/** @returns undefined where there is no such file, or it is just being written */
async function readAs<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
): Promise<z.output<Schema> | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch (error) {
    if (error instanceof SyntaxError || isSystem(error)) return undefined
    throw error
  }
}

function ignoreSystem(error: unknown): void {
  if (!isSystem(error)) throw error
}

function isSystem(error: unknown): boolean {
  return errorCode(error) !== undefined && error instanceof Error && 'syscall' in error
}
