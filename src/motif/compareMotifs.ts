/**
 * Motifs from data compared with known ones: Tomtom's comparison (tomtom.ts) of their informative columns. Tomtom takes
 * target columns for independent; in known motifs they are not (long ones have runs that say nothing), so a query of many
 * vague columns resembles one of them by chance more often than it says. A column that the sites cannot tell from the
 * sequences around them is therefore silent: it scores nothing, for or against.
 */
import { ppmOf } from './motif.ts'
import type { Matrix } from '../sequence/matrix.ts'
import type { ComparedMotif, MotifMatch } from './motifMatch.ts'
import { tomtomOneByOne } from './tomtom.ts'
import type { RankedTargets } from './tomtomMatches.ts'
import { tomtomInThreads, type TomtomThreads } from './tomtomThreads.ts'

export interface CountedMotif {
  readonly id: string
  readonly name: string
  /** Counts of the bases at its sites; a row may sum to less than `nsites`. */
  readonly counts: Matrix // [width][4]
  readonly nsites: number
  /** As `columnInformation` tells of these columns, or of more around them. */
  readonly informative: readonly boolean[] // [width]
}

/** @returns all targets of all queries, best first within each query; p = 1 for a motif without an informative column */
export function matchMotifs(
  motifs: readonly CountedMotif[],
  targets: readonly ComparedMotif[],
): MotifMatch[] {
  return [...matchMotifsOneByOne(motifs, targets)].flatMap((ranked) => ranked.all())
}

/** The same, one motif after another, each compared when it is asked for. */
export function matchMotifsOneByOne(
  motifs: readonly CountedMotif[],
  targets: readonly ComparedMotif[],
): Generator<RankedTargets> {
  return tomtomOneByOne(motifs.map(comparedOf), targets)
}

/** The same in threads; `read` says what is kept of each motif. */
export function matchMotifsInThreads<Kept>(
  motifs: readonly CountedMotif[],
  targets: readonly ComparedMotif[],
  read: (ranked: RankedTargets) => Kept,
  options: TomtomThreads,
): Promise<Kept[]> {
  return tomtomInThreads(motifs.map(comparedOf), targets, read, options)
}

function comparedOf({ id, name, counts, nsites, informative }: CountedMotif): ComparedMotif {
  return { id, name, ppm: ppmOf(counts, nsites), silent: informative.map((says) => !says) }
}
