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
  readonly interruptAt?: string
}

export async function runSis(args: readonly string[], options: SisOptions = {}): Promise<SisResult> {
  const abort = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const read = { stdout: '', stderr: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => (read.stdout += text))
  stderr.setEncoding('utf8').on('data', (text: string) => {
    read.stderr += text
    if (options.interruptAt !== undefined && read.stderr.includes(options.interruptAt)) abort.abort()
  })
  const code = await main(args, { stdout, stderr }, abort.signal)
  await new Promise(setImmediate)
  return { code, ...read }
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sis-test-'))
}
