/** The files in which attempts at an extraction keep what they have finished. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { finishedPartOf } from '../../src/run/stages/finishedSequences.ts'

/** @param path `net.partial`, after which each attempt's file is named */
export function attemptsOf(path: string): string[] {
  const folder = dirname(path)
  if (!existsSync(folder)) return []
  const part = finishedPartOf(basename(path))
  return readdirSync(folder)
    .filter((name) => finishedPartOf(name) === part)
    .map((name) => join(folder, name))
}

/** @returns the file of the only attempt. Throws where there is another number of them */
export function attemptOf(path: string): string {
  const files = attemptsOf(path)
  if (files.length !== 1) throw new Error(`${files.length} files of attempts at ${path}`)
  return files[0]!
}
