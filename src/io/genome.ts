/** A genome to fetch pieces from: FASTA with a samtools index (.fai), plain or bgzip (then also .gzi). */
import { BgzipIndexedFasta, IndexedFasta } from '@gmod/indexedfasta'
import { LocalFile } from 'generic-filehandle2'
import { DataError } from '../base/errors.ts'
import { bgzfHeaderLength, isBgzf, isGzip } from './bgzf.ts'
import { unknownChromosomeError } from './chromosomeNames.ts'
import { endsWithBgzfMarker, fileExists, readHead } from './fileHead.ts'
import { refuseBinary } from './fileKind.ts'
import { HeldFile } from './heldFile.ts'

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
  const fai = new LocalFile(`${path}.fai`)
  const fasta = compressed
    ? new BgzipIndexedFasta({ fasta: file, fai, gzi: new LocalFile(`${path}.gzi`) })
    : new IndexedFasta({ fasta: file, fai })
  const chromosomes = await readSizes(fasta, path)
  return new IndexedGenome(path, chromosomes, fasta, file)
}

async function readSizes(fasta: IndexedFasta, path: string): Promise<Map<string, number>> {
  let names: string[]
  let sizes: Record<string, number>
  try {
    names = await fasta.getSequenceNames()
    sizes = await fasta.getSequenceSizes()
  } catch (error) {
    throw staleIndex(path, error)
  }
  const chromosomes = new Map(names.map((name) => [name, sizes[name] ?? NaN]))
  if (chromosomes.size === 0) throw staleIndex(path)
  for (const [chrom, length] of chromosomes) {
    if (!Number.isSafeInteger(length) || length < 0 || chrom === '') throw staleIndex(path)
  }
  return chromosomes
}

function staleIndex(path: string, cause?: unknown): DataError {
  return new DataError(
    `does not fit its index: one of them is truncated or newer; make the index again with: samtools faidx ${path}`,
    { file: path },
    { cause },
  )
}

/** Bases read at once where a fetch follows the one before it, as in sorted intervals. */
const readAheadBases = 1 << 16

interface Piece {
  readonly chrom: string
  readonly start: number
  readonly letters: string
}

class IndexedGenome implements Genome {
  readonly path: string
  readonly chromosomes: ReadonlyMap<string, number>
  readonly #fasta: IndexedFasta
  readonly #file: HeldFile
  #last: Piece | undefined

  constructor(path: string, chromosomes: ReadonlyMap<string, number>, fasta: IndexedFasta, file: HeldFile) {
    this.path = path
    this.chromosomes = chromosomes
    this.#fasta = fasta
    this.#file = file
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async fetch(chrom: string, start: number, end: number): Promise<string> {
    const length = this.chromosomes.get(chrom)
    if (length === undefined) {
      throw unknownChromosomeError(chrom, this.chromosomes.keys(), this.path, {})
    }
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
    const letters = await this.#read(chrom, start, readTo)
    this.#last = { chrom, start, letters }
    return letters.slice(0, end - start)
  }

  async #read(chrom: string, start: number, end: number): Promise<string> {
    let letters: string | undefined
    try {
      letters = await this.#fasta.getSequence(chrom, start, end)
    } catch (error) {
      throw staleIndex(this.path, error)
    }
    if (letters?.length !== end - start || letters.includes('>')) throw staleIndex(this.path)
    return letters
  }
}
