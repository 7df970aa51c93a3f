/**
 * The errors that a user can cause or mend. Each carries the exit code of its kind; anything else that reaches the top
 * is a bug (exit code 1). A message says what is wrong, where, and what to do, on one line.
 */

export const exitCodes = { ok: 0, bug: 1, usage: 2, data: 3, backend: 4 } as const
/** What the command line ends with where this error reaches it. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Base of every error whose message is meant for the user. */
export abstract class SisError extends Error {
  abstract readonly exitCode: ExitCode
}

/** Wrong usage: an unknown flag, a misspelt key, a value out of range (exit 2). */
export class ConfigError extends SisError {
  override readonly name = 'ConfigError'
  readonly exitCode = exitCodes.usage
}

/** Where in the input an error was found; `line` is 1-based. */
export interface DataLocation {
  file?: string | undefined
  line?: number | undefined
  sequence?: string | undefined
}

/** Bad input data: the message is prefixed with `file:line:` and names the sequence where they are known (exit 3). */
export class DataError extends SisError {
  override readonly name = 'DataError'
  readonly exitCode = exitCodes.data
  readonly location: DataLocation

  constructor(message: string, location: DataLocation = {}, options?: ErrorOptions) {
    const { file, line, sequence } = location
    const place = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${line}: `
    const subject = sequence === undefined ? '' : `sequence '${sequence}': `
    super(`${place}${subject}${message}`, options)
    this.location = location
  }
}

/** @returns what somebody else's error says, on one line */
export function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim()
}

/** A runtime or device is unavailable (exit 4). */
export class BackendError extends SisError {
  override readonly name = 'BackendError'
  readonly exitCode = exitCodes.backend
}
