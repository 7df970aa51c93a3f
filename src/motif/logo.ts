/** The letters of sequence logos as outlines: self-contained, the same everywhere. */
import { baseLetters } from '../sequence/alphabet.ts'

const colours = ['#109648', '#255c99', '#f7b32b', '#d62839'] // A green, C blue, G orange, T red
/** Letters lower than this many pixels cannot be seen. */
export const lowestLetter = 0.4

/**
 * Outlines in a box of 100 x 100, holes by the even-odd rule: no font is asked for, so none can be missing. Upper-case
 * commands with absolute coordinates, each number pair a point.
 */
const outlines: readonly (readonly (string | number)[])[] = [
  // prettier-ignore
  ['M', 0, 100, 'L', 37, 0, 'L', 63, 0, 'L', 100, 100, 'L', 77, 100, 'L', 69, 77, 'L', 31, 77, 'L', 23, 100, 'Z',
    'M', 37, 60, 'L', 63, 60, 'L', 50, 21, 'Z'],
  // prettier-ignore
  ['M', 100, 67, 'C', 95, 88, 78, 100, 53, 100, 'C', 20, 100, 0, 80, 0, 50, 'C', 0, 20, 20, 0, 53, 0,
    'C', 78, 0, 95, 12, 100, 33, 'L', 78, 37, 'C', 74, 24, 66, 18, 53, 18, 'C', 33, 18, 22, 30, 22, 50,
    'C', 22, 70, 33, 82, 53, 82, 'C', 66, 82, 74, 76, 78, 63, 'Z'],
  // prettier-ignore
  ['M', 100, 47, 'L', 100, 85, 'C', 88, 95, 72, 100, 54, 100, 'C', 20, 100, 0, 80, 0, 50, 'C', 0, 20, 20, 0, 53, 0,
    'C', 78, 0, 94, 11, 99, 32, 'L', 77, 36, 'C', 73, 24, 66, 18, 53, 18, 'C', 33, 18, 22, 30, 22, 50,
    'C', 22, 70, 33, 82, 54, 82, 'C', 64, 82, 72, 80, 79, 76, 'L', 79, 64, 'L', 54, 64, 'L', 54, 47, 'Z'],
  // prettier-ignore
  ['M', 0, 0, 'L', 100, 0, 'L', 100, 18, 'L', 61, 18, 'L', 61, 100, 'L', 39, 100, 'L', 39, 18, 'L', 0, 18, 'Z'],
]

/** @param outlines [4]: path data of all letters of each base */
export function letterPaths(outlines: readonly string[]): string[] {
  return outlines.flatMap((path, base) =>
    path === ''
      ? []
      : [`<path class="${baseLetters[base]!}" fill="${colours[base]!}" fill-rule="evenodd" d="${path}"/>`],
  )
}

/** @returns path data of a letter in a box; y of its upper edge, in pixels */
export function letterOutline(base: number, x: number, y: number, width: number, height: number): string {
  let path = ''
  let isX = true
  for (const part of outlines[base]!) {
    if (typeof part === 'string') path += part
    else {
      const number = rounded(isX ? x + (part * width) / 100 : y + (part * height) / 100)
      path += /[\d]$/.test(path) ? ` ${number}` : number
      isX = !isX
    }
  }
  return path
}

/** A tenth of a pixel, without trailing zeros. */
function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
