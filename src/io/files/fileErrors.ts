/** What the operating system says about a file, turned into an error that tells the user what to do. */
import { BackendError, DataError, oneLine } from '../../base/errors.ts'

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
  const shortage = asShortage(error)
  if (shortage !== undefined) return shortage
  const fault = readingFaults[errorCode(error) ?? '']
  if (fault !== undefined) return new DataError(fault, { file: path }, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}

const outOfFiles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])
const outOfMemory: ReadonlySet<string> = new Set([
  'ENOMEM',
  'ERR_MEMORY_ALLOCATION_FAILED',
  'ERR_WORKER_OUT_OF_MEMORY',
  'ERR_WORKER_INIT_FAILED',
])
/** What V8, WebAssembly and C++ say of memory that cannot be had. */
const memoryWords =
  /array buffer allocation failed|cannot allocate|out of memory|bad_alloc|could not allocate|failed to allocate/i

/**
 * @param error whatever was thrown, or what caused it
 * @returns a BackendError where the machine, or a limit of the shell, gives no more files or memory; otherwise undefined
 */
export function asShortage(error: unknown): BackendError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    const code = errorCode(cause) ?? ''
    if (outOfFiles.has(code) || /\b(?:EMFILE|too many open files)\b/i.test(cause.message)) {
      return new BackendError(
        "too many open files: raise the limit, e.g. 'ulimit -n 1024', and run the command again",
        { cause: error },
      )
    }
    if (outOfMemory.has(code) || memoryWords.test(cause.message)) {
      return new BackendError(
        `out of memory (${oneLine(cause)}): raise the limit ('ulimit -v', or the job's), or use fewer threads (--threads 1)`,
        { cause: error },
      )
    }
  }
  return undefined
}
