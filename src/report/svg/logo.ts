/**
 * Sequence logos (Schneider, Stephens, Nucleic Acids Res. 18:6097, 1990), one or several beneath each other in the same columns
 * and on the same scale. The page holds each letter's outline once; a logo refers to it.
 */
import { letterOutline } from '../../motif/logo.ts'
import { informationOf } from '../../motif/motif.ts'
import { baseCount, baseLetters } from '../../sequence/alphabet.ts'
import type { Matrix } from '../../sequence/matrix.ts'
import { markup, trusted, type Markup } from '../markup.ts'

export interface LogoLane {
  readonly ppm: Matrix // [width][4], rows sum to 1
  /** Column of the drawing that its first column lies in; may be negative. */
  readonly at: number
  /** What it is, above it. */
  readonly name?: string | undefined
}

export interface LogoOptions {
  /** Read out in place of the picture. */
  readonly label: string
  readonly lanes: readonly LogoLane[]
  /** Pixels. */
  readonly columnWidth: number
  /** Pixels that stand for 2 bits. */
  readonly height: number
  /** Draw the axes of bits, and the numbers of the columns of the first lane. */
  readonly axes?: boolean
}

const mostBits = 2
/** Letters lower than this many pixels cannot be seen, */
const lowestLetter = 1
/** and lower than this, or in a small logo lower than the other, not be read: a bar of their colour says as much in a third of the bytes. */
const lowestOutline = 3
const lowestSmallOutline = 5
/** Pixels for 2 bits. */
const smallHeight = 40
const nameHeight = 15
const laneSpace = 5

/** The outlines that all logos of a page refer to. */
export function letterOutlines(): Markup {
  return trusted(
    `<svg class="outlines" width="0" height="0" aria-hidden="true"><defs>${Array.from(baseLetters)
      .map(
        (letter, base) =>
          `<path id="${letter}" fill-rule="evenodd" d="${letterOutline(base, 0, 0, 100, 100)}"/>`,
      )
      .join('')}</defs></svg>`,
  )
}

/** Each column is as high as its information content against a uniform background, each letter its share of it. */
export function logo({ label, lanes, columnWidth, height, axes = false }: LogoOptions): Markup {
  const first = Math.min(...lanes.map(({ at }) => at))
  const end = Math.max(...lanes.map(({ at, ppm }) => at + ppm.length))
  const left = axes ? 28 : 0
  const width = Math.max(left + (end - first) * columnWidth + (axes ? 4 : 0), axes ? 120 : 1)
  const letters = Array.from({ length: baseCount }, () => ({ uses: '', bars: '' }))
  const drawn: string[] = []
  let y = axes ? 4 : 0
  for (const [lane, { ppm, at, name }] of lanes.entries()) {
    const from = left + (at - first) * columnWidth
    const to = from + ppm.length * columnWidth
    if (name !== undefined) {
      drawn.push(markup`<text class="lane" x="${short(from)}" y="${short(y + 11)}">${name}</text>`.text)
      y += nameHeight
    }
    const bottom = y + height
    addLetters(letters, ppm, { from, bottom, columnWidth, height })
    if (axes) {
      const ticks = [0, 1, 2].map((bits) => ({ bits, at: bottom - (bits * height) / mostBits }))
      drawn.push(
        `<path class="axis" d="M${short(from)} ${short(y)}V${short(bottom)}H${short(to)}${ticks.map((tick) => `M${short(from - 3)} ${short(tick.at)}h3`).join('')}"/>`,
        ...ticks.map(
          (tick) =>
            `<text x="${short(from - 5)}" y="${short(tick.at + 3.5)}" text-anchor="end">${tick.bits}</text>`,
        ),
      )
      if (lane === 0) drawn.push(...columnNumbers(ppm.length, from, bottom, columnWidth))
    } else {
      drawn.push(`<path class="axis" d="M${short(from)} ${short(bottom - 0.5)}H${short(to)}"/>`)
    }
    y = bottom + (axes && lane === 0 ? 14 : 0) + (lane < lanes.length - 1 || axes ? laneSpace : 1)
  }
  const groups = letters.flatMap(({ uses, bars }, base) =>
    uses === '' && bars === ''
      ? []
      : [`<g class="${baseLetters[base]!}">${uses}${bars === '' ? '' : `<path d="${bars}"/>`}</g>`],
  )
  const size = `viewBox="0 0 ${short(width)} ${short(y)}" width="${short(width)}" height="${short(y)}"`
  return trusted(
    markup`<svg class="logo${axes ? ' full' : ''}" ${trusted(size)} role="img" aria-label="${label}">${trusted([...groups, ...drawn].join(''))}</svg>`
      .text,
  )
}

function addLetters(
  letters: readonly { uses: string; bars: string }[],
  ppm: Matrix,
  place: {
    readonly from: number
    readonly bottom: number
    readonly columnWidth: number
    readonly height: number
  },
): void {
  const { from, bottom, columnWidth, height } = place
  const information = informationOf(ppm)
  for (const [column, row] of ppm.entries()) {
    let y = bottom
    for (const base of [0, 1, 2, 3].sort((a, b) => row[a]! - row[b]! || b - a)) {
      const letterHeight = (row[base]! * information[column]! * height) / mostBits
      if (letterHeight < lowestLetter) continue
      y -= letterHeight
      const x = short(from + (column + 0.02) * columnWidth)
      const width = 0.96 * columnWidth
      if (letterHeight < (height < smallHeight ? lowestSmallOutline : lowestOutline)) {
        letters[base]!.bars += `M${x} ${short(y)}h${short(width)}v${short(letterHeight)}h-${short(width)}z`
      } else {
        letters[base]!.uses +=
          `<use href="#${baseLetters[base]!}" transform="matrix(${factor(width)} 0 0 ${factor(letterHeight)} ${x} ${short(y)})"/>`
      }
    }
  }
}

function columnNumbers(columns: number, from: number, bottom: number, columnWidth: number): string[] {
  const step = columns > 30 ? 10 : columns > 12 ? 5 : 1
  return Array.from({ length: columns }, (_, i) => i + 1)
    .filter((i) => i === 1 || i % step === 0)
    .map(
      (i) =>
        `<text x="${short(from + (i - 0.5) * columnWidth)}" y="${short(bottom + 11)}" text-anchor="middle">${i}</text>`,
    )
}

/** A tenth of a pixel, without trailing zeros. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10 + 0)
}

/** Of an outline of 100 × 100. */
export function factor(size: number): string {
  return String(Math.round(size * 10) / 1000).replace(/^0\./, '.')
}
