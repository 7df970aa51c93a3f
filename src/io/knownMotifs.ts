/** A file of known motifs, whatever its format: told by its content. */
import { DataError } from '../base/errors.ts'
import { parseMemeMotifs } from './memeMotifs.ts'
import { parsePfmMotifs } from './pfmMotifs.ts'
import { readMotifText, type MotifNote } from './motifText.ts'
import { parseTableMotifs, tableHeader } from './tableMotifs.ts'

export interface KnownMotif {
  /** Unique in its file. */
  readonly id: string
  /** The factor's name; the id where the file gives none. */
  readonly name: string
  /** Probabilities of A C G T, [width][4], rows sum to 1. */
  readonly ppm: readonly (readonly number[])[]
  /** Sites that the matrix was counted from, where the file says. */
  readonly nsites?: number | undefined
}

/**
 * @param path MEME format or text output (`parseMemeMotifs`), matrices with `>` headers (`parsePfmMotifs`), TRANSFAC or
 *   CIS-BP's tables (`parseTableMotifs`); plain or gzip
 * @param onNote told where an id was made unique and where a layout had to be chosen
 * @throws DataError naming file and line
 */
export function readKnownMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  const text = readMotifText(path)
  if (/^[ \t]*MEME version/m.test(text)) return parseMemeMotifs(text, path, onNote)
  if (/^>/m.test(text)) return parsePfmMotifs(text, path, onNote)
  if (tableHeader.test(text)) return parseTableMotifs(text, path, onNote)
  if (text.trim() === '') throw new DataError('the file is empty: it has no motif', { file: path })
  throw new DataError(
    "holds no motifs: neither a 'MEME version' line (MEME format), nor '>' headers (matrices of JASPAR, HOMER and others), nor a line 'PO A C G T' (TRANSFAC) or 'Pos A C G T' (CIS-BP)",
    { file: path },
  )
}
