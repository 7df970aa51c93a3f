/**
 * Motifs as tables with a line of column names: TRANSFAC (`PO A C G T` or `P0 …`, records that end with `//`) and CIS-BP
 * (`Pos A C G T`, one motif a file or many with a `Motif` line each).
 */
import { basename } from 'node:path'
import { DataError } from '../base/errors.ts'
import type { KnownMotif } from './knownMotifs.ts'
import { matrixNumbers, motifOfCounts, UniqueIds, type MotifNote } from './motifText.ts'

/** The line above a matrix; also tells that a text has such motifs. */
export const tableHeader = /^[ \t]*(?:P[O0]|Pos)[ \t]+A[ \t]+C[ \t]+G[ \t]+[TU]\b/m

/**
 * TRANSFAC: the id is `AC`'s, else `ID`'s; the name `NA`'s, else `ID`'s. CIS-BP: the id is that of the `Motif` line, else the
 * name of the file; the name `TF Name`'s.
 * @param file names the text in errors
 * @throws DataError naming file and line
 */
export function parseTableMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const motifs: KnownMotif[] = []
  const ids = new UniqueIds()
  let words: Record<string, string> = {}
  let rows: { counts: number[]; line: number }[] | undefined
  let headerLine = 0

  function finish(): void {
    if (rows === undefined) return
    const id =
      words['AC'] ?? words['Motif'] ?? words['ID'] ?? basename(file).replace(/\.(?:txt|pwm|gz)+$/i, '')
    const name = words['NA'] ?? words['TF Name'] ?? words['ID'] ?? id
    // CIS-BP lists motifs that it may not give: a header without rows.
    if (rows.length === 0) {
      throw new DataError(`motif '${id}' has an empty matrix; remove it`, { file, line: headerLine })
    }
    motifs.push(motifOfCounts(ids.of(id), name, rows, file))
    rows = undefined
    words = {}
  }

  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = at + 1
    if (tableHeader.test(raw)) {
      if (/U\b/.test(raw))
        throw new DataError('the alphabet is ACGU; only DNA motifs can be read', { file, line })
      finish()
      rows = []
      headerLine = line
      continue
    }
    const fields = raw.trim().split(/\s+/)
    if (rows !== undefined && /^\d+$/.test(fields[0]!)) {
      if (fields.length < 5) {
        throw new DataError('a matrix row needs its position and four numbers (A C G T)', { file, line })
      }
      rows.push({ counts: matrixNumbers(fields.slice(1, 5), file, line), line })
      continue
    }
    const [, key, value] = /^(AC|ID|NA|Motif|TF Name)\s+(\S.*?)\s*$/.exec(raw) ?? []
    if (raw.startsWith('//') || key === 'AC' || key === 'Motif' || key === 'TF Name') {
      if (rows !== undefined) finish()
    }
    if (key !== undefined) words[key] ??= key === 'AC' || key === 'Motif' ? value!.split(/\s+/)[0]! : value!
    else if (raw.startsWith('//')) words = {}
  }
  finish()
  if (motifs.length === 0) throw new DataError('holds no motif', { file })
  ids.tell(file, onNote)
  return motifs
}
