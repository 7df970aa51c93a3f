/** What graphs that hold a sequence against references read and give. */
import { baseCount } from '../../sequence/alphabet.ts'
import type { GraphWriter } from './graphWriter.ts'

/** [r, 4, L] */
export const referencesName = 'references'

/**
 * [n, 5 L + 1]: hypothetical contributions as [4, L], what no base at all would be worth, [L], then the explained number of the
 * sequence less that of the reference.
 */
export const contributionsName = 'contributions'

export function contributionsCount(length: number): number {
  return (baseCount + 1) * length + 1
}

/** @returns [n, 4, 1, L] of [n, 4, L], named so */
export function readBases(g: GraphWriter, name: string, rows: number | string, length: number): string {
  return g.op('Unsqueeze', [g.input(name, [rows, baseCount, length]), g.integers([2])])
}

/**
 * A base is not worth its multiplier alone: the reference's base gives way to it. m[b] − Σ r[c] m[c], and −Σ r[c] m[c] of none.
 * @returns [n, 5, 1, L]
 */
export function contributionsOf(g: GraphWriter, multipliers: string, references: string): string {
  const ofReference = g.sum(g.op('Mul', [references, multipliers]), [1], true)
  return g.concat([g.op('Sub', [multipliers, ofReference]), g.op('Neg', [ofReference])], 1)
}
