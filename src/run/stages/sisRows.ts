/** SIS-collections as rows of the table `sis`, and what is counted of them. */
import { patternOf } from '../../sequence/pattern.ts'
import { cellsOfFeatures } from '../../sis/masking.ts'
import type { MaskableInput, SisCollection } from '../../sis/types.ts'
import type { Row } from '../../store/tables.ts'

export interface SisCounts {
  /** Explained. */
  readonly sequences: number
  /** Of them; their SIS is empty and no subset. */
  decidedByBackground: number
  subsets: number
  recomputed: number
  uncertified: number
  evaluations: number
}

export function noSisYet(sequences: number): SisCounts {
  return { sequences, decidedByBackground: 0, subsets: 0, recomputed: 0, uncertified: 0, evaluations: 0 }
}

/** One sequence as it is explained. */
export interface ExplainedSequence {
  readonly modelId: number
  readonly sequenceId: number
  readonly codes: Uint8Array // [L]
  readonly input: MaskableInput
}

/** @returns a row for each SIS that is certified; one that cannot be is not stored, but counted */
export function sisRows(
  { modelId, sequenceId, codes, input }: ExplainedSequence,
  collection: SisCollection,
  counts: SisCounts,
): Row<'sis'>[] {
  counts.evaluations += collection.evaluations
  return collection.subsets.flatMap(({ rank, features, certificate, vacuous, recomputed }) => {
    if (recomputed) counts.recomputed++
    if (!certificate.certified) {
      counts.uncertified++
      return []
    }
    if (vacuous) counts.decidedByBackground++
    else counts.subsets++
    const positions = cellsOfFeatures(input, features)
    return [
      {
        model_id: modelId,
        sequence_id: sequenceId,
        rank,
        positions: [...positions],
        size: positions.length,
        pattern: patternOf(codes, positions),
        score_full: certificate.scoreFull,
        score_sis: certificate.scoreSis,
        score_residual: certificate.scoreResidual,
        score_masked: certificate.scoreMasked,
        minimal: certificate.minimal,
        certified: certificate.certified,
        vacuous,
        recomputed,
      },
    ]
  })
}
