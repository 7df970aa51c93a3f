/** What stands in the place of masked bases: real ones, drawn in one of three ways, the same for the same seed. */
import { DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import { baseCount } from '../sequence/alphabet.ts'
import { dinucleotideShuffle } from '../sequence/dinucleotideShuffle.ts'

/**
 * `shuffled`: the sequence's own free bases, their dinucleotides kept; `others`: those of another sequence at the same
 * places; `background`: each drawn by itself.
 */
export const fillKinds = ['shuffled', 'others', 'background'] as const
export type FillKind = (typeof fillKinds)[number]

export interface FillSources {
  readonly seed: number
  /** Sequences whose bases `others` takes, Uint8Array [n, L]. */
  readonly donors: Uint8Array
  /** Shares of A, C, G, T that `background` draws by. */
  readonly background: readonly number[] // [4]
}

/** Of what the completions are. */
export interface Gaps {
  /** Names the sequence in errors, and its stream of random numbers. */
  readonly name: string
  readonly codes: Uint8Array // [L]
  /** Positions that are free, ascending, 0-based. */
  readonly free: Int32Array
}

/**
 * An unknown base stays where it is kept, and is never drawn: where a shuffle or another sequence has one, a base is drawn
 * in its place by the composition of that sequence.
 * @returns Uint8Array [count, L]: the sequence with its free bases replaced by A, C, G and T
 * @throws DataError where `others` has no sequence to take from
 */
export function drawFills(kind: FillKind, count: number, gaps: Gaps, sources: FillSources): Uint8Array {
  const { name, codes, free } = gaps
  const { length } = codes
  const random = new Random(sources.seed, 'completion', kind, name, free.join(' '))
  const draw = drawerOf(kind, gaps, sources, random)
  const rows = new Uint8Array(count * length)
  for (let row = 0; row < count; row++) {
    rows.set(codes, row * length)
    const bases = draw()
    for (const [i, position] of free.entries()) rows[row * length + position] = bases[i]!
  }
  return rows
}

/** @returns what gives the bases of all free positions, anew with each call */
function drawerOf(
  kind: FillKind,
  { name, codes, free }: Gaps,
  { donors, background }: FillSources,
  random: Random,
): () => Uint8Array {
  switch (kind) {
    case 'background':
      return () => Uint8Array.from(free, () => random.weighted(background))
    case 'shuffled': {
      const own = Uint8Array.from(free, (position) => codes[position]!)
      const composition = compositionOf(codes)
      return () => dinucleotideShuffle(known(own, composition, random), random)
    }
    case 'others': {
      const { length } = codes
      const count = donors.length / length
      if (count === 0) {
        throw new DataError(
          "there is no other sequence that the model does not call, so none has bases to give; leave 'others' out of the fills",
          { sequence: name },
        )
      }
      return () => {
        const from = random.below(count) * length
        const donor = donors.subarray(from, from + length)
        return known(
          Uint8Array.from(free, (position) => donor[position]!),
          compositionOf(donor),
          random,
        )
      }
    }
  }
}

/** @returns the codes, a base in the place of each unknown one */
function known(codes: Uint8Array, composition: Float64Array, random: Random): Uint8Array {
  return codes.map((code) => (code < baseCount ? code : random.weighted(composition)))
}

/** @returns Float64Array [4], counts of the bases; one each where none is known */
function compositionOf(codes: Uint8Array): Float64Array {
  const counts = new Float64Array(baseCount)
  for (const code of codes) if (code < baseCount) counts[code]!++
  return counts.some((n) => n > 0) ? counts : counts.fill(1)
}

/** @returns positions that are not kept, ascending: Int32Array */
export function freePositions(length: number, kept: Iterable<number>): Int32Array {
  const isKept = new Set(kept)
  return Int32Array.from(Array.from({ length }, (_, at) => at).filter((at) => !isKept.has(at)))
}

/** Whether numbers are shares of A, C, G and T that bases can be drawn by. */
export function isComposition(shares: readonly number[]): boolean {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return shares.every((share) => share >= 0) && Math.abs(total - 1) < 1e-6
}
