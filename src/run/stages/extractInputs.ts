/** The inputs of an extraction, as its settings mask them: base by base, in blocks, or with real bases in their place. */
import { drawFills, freePositions, type FillSources } from '../../completion/fills.ts'
import type { FilledPredictor } from '../../completion/filledPredictor.ts'
import { blockInput } from '../../sis/approximate/blockInput.ts'
import { sequenceInput } from '../../sis/sequenceInput.ts'
import type { MaskableInput } from '../../sis/types.ts'
import type { Fill } from '../config/fills.ts'

/** What puts real bases in the place of masks. */
export interface Filling {
  readonly fill: Fill
  readonly sources: FillSources
  readonly predictor: FilledPredictor
}

/** @param filling undefined where bases are masked */
export function maskingOf(
  name: string,
  codes: Uint8Array,
  blockSize: number,
  filling: Filling | undefined,
): MaskableInput {
  const input = blockSize === 1 ? sequenceInput(name, codes) : blockInput(name, codes, blockSize)
  if (filling === undefined) return input
  const { fill, sources, predictor } = filling
  const gaps = { name, codes, free: freePositions(codes.length, []) }
  return predictor.begin(input, drawFills(fill.kind, fill.completions, gaps, sources))
}
