/** A DNA sequence as an input to explain: each base is one feature, its channels masked together. */
import { masked } from '../sequence/alphabet.ts'
import type { MaskableInput } from './types.ts'

/**
 * An unknown base (N) is a feature like any other: masking it turns its zero vector into the background, which can
 * change the score, so it can be part of an SIS.
 * @param codes Uint8Array [L], not copied
 */
export function sequenceInput(name: string, codes: Uint8Array): MaskableInput {
  return { name, cells: codes, maskedCells: new Uint8Array(codes.length).fill(masked) }
}
