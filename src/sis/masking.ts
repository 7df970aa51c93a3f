/** Masking the features of an input: which cells a feature has, and rows of cells with only some features kept. */
import type { Cells } from '../predict/predictor.ts'
import type { MaskableInput } from './types.ts'

export function featureCount(input: MaskableInput): number {
  return input.features?.length ?? input.cells.length
}

/** Masks one feature in the row of cells that begins at target[offset]. */
export function maskFeature(input: MaskableInput, feature: number, target: Cells, offset: number): void {
  const { maskedCells, features } = input
  if (features === undefined) {
    target[offset + feature] = maskedCells[feature]!
    return
  }
  for (const cell of features[feature]!) target[offset + cell] = maskedCells[cell]!
}

/**
 * Writes the input with only some features kept; cells that belong to no feature are never masked.
 * @param kept Uint8Array [featureCount], 1 where the feature keeps its cells
 * @param target one row of cells, from target[offset]
 */
export function writeKept(input: MaskableInput, kept: Uint8Array, target: Cells, offset: number): void {
  target.set(input.cells, offset)
  for (let feature = 0; feature < kept.length; feature++) {
    if (kept[feature] === 0) maskFeature(input, feature, target, offset)
  }
}

/** Writes one row of cells n times, side by side, from target[offset]. */
export function repeatRow(row: Cells, target: Cells, offset: number, n: number): void {
  const width = row.length
  target.set(row, offset)
  for (let done = 1; done < n; done *= 2) {
    target.copyWithin(offset + done * width, offset, offset + Math.min(done, n - done) * width)
  }
}
