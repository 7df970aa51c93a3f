/**
 * Whether what suffices for one model suffices for another: the SIS of A, all else masked, scored by B and held to B's
 * own decision (Carter et al. 2019). A model is not held to its own SIS: they are certified. Nor are empty SIS asked about,
 * which hold of any sequence, nor should a judge be asked who decides so with everything masked: any subset would do.
 */
import type { ProgressTask } from '../base/reporter.ts'
import type { Predictor } from '../predict/predictor.ts'
import { masked } from '../sequence/alphabet.ts'
import { sequenceCodes, type SequenceSet } from '../sequence/sequenceSet.ts'
import { decisionHolds, type Decision } from '../sis/decision.ts'
import { scoreSubsets } from '../sis/scoreSubsets.ts'
import type { SisPositions } from './rows.ts'

/** The model whose opinion is asked. */
export interface Judge {
  readonly modelId: number
  readonly predictor: Predictor
  readonly decision: Decision
}

export interface CrossSufficiency {
  /** Whose SIS. */
  readonly model_id: number
  readonly sequence_id: number
  readonly rank: number
  /** Whose score. */
  readonly other_model_id: number
  /** f_B(x_S). */
  readonly score: number
  /** f_B(x_S) is on B's side of τ_B. */
  readonly sufficient: boolean
}

/** Whether all masked already gives the judge's decision. */
export async function backgroundDecides({ predictor, decision }: Judge): Promise<boolean> {
  const scores = await predictor.predict(new Uint8Array(predictor.width).fill(masked), 1)
  return decisionHolds(decision, scores[decision.output]!)
}

/**
 * @param sis SIS of any models; those of the judge itself and empty ones are passed over
 * @param sequences must hold every sequence of the SIS
 * @param progress counts SIS
 * @returns one row for each of the others, in the order given; throws DataError naming the sequence where a score is NaN
 */
export async function crossSufficiency(
  sis: readonly SisPositions[],
  sequences: Pick<SequenceSet, 'ids' | 'codes' | 'length'>,
  judge: Judge,
  progress?: ProgressTask,
): Promise<CrossSufficiency[]> {
  const { predictor, decision } = judge
  const { length } = sequences
  if (predictor.width !== length) {
    throw new RangeError(`the predictor reads ${predictor.width} bases, the sequences have ${length}`)
  }
  const codesOf = sequenceCodes(sequences)
  const foreign = sis.filter(({ model_id, positions }) => model_id !== judge.modelId && positions.length > 0)
  const subsets = foreign.map(({ sequence_id, positions }) => ({
    codes: codesOf(sequence_id),
    positions,
    sequence: String(sequence_id),
  }))
  const scores = await scoreSubsets(predictor, decision.output, subsets, { progress })
  return foreign.map(({ model_id, sequence_id, rank }, i) => ({
    model_id,
    sequence_id,
    rank,
    other_model_id: judge.modelId,
    score: scores[i]!,
    sufficient: decisionHolds(decision, scores[i]!),
  }))
}
