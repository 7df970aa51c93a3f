/**
 * Motifs as tables under a line that names the bases: TRANSFAC (`PO A C G T` or `P0 A C G T`, records that end with `//`) and
 * CIS-BP (`Pos A C G T`, one motif a file, or many with lines `Motif` and `TF Name` each).
 */
import { basename } from 'node:path'
import { DataError } from '../../base/errors.ts'
import {
  matrixNumbers,
  motifOfCounts,
  withUniqueIds,
  type MatrixRow,
  type MotifNote,
  type KnownMotif,
} from './motifText.ts'

/** The line above a matrix, which tells the format. */
export const tableHeader = /^[ \t]*(?:P[O0]|Pos)(?:[ \t]+[ACGTU]){4}[ \t]*$/m

/**
 * TRANSFAC: the id is the accession (`AC`), else `ID`, else the first word of `DE`; the name is `NA`, else `ID`. CIS-BP: the
 * id is `Motif`, else the file's name; the name is `TF Name`. CIS-BP gives some motifs without their matrix, for licences:
 * they are left out, and told. Ids that repeat become unique (`withUniqueIds`).
 * @param file names the text in errors
 */
export function parseTableMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const motifs: KnownMotif[] = []
  const empty: string[] = []
  let facts = new Map<string, string>()
  let table: { order: string[]; rows: MatrixRow[] } | undefined

  const finish = (): void => {
    if (table === undefined) return
    const id =
      firstWord(facts.get('AC') ?? facts.get('Motif') ?? facts.get('ID') ?? facts.get('DE')) ?? stem(file)
    const name = firstWord(facts.get('NA') ?? facts.get('TF Name') ?? facts.get('ID')) ?? id
    if (table.rows.length > 0) motifs.push(motifOfCounts(id, name, table.rows, file))
    else empty.push(id)
    table = undefined
    facts = new Map()
  }

  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = at + 1
    const words = raw.trim().split(/\s+/)
    if (tableHeader.test(raw)) {
      finish()
      table = { order: orderOf(words.slice(1), file, line), rows: [] }
    } else if (table !== undefined && /^\d+$/.test(words[0]!)) {
      // TRANSFAC writes the consensus behind the numbers.
      const numbers = words.slice(1, 5)
      if (numbers.length < 4) {
        throw new DataError('a matrix row needs its position and four numbers', { file, line })
      }
      const values = matrixNumbers(numbers, file, line)
      const { order } = table
      table.rows.push({ counts: ['A', 'C', 'G', 'T'].map((base) => values[order.indexOf(base)]!), line })
    } else {
      const [, key, value] = /^\s*(AC|ID|NA|DE|Motif|TF Name)\s+(\S.*)$/.exec(raw) ?? []
      // What stands behind a matrix in TRANSFAC is its record's still.
      if (words[0] === '//' || key === 'Motif' || key === 'TF Name') finish()
      if (words[0] === '//') facts = new Map()
      else if (key !== undefined) facts.set(key, value!)
    }
  }
  finish()
  if (motifs.length === 0) {
    const what = empty.length > 0 ? `holds no matrix: motif '${empty[0]!}' has no rows` : 'holds no motif'
    throw new DataError(what, { file })
  }
  if (empty.length > 0) {
    onNote?.(
      `${file}: ${empty.length} of ${empty.length + motifs.length} motifs have no matrix and are left out`,
    )
  }
  return withUniqueIds(motifs, file, onNote)
}

function orderOf(letters: readonly string[], file: string, line: number): string[] {
  if ([...letters].sort().join('') === 'ACGT') return [...letters]
  const remedy = letters.includes('U') ? '; to compare RNA motifs as if of DNA, write T for U there' : ''
  throw new DataError(
    `the columns ${letters.join(' ')} are not A C G T; only DNA motifs can be read${remedy}`,
    {
      file,
      line,
    },
  )
}

function firstWord(text: string | undefined): string | undefined {
  return text?.trim().split(/\s+/)[0]
}

function stem(file: string): string {
  return basename(file).replace(/(?:\.txt|\.pwm|\.pfm|\.dat|\.transfac)?(?:\.gz)?$/i, '')
}
