/** What the operating system says about a file, turned into an error that tells the user what to do. */
import { DataError } from '../base/errors.ts'

/** @returns the system's code (ENOENT, EACCES, Z_DATA_ERROR, …), or undefined where the error has none */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const readingFaults: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the path',
  EACCES: 'no permission to read it; change its permissions',
  EPERM: 'no permission to read it; change its permissions',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'no such file: a part of the path is not a directory',
  EIO: 'the device failed while reading; check the disk',
  Z_BUF_ERROR: 'the gzip data end early: the file is truncated; copy or download it again',
  Z_DATA_ERROR: 'the gzip data are corrupt; copy or download it again',
}

/** @returns a DataError naming the file where the fault is the file's, otherwise the error itself */
export function asReadError(error: unknown, path: string): Error {
  const fault = readingFaults[errorCode(error) ?? '']
  if (fault !== undefined) return new DataError(fault, { file: path }, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
