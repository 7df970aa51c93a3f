/** A file of known motifs, whatever its format: told by its content. */
import { DataError } from '../base/errors.ts'
import { parseMemeMotifs } from './memeMotifs.ts'
import { parsePfmMotifs } from './pfmMotifs.ts'
import { readMotifText } from './motifText.ts'

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
 * @param path MEME minimal format, or count matrices with `>` headers (see `parsePfmMotifs`); plain or gzip
 * @throws DataError naming file and line
 */
export function readKnownMotifs(path: string): KnownMotif[] {
  const text = readMotifText(path)
  if (/^\s*MEME version/m.test(text)) return parseMemeMotifs(text, path)
  if (/^>/m.test(text)) return parsePfmMotifs(text, path)
  throw new DataError(
    "holds no motifs: neither a 'MEME version' line (MEME format) nor '>' headers (count matrices)",
    { file: path },
  )
}
