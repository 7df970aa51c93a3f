/** What the tests of this room share: temporary files, collected streams, recorded warnings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import type { Reporter } from '../../src/base/reporter.ts'

export const fixtures = resolve(import.meta.dirname, '../fixtures/io')

/** @returns a function that writes a file into a directory of this test file's own and gives its path */
export function temporaryFiles(): (name: string, contents: string | Uint8Array) => string {
  const directory = mkdtempSync(join(tmpdir(), 'sis-io-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return (name, contents) => {
    const path = join(directory, name)
    writeFileSync(path, contents)
    return path
  }
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** The message that reading to the end fails with. */
export async function messageOf(stream: AsyncIterable<unknown> | Promise<unknown>): Promise<string> {
  try {
    if (Symbol.asyncIterator in stream) await collect(stream)
    else await stream
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  throw new Error('nothing failed')
}

export function recordingReporter(): Reporter & { warnings: string[] } {
  const warnings: string[] = []
  return {
    warnings,
    info: () => undefined,
    warn: (message) => void warnings.push(message),
    task: () => ({ update: () => undefined, end: () => undefined }),
  }
}
