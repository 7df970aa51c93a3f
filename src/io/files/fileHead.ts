/** Looks at what a path holds, and at the ends of a file, without reading what lies between. */
import { access, open, stat } from 'node:fs/promises'
import { bgzfEndMarker } from './bgzf.ts'
import { asReadError, errorCode } from './fileErrors.ts'

/** @returns up to `length` bytes from the file's beginning. Throws DataError where it cannot be read. */
export async function readHead(path: string, length: number): Promise<Uint8Array> {
  return readAt(path, () => 0, length)
}

/** @returns whether the file ends with the empty block that every complete BGZF file ends with */
export async function endsWithBgzfMarker(path: string): Promise<boolean> {
  const tail = await readAt(path, (size) => Math.max(0, size - bgzfEndMarker.length), bgzfEndMarker.length)
  return bgzfEndMarker.equals(tail)
}

/** @returns whether there is such a file */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false
    throw asReadError(error, path)
  }
}

/** @throws DataError where there is no such path */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw asReadError(error, path)
  }
}

async function readAt(
  path: string,
  positionOf: (size: number) => number,
  length: number,
): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      const buffer = new Uint8Array(length)
      const { bytesRead } = await handle.read(buffer, 0, length, positionOf(size))
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw asReadError(error, path)
  }
}
