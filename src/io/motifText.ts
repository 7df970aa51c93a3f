/** The text of a motif file, and what all its formats share. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { DataError } from '../base/errors.ts'
import type { KnownMotif } from './knownMotifs.ts'
import { isGzip } from './bgzf.ts'
import { asReadError } from './fileErrors.ts'
import { refuseBinary, refuseHtml } from './fileKind.ts'

/** Called with what a user should know of how a file was read, a sentence without an end. */
export type MotifNote = (note: string) => void

/** @returns the file's text, unpacked where its first bytes say gzip; throws DataError */
export function readMotifText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
    if (isGzip(bytes)) bytes = gunzipSync(bytes)
  } catch (error) {
    throw asReadError(error, path)
  }
  refuseBinary(bytes, path)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  refuseHtml(text, path)
  if (text.includes('\r') && !text.includes('\n')) {
    throw new DataError(
      `its lines end with carriage returns alone, as of an old Mac; convert them: tr '\\r' '\\n' < ${path} > new.txt`,
      { file: path },
    )
  }
  return text
}

/** Motif files repeat ids (HOMER's are consensus sequences, others name one factor's motifs alike): all are kept. */
export class UniqueIds {
  readonly #given = new Map<string, number>()
  readonly #repeated: string[] = []

  /** @returns the id itself, or with `_2`, `_3`, … behind it where it came before */
  of(id: string): string {
    let unique = id
    let count = this.#given.get(id) ?? 0
    if (count > 0) {
      do unique = `${id}_${++count}`
      while (this.#given.has(unique))
      this.#repeated.push(unique)
    }
    this.#given.set(id, Math.max(1, count))
    if (unique !== id) this.#given.set(unique, 1)
    return unique
  }

  tell(file: string, onNote: MotifNote | undefined): void {
    const [first] = this.#repeated
    if (first === undefined) return
    const more = this.#repeated.length === 1 ? '' : `, and ${this.#repeated.length - 1} more`
    onNote?.(`${file}: motif ids occur more than once; all are kept, the later ones as '${first}'${more}`)
  }
}

/** @returns the numbers of a line; throws DataError where one is none or negative */
export function matrixNumbers(words: readonly string[], file: string, line: number): number[] {
  return words.map((word) => {
    const number = Number(word)
    if (word !== '' && Number.isFinite(number) && number >= 0) return number
    const logOdds = number < 0 ? ': log-odds (a PWM) cannot be read; give counts or probabilities' : ''
    throw new DataError(`'${word}' is not a number of at least 0 in a matrix row${logOdds}`, { file, line })
  })
}

/** @returns the row divided by its sum; throws DataError where that is 0 */
export function normalisedRow(row: readonly number[], file: string, line: number): number[] {
  const sum = row.reduce((total, value) => total + value, 0)
  if (sum === 0) throw new DataError('a matrix row sums to 0', { file, line })
  return row.map((value) => value / sum)
}

/** @returns a motif of rows of counts, or of probabilities, which do not say how many sites they come from */
export function motifOfCounts(
  id: string,
  name: string,
  rows: readonly { readonly counts: readonly number[]; readonly line: number }[],
  file: string,
): KnownMotif {
  const most = Math.max(...rows.map(({ counts }) => counts.reduce((total, value) => total + value, 0)))
  return {
    id,
    name,
    ppm: rows.map(({ counts, line }) => normalisedRow(counts, file, line)),
    nsites: most > 1.5 ? Math.round(most) : undefined,
  }
}
