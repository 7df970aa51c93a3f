/** Checks on letters as files have them: which are IUPAC, and the complement of each. */
import { DataError, type DataLocation } from '../../base/errors.ts'

const notIupac = /[^ACGTUNRYSWKMBDHVacgtunryswkmbdhv]/

/** @returns the index of the first letter that is not an IUPAC nucleotide letter, or -1 */
export function findInvalidLetter(letters: string): number {
  return letters.search(notIupac)
}

/** The error for a letter found by `findInvalidLetter`. */
export function invalidLetterError(letters: string, index: number, location: DataLocation): DataError {
  const letter = String.fromCodePoint(letters.codePointAt(index)!)
  return new DataError(
    `'${letter}' (column ${index + 1}) is not an IUPAC nucleotide letter; correct it, or write N for an unknown base`,
    location,
  )
}

const complements: Readonly<Record<string, string>> = (() => {
  const pairs: Record<string, string> = {}
  const from = 'ACGTUNRYSWKMBDHV'
  const to = 'TGCAANYRSWMKVHDB'
  for (let i = 0; i < from.length; i++) {
    pairs[from[i]!] = to[i]!
    pairs[from[i]!.toLowerCase()] = to[i]!.toLowerCase()
  }
  return pairs
})()

/** Reverse complement of IUPAC letters, the case of each kept. */
export function reverseComplementLetters(letters: string): string {
  let result = ''
  for (let i = letters.length - 1; i >= 0; i--) result += complements[letters[i]!]!
  return result
}
