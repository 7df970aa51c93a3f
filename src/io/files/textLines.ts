/** Streams the lines of a text file, plain or gzip/bgzip (told by its first bytes, not by its name). */
import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { bgzfHeaderLength, isGzip } from './bgzf.ts'
import { asReadError } from './fileErrors.ts'
import { refuseBinary, refuseHtml } from './fileKind.ts'
import { gunzipStream } from './gunzip.ts'

export interface TextLine {
  /** Without its line end. */
  readonly text: string
  /** 1-based. */
  readonly line: number
}

/** Lines that were read together; `line` is the 1-based number of the first. */
export interface LineBlock {
  readonly lines: readonly string[]
  readonly line: number
}

const chunkBytes = 1 << 18

/**
 * Every line of the file; `\n`, `\r\n` and (old Macs) `\r` end a line, the last may lack its end. Throws DataError where it
 * cannot be read or is no text.
 */
export async function* readLines(path: string): AsyncGenerator<TextLine> {
  for await (const { lines, line } of readLineBlocks(path)) {
    for (let i = 0; i < lines.length; i++) yield { text: lines[i]!, line: line + i }
  }
}

/** The same lines in blocks of some hundred kilobytes: one await a block, where `readLines` has one a line. */
export async function* readLineBlocks(path: string): AsyncGenerator<LineBlock> {
  const decoder = new StringDecoder('utf8')
  const unended: string[] = [] // pieces, so that a chromosome on one line is not copied again with every chunk
  let line = 1
  let first = true
  let held = ''
  for await (const bytes of readBytes(path)) {
    let text = decoder.write(bytes)
    if (first && text.length > 0) {
      first = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
      refuseHtml(text, path)
    }
    if (held !== '') text = held + text
    // What ends with \r may go on with \n.
    held = text.endsWith('\r') ? '\r' : ''
    if (held !== '') text = text.slice(0, -1)
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
    const end = text.lastIndexOf('\n')
    if (end < 0) {
      unended.push(text)
      continue
    }
    unended.push(text.slice(0, end))
    const lines = unended.join('').split('\n')
    unended.length = 0
    if (end + 1 < text.length) unended.push(text.slice(end + 1))
    yield { lines, line }
    line += lines.length
  }
  unended.push(decoder.end())
  const last = unended.join('')
  if (last !== '') yield { lines: [last], line }
}

/** The file's bytes, unpacked where they are gzip. A file read twice at once, or a pipe, is fine: nothing is reopened. */
async function* readBytes(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: chunkBytes })
  try {
    const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const chunks: Buffer[] = []
    let head = Buffer.alloc(0)
    while (head.length < bgzfHeaderLength) {
      const next = await source.next()
      if (next.done === true) break
      chunks.push(next.value)
      head = Buffer.concat(chunks)
    }
    if (isGzip(head)) {
      let isFirst = true
      for await (const bytes of gunzipStream(path, head, source)) {
        if (isFirst) refuseBinary(bytes, path)
        isFirst = false
        yield bytes
      }
      return
    }
    refuseBinary(head, path)
    if (head.length > 0) yield head
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
  } catch (error) {
    throw asReadError(error, path)
  } finally {
    stream.destroy()
  }
}
