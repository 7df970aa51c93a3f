/** Makes directories, telling why where it cannot. */
import { mkdirSync } from 'node:fs'
import { asDiskError } from './atomicWrite.ts'

/**
 * Makes the directory and those above it, where they are missing.
 * Throws DataError where the disk is full (of files, too) or the place not writable.
 */
export function makeDirectory(path: string): void {
  try {
    // The asynchronous one of Node 20 says that a directory does not exist where there is no space for one.
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw asDiskError(error, path)
  }
}
