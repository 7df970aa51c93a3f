/** The text of a motif file, and what all its formats share. */
import { readFileSync } from 'node:fs'
import { DataError } from '../../base/errors.ts'
import { isGzip } from '../files/bgzf.ts'
import { asReadError } from '../files/fileErrors.ts'
import { refuseBinary, refuseHtml } from '../files/fileKind.ts'
import { gunzipBytes } from '../files/gunzip.ts'
import type { Matrix } from '../../sequence/matrix.ts'

/** A motif as a file of known motifs gives it. */
export interface KnownMotif {
  /** Unique in its file. */
  readonly id: string
  /** The factor's name; the id where the file gives none. */
  readonly name: string
  /** Probabilities of A C G T, [width][4], rows sum to 1. */
  readonly ppm: Matrix
  /** Sites that the matrix was counted from, where the file says. */
  readonly nsites?: number | undefined
}

/** Takes a sentence, without its end, on how a file was read where it might have been read otherwise. */
export type MotifNote = (note: string) => void

/** No collection of motifs has more bytes. */
const largestText = 2 ** 28

/** @returns the file's text, unpacked where its first bytes say gzip; throws DataError */
export function readMotifText(path: string): string {
  return motifTextOf(readMotifBytes(path), path)
}

/** @returns the file's bytes, unpacked where the first say gzip; throws DataError */
export function readMotifBytes(path: string): Buffer {
  try {
    const bytes = readFileSync(path)
    return isGzip(bytes) ? gunzipBytes(bytes, largestText, path) : bytes
  } catch (error) {
    throw asReadError(error, path)
  }
}

/** @returns the text of what `readMotifBytes` gives; throws DataError where it is none */
export function motifTextOf(bytes: Buffer, path: string): string {
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

/**
 * Collections repeat ids: HOMER's are consensus sequences that several factors share, others name all motifs of a factor
 * alike. Every motif is kept; the second of an id is called `id_2`.
 * @param motifs in file order
 * @param onNote told once, where an id was repeated
 */
export function withUniqueIds(
  motifs: readonly KnownMotif[],
  file: string,
  onNote: MotifNote | undefined,
): KnownMotif[] {
  const inFile = new Set(motifs.map(({ id }) => id))
  const counts = new Map<string, number>()
  const renamed: string[] = []
  const unique = motifs.map((motif) => {
    let count = (counts.get(motif.id) ?? 0) + 1
    let id = motif.id
    if (count > 1) {
      // A file may itself have an `id_2`.
      while (inFile.has((id = `${motif.id}_${count}`))) count++
      renamed.push(id)
    }
    counts.set(motif.id, count)
    return { ...motif, id }
  })
  if (renamed.length > 0) {
    const more = renamed.length > 1 ? ` and ${renamed.length - 1} more` : ''
    onNote?.(
      `${file}: some ids name several motifs; all are kept, those that repeat one as '${renamed[0]!}'${more}`,
    )
  }
  return unique
}

/** @returns the numbers of a line; throws DataError where one is none or negative */
export function matrixNumbers(words: readonly string[], file: string, line: number): number[] {
  return words.map((word) => {
    const number = Number(word)
    if (word !== '' && Number.isFinite(number) && number >= 0) return number
    const remedy = number < 0 ? ': log-odds cannot be read, give counts or probabilities' : ''
    throw new DataError(`'${word}' is not a number of at least 0 in a matrix row${remedy}`, { file, line })
  })
}

/** @returns the row divided by its sum; throws DataError where that is 0 */
export function normalisedRow(row: readonly number[], file: string, line: number): number[] {
  const sum = row.reduce((total, value) => total + value, 0)
  if (sum === 0) throw new DataError('a matrix row sums to 0', { file, line })
  return row.map((value) => value / sum)
}

export interface MatrixRow {
  /** Counts or probabilities of A C G T, [4]. */
  readonly counts: readonly number[]
  readonly line: number
}

/** @param rows one a position */
export function motifOfCounts(
  id: string,
  name: string,
  rows: readonly MatrixRow[],
  file: string,
): KnownMotif {
  const most = Math.max(...rows.map(({ counts }) => counts.reduce((total, value) => total + value, 0)))
  return {
    id,
    name,
    ppm: rows.map(({ counts, line }) => normalisedRow(counts, file, line)),
    // A matrix of probabilities does not say how many sites it comes from.
    nsites: most > 1.5 ? Math.round(most) : undefined,
  }
}
