/** The index of a FASTA file as samtools writes it (.fai), held against the file as far as that needs no reading. */
import { readFileSync } from 'node:fs'
import { DataError } from '../../base/errors.ts'
import { asReadError } from '../files/fileErrors.ts'

/** Where the letters of a sequence lie: lines of one length, but for the last. */
export interface IndexedSequence {
  readonly name: string
  /** Bases. */
  readonly length: number
  /** Of its first base, in bytes of the unpacked file. */
  readonly offset: number
  readonly lineBases: number
  /** With the line's end. */
  readonly lineBytes: number
}

/** @returns where a base lies, in bytes of the unpacked file */
export function offsetOf({ offset, lineBases, lineBytes }: IndexedSequence, position: number): number {
  return offset + lineBytes * Math.floor(position / lineBases) + (position % lineBases)
}

/**
 * @param size of the FASTA file in bytes, unpacked
 * @returns the sequences by name, in the order of the index
 * @throws DataError with the line where it is damaged, or reaches out of the file
 */
export function readFastaIndex(path: string, fasta: string, size: number): Map<string, IndexedSequence> {
  const sequences = new Map<string, IndexedSequence>()
  for (const [i, line] of readText(path).split('\n').entries()) {
    if (line.trim() === '') continue
    const reason = add(sequences, line.replace(/\r$/, ''), size)
    if (reason !== undefined) throw unfitIndex(path, fasta, reason, i + 1)
  }
  if (sequences.size === 0) throw unfitIndex(path, fasta, 'it names no sequence')
  const inOrder = [...sequences.values()].sort((a, b) => a.offset - b.offset)
  for (const [i, sequence] of inOrder.entries()) {
    const next = inOrder[i + 1]
    // A header is a '>' and a line feed at least.
    if (next !== undefined && next.offset < offsetOf(sequence, sequence.length) + 2) {
      throw unfitIndex(path, fasta, `'${sequence.name}' and '${next.name}' overlap`)
    }
  }
  return sequences
}

/** @returns what is wrong with a line, if anything */
function add(sequences: Map<string, IndexedSequence>, line: string, size: number): string | undefined {
  const [name, ...numbers] = line.split('\t')
  if (
    name === undefined ||
    name === '' ||
    numbers.length !== 4 ||
    !numbers.every((text) => /^\d+$/.test(text))
  )
    return 'it has no name and four numbers'
  if (sequences.has(name)) return `it names '${name}' twice`
  const [length, offset, lineBases, lineBytes] = numbers.map(Number) as [number, number, number, number]
  const sequence = { name, length, offset, lineBases, lineBytes }
  if (!numbers.every((text) => Number.isSafeInteger(Number(text)))) return 'its numbers are too large'
  if (length > 0 && (lineBases < 1 || lineBytes < lineBases)) return 'its lines hold no bases'
  if (lineBytes > lineBases + 2) return 'its lines end in more than a line end'
  if (length > 0 && offsetOf(sequence, length - 1) >= size)
    return `'${name}' reaches beyond the end of the file`
  sequences.set(name, sequence)
  return undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw asReadError(error, path)
  }
}

export function unfitIndex(index: string, fasta: string, reason: string, line?: number): DataError {
  return new DataError(
    `does not fit ${fasta}: ${reason}; one of them is damaged, truncated or newer; make the index again with: samtools faidx ${fasta}`,
    { file: index, line },
  )
}
