/** What the page says of the logic of a model, as plain values: which motifs make up its SIS and how they lie. */
import type { SpacingKind } from '../logic/spacing.ts'

/** A motif as it is called and coloured. */
export interface MotifRef {
  readonly motifId: number
  /** Unique, e.g. cnn_1. */
  readonly name: string
  /** The factor that names it, else its consensus. */
  readonly label: string
  /** 0 is the largest of its clustering: the motif's colour. */
  readonly order: number
}

/** Of SIS that keep a base. */
export interface LogicFacts {
  /** `positions` where parts say little of what the model needs. */
  readonly view: 'parts' | 'positions'
  /** One sentence. */
  readonly summary: string
  /** Most masked bases between neighbours of one part. */
  readonly partGap: number
  /** Of all gaps between kept bases, the share within parts, as estimated. */
  readonly partGapWithin: number
  readonly sis: number
  /** Sequences that have them. */
  readonly sequences: number
  readonly sisInMotifs: number
  /** Those with a part in a motif that says enough to be named. */
  readonly sisInSayingMotifs: number
  readonly singleBases: number
  readonly partsInNoMotif: number
  /** Fewest positions that hold half of all kept bases. */
  readonly halfPositions: number
  /** The most frequent first; the page's table. */
  readonly sets: readonly MotifSetFacts[]
  readonly setCount: number
  /** The most frequent first; the page's table. */
  readonly alternatives: readonly AlternativeFacts[]
  readonly alternativeCount: number
  /** Sequences with several disjoint SIS. */
  readonly severalSis: number
  /** The most frequent first; those that the page shows. */
  readonly pairs: readonly PairFacts[]
  readonly pairCount: number
  /** The largest first; empty where the view is of parts. */
  readonly positionClusters: readonly PositionClusterFacts[]
}

interface MotifSetFacts {
  /** Each as often as an SIS has it; empty where no part is in a motif. */
  readonly motifs: readonly MotifRef[]
  readonly sis: number
  readonly sequences: number
  /** SIS that have nothing else. */
  readonly complete: number
}

export interface AlternativeFacts {
  /** One for each disjoint SIS of the sequences. */
  readonly sets: readonly (readonly MotifRef[])[]
  readonly sequences: number
}

export interface PairFacts {
  readonly motifs: readonly [MotifRef, MotifRef]
  readonly palindromes: readonly [boolean, boolean]
  readonly pairs: number
  readonly sequences: number
  readonly gapLeast: number
  readonly gapMedian: number
  readonly gapMost: number
  readonly spacing: SpacingKind
  readonly periodP: number
  readonly closeP: number
  /** The most frequent. */
  readonly arrangement: string
  /** Corrected for the arrangements there are. */
  readonly arrangementP: number
  /** How often each occurs; see logic/pairs.ts. */
  readonly arrangements: readonly { readonly arrangement: string; readonly pairs: number }[]
  /** From the least to the largest gap, without a hole. */
  readonly distances: readonly DistanceFacts[]
  /** Of the first part alone, of the second alone, and of both, with all else masked. */
  readonly scores: Readonly<Record<'a' | 'b' | 'both', Quartiles>>
  /** Median of what both have over the better part alone, on the decision's side. */
  readonly gain: number
}

export interface DistanceFacts {
  /** Bases between the sites; negative where they overlap. */
  readonly gap: number
  readonly observed: number
  /** Where sites lie anywhere in the sequences. */
  readonly expected: number
  /** Corrected for the distances tried. */
  readonly pValue: number
}

export interface Quartiles {
  readonly least: number
  readonly lower: number
  readonly median: number
  readonly upper: number
  readonly most: number
}

/** SIS that keep much the same positions. */
export interface PositionClusterFacts {
  readonly sis: number
  /** Of the model's. */
  readonly share: number
  /** SIS that keep A, C, G, T at each position. */
  readonly profile: readonly (readonly number[])[] // [L][4]
}
