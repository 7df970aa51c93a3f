/** Sequences as the library takes them: a name and letters. */
import { DataError } from '../base/errors.ts'
import { encodeLetters } from '../sequence/alphabet.ts'

/** A sequence and its name; the records of `readFasta` are such. */
export interface NamedSequence {
  readonly name: string
  /** IUPAC letters, in any case. */
  readonly sequence: string
}

/**
 * @param length bases that the model reads
 * @returns codes: Uint8Array [length]
 * @throws DataError naming the sequence where it has another length, or a letter that is not IUPAC
 */
export function codesOf({ name, sequence }: NamedSequence, length: number): Uint8Array {
  if (sequence.length !== length) {
    throw new DataError(`has ${sequence.length} bases where the model reads ${length}`, { sequence: name })
  }
  const codes = new Uint8Array(length)
  const bad = encodeLetters(sequence, codes)
  if (bad >= 0) {
    throw new DataError(`'${sequence[bad]!}' at position ${bad + 1} is not an IUPAC nucleotide letter`, {
      sequence: name,
    })
  }
  return codes
}
