/** A file of known motifs, whatever its format: told by its content. */
import { DataError } from '../../base/errors.ts'
import { memeVersionLine, parseMemeMotifs } from './memeMotifs.ts'
import { parsePfmMotifs } from './pfmMotifs.ts'
import { readMotifText, type KnownMotif, type MotifNote } from './motifText.ts'
import { parseTableMotifs, tableHeader } from './tableMotifs.ts'

/**
 * @param path MEME format (`parseMemeMotifs`), matrices with `>` headers (`parsePfmMotifs`), TRANSFAC or CIS-BP
 *   (`parseTableMotifs`); plain or gzip
 * @param onNote told of ids that were made unique, of motifs without a matrix and of a layout that the file leaves open
 * @throws DataError naming file and line
 */
export function readKnownMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  const text = readMotifText(path)
  if (memeVersionLine.test(text)) return parseMemeMotifs(text, path, onNote)
  if (/^[ \t]*>/m.test(text)) return parsePfmMotifs(text, path, onNote)
  if (tableHeader.test(text)) return parseTableMotifs(text, path, onNote)
  if (text.trim() === '') throw new DataError('the file is empty: it has no motif', { file: path })
  throw new DataError(
    "holds no motifs: neither a 'MEME version' line (MEME format), nor '>' headers (matrices of JASPAR, HOMER and others), nor a line 'PO A C G T' (TRANSFAC) or 'Pos A C G T' (CIS-BP)",
    { file: path },
  )
}
