/** Finds run directories. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runDirectory } from '../record/runDirectory.ts'

/** Folders below the given one that are looked into. */
const depth = 3

/** @returns paths as they would be typed, in order; what cannot be read is passed over; links are not followed */
export function findRuns(path: string, levels = depth): string[] {
  const { record, config } = runDirectory(path)
  // One that was interrupted early has no record yet; a folder of configs is no run.
  if (existsSync(record) || (existsSync(config) && existsSync(join(path, 'stages')))) return [path]
  if (levels === 0) return []
  return foldersIn(path).flatMap((name) => findRuns(join(path, name), levels - 1))
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    // A user may keep folders beside the runs that are not for this user.
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
