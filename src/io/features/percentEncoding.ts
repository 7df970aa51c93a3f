/** Percent-encoding of what a line-based format has other uses for: different texts stay different. */

/** @param reserved a global expression of single characters, `%` among them */
export function percentEncoded(text: string, reserved: RegExp): string {
  return text.replace(
    reserved,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
