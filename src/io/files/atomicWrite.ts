/**
 * Writes files so that nobody ever sees half of one: into a temporary directory beside the target, synced, then renamed.
 * What is unfinished is removed on failure, when the process is interrupted, and after a kill by the next write there.
 */
import { open, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataError } from '../../base/errors.ts'
import { errorCode } from './fileErrors.ts'
import { withScratch } from './scratch.ts'

/** Replaces or creates the file `path` with these contents, wholly or not at all. */
export async function writeFileAtomically(path: string, contents: string | Uint8Array): Promise<void> {
  await atomically(path, (temporaryPath) => writeFile(temporaryPath, contents))
}

/**
 * Gives `write` a temporary path (with the file name of `path`, in a directory of its own, so that what a writer leaves
 * beside its file vanishes too); when it has written the file there, the file becomes `path`.
 * Throws DataError where the disk is full or the place is not writable.
 */
export async function atomically(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  try {
    await withScratch(dirname(path), basename(path), async (directory) => {
      const temporaryPath = join(directory, basename(path))
      await write(temporaryPath)
      await sync(temporaryPath, 'r+')
      await rename(temporaryPath, path)
      if (process.platform !== 'win32') await sync(dirname(path), 'r') // Windows cannot open a directory
    })
  } catch (error) {
    throw asDiskError(error, path)
  }
}

async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const writingFaults: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist; create it or choose another output directory',
  ENOTDIR: 'a part of its path is not a directory; choose another output directory',
  EISDIR: 'a directory of that name is in the way; remove it or choose another output directory',
  EACCES: 'no permission to write there; choose another output directory',
  EPERM: 'no permission to write there; choose another output directory',
  EROFS: 'the file system is read-only; choose another output directory',
}

/** Whether this is what a system, or a program that tells it in words, says of a disk without space. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error)
  const text = error instanceof Error ? error.message : String(error)
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device|disk quota exceeded/i.test(text)
}

/**
 * @param error what a writer of `path` threw: a system error, or a library's error that quotes one
 * @returns a DataError where the disk is full or `path` cannot be written, otherwise the error itself
 */
export function asDiskError(error: unknown, path: string): Error {
  const code = errorCode(error)
  const text = error instanceof Error ? error.message : String(error)
  if (isDiskFull(error)) {
    return new DataError(
      `no space left on the device holding ${path}; free some or choose another output directory`,
      {},
      { cause: error },
    )
  }
  const syscall = error instanceof Error && 'syscall' in error
  const fault = syscall ? writingFaults[code ?? ''] : undefined
  if (fault !== undefined)
    return new DataError(`cannot be written: ${fault}`, { file: path }, { cause: error })
  return error instanceof Error ? error : new Error(text)
}
