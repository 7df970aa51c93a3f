/** What the table of motifs and the card of a motif say beyond its matrices, as plain values. */
import type { Matrix } from '../sequence/matrix.ts'

/** A known motif, as it lies on the motif's sites. */
export interface KnownMatch {
  readonly targetId: string
  readonly targetName: string
  readonly pValue: number
  readonly eValue: number
  readonly qValue: number
  readonly orientation: '+' | '-'
  /** Column of the known motif, as oriented, that the first site column lies on; negative where the sites hang over. */
  readonly offset: number
  /** Columns that lie on each other. */
  readonly overlap: number
  /** As oriented. */
  readonly ppm: Matrix // [width][4]
}

/** Sequences with the motif by a scan of its site matrix, of one class against the other. */
export interface EnrichmentFacts {
  /** Whose sequences were counted, e.g. "test". */
  readonly splits: string
  /** Highest p-value of a site that counts. */
  readonly siteP: number
  readonly positives: number
  readonly positivesWith: number
  readonly negatives: number
  readonly negativesWith: number
  readonly oddsRatio: number
  /** One-sided, Fisher's exact test. */
  readonly pValue: number
}

/** How far scores are beyond τ, on the decision's side; negative where they are not. */
export interface MarginFacts {
  readonly low: number
  readonly high: number
  /** SIS with the motif, alone. */
  readonly sis: readonly number[] // [bins]
  /** Parts of the motif alone; empty where they were not scored. */
  readonly parts: readonly number[] // [bins]
}

/** A site of the motif where an SIS has a part of it. */
export interface InstanceFacts {
  /** Of the instances, ordered by the bits of their sites, in [0, 1]; 1 is the best. */
  readonly quantile: number
  /** Bits of the site over the composition. */
  readonly bits: number
  readonly sequenceId: number
  readonly name: string
  readonly split: string
  readonly label: number | null
  /** In the sequence, 0-based, half-open, cut at its ends. */
  readonly start: number
  readonly end: number
  /** Of the motif in the sequence. */
  readonly strand: '+' | '-'
  /** On the genome, 0-based, half-open; undefined where the sequence has no coordinates. */
  readonly genome:
    | { readonly chrom: string; readonly start: number; readonly end: number; readonly strand: '+' | '-' }
    | undefined
  /** As the motif reads. */
  readonly letters: string
  /** Which of them the SIS keeps. */
  readonly kept: readonly boolean[]
  readonly rank: number
  readonly scoreSis: number
}

export interface CardFacts {
  readonly margins: MarginFacts | undefined
  /** By quantile of their site's bits, the best first. */
  readonly instances: readonly InstanceFacts[]
}
