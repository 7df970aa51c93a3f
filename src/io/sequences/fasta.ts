/** Streams the records of a FASTA file (plain, gzip or bgzip). */
import { DataError } from '../../base/errors.ts'
import type { SequenceRecord } from '../../sequence/sequenceSet.ts'
import type { BadRecordHandler } from './badRecords.ts'
import { looksLike } from '../files/fileKind.ts'
import { regionOfName } from './region.ts'
import { findInvalidLetter, invalidLetterError } from './sequenceLetters.ts'
import { readLineBlocks } from '../files/textLines.ts'

/** How a FASTA file is read. */
export interface ReadFastaOptions {
  /** Takes the errors of single records, which are then left out; without it the first such error is thrown. */
  readonly onBadRecord?: BadRecordHandler | undefined
}

/**
 * Every record in file order. A sequence may run over many lines; blank lines and white space in it are skipped, letters
 * keep their case. The name is the first word of the header (also after `> `). A name `chr:start-end` gives coordinates
 * (see `regionOfName`). Names may repeat.
 * Throws DataError: unreadable or empty file, text before the first header; of single records: no name, no sequence,
 * a letter that is not IUPAC.
 */
export async function* readFasta(
  path: string,
  options: ReadFastaOptions = {},
): AsyncGenerator<SequenceRecord> {
  let header: FastaHeader | undefined
  let pieces: string[] = []
  let fault: DataError | undefined

  function finish(): SequenceRecord | undefined {
    if (header === undefined) return undefined
    const { name, line } = header
    if (fault === undefined && pieces.length === 0) {
      fault = new DataError('the header has no sequence below it', { file: path, line, sequence: name })
    }
    if (fault === undefined) return toRecord(name, pieces.join(''), path, line)
    if (options.onBadRecord === undefined) throw fault
    options.onBadRecord(fault)
    return undefined
  }

  for await (const block of readLineBlocks(path)) {
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!
      const line = block.line + i
      if (text.startsWith('>')) {
        const record = finish()
        if (record !== undefined) yield record
        header = { name: /\S+/.exec(text.slice(1))?.[0] ?? '', line }
        pieces = []
        fault =
          header.name === ''
            ? new DataError('the header has no name; write one behind the >', { file: path, line })
            : undefined
        continue
      }
      if (text === '' || fault !== undefined) continue
      if (header === undefined) {
        if (text.trim() === '') continue
        throw new DataError(
          `found '${text.slice(0, 20)}' before the first header; a FASTA record begins with a line '>name'${looksLike(text)}`,
          { file: path, line },
        )
      }
      let bad = findInvalidLetter(text)
      if (bad < 0) {
        pieces.push(text)
        continue
      }
      const letters = text.replace(/\s+/g, '')
      bad = findInvalidLetter(letters)
      if (bad < 0) {
        if (letters !== '') pieces.push(letters)
      } else {
        fault = invalidLetterError(text, text.indexOf(letters[bad]!), {
          file: path,
          line,
          sequence: header.name,
        })
      }
    }
  }
  if (header === undefined) throw new DataError('the file is empty: it has no FASTA record', { file: path })
  const record = finish()
  if (record !== undefined) yield record
}

interface FastaHeader {
  readonly name: string
  readonly line: number
}

function toRecord(name: string, sequence: string, file: string, line: number): SequenceRecord {
  const region = regionOfName(name, sequence.length)
  return region === undefined ? { name, sequence, file, line } : { name, sequence, ...region, file, line }
}
