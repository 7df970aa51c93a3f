/** Masking the features of an input: which cells a feature has, and rows of cells with only some features kept. */
import type { Cells } from '../predict/predictor.ts'
import type { MaskableInput } from './types.ts'

export function featureCount(input: MaskableInput): number {
  return input.features?.length ?? input.cells.length
}

/** @returns the cell indexes of one feature */
export function cellsOfFeature({ features }: MaskableInput, feature: number): readonly number[] {
  return features === undefined ? [feature] : features[feature]!
}

/**
 * The cells of some features: where an SIS of blocks lies in the sequence.
 * @returns cell indexes, ascending, each once
 */
export function cellsOfFeatures(input: MaskableInput, features: Int32Array): Int32Array {
  if (input.features === undefined) return features.slice().sort()
  const cells = new Set<number>()
  for (const feature of features) for (const cell of cellsOfFeature(input, feature)) cells.add(cell)
  return Int32Array.from(cells).sort()
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

/** Cells of the same kind, all 0. */
export function emptyCells(like: Cells, length: number): Cells {
  if (like instanceof Uint8Array) return new Uint8Array(length)
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}
