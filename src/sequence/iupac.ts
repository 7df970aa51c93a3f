/** IUPAC letters: the sets of bases that they stand for. */
import { baseCount } from './alphabet.ts'

/** Bases that each IUPAC letter stands for, as codes. */
const basesOfLetter: Readonly<Record<string, readonly number[]>> = {
  A: [0],
  C: [1],
  G: [2],
  T: [3],
  R: [0, 2],
  Y: [1, 3],
  S: [1, 2],
  W: [0, 3],
  K: [2, 3],
  M: [0, 1],
  B: [1, 2, 3],
  D: [0, 2, 3],
  H: [0, 1, 3],
  V: [0, 1, 2],
  N: [0, 1, 2, 3],
}

/** @returns ppm [width][4]: probability shared evenly among the bases of each letter; RangeError at any other letter */
export function consensusToPpm(consensus: string): number[][] {
  return Array.from(consensus, (letter) => {
    const bases = basesOfLetter[letter]
    if (bases === undefined)
      throw new RangeError(`'${letter}' in '${consensus}' is not an upper-case IUPAC letter`)
    const row = new Array<number>(baseCount).fill(0)
    for (const base of bases) row[base] = 1 / bases.length
    return row
  })
}

/** By the bases that a letter stands for, one bit each. */
const letterOfBases = new Array<string>(2 ** baseCount)
for (const [letter, bases] of Object.entries(basesOfLetter)) letterOfBases[bitsOf(bases)] = letter

function bitsOf(bases: readonly number[]): number {
  let bits = 0
  for (const base of bases) bits |= 1 << base
  return bits
}

/** The letter that stands for exactly these bases, given as codes; at least one. */
export function iupacLetter(bases: readonly number[]): string {
  return letterOfBases[bitsOf(bases)]!
}
