/** A file of known motifs, whatever its format: told by its content. */
import { DataError } from '../../base/errors.ts'
import { memeVersionLine, parseMemeMotifs } from './memeMotifs.ts'
import { isHdf5, readModiscoMotifs } from './modiscoMotifs.ts'
import { motifTextOf, readMotifBytes, type KnownMotif, type MotifNote } from './motifText.ts'
import { parsePfmMotifs } from './pfmMotifs.ts'
import { parseTableMotifs, tableHeader } from './tableMotifs.ts'

/**
 * @param path MEME format (`parseMemeMotifs`), matrices with `>` headers (`parsePfmMotifs`), TRANSFAC or CIS-BP
 *   (`parseTableMotifs`), or the HDF5 of modisco-lite (`readModiscoMotifs`); plain or gzip
 * @param onNote told of ids that were made unique, of motifs without a matrix and of a layout that the file leaves open
 * @throws DataError naming file and line
 */
export async function readKnownMotifs(path: string, onNote?: MotifNote): Promise<KnownMotif[]> {
  const bytes = readMotifBytes(path)
  if (isHdf5(bytes)) return readModiscoMotifs(bytes, path, onNote)
  const text = motifTextOf(bytes, path)
  if (memeVersionLine.test(text)) return parseMemeMotifs(text, path, onNote)
  if (/^[ \t]*>/m.test(text)) return parsePfmMotifs(text, path, onNote)
  if (tableHeader.test(text)) return parseTableMotifs(text, path, onNote)
  if (text.trim() === '') throw new DataError('the file is empty: it has no motif', { file: path })
  throw new DataError(
    "holds no motifs: neither a 'MEME version' line (MEME format), nor '>' headers (matrices of JASPAR, HOMER and others), nor a line 'PO A C G T' (TRANSFAC) or 'Pos A C G T' (CIS-BP); nor is it HDF5 (modisco-lite)",
    { file: path },
  )
}
