/**
 * Keeps two `sis run` from one directory on one machine, and a job of a run from one that `sis run` does as a whole. Whoever
 * works there has a scratch directory in it that names its process: one whose process is no more counts for nothing and is
 * removed, so that nobody has to. Processes of other machines are not seen: there, attempts are safe beside each other.
 */
import { existsSync, rmdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { BackendError } from '../../base/errors.ts'
import { errorCode } from '../../io/files/fileErrors.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { scratchesIn, withScratch, type Scratch } from '../../io/files/scratch.ts'
import type { RunDirectory } from './runDirectory.ts'

/** `run` is alone in a directory; jobs are beside each other. */
export type Occupation = 'run' | 'job'

const nameOf: Readonly<Record<Occupation, string>> = { run: 'sis-run', job: 'sis-job' }
/** Of several that start at once each sees the others; they try again at other times. */
const tries = 6
const longestPause = 120

/** @throws BackendError that says who is there: process, machine, and since when */
export async function occupying<T>(
  directory: RunDirectory,
  occupation: Occupation,
  work: () => Promise<T>,
): Promise<T> {
  const isNew = !existsSync(directory.path)
  makeDirectory(directory.path)
  try {
    for (let attempt = 1; ; attempt++) {
      const entered = await enter(directory, occupation, work)
      if ('result' in entered) return entered.result
      if (attempt === tries) throw occupied(directory, entered.other)
      await sleep(longestPause * Math.random())
    }
  } finally {
    // What has failed before it wrote anything leaves no directory.
    if (isNew) removeIfEmpty(directory.path)
  }
}

async function enter<T>(
  directory: RunDirectory,
  occupation: Occupation,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | { readonly other: Scratch }> {
  let begun = false as boolean
  try {
    return await withScratch(directory.path, nameOf[occupation], async () => {
      begun = true
      // Own name first, then a look: of two at least one sees the other.
      const [other] = await rivalsIn(directory, occupation)
      return other === undefined ? { result: await work() } : { other }
    })
  } catch (error) {
    if (begun || !(error instanceof Error && 'syscall' in error)) throw error
    // Where nothing can be written nobody works; if there is something to write, the stage says what is wrong.
    return { result: await work() }
  }
}

async function rivalsIn(directory: RunDirectory, occupation: Occupation): Promise<Scratch[]> {
  const names = occupation === 'run' ? Object.values(nameOf) : [nameOf.run]
  const scratches = await scratchesIn(directory.path)
  return scratches
    .filter(({ name, isAlive, isOwn }) => names.includes(name) && isAlive === true && !isOwn)
    .sort((a, b) => b.name.localeCompare(a.name))
}

function occupied(directory: RunDirectory, { path, pid, name }: Scratch): BackendError {
  let since = 'just now'
  try {
    since = `since ${new Date(statSync(path).birthtimeMs).toISOString()}`
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const what = name === nameOf.run ? "'sis run'" : 'a command of sis'
  return new BackendError(
    `${directory.path}: ${what} works there: process ${pid} on ${hostname()}, ${since}; wait for it or end it ('kill ${pid}'), then run this again`,
  )
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error
  }
}
