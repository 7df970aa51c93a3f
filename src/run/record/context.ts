/** What every stage is given. */
import type { Writable } from 'node:stream'
import type { Config } from '../config/configSchema.ts'
import type { RunDirectory } from './runDirectory.ts'
import type { TerminalReporter } from '../terminalReporter.ts'

export interface RunContext {
  readonly directory: RunDirectory
  readonly config: Config
  /** Of the engines and of ONNX Runtime. */
  readonly threads: number
  readonly reporter: TerminalReporter
  /** Aborted by SIGINT or SIGTERM: stages stop at the next safe point and leave nothing half-written. */
  readonly signal: AbortSignal
  /** Writes config.yaml; called once a command has succeeded with this config, so that a bad flag is not kept. */
  saveConfig(): Promise<void>
  /** Where results go. */
  readonly stdout: Writable
}
