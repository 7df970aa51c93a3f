/** What methods say of each base of one sequence: letters as high as that, below the line where they speak against it. */
import { baseLetters } from '../../sequence/alphabet.ts'
import { markup, trusted, type Markup } from '../markup.ts'
import { factor, short } from './logo.ts'

interface AttributionLane {
  readonly name: string
  readonly heights: readonly number[] // [L]; scaled by the largest of the lane
}

export interface AttributionTracksOptions {
  /** Read out in place of the picture. */
  readonly label: string
  readonly sequence: string
  /** Bases of the sequence that are drawn: from, and up to but not with to. */
  readonly from: number
  readonly to: number
  /** Bases that are marked above the lanes, and what they are. */
  readonly marked: { readonly name: string; readonly positions: readonly number[] }
  readonly lanes: readonly AttributionLane[]
}

const columnWidth = 9
const laneHeight = 34
const markedHeight = 14
const nameHeight = 13
const axisHeight = 16
/** Letters lower than this many pixels cannot be read: bars of their colour say as much in a third of the bytes, */
const lowestOutline = 8
/** and lower ones than this cannot be seen. */
const lowestBar = 0.7
const positionStep = 20

/** @returns one picture; the page holds the outlines of the letters (`letterOutlines`) */
export function attributionTracks(options: AttributionTracksOptions): Markup {
  const { label, sequence, from, to, marked, lanes } = options
  const width = Math.max(120, (to - from) * columnWidth)
  const letters = new Map(Array.from(baseLetters, (letter) => [letter, { uses: '', bars: '' }]))
  const drawn: string[] = []
  for (const letter of baseLetters) {
    const own = marked.positions.filter((at) => at >= from && at < to && sequence[at] === letter)
    if (own.length === 0) continue
    const places = own.map((at) => short((at - from + 0.5) * columnWidth)).join(' ')
    drawn.push(
      `<g class="${letter}"><text class="kept" x="${places}" y="${nameHeight + markedHeight - 3}">${letter.repeat(own.length)}</text></g>`,
    )
  }
  drawn.push(markup`<text class="lane" x="0" y="10">${marked.name}</text>`.text)
  let top = nameHeight + markedHeight
  for (const { name, heights } of lanes) {
    const shown = heights.slice(from, to)
    const most = shown.reduce((largest, value) => Math.max(largest, value), 0)
    const least = shown.reduce((smallest, value) => Math.min(smallest, value), 0)
    const scale = most - least === 0 ? 0 : laneHeight / (most - least)
    const zero = top + nameHeight + most * scale
    drawn.push(
      markup`<text class="lane" x="0" y="${short(top + 10)}">${name}</text>`.text,
      `<path class="axis" d="M0 ${short(zero)}H${width}"/>`,
    )
    for (const [i, value] of shown.entries()) {
      const letter = letters.get(sequence[from + i]!)
      const height = Math.abs(value) * scale
      if (letter === undefined || height < lowestBar) continue
      const x = short(i * columnWidth + 0.5)
      const w = columnWidth - 1
      const y = value > 0 ? zero - height : zero
      if (height < lowestOutline)
        letter.bars += `M${x} ${short(y)}h${short(w)}v${short(height)}h-${short(w)}z`
      else {
        // What speaks against it stands on its head, as in other tools.
        const turned =
          value > 0 ? `${factor(height)} ${x} ${short(y)}` : `-${factor(height)} ${x} ${short(y + height)}`
        letter.uses += `<use href="#${sequence[from + i]!}" transform="matrix(${factor(w)} 0 0 ${turned})"/>`
      }
    }
    top += nameHeight + laneHeight + 4
  }
  let numbers = ''
  const firstNumber = Math.ceil(from / positionStep) * positionStep
  for (let position = firstNumber; position < to; position += positionStep) {
    numbers += `<text x="${short((position - from + 0.5) * columnWidth)}" y="${short(top + 10)}">${position}</text>`
  }
  drawn.push(`<g class="places">${numbers}</g>`)
  const groups = [...letters].map(([letter, { uses, bars }]) =>
    uses + bars === '' ? '' : `<g class="${letter}">${uses}${bars === '' ? '' : `<path d="${bars}"/>`}</g>`,
  )
  const height = top + axisHeight
  const size = `viewBox="0 0 ${width} ${short(height)}" width="${width}" height="${short(height)}"`
  return trusted(
    markup`<svg class="logo" ${trusted(size)} role="img" aria-label="${label}">${trusted([...groups, ...drawn].join(''))}</svg>`
      .text,
  )
}
