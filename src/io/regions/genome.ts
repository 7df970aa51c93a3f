/** A genome to fetch pieces from: FASTA with a samtools index (.fai), plain or bgzip (then also .gzi). */
import { DataError } from '../../base/errors.ts'
import { bgzfHeaderLength, isBgzf, isGzip } from '../files/bgzf.ts'
import { unknownChromosomeError } from './chromosomeNames.ts'
import { offsetOf, readFastaIndex, unfitIndex, type IndexedSequence } from './fastaIndex.ts'
import { endsWithBgzfMarker, fileExists, readHead } from '../files/fileHead.ts'
import { refuseBinary } from '../files/fileKind.ts'
import { HeldFile } from '../files/heldFile.ts'
import { PackedText, type RandomBytes } from '../files/packedText.ts'

export interface Genome {
  readonly path: string
  /** Length in bases by name, in the order of the index. */
  readonly chromosomes: ReadonlyMap<string, number>
  /**
   * @param start 0-based
   * @param end half-open
   * @returns letters as in the file, exactly end - start of them; throws DataError for a place that is not in the genome
   */
  fetch(chrom: string, start: number, end: number): Promise<string>
  /** Nothing can be fetched any more. */
  close(): Promise<void>
}

/** Throws DataError where the file or its index is missing, truncated or not of a kind that can be indexed. */
export async function openGenome(path: string): Promise<Genome> {
  const head = await readHead(path, bgzfHeaderLength)
  if (head.length === 0) throw new DataError('the file is empty: it has no FASTA record', { file: path })
  refuseBinary(head, path)
  const start = Buffer.from(head).toString('latin1').trimStart()
  if (!isGzip(head) && start !== '' && !start.startsWith('>')) {
    throw new DataError(
      `is no FASTA: it begins with '${start.split(/\s/)[0]!}' where FASTA has '>'; give the FASTA of the genome`,
      { file: path },
    )
  }
  const compressed = isBgzf(head)
  if (!compressed && isGzip(head)) {
    throw new DataError(
      `is gzip, which cannot be indexed; make it bgzip: gunzip -c ${path} | bgzip > genome.fa.gz && samtools faidx genome.fa.gz`,
      { file: path },
    )
  }
  if (compressed && !(await endsWithBgzfMarker(path))) {
    throw new DataError(
      'the bgzip end-of-file marker is missing: the file is truncated; copy or download it again',
      {
        file: path,
      },
    )
  }
  for (const extension of compressed ? ['.fai', '.gzi'] : ['.fai']) {
    if (!(await fileExists(path + extension))) {
      throw new DataError(`has no index ${path}${extension}; make it with: samtools faidx ${path}`, {
        file: path,
      })
    }
  }
  const file = new HeldFile(path)
  try {
    const bytes = compressed ? new PackedText(file, `${path}.gzi`) : file
    return new IndexedGenome(file, bytes, readFastaIndex(`${path}.fai`, path, bytes.size))
  } catch (error) {
    file.close()
    throw error
  }
}

/** Bases read at once where a fetch follows the one before it, as in sorted intervals. */
const readAheadBases = 1 << 16

interface Piece {
  readonly chrom: string
  readonly start: number
  readonly letters: string
}

/** Bytes before and behind a sequence that are looked at: most headers are shorter. */
const headerBytes = 4096

class IndexedGenome implements Genome {
  readonly path: string
  readonly chromosomes: ReadonlyMap<string, number>
  readonly #file: HeldFile
  readonly #bytes: RandomBytes
  readonly #index: ReadonlyMap<string, IndexedSequence>
  /** Sequences whose ends were looked at. */
  readonly #checked = new Set<string>()
  #last: Piece | undefined

  constructor(file: HeldFile, bytes: RandomBytes, index: ReadonlyMap<string, IndexedSequence>) {
    this.path = file.path
    this.chromosomes = new Map([...index.values()].map(({ name, length }) => [name, length]))
    this.#file = file
    this.#bytes = bytes
    this.#index = index
  }

  close(): Promise<void> {
    this.#file.close()
    return Promise.resolve()
  }

  fetch(chrom: string, start: number, end: number): Promise<string> {
    return Promise.resolve().then(() => this.#fetch(chrom, start, end))
  }

  #fetch(chrom: string, start: number, end: number): string {
    const sequence = this.#index.get(chrom)
    if (sequence === undefined) {
      throw unknownChromosomeError(chrom, this.chromosomes.keys(), this.path, {})
    }
    const { length } = sequence
    if (start < 0 || end > length || end < start) {
      throw new DataError(`${chrom}:${start}-${end} lies outside the chromosome of ${length} bases`, {
        file: this.path,
      })
    }
    const last = this.#last
    let readTo = end
    if (last?.chrom === chrom && start >= last.start) {
      const offset = start - last.start
      if (end <= last.start + last.letters.length) return last.letters.slice(offset, offset + end - start)
      if (offset <= last.letters.length + readAheadBases)
        readTo = Math.min(length, Math.max(end, start + readAheadBases))
    }
    if (!this.#checked.has(chrom)) this.#checkEnds(sequence)
    const letters = this.#read(sequence, start, readTo)
    this.#last = { chrom, start, letters }
    return letters.slice(0, end - start)
  }

  #read(sequence: IndexedSequence, start: number, end: number): string {
    if (end === start) return ''
    const { lineBases, lineBytes } = sequence
    const from = offsetOf(sequence, start)
    const text = this.#bytes.read(from, offsetOf(sequence, end - 1) + 1 - from).toString('latin1')
    const lines: string[] = []
    let count = 0
    for (let at = 0, left = lineBases - (start % lineBases); at < text.length; left = lineBases) {
      const letters = text.slice(at, at + left)
      const lineEnd = text.slice(at + left, at + left + lineBytes - lineBases)
      if (/[\s>]/.test(letters) || /\S/.test(lineEnd))
        throw this.#unfit(sequence, 'its lines are not that long')
      lines.push(letters)
      count += letters.length
      at += left + lineBytes - lineBases
    }
    if (count !== end - start) throw this.#unfit(sequence, 'the file ends within it')
    return lines.join('')
  }

  /** The header stands before the first base, and the next header, or nothing, behind the last. */
  #checkEnds(sequence: IndexedSequence): void {
    const { name, offset, length } = sequence
    const from = Math.max(0, offset - headerBytes)
    const before = this.#bytes.read(from, offset - from).toString('latin1')
    const begin = before.lastIndexOf('\n', before.length - 2) + 1
    if (!before.endsWith('\n')) throw this.#unfit(sequence, 'no line begins at its first base')
    const isWhole = begin > 0 || from === 0
    // Some writers put a space before the name.
    const named = /^>\s*(\S*)/.exec(before.slice(begin))?.[1]
    if (isWhole && named !== Buffer.from(name).toString('latin1')) {
      throw this.#unfit(sequence, 'its header is not before its first base')
    }
    const last = length === 0 ? offset : offsetOf(sequence, length - 1) + 1
    const behind = this.#bytes.read(last, headerBytes).toString('latin1')
    if (!/^\s*(?:>|$)/.test(behind) || /^>/.test(behind.slice(0, length === 0 ? 0 : 1))) {
      throw this.#unfit(sequence, 'it goes on behind its last base')
    }
    this.#checked.add(name)
  }

  #unfit({ name }: IndexedSequence, reason: string): DataError {
    return unfitIndex(`${this.path}.fai`, this.path, `'${name}': ${reason}`)
  }
}
