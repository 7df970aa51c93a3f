/** Motifs as text: a line of letters with a line of bars below it, or stacks of letters as a logo draws them. */
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import { informativeBits, type Matrix } from '../sequence/matrix.ts'
import { informationOf } from './motif.ts'
import { consensusOf } from './consensus.ts'

const mostBits = 2
/** A column with at least half of what a column can say is written large. */
const largeBits = mostBits / 2
const bars = ' ▁▂▃▄▅▆▇█'

export interface LineLogo {
  /** IUPAC, lower case below one bit, `·` below `informativeBits`. */
  readonly letters: string
  /** One bar a column, eight steps to two bits. */
  readonly bars: string
}

/**
 * @param ppm [width][4], rows sum to 1
 * @param most columns; of a wider motif those beside each other that say most, between `…`
 */
export function lineLogo(ppm: Matrix, most = ppm.length): LineLogo {
  if (ppm.length > most) {
    const from = bestWindow(informationOf(ppm), most - 2)
    const { letters, bars: heights } = lineLogo(ppm.slice(from, from + most - 2))
    return { letters: `…${letters}…`, bars: ` ${heights} ` }
  }
  const consensus = consensusOf(ppm)
  const bits = informationOf(ppm)
  return {
    letters: bits
      .map((b, i) => {
        if (b < informativeBits) return '·'
        return b < largeBits ? consensus[i]!.toLowerCase() : consensus[i]!
      })
      .join(''),
    bars: bits.map((b) => barOf(b / mostBits)).join(''),
  }
}

/** @returns where the `width` columns that have most bits together begin */
function bestWindow(bits: readonly number[], width: number): number {
  const sums = bits
    .slice(width - 1)
    .map((_, from) => bits.slice(from, from + width).reduce((a, b) => a + b, 0))
  return sums.indexOf(Math.max(...sums))
}

/** @param share in [0, 1]; above 0 it is seen */
export function barOf(share: number): string {
  if (!(share > 0)) return bars[0]!
  return bars[Math.max(1, Math.min(bars.length - 1, Math.round(share * (bars.length - 1))))]!
}

/**
 * Letters stacked, the most frequent on top, as high as their share of the column's bits.
 * @param ppm [width][4], rows sum to 1
 * @param height lines to two bits
 * @returns [height] lines of `width` letters, the highest first
 */
export function stackedLogo(ppm: Matrix, height: number): string[] {
  const bits = informationOf(ppm)
  return Array.from({ length: height }, (_, line) => {
    // The middle of the line.
    const level = ((height - line - 0.5) / height) * mostBits
    return ppm.map((row, i) => letterAt(row, bits[i]!, level)).join('')
  })
}

function letterAt(row: readonly number[], bits: number, level: number): string {
  const rising = Array.from({ length: baseCount }, (_, base) => base).sort((a, b) => row[a]! - row[b]!)
  let top = 0
  for (const base of rising) {
    top += row[base]! * bits
    if (level < top) return baseLetters[base]!
  }
  return ' '
}
