/** A whole file in memory, if it is not larger than what can be meant. */
import { readFile, stat } from 'node:fs/promises'
import { DataError } from '../../base/errors.ts'
import { asReadError } from './fileErrors.ts'

/** @throws DataError naming the file where it has more bytes than `most`, or cannot be read */
export async function readBytes(file: string, most: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > most) throw new DataError(`has ${size} bytes; at most ${most} can be read`, { file })
    return await readFile(file)
  } catch (error) {
    throw asReadError(error, file)
  }
}
