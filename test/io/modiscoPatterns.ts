/** Files of patterns in the layout of modisco-lite, whole or with something wrong. */
import { Hdf5Writer, type Tensor } from '../../src/io/hdf5/hdf5.ts'

export interface Pattern {
  /** `pos_patterns/pattern_0`. */
  readonly path: string
  readonly sequence: readonly (readonly number[])[]
  /** Those of the letters unless given. */
  readonly contributions?: readonly (readonly number[])[]
  /** In `n_seqlets`. */
  readonly seqlets?: readonly number[]
}

function tensorOf(rows: readonly (readonly number[])[]): Tensor {
  return { shape: [rows.length, rows[0]!.length], values: Float32Array.from(rows.flat()) }
}

/** One row a letter: 1 at the letter, nothing at N. */
export function lettersOf(word: string): number[][] {
  return Array.from(word).map((letter) => ['A', 'C', 'G', 'T'].map((base) => Number(base === letter)))
}

/** @param also writes what else the file has */
export async function modiscoBytes(
  patterns: readonly Pattern[],
  also?: (writer: Hdf5Writer) => void,
): Promise<Uint8Array> {
  const writer = await Hdf5Writer.create()
  try {
    for (const group of new Set(patterns.map(({ path }) => path.split('/')[0]!))) writer.group(group)
    for (const { path, sequence, contributions = sequence, seqlets = [7] } of patterns) {
      writer.group(path)
      writer.tensor(`${path}/sequence`, tensorOf(sequence))
      writer.tensor(`${path}/contrib_scores`, tensorOf(contributions))
      writer.group(`${path}/seqlets`)
      writer.integers(`${path}/seqlets/n_seqlets`, seqlets)
    }
    also?.(writer)
    return writer.finish()
  } finally {
    writer.close()
  }
}
