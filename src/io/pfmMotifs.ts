/** Motifs as count matrices under `>` headers: one row a position (HOMER, gimmemotifs) or one row a base (JASPAR). */
import { DataError } from '../base/errors.ts'
import type { KnownMotif } from './knownMotifs.ts'
import { assertUnique, matrixNumbers, normalisedRow, readMotifText } from './motifText.ts'

/** @throws DataError naming file and line */
export function readPfmMotifs(path: string): KnownMotif[] {
  return parsePfmMotifs(readMotifText(path), path)
}

/**
 * Headers are `>id`, `>id name` or `>id_name`; lines that begin with `#` are comments. Below a header stand rows of four
 * numbers for A C G T, one a position, or four rows `A [ 0 3 79 ]` for the bases, one column a position.
 * @param file names the text in errors
 */
export function parsePfmMotifs(text: string, file: string): KnownMotif[] {
  const motifs: KnownMotif[] = []
  const ids = new Set<string>()
  let block: Block | undefined
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = at + 1
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    if (content.startsWith('>')) {
      if (block) motifs.push(motifOf(block, file))
      const header = content.slice(1).trim()
      if (header === '') throw new DataError("'>' is not followed by an id", { file, line })
      const [id, name] = idAndName(header)
      assertUnique(ids, id, file, line)
      block = { id, name, line, rows: [] }
    } else {
      if (!block) throw new DataError("a matrix row comes before the first '>' header", { file, line })
      block.rows.push({ content, line })
    }
  }
  if (block) motifs.push(motifOf(block, file))
  if (motifs.length === 0) throw new DataError('holds no motif', { file })
  return motifs
}

interface Block {
  readonly id: string
  readonly name: string
  readonly line: number
  readonly rows: { content: string; line: number }[]
}

/** `MA0139.1 CTCF` and `MA0139.1_MA0139.1.CTCF` name CTCF; the id is the first word as it stands. */
function idAndName(header: string): [string, string] {
  const [id, ...rest] = header.split(/\s+/) as [string, ...string[]]
  if (rest.length > 0) return [id, rest[0]!]
  const jaspar = /^(MA\d+\.\d+)_(?:\1\.)?(.+)$/.exec(id)
  return [id, jaspar?.[2] ?? id]
}

function motifOf({ id, name, line, rows }: Block, file: string): KnownMotif {
  if (rows.length === 0) throw new DataError(`motif '${id}' has no matrix`, { file, line })
  const counts = /^[ACGT]\s*[[:|\s]/i.test(rows[0]!.content)
    ? basesAsRows(rows, id, file)
    : positionsAsRows(rows, file)
  const sums = counts.map((row) => row.reduce((total, value) => total + value, 0))
  const ppm = counts.map((row, position) => normalisedRow(row, file, rows[position]?.line ?? line))
  const most = Math.max(...sums)
  // A matrix of probabilities does not say how many sites it comes from.
  return { id, name, ppm, nsites: most > 1.5 ? Math.round(most) : undefined }
}

function positionsAsRows(rows: Block['rows'], file: string): number[][] {
  return rows.map(({ content, line }) => {
    const words = content.split(/\s+/)
    if (words.length !== 4) {
      throw new DataError(`a matrix row needs four numbers (A C G T), not ${words.length}`, { file, line })
    }
    return matrixNumbers(words, file, line)
  })
}

function basesAsRows(rows: Block['rows'], id: string, file: string): number[][] {
  const ofBase = rows.map(({ content, line }, base) => {
    const letter = content[0]!.toUpperCase()
    if (letter !== 'ACGT'[base]) {
      throw new DataError(`motif '${id}' needs four rows A, C, G, T in this order`, { file, line })
    }
    const words = content
      .slice(1)
      .replace(/[[\]|:]/g, ' ')
      .trim()
      .split(/\s+/)
    return matrixNumbers(words, file, line)
  })
  const last = rows[rows.length - 1]!
  if (ofBase.length !== 4) {
    throw new DataError(`motif '${id}' has ${ofBase.length} rows instead of A, C, G, T`, {
      file,
      line: last.line,
    })
  }
  const uneven = ofBase.findIndex((row) => row.length !== ofBase[0]!.length)
  if (uneven >= 0) {
    throw new DataError(`the rows of motif '${id}' differ in length`, { file, line: rows[uneven]!.line })
  }
  return ofBase[0]!.map((_, position) => ofBase.map((row) => row[position]!))
}
