/** Runs command lines in this process, as the binary does. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { main } from '../../src/cli/main.ts'

export interface SisResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface SisOptions {
  /** Interrupts (as Ctrl-C does) when stderr has this text. */
  readonly interruptAt?: string | RegExp
  /** stderr is a terminal, on which progress is drawn. */
  readonly terminal?: boolean
}

export async function runSis(args: readonly string[], options: SisOptions = {}): Promise<SisResult> {
  const abort = new AbortController()
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), { isTTY: options.terminal ?? false })
  const read = { stdout: '', stderr: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => (read.stdout += text))
  stderr.setEncoding('utf8').on('data', (text: string) => {
    read.stderr += text
    if (options.interruptAt !== undefined && matches(read.stderr, options.interruptAt)) abort.abort()
  })
  const code = await main(args, { stdout, stderr }, abort.signal)
  await new Promise(setImmediate)
  return { code, ...read }
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sis-test-'))
}

function matches(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}
