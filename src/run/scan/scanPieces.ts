/** What `sis scan` scans, piece by piece: an indexed genome's chromosomes, the records of a FASTA file, the intervals of a BED file. */
import { readBed } from '../../io/regions/bed.ts'
import { checkInterval, fetchWindow } from '../../io/regions/bedWindows.ts'
import type { Genome } from '../../io/regions/genome.ts'
import { readFasta } from '../../io/sequences/fasta.ts'
import { bedChrom } from '../../io/features/bedFeatures.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'

export interface ScanPiece {
  /** The chromosome, or the sequence's name where it has no place on one. */
  readonly chrom: string
  /** Where the piece begins and ends on `chrom`, 0-based, half-open. */
  readonly start: number
  readonly end: number
  /** Of the letters on `chrom`. */
  readonly strand: '+' | '-'
  /** The record or interval; undefined for a chromosome of the genome. */
  readonly sequence: string | undefined
  readonly codes: Uint8Array // [end - start]
  /** Windows that begin here or further on belong to the next piece. */
  readonly owned: number
}

/** Bases scanned at a time: enough that what pieces share does not count. */
const pieceBases = 1 << 20

/**
 * Chromosomes in the order of the bytes of their names, each from left to right.
 * @param overlap bases that a window may reach beyond its first
 */
export async function* genomePieces(genome: Genome, overlap: number): AsyncGenerator<ScanPiece> {
  for (const chrom of [...genome.chromosomes.keys()].sort(byBytes)) {
    const length = genome.chromosomes.get(chrom)!
    for (let start = 0; start < length; start += pieceBases) {
      const end = Math.min(length, start + pieceBases + overlap)
      const letters = await fetchWindow(genome, chrom, start, end, { file: genome.path, sequence: chrom })
      const codes = encodeSequence(letters)
      yield { chrom, start, end, strand: '+', sequence: undefined, codes, owned: pieceBases }
    }
  }
}

/** Records in file order, placed where their names say. */
export async function* fastaPieces(path: string): AsyncGenerator<ScanPiece> {
  for await (const { name, sequence, chrom, start, end, strand } of readFasta(path)) {
    const codes = encodeSequence(sequence)
    const whole = { sequence: name, codes, owned: codes.length }
    yield chrom === undefined
      ? { chrom: name, start: 0, end: codes.length, strand: '+', ...whole }
      : { chrom, start: start!, end: end!, strand: strand ?? '+', ...whole }
  }
}

/** Intervals in file order, as wide as they are. */
export async function* bedPieces(path: string, genome: Genome): AsyncGenerator<ScanPiece> {
  for await (const interval of readBed(path, { summits: false })) {
    checkInterval(interval, genome)
    const { chrom, start, end, file, line } = interval
    const sequence = interval.name ?? `${chrom}:${start}-${end}`
    const codes = encodeSequence(await fetchWindow(genome, chrom, start, end, { file, line, sequence }))
    yield { chrom, start, end, strand: '+', sequence, codes, owned: codes.length }
  }
}

/** Compares names of chromosomes as `LC_ALL=C sort` does their columns in a BED file. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(bedChrom(a)), Buffer.from(bedChrom(b)))
}
