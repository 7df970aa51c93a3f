/** Sequence logos as SVG (Schneider, Stephens, Nucleic Acids Res. 18:6097, 1990): self-contained, the same everywhere. */
import { baseLetters } from '../sequence/alphabet.ts'
import { informationOf } from './motif.ts'
import type { Matrix } from '../sequence/matrix.ts'

export interface LogoOptions {
  /** Told to screen readers and shown by a resting pointer. */
  readonly title: string
  /** Draw the axis of bits and the numbers of the columns. */
  readonly axes?: boolean | undefined
  /** Pixels. */
  readonly columnWidth?: number | undefined
  /** Pixels that stand for 2 bits. */
  readonly height?: number | undefined
}

const colours = ['#109648', '#255c99', '#f7b32b', '#d62839'] // A green, C blue, G orange, T red
const ink = '#444'
const mostBits = 2
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

/**
 * Each column is as high as its information content against a uniform background (0 to 2 bits), each letter its share by
 * probability, the most probable on top.
 * @param ppm [width][4], rows sum to 1
 * @returns one `<svg>` element
 */
export function sequenceLogo(ppm: Matrix, options: LogoOptions): string {
  const { axes = true, columnWidth = 20, height = 80 } = options
  const left = axes ? 30 : 0
  const top = axes ? 6 : 0
  const right = left + ppm.length * columnWidth
  const bottom = top + height
  const paths = ['', '', '', '']
  const information = informationOf(ppm)
  for (const [column, row] of ppm.entries()) {
    let y = bottom
    for (const base of [0, 1, 2, 3].sort((a, b) => row[a]! - row[b]! || b - a)) {
      const letterHeight = (row[base]! * information[column]! * height) / mostBits
      if (letterHeight < lowestLetter) continue
      y -= letterHeight
      paths[base]! += letterOutline(
        base,
        left + (column + 0.02) * columnWidth,
        y,
        0.96 * columnWidth,
        letterHeight,
      )
    }
  }
  const width = right + (axes ? 4 : 0)
  const fullHeight = bottom + (axes ? 16 : 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${fullHeight}" viewBox="0 0 ${width} ${fullHeight}" role="img">`,
    `<title>${escapeText(options.title)}</title>`,
    ...(axes ? axesOf(ppm.length, columnWidth, left, top, height) : []),
    ...letterPaths(paths),
    '</svg>',
  ].join('\n')
}

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

function axesOf(columns: number, columnWidth: number, left: number, top: number, height: number): string[] {
  const bottom = top + height
  const ticks = [0, 1, 2].map((bits) => ({ bits, y: rounded(bottom - (bits * height) / mostBits) }))
  const lines = ticks.map(({ y }) => `M${left - 4} ${y}H${left}`).join('')
  const step = columns > 30 ? 10 : columns > 12 ? 5 : 1
  const numbers = Array.from({ length: columns }, (_, i) => i + 1).filter((i) => i === 1 || i % step === 0)
  return [
    `<path fill="none" stroke="${ink}" d="M${left} ${top}V${bottom}H${left + columns * columnWidth}${lines}"/>`,
    `<g fill="${ink}" font-family="sans-serif" font-size="10">`,
    ...ticks.map(
      ({ bits, y }) =>
        `<text x="${left - 6}" y="${rounded(Number(y) + 3.5)}" text-anchor="end">${bits}</text>`,
    ),
    `<text transform="translate(9 ${rounded(top + height / 2)}) rotate(-90)" text-anchor="middle">bits</text>`,
    ...numbers.map(
      (i) =>
        `<text x="${rounded(left + (i - 0.5) * columnWidth)}" y="${bottom + 12}" text-anchor="middle">${i}</text>`,
    ),
    '</g>',
  ]
}

/** A tenth of a pixel, without trailing zeros. */
function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
