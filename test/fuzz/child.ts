/** A process that damages files and reads them, one after the other as its parent says, and tells how each reading ended. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SisError } from '../../src/base/errors.ts'
import { damage } from './mutations.ts'
import { readers, type Reader } from './readers.ts'

export interface Question {
  /** Where the intact files lie; nothing is written there. */
  readonly intact: string
  /** A folder of this process. */
  readonly work: string
  readonly format: string
  readonly reader: Reader
  /** The file that is damaged; none for the intact answer. */
  readonly file: string | undefined
  readonly seed: number
}

export interface Outcome {
  /** Hash of the answer, or undefined where there was none. */
  readonly answer: string | undefined
  /** What was said instead. */
  readonly error: string | undefined
  /** Whether that was an error for the user. */
  readonly isOwn: boolean
  readonly what: string
  /** The most that this process has held so far. */
  readonly mebibytes: number
}

process.on('message', (question: Question) => {
  void answer(question).then((outcome) => process.send!(outcome))
})
process.send!('ready')

async function answer({ intact, work, format, reader, file, seed }: Question): Promise<Outcome> {
  // Relative, so that answers that name a file are those of every process.
  const folder = format
  mkdirSync(work, { recursive: true })
  process.chdir(work)
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(intact, format), folder, { recursive: true })
  let what = 'intact'
  if (file !== undefined) {
    const damaged = damage(readFileSync(join(folder, file)), seed)
    writeFileSync(join(folder, file), damaged.bytes)
    what = `${file}: ${damaged.what}`
  }
  const reading = Promise.resolve().then((): Promise<unknown> => readers[reader](folder))
  const result = await reading.then(
    (value) => ({ answer: hashOf(value), error: undefined, isOwn: true }),
    (error: unknown) => ({ answer: undefined, ...told(error) }),
  )
  return { ...result, what, mebibytes: process.resourceUsage().maxRSS / 1024 }
}

function told(error: unknown): { readonly error: string; readonly isOwn: boolean } {
  const isOwn = error instanceof SisError
  return {
    error: error instanceof Error ? (isOwn ? error.message : (error.stack ?? error.message)) : String(error),
    isOwn,
  }
}

/** Of all that a value holds. (v8.serialize writes a whole number in two ways, as the compiler has it.) */
function hashOf(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value, plainly)).digest('hex')
}

function plainly(_: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)]
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  }
  return typeof value === 'bigint' ? `${value}n` : value
}
