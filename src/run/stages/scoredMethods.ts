/** What a method is worth in each sequence, as rows of the table that holds it; and what the SIS themselves are. */
import { averagePrecision, rankingOf } from '../../compare/rankings.ts'
import { countIn } from '../../compare/rows.ts'
import { motifDivergence, type DivergenceMotif } from '../../compare/motifDivergence.ts'
import type { Ranked, Sufficiency } from '../../compare/sufficiency.ts'
import { directionSign, decisionHolds, type Decision } from '../../sis/decision.ts'
import type { Row } from '../../store/tables.ts'

/** A sequence that SIS explain. */
export interface JudgedSequence {
  readonly id: number
  readonly name: string
  readonly codes: Uint8Array // [L]
  /** Positions of the first SIS, ascending. */
  readonly first: readonly number[]
  readonly scoreOfFirst: number
  /** Positions of all its SIS. */
  readonly all: ReadonlySet<number>
  readonly planted: ReadonlySet<number> | undefined
}

/** The known motif that explanations are held against. */
export interface KnownMotif {
  readonly id: string
  readonly forward: DivergenceMotif
  readonly reverse: DivergenceMotif
}

type ScoreRow = Row<'attribution_scores'>

/** The SIS themselves: sets, and so without curves. */
export function scoresOfSis(
  model: number,
  sequences: readonly JudgedSequence[],
  motif: KnownMotif | undefined,
): ScoreRow[] {
  return sequences.map((sequence) => {
    const { id, codes, first, all } = sequence
    // The first SIS before the others, and these before what is in none.
    const worth = Float64Array.from(codes, (_, at) => (all.has(at) ? 1 : 0))
    for (const position of first) worth[position] = 2
    return {
      model_id: model,
      method: 'sis',
      sequence_id: id,
      sis_size: first.length,
      sufficient_length: first.length,
      kept_score: sequence.scoreOfFirst,
      kept_holds: true,
      insertion_area: null,
      deletion_area: null,
      ...truthOf(sequence, all, worth),
      ...divergences(sequence, first, first, motif),
    }
  })
}

export interface ScoredMethod {
  readonly model: number
  readonly method: string
  readonly sequences: readonly JudgedSequence[]
  /** [L] of a sequence, by its id */
  importanceOf(sequence: number): readonly number[]
  readonly decision: Decision
  readonly motif: KnownMotif | undefined
  sufficiency(ranked: readonly Ranked[]): Promise<Sufficiency[]>
}

export async function scoresOfMethod(of: ScoredMethod): Promise<ScoreRow[]> {
  const { model, method, sequences, decision, motif } = of
  const rankings = sequences.map(({ id }) => rankingOf(of.importanceOf(id), decision.direction))
  const found = await of.sufficiency(
    sequences.map(({ name, codes, first }, i) => ({
      name,
      codes,
      ranking: rankings[i]!,
      kept: first.length,
    })),
  )
  const sign = directionSign(decision.direction)
  return sequences.map((sequence, i) => {
    const { length, keptScore, insertionArea, deletionArea } = found[i]!
    const ranking = rankings[i]!
    const worth = Float64Array.from(of.importanceOf(sequence.id), (value) => sign * value)
    const top = (size: number): number[] => [...ranking.subarray(0, size)]
    return {
      model_id: model,
      method,
      sequence_id: sequence.id,
      sis_size: sequence.first.length,
      sufficient_length: length ?? null,
      kept_score: keptScore,
      kept_holds: decisionHolds(decision, keptScore),
      insertion_area: insertionArea,
      deletion_area: deletionArea,
      ...truthOf(sequence, top(sequence.all.size), worth),
      ...divergences(
        sequence,
        length === undefined ? undefined : top(length),
        top(sequence.first.length),
        motif,
      ),
    }
  })
}

function truthOf(
  { planted }: JudgedSequence,
  chosen: Iterable<number>,
  worth: Float64Array,
): Pick<ScoreRow, 'planted' | 'chosen' | 'hits' | 'average_precision'> {
  if (planted === undefined || planted.size === 0) {
    return { planted: null, chosen: null, hits: null, average_precision: null }
  }
  const bases = [...chosen]
  return {
    planted: planted.size,
    chosen: bases.length,
    hits: countIn(bases, planted),
    average_precision: averagePrecision(worth, planted),
  }
}

function divergences(
  { codes }: JudgedSequence,
  sufficient: readonly number[] | undefined,
  equal: readonly number[],
  motif: KnownMotif | undefined,
): Pick<
  ScoreRow,
  'divergence_sufficient' | 'divergence_sufficient_both' | 'divergence_equal' | 'divergence_equal_both'
> {
  const of = (kept: readonly number[] | undefined): [forward: number | null, both: number | null] => {
    if (motif === undefined || kept === undefined) return [null, null]
    const forward = motifDivergence(codes, kept, motif.forward)
    const reverse = motifDivergence(codes, kept, motif.reverse)
    return forward === undefined || reverse === undefined
      ? [null, null]
      : [forward, Math.min(forward, reverse)]
  }
  const [sufficientForward, sufficientBoth] = of(sufficient)
  const [equalForward, equalBoth] = of(equal)
  return {
    divergence_sufficient: sufficientForward,
    divergence_sufficient_both: sufficientBoth,
    divergence_equal: equalForward,
    divergence_equal_both: equalBoth,
  }
}
