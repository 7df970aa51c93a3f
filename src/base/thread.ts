/**
 * Pure functions of this project run in a thread of their own, so that signals are heard and progress is drawn meanwhile.
 * Works from dist/ as it is, and from src/ through tsx, which tests and benchmarks have.
 */
import { Worker } from 'node:worker_threads'
import { BackendError, ConfigError, DataError, type SisError } from './errors.ts'

export interface ThreadOptions {
  /** Ends the thread at once. */
  readonly signal?: AbortSignal | undefined
  /** Is told what the function tells its last argument: the share of the work done, in [0, 1]. */
  readonly progress?: ((share: number) => void) | undefined
}

/** What threadMain.js answers with. */
export type Answer =
  | { readonly share: number }
  | { readonly result: unknown }
  | { readonly error: Error; readonly name: string; readonly location?: object }

/** File of a function, by its name without extension, and the URL of the file that asks, next to it. */
export type Place = readonly [module: string, asker: string]

/**
 * @param name of the function, exported; it is given the arguments and then a function to tell its progress
 * @param args are cloned, and so is the result
 * @throws what the function throws, `SisError`s as what they were; the signal's reason where it is aborted
 */
export async function runInThread<Work extends (...args: never) => unknown>(
  place: Place,
  name: string,
  args: Readonly<Parameters<Work>>,
  { signal, progress }: ThreadOptions = {},
): Promise<Awaited<ReturnType<Work>>> {
  signal?.throwIfAborted()
  const worker = startThread(place, { name, args, stays: false })
  let abort: (() => void) | undefined
  try {
    return await new Promise((resolve, reject: (reason: unknown) => void) => {
      abort = () => reject(signal!.reason as Error)
      signal?.addEventListener('abort', abort)
      worker.on('message', (answer: Answer) => {
        if ('share' in answer) progress?.(answer.share)
        else if ('error' in answer) reject(errorOf(answer))
        else resolve(answer.result as Awaited<ReturnType<Work>>)
      })
      worker.on('messageerror', reject)
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`the thread of ${name} ended with exit code ${code}`)))
    })
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

/** @param work `stays`: the function makes another one, which answers every message */
export function startThread(
  [module, asker]: Place,
  work: { readonly name: string; readonly args: readonly unknown[]; readonly stays: boolean },
): Worker {
  // Compiled, the files are .js.
  const url = new URL(`${module}${asker.slice(asker.lastIndexOf('.'))}`, asker)
  return new Worker(new URL('./threadMain.js', import.meta.url), {
    workerData: { module: url.href, ...work },
  })
}

/** Cloning keeps the class of errors of the language alone. */
export function errorOf({ error, name, location }: { error: Error; name: string; location?: object }): Error {
  const ours = ownError(name, error)
  if (ours === undefined) {
    if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true })
    return error
  }
  if (error.stack !== undefined) ours.stack = error.stack
  // The message names the place already.
  return location === undefined ? ours : Object.assign(ours, { location })
}

function ownError(name: string, { message, cause }: Error): SisError | undefined {
  if (name === 'DataError') return new DataError(message, {}, { cause })
  if (name === 'ConfigError') return new ConfigError(message, { cause })
  return name === 'BackendError' ? new BackendError(message, { cause }) : undefined
}
