/** What a command line says of its end, and the exit code of one that was interrupted. */
import type { LogFormat } from '../run/terminalReporter.ts'

export const interruptedExitCode = 130
export const interrupted = 'interrupted; what was finished is kept, and the same command goes on from there'

/** A message as the log format of these arguments wants it. */
export function lastWords(args: readonly string[], message: string): string {
  return readLogFormat(args) === 'json'
    ? `${JSON.stringify({ time: new Date().toISOString(), level: 'error', message })}\n`
    : `sis: ${message}\n`
}

export function readLogFormat(args: readonly string[]): LogFormat {
  const at = args.findIndex((arg) => arg === '--log-format' || arg.startsWith('--log-format='))
  const value = at < 0 ? undefined : (args[at]!.split('=')[1] ?? args[at + 1])
  return value === 'json' ? 'json' : 'text'
}
