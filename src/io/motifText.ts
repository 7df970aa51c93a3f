/** The text of a motif file, and what all its formats share. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { DataError } from '../base/errors.ts'

/** @returns the file's text, unpacked where its first bytes say gzip */
export function readMotifText(path: string): string {
  try {
    const bytes = readFileSync(path)
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw new DataError(
      `cannot be read as a motif file (${error instanceof Error ? error.message : String(error)})`,
      { file: path },
      { cause: error },
    )
  }
}

/** @throws DataError where a motif of the same id came before */
export function assertUnique(ids: Set<string>, id: string, file: string, line: number): void {
  if (ids.has(id)) throw new DataError(`the motif '${id}' occurs twice; give each its own id`, { file, line })
  ids.add(id)
}

/** @returns the numbers of a line; throws DataError where one is none or negative */
export function matrixNumbers(words: readonly string[], file: string, line: number): number[] {
  return words.map((word) => {
    const number = Number(word)
    if (word !== '' && Number.isFinite(number) && number >= 0) return number
    throw new DataError(`'${word}' is not a number of at least 0 in a matrix row`, { file, line })
  })
}

/** @returns the row divided by its sum; throws DataError where that is 0 */
export function normalisedRow(row: readonly number[], file: string, line: number): number[] {
  const sum = row.reduce((total, value) => total + value, 0)
  if (sum === 0) throw new DataError('a matrix row sums to 0', { file, line })
  return row.map((value) => value / sum)
}
