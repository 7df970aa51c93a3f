/** Letters of the page's sequences, unpacked one sequence at a time. */
import { masked, unknown } from '../../sequence/alphabet.ts'
import type { Block } from '../columns/unpackBlock.ts'
import { starts, type SequenceColumns } from './explorerData.ts'

export interface SequenceLetters {
  /** @returns codes of a sequence: Uint8Array [length] */
  codes(sequence: number): Uint8Array
  /** @returns codes of [from, to) of a sequence; masked where that lies beyond its ends */
  site(sequence: number, from: number, to: number): Uint8Array
}

export function readLetters({ length }: SequenceColumns, bases: Block): SequenceLetters {
  const packed = bases.column('codes', 'bytes')
  const runs = bases.column('unknown', 'count')
  const first = starts(length)
  // Where each run of N begins and ends, counted over all sequences.
  const begins: number[] = []
  const ends: number[] = []
  for (let i = 0, at = 0; i < runs.length; i += 2) {
    begins.push(at + runs[i]!)
    at += runs[i]! + runs[i + 1]!
    ends.push(at)
  }
  const codes = (sequence: number): Uint8Array => {
    const from = first[sequence]!
    const to = first[sequence + 1]!
    const letters = new Uint8Array(to - from)
    for (let at = from; at < to; at++) letters[at - from] = (packed[at >> 2]! >> (2 * (at & 3))) & 3
    for (let run = firstAbove(ends, from); run < begins.length && begins[run]! < to; run++) {
      letters.fill(unknown, Math.max(0, begins[run]! - from), ends[run]! - from)
    }
    return letters
  }
  return {
    codes,
    site(sequence, from, to) {
      const letters = codes(sequence)
      return Uint8Array.from({ length: to - from }, (_, i) => letters[from + i] ?? masked)
    },
  }
}

/** @returns the first index whose value is above `limit`, in an ascending list */
function firstAbove(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}
