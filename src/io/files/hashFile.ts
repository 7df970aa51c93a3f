/** The SHA-256 of a file's bytes. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { asReadError } from './fileErrors.ts'

/** @returns SHA-256 in hexadecimal; the file is streamed. Throws DataError where it cannot be read. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  } catch (error) {
    throw asReadError(error, path)
  }
  return hash.digest('hex')
}
