/** The parts of all SIS of a run, as they are clustered. */
import { z } from 'zod'
import { learnPartGap, type PartGap } from '../../cluster/partGap.ts'
import { splitParts } from '../../cluster/parts.ts'
import type { PlacedPart } from '../../motif/partMotifs.ts'
import { sequenceCodes, type SequenceSet } from '../../sequence/sequenceSet.ts'
import type { Row } from '../../store/tables.ts'

/** What the record of clustering says of the parts of each model. */
export const partGapsSchema = z.array(
  z.object({ model_id: z.int(), gap: z.int(), within: z.number(), gaps: z.int() }),
)

/** An SIS as far as its place tells. */
export type PlacedSis = Pick<Row<'sis'>, 'model_id' | 'sequence_id' | 'rank' | 'positions'>

/** A part, the SIS that it is of, and its number there. */
export interface SisPart extends PlacedPart {
  readonly sis: PlacedSis
  readonly part: number
  readonly pattern: string
}

export interface RunParts {
  readonly parts: readonly SisPart[]
  /** By model. */
  readonly gaps: ReadonlyMap<number, PartGap>
}

/**
 * @param sis of any models, in any order; none empty
 * @param partGap most masked bases between neighbours of one part; learnt from each model's SIS where absent
 */
export function partsOfRun(
  sis: readonly PlacedSis[],
  sequences: SequenceSet,
  partGap: number | undefined,
): RunParts {
  const codesOf = sequenceCodes(sequences)
  const gaps = new Map<number, PartGap>()
  for (const model of new Set(sis.map(({ model_id }) => model_id))) {
    const positions = sis.filter(({ model_id }) => model_id === model).map((one) => one.positions)
    const learnt = learnPartGap(positions, sequences.length)
    gaps.set(model, partGap === undefined ? learnt : { ...learnt, gap: partGap })
  }
  const parts = sis.flatMap((one) => {
    const codes = codesOf(one.sequence_id)
    return splitParts(codes, one.positions, gaps.get(one.model_id)!.gap).map(
      ({ positions, pattern }, part) => ({ codes, positions, pattern, sis: one, part }),
    )
  })
  return { parts, gaps }
}
