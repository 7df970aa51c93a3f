/** Scan: where motifs occur in sequences, with exact p-values, as sorted BED6+. Columns are told in docs/files.md. */
import type { Writable } from 'node:stream'
import { ConfigError } from '../../base/errors.ts'
import { count, counted, listed } from '../../base/format.ts'
import { bedChrom, bedLines, type BedFeature } from '../../io/features/bedFeatures.ts'
import { fileExists } from '../../io/files/fileHead.ts'
import { writePieces } from '../../io/files/writePieces.ts'
import { openGenome, type Genome } from '../../io/regions/genome.ts'
import { FalseDiscoveries } from '../../motif/falseDiscoveries.ts'
import { bitsOf, leastScore, pValueOf, scanMotif, type ScanMotif } from '../../motif/scan.ts'
import { eachPieceHit, type PieceHit, type PieceHits, type PieceMotif } from '../../motif/scanPiece.ts'
import { decodeSequence, reverseComplement } from '../../sequence/alphabet.ts'
import { chooseThreads } from '../config/threads.ts'
import { readMotifSet } from '../inputs/motifSet.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { bedPieces, byBytes, fastaPieces, genomePieces, type ScanPiece } from './scanPieces.ts'
import { scannedPieces, type ScannedPiece } from './scannedPieces.ts'

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
  /** Say q-values too; a genome is scanned twice for them. */
  readonly qValues: boolean
  /** All that there are unless given. */
  readonly threads?: number | undefined
  readonly output: Writable | string
}

/** A motif, the lowest score that is a hit, and how many hits there are. */
interface Scanned extends PieceMotif {
  readonly id: string
  readonly name: string | undefined
  readonly scores: ScanMotif
  readonly rates: FalseDiscoveries
}

/** @throws ConfigError where no window of any motif can be as rare as `p` */
export async function scanRun(options: ScanRunOptions, environment: RunEnvironment): Promise<void> {
  const { genome: genomePath, sequences, output, p } = options
  if (genomePath === undefined && /\.(bed|narrowPeak|broadPeak)(\.gz)?$/i.test(sequences)) {
    throw new ConfigError(`${sequences} holds places, not sequences; name their genome with --genome`)
  }
  const scan = new Scan(await motifsOf(options, environment), options, environment)
  const isIndexed = genomePath === undefined && (await fileExists(`${sequences}.fai`))
  const genomeOf = genomePath ?? (isIndexed ? sequences : undefined)
  const genome = genomeOf === undefined ? undefined : await openGenome(genomeOf)
  try {
    const features = isIndexed
      ? scan.along(genome!)
      : scan.sorted(genome === undefined ? fastaPieces(sequences) : bedPieces(sequences, genome))
    await writePieces(bedLines(features), output, environment.signal)
  } finally {
    await genome?.close()
  }
  environment.reporter.info(
    `${counted(scan.hits, 'hit')} of ${counted(scan.motifs.length, 'motif')} in ${count(scan.bases)} bases at p ≤ ${p}`,
  )
}

/** A hit, and its columns without the q-value. */
interface Found {
  readonly hit: PieceHit
  readonly feature: BedFeature
}

/** Features in batches, in the order that `bedLines` wants. */
class Scan {
  readonly motifs: readonly Scanned[]
  bases = 0
  hits = 0
  readonly #qValues: boolean
  readonly #threads: number
  readonly #environment: RunEnvironment

  constructor(
    motifs: readonly Scanned[],
    { qValues, threads }: Pick<ScanRunOptions, 'qValues' | 'threads'>,
    environment: RunEnvironment,
  ) {
    this.motifs = motifs
    this.#qValues = qValues
    this.#threads = chooseThreads(threads).threads
    this.#environment = environment
  }

  /** A genome, which is written as it is scanned: what its hits' q-values take is counted before. */
  async *along(genome: Genome): AsyncGenerator<readonly BedFeature[]> {
    const overlap = Math.max(...this.motifs.map(({ scores }) => scores.width)) - 1
    if (this.#qValues) {
      for await (const { scanned } of this.#scanned(
        'scanning bases for q-values',
        genomePieces(genome, overlap),
      )) {
        this.#count(scanned)
      }
    }
    const withQ = this.#qColumn()
    for await (const one of this.#scanned('scanning bases', genomePieces(genome, overlap))) {
      yield this.#found(one).map(withQ).sort(byStart)
    }
  }

  /** Records and intervals come in any order: their hits are sorted when all are found. */
  async *sorted(pieces: AsyncIterable<ScanPiece>): AsyncGenerator<readonly BedFeature[]> {
    const byChrom = new Map<string, Found[]>()
    for await (const one of this.#scanned('scanning bases', pieces)) {
      if (this.#qValues) this.#count(one.scanned)
      const { chrom } = one.piece
      let found = byChrom.get(chrom)
      if (found === undefined) byChrom.set(chrom, (found = []))
      for (const hit of this.#found(one)) found.push(hit)
    }
    const withQ = this.#qColumn()
    for (const chrom of [...byChrom.keys()].sort(byBytes)) yield byChrom.get(chrom)!.map(withQ).sort(byStart)
  }

  async *#scanned(what: string, pieces: AsyncIterable<ScanPiece>): AsyncGenerator<ScannedPiece> {
    const { reporter, signal } = this.#environment
    const task = reporter.task(what)
    this.bases = 0
    try {
      for await (const one of scannedPieces(pieces, this.motifs, { threads: this.#threads, signal })) {
        this.bases += Math.min(one.piece.owned, one.piece.codes.length)
        task.update(this.bases)
        yield one
      }
    } finally {
      task.end()
    }
  }

  #count(scanned: PieceHits): void {
    for (const [i, windows] of scanned.windows.entries()) this.motifs[i]!.rates.addWindows(windows)
    for (const { motif, score } of eachPieceHit(scanned)) this.motifs[motif]!.rates.addHit(score)
  }

  #qColumn(): (found: Found) => BedFeature {
    const rates = this.#qValues ? this.motifs.map((motif) => motif.rates.qValues()) : undefined
    return ({ hit, feature }) => {
      const q = rates?.[hit.motif]!(hit.score)
      return { ...feature, more: feature.more.with(qPlace, q?.toExponential(3) ?? null) }
    }
  }

  #found({ piece, scanned }: ScannedPiece): Found[] {
    const found = Array.from(eachPieceHit(scanned), (hit) => ({
      hit,
      feature: featureOf(hit, piece, this.motifs[hit.motif]!),
    }))
    this.hits += found.length
    return found
  }
}

async function motifsOf(
  { motifs: path, names, p, background }: ScanRunOptions,
  environment: RunEnvironment,
): Promise<Scanned[]> {
  const matrices = await readMotifSet(path, names, environment)
  const weak: string[] = []
  const motifs = matrices.flatMap(({ id, name, ppm, nsites }) => {
    const motif = scanMotif(ppm, { nsites, background })
    const least = leastScore(motif, p)
    if (least === undefined) weak.push(id)
    if (least === undefined) return []
    return [{ id, name, scores: motif, least, rates: new FalseDiscoveries(motif, least) }]
  })
  if (weak.length === 0) return motifs
  const weakness = `${listed(weak)}: even the best window is more frequent by chance than p ${p}`
  if (motifs.length === 0) throw new ConfigError(`${weakness}; a higher --p finds some`)
  environment.reporter.warn(`left out, ${weakness}`)
  return motifs
}

function byStart(a: BedFeature, b: BedFeature): number {
  return a.start - b.start
}

/** Where the q-value is among the columns after the sixth. */
const qPlace = 3

function featureOf(
  { at, strand: onPiece, score }: PieceHit,
  { codes, sequence, ...piece }: ScanPiece,
  { id, name, scores }: Scanned,
): BedFeature {
  const window = codes.subarray(at, at + scores.width)
  const start = piece.strand === '+' ? piece.start + at : piece.end - at - scores.width
  return {
    chrom: bedChrom(piece.chrom),
    start,
    end: start + scores.width,
    name: id,
    score: Math.max(0, Math.round((1000 * score) / scores.highest)),
    strand: onPiece === piece.strand ? '+' : '-',
    more: [
      name ?? null,
      bitsOf(score).toFixed(2),
      pValueOf(scores, score).toExponential(3),
      null,
      sequence ?? null,
      decodeSequence(onPiece === '+' ? window : reverseComplement(window)),
    ],
  }
}
