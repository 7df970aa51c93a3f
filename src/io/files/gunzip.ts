/**
 * Unpacks gzip of any number of members. Node checks the checksum of each, but takes a zero where a member should begin for
 * the end of the file, so that what follows is looked at here; and bgzip that was cut between two blocks lacks its end marker.
 */
import { once } from 'node:events'
import { createGunzip, gunzipSync, type Gunzip } from 'node:zlib'
import { DataError } from '../../base/errors.ts'
import { bgzfEndMarker, isBgzf } from './bgzf.ts'
import { asReadError, errorCode } from './fileErrors.ts'

const chunkBytes = 1 << 18

/**
 * @param head the first bytes of the file, at least a BGZF header where it has one
 * @param rest of the file
 * @throws DataError naming the file where it is damaged or truncated
 */
export async function* gunzipStream(
  path: string,
  head: Buffer,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  const seen = new PackedBytes()
  const fed = feed(gunzip, seen, head, rest)
  try {
    for await (const bytes of gunzip) yield bytes as Buffer
    await fed
  } catch (error) {
    throw asReadError(error, path)
  } finally {
    gunzip.destroy()
  }
  seen.check(gunzip.bytesWritten, isBgzf(head), path)
}

/** Goes on to the end of the file even where the unpacker has come to its own. */
async function feed(
  gunzip: Gunzip,
  seen: PackedBytes,
  head: Buffer,
  rest: AsyncIterator<Buffer>,
): Promise<void> {
  try {
    for (let chunk = head; ;) {
      seen.add(chunk)
      if (!gunzip.readableEnded && !gunzip.destroyed && !gunzip.write(chunk)) {
        await oneOf(gunzip, ['drain', 'end', 'close'])
      }
      const next = await rest.next()
      if (next.done === true) break
      chunk = next.value
    }
    gunzip.end()
  } catch (error) {
    // The reader of what it unpacks to fails with it.
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/**
 * Waits for the first of these events and leaves no listener of the others behind.
 * @throws what the stream fails with
 */
async function oneOf(stream: Gunzip, events: readonly string[]): Promise<void> {
  const ended = new AbortController()
  const { signal } = ended
  try {
    await Promise.race(events.map((event) => once(stream, event, { signal })))
  } finally {
    ended.abort()
  }
}

/**
 * @param most bytes that it may unpack to
 * @throws DataError naming the file where it is damaged, truncated, or unpacks to more
 */
export function gunzipBytes(bytes: Buffer, most: number, path: string): Buffer {
  // The types lack the answer that `info` asks for.
  const unpack = gunzipSync as unknown as (
    buffer: Buffer,
    options: { info: true; maxOutputLength: number },
  ) => { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }
  try {
    const { buffer, engine } = unpack(bytes, { info: true, maxOutputLength: most })
    const seen = new PackedBytes()
    seen.add(bytes)
    seen.check(engine.bytesWritten, isBgzf(bytes), path)
    return buffer
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new DataError(`unpacks to more than ${most} bytes; check which file is meant`, { file: path })
    throw asReadError(error, path)
  }
}

/** What was given to an unpacker. */
class PackedBytes {
  #given = 0
  /** Zeros that pad the end are no data. */
  #significant = 0
  #tail = Buffer.alloc(0)

  add(chunk: Buffer): void {
    const significant = chunk.findLastIndex((byte) => byte !== 0) + 1
    if (significant > 0) this.#significant = this.#given + significant
    this.#given += chunk.length
    const { length } = bgzfEndMarker
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-length)]).subarray(-length)
  }

  check(unpacked: number, bgzf: boolean, path: string): void {
    if (unpacked < this.#significant) {
      throw new DataError(`the gzip data are corrupt at byte ${unpacked}; copy or download it again`, {
        file: path,
      })
    }
    if (bgzf && !this.#tail.equals(bgzfEndMarker)) {
      throw new DataError(
        'the bgzip end-of-file marker is missing: the file is truncated; copy or download it again',
        { file: path },
      )
    }
  }
}
