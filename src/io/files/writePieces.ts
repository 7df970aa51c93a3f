/** Text that is made piece by piece, written to a stream or to a file that appears whole or not at all. */
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomically } from './atomicWrite.ts'

/**
 * @param output a stream, which is not ended, or the path of a file
 * @param signal stops between two pieces
 */
export async function writePieces(
  pieces: AsyncIterable<string> | Iterable<string>,
  output: Writable | string,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal === undefined ? {} : { signal }
  if (typeof output === 'string') {
    await atomically(output, (temporaryPath) => pipeline(pieces, createWriteStream(temporaryPath), options))
    return
  }
  try {
    await pipeline(pieces, output, { ...options, end: false })
  } catch (error) {
    // Whoever reads the output (head, less) has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}
