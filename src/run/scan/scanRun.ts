/** Scan: where motifs occur in sequences, with exact p-values, as sorted BED6+. Columns are told in docs/files.md. */
import type { Writable } from 'node:stream'
import { ConfigError } from '../../base/errors.ts'
import { count, counted, listed } from '../../base/format.ts'
import { bedChrom, bedLines, type BedFeature } from '../../io/features/bedFeatures.ts'
import { fileExists } from '../../io/files/fileHead.ts'
import { writePieces } from '../../io/files/writePieces.ts'
import { openGenome } from '../../io/regions/genome.ts'
import {
  bitsOf,
  eachHit,
  leastScore,
  pValueOf,
  scanMotif,
  scanSequence,
  type ScanMotif,
} from '../../motif/scan.ts'
import { decodeSequence, reverseComplement } from '../../sequence/alphabet.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { scanMatrices } from './scanMatrices.ts'
import { bedPieces, byBytes, fastaPieces, genomePieces, type ScanPiece } from './scanPieces.ts'

export interface ScanRunOptions {
  /** Run directory or motif file. */
  readonly motifs: string
  /** FASTA, or BED where a genome is given. */
  readonly sequences: string
  readonly genome?: string | undefined
  /** Highest p-value of a hit. */
  readonly p: number
  /** Ids or factors of the motifs wanted; all unless given. */
  readonly names?: readonly string[] | undefined
  /** Of A C G T. */
  readonly background: readonly number[]
  readonly output: Writable | string
}

/** A motif, and the lowest score that is a hit. */
interface Scanned {
  readonly id: string
  readonly name: string | undefined
  readonly motif: ScanMotif
  readonly least: number
}

/** @throws ConfigError where no window of any motif can be as rare as `p` */
export async function scanRun(options: ScanRunOptions, environment: RunEnvironment): Promise<void> {
  const { reporter, signal } = environment
  if (options.genome === undefined && /\.(bed|narrowPeak|broadPeak)(\.gz)?$/i.test(options.sequences)) {
    throw new ConfigError(`${options.sequences} holds places, not sequences; name their genome with --genome`)
  }
  const motifs = await motifsOf(options, environment)
  const widest = motifs.reduce((most, { motif }) => Math.max(most, motif.width), 0)
  const task = reporter.task('scanning bases')
  const tally = { bases: 0, hits: 0 }
  const featuresOf = (piece: ScanPiece): BedFeature[] => {
    signal.throwIfAborted()
    const features = hitsIn(piece, motifs)
    tally.bases += Math.min(piece.owned, piece.codes.length)
    tally.hits += features.length
    task.update(tally.bases)
    return features
  }
  try {
    await writePieces(bedLines(sortedFeatures(options, widest - 1, featuresOf)), options.output, signal)
  } finally {
    task.end()
  }
  reporter.info(
    `${counted(tally.hits, 'hit')} of ${counted(motifs.length, 'motif')} in ${count(tally.bases)} bases at p ≤ ${options.p}`,
  )
}

async function motifsOf(
  { motifs: path, names, p, background }: ScanRunOptions,
  environment: RunEnvironment,
): Promise<Scanned[]> {
  const matrices = await scanMatrices(path, names, environment)
  const weak: string[] = []
  const motifs = matrices.flatMap(({ id, name, ppm, nsites }) => {
    const motif = scanMotif(ppm, { nsites, background })
    const least = leastScore(motif, p)
    if (least === undefined) weak.push(id)
    return least === undefined ? [] : [{ id, name, motif, least }]
  })
  if (weak.length === 0) return motifs
  const weakness = `${listed(weak)}: even the best window is more frequent by chance than p ${p}`
  if (motifs.length === 0) throw new ConfigError(`${weakness}; a higher --p finds some`)
  environment.reporter.warn(`left out, ${weakness}`)
  return motifs
}

/** @returns batches in the order that `bedLines` wants */
async function* sortedFeatures(
  { sequences, genome: genomePath }: ScanRunOptions,
  overlap: number,
  featuresOf: (piece: ScanPiece) => BedFeature[],
): AsyncGenerator<readonly BedFeature[]> {
  if (genomePath === undefined && (await fileExists(`${sequences}.fai`))) {
    const genome = await openGenome(sequences)
    try {
      for await (const piece of genomePieces(genome, overlap)) yield featuresOf(piece).sort(byStart)
    } finally {
      await genome.close()
    }
    return
  }
  // Records and intervals come in any order: their hits are sorted when all are found.
  const genome = genomePath === undefined ? undefined : await openGenome(genomePath)
  const byChrom = new Map<string, BedFeature[]>()
  try {
    for await (const piece of genome === undefined ? fastaPieces(sequences) : bedPieces(sequences, genome)) {
      let found = byChrom.get(piece.chrom)
      if (found === undefined) byChrom.set(piece.chrom, (found = []))
      for (const feature of featuresOf(piece)) found.push(feature)
    }
  } finally {
    await genome?.close()
  }
  for (const chrom of [...byChrom.keys()].sort(byBytes)) yield byChrom.get(chrom)!.sort(byStart)
}

function byStart(a: BedFeature, b: BedFeature): number {
  return a.start - b.start
}

function hitsIn(piece: ScanPiece, motifs: readonly Scanned[]): BedFeature[] {
  const { codes, owned, sequence } = piece
  const chrom = bedChrom(piece.chrom)
  const prepared = scanSequence(codes)
  const features: BedFeature[] = []
  for (const { id, name, motif, least } of motifs) {
    eachHit(motif, prepared, least, (at, onPiece, score) => {
      if (at >= owned) return
      const window = codes.subarray(at, at + motif.width)
      const start = piece.strand === '+' ? piece.start + at : piece.end - at - motif.width
      features.push({
        chrom,
        start,
        end: start + motif.width,
        name: id,
        score: Math.max(0, Math.round((1000 * score) / motif.highest)),
        strand: onPiece === piece.strand ? '+' : '-',
        more: [
          name ?? null,
          bitsOf(score).toFixed(2),
          pValueOf(motif, score).toExponential(3),
          sequence ?? null,
          decodeSequence(onPiece === '+' ? window : reverseComplement(window)),
        ],
      })
    })
  }
  return features
}
