/** Motifs that are compared, and how well one fits another. */
import type { Matrix } from '../sequence/matrix.ts'

/** A motif to compare; a known motif is one. */
export interface ComparedMotif {
  readonly id: string
  readonly name: string
  readonly ppm: Matrix // [width][4], rows sum to 1
  /** Columns of the motif as a query that score 0 against all: they say nothing. None unless given. */
  readonly silent?: readonly boolean[] | undefined // [width]
}

/** How well a known motif (the target) fits a motif (the query). */
export interface MotifMatch {
  readonly queryId: string
  readonly targetId: string
  readonly targetName: string
  /** 0 is the query's best match. */
  readonly matchRank: number
  /** Of a target of this width matching this well by chance, at its best offset on either strand. */
  readonly pValue: number
  /** p-value times the number of targets. */
  readonly eValue: number
  /** Benjamini and Hochberg (1995) over the targets of this query. */
  readonly qValue: number
  /** Target column of the query's first column; positive where the query is shifted right. */
  readonly optimalOffset: number
  /** Columns that lie on each other. */
  readonly overlap: number
  readonly queryConsensus: string
  /** Of the target as oriented. */
  readonly targetConsensus: string
  /** '-' where the target's reverse complement matches. */
  readonly orientation: '+' | '-'
}
