/** What the tests of this room share: temporary files, bgzip blocks, collected streams, recorded warnings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll } from 'vitest'
import type { Reporter } from '../../src/base/reporter.ts'
import { bgzfEndMarker } from '../../src/io/bgzf.ts'

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

/** BGZF of these pieces, one block each, with the end marker. */
export function bgzip(...pieces: string[]): Buffer {
  const blocks = pieces.map((piece) => {
    const data = Buffer.from(piece)
    const deflated = deflateRawSync(data)
    const block = Buffer.alloc(18 + deflated.length + 8)
    Buffer.from('1f8b08040000000000ff060042430200', 'hex').copy(block)
    block.writeUInt16LE(block.length - 1, 16)
    deflated.copy(block, 18)
    block.writeUInt32LE(crc32(data), block.length - 8)
    block.writeUInt32LE(data.length, block.length - 4)
    return block
  })
  return Buffer.concat([...blocks, bgzfEndMarker])
}

/** The index (.gzi) of a bgzip file: where every block but the first begins, in the file and in what it unpacks to. */
export function gziOf(packed: Buffer): Buffer {
  const entries: bigint[] = []
  let unpacked = 0
  for (let at = 0; at < packed.length - bgzfEndMarker.length;) {
    if (at > 0) entries.push(BigInt(at), BigInt(unpacked))
    at += packed.readUInt16LE(at + 16) + 1
    unpacked += packed.readUInt32LE(at - 4)
  }
  return Buffer.from(BigUint64Array.of(BigInt(entries.length / 2), ...entries).buffer)
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
