/** Commands as data: what each is called, which flags it takes, and what it does, loaded only when it is typed. */
import type { Writable } from 'node:stream'
import type { Options } from 'yargs'
import type { TerminalReporter } from '../run/terminalReporter.ts'

export type Arguments = Readonly<Record<string, unknown>>

export interface CommandEnvironment {
  readonly reporter: TerminalReporter
  readonly signal: AbortSignal
  /** Where results go. */
  readonly stdout: Writable
}

export interface Command {
  /** As yargs reads it, e.g. `query <dir> <sql>`. */
  readonly usage: string
  readonly summary: string
  readonly positionals: Readonly<Record<string, Options>>
  readonly flags: Readonly<Record<string, Options>>
  readonly examples?: readonly (readonly [command: string, what: string])[]
  run(argv: Arguments, environment: CommandEnvironment): Promise<void>
}
