/** The alphabet: how letters become codes and back. A masked base and an unknown base (N) are different things. */

export const baseLetters = 'ACGT'
export const baseCount = 4
/** Code of a base hidden from the predictor (it becomes the background vector). */
export const masked = 4
/** Code of a base that the data does not know: N or another IUPAC ambiguity (a zero one-hot vector). */
export const unknown = 5
/** What `encodeLetters` returns where a letter is not IUPAC. */
export const invalid = 255

/** Mean imputation: what a masked base becomes unless the user gives another background. */
export const uniformBackground: readonly [number, number, number, number] = [0.25, 0.25, 0.25, 0.25]

const codeOfCharCode = new Uint8Array(256).fill(invalid)
for (const [i, letters] of ['Aa', 'Cc', 'Gg', 'TtUu'].entries()) {
  for (const letter of letters) codeOfCharCode[letter.charCodeAt(0)] = i
}
for (const letter of 'NRYSWKMBDHVnryswkmbdhv') codeOfCharCode[letter.charCodeAt(0)] = unknown

/**
 * Letters to codes. Lower case reads as upper case, U as T, IUPAC ambiguity letters as unknown.
 * @param out codes: Uint8Array [length], written from `offset`
 * @returns the index of the first letter that is not IUPAC, or -1
 */
export function encodeLetters(letters: string, out: Uint8Array, offset = 0): number {
  let firstInvalid = -1
  for (let i = 0; i < letters.length; i++) {
    const charCode = letters.charCodeAt(i)
    const code = charCode < 256 ? codeOfCharCode[charCode]! : invalid
    if (code === invalid && firstInvalid < 0) firstInvalid = i
    out[offset + i] = code
  }
  return firstInvalid
}

/** @returns codes: Uint8Array [letters.length]; throws RangeError on a letter that is not IUPAC */
export function encodeSequence(letters: string): Uint8Array {
  const codes = new Uint8Array(letters.length)
  const bad = encodeLetters(letters, codes)
  if (bad >= 0)
    throw new RangeError(`'${letters[bad]}' at position ${bad + 1} is not an IUPAC nucleotide letter`)
  return codes
}

/** Codes to letters: A C G T, N for unknown, `maskedLetter` for masked. */
export function decodeSequence(codes: Uint8Array, maskedLetter = '-'): string {
  let letters = ''
  for (const code of codes) {
    letters += code < baseCount ? baseLetters[code]! : code === masked ? maskedLetter : 'N'
  }
  return letters
}

/** Code of the complementary base; masked and unknown stay what they are. */
export function complement(code: number): number {
  return code < baseCount ? 3 - code : code
}

/** @returns codes: Uint8Array [L], reversed and complemented */
export function reverseComplement(codes: Uint8Array): Uint8Array {
  const result = new Uint8Array(codes.length)
  for (let i = 0; i < codes.length; i++) result[codes.length - 1 - i] = complement(codes[i]!)
  return result
}

/**
 * Of each of several sequences, one after the other.
 * @param codes Uint8Array [n, length]
 */
export function reverseComplements(codes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(codes.length)
  for (let from = 0; from < codes.length; from += length) {
    result.set(reverseComplement(codes.subarray(from, from + length)), from)
  }
  return result
}
