/** Distributions side by side as lying boxes: quartiles, median and ends, with a marked value. */
import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { coordinate, plot } from './plot.ts'

interface Box {
  /** Short: it stands left of its box. */
  readonly name: string
  /** Of the style sheet, e.g. s0. */
  readonly style: string
  readonly least: number
  readonly lower: number
  readonly median: number
  readonly upper: number
  readonly most: number
}

export interface BoxPlotOptions {
  /** Read out in place of the picture. */
  readonly label: string
  readonly x: Axis
  readonly boxes: readonly Box[]
  readonly markers: readonly { readonly value: number; readonly name: string; readonly faint?: boolean }[]
}

const rowHeight = 40
const thickness = 18
/** Above the boxes, for the markers' names. */
const head = 1

export function boxPlot({ label, x, boxes, markers }: BoxPlotOptions): Markup {
  const lanes = boxes.length + head
  const y: Axis = { label: '', low: 0, high: lanes, ticks: [] }
  return plot({ label, x, y, height: 50 + lanes * rowHeight }, (frame) => {
    const drawn = boxes.map(({ name, style, least, lower, median, upper, most }, i) => {
      const middle = frame.y(lanes - head - i - 0.5)
      const [from, to] = [frame.x(lower), frame.x(upper)]
      return markup`<g class="box ${style}"><title>${name}: ${x.format!(least)} to ${x.format!(most)}, half of them ${x.format!(lower)} to ${x.format!(upper)}, median ${x.format!(median)}</title><path class="whisker" d="M${frame.x(least)} ${middle}H${frame.x(most)}" /><rect x="${from}" y="${coordinate(middle - thickness / 2)}" width="${Math.max(1, coordinate(to - from))}" height="${thickness}" /><path class="median" d="M${frame.x(median)} ${coordinate(middle - thickness / 2)}v${thickness}" /></g><text x="${frame.left - 6}" y="${coordinate(middle + 4)}" text-anchor="end">${name}</text>`
    })
    const lines = markers.map(({ value, name, faint }, i) => {
      const at = frame.x(value)
      const nearRight = at > (frame.left + frame.right) / 2
      return markup`<path class="${faint === true ? 'reference' : 'marker'}" d="M${at} ${frame.top + 4 + 14 * i}V${frame.bottom}" /><text class="marker-label" x="${coordinate(at + (nearRight ? -4 : 4))}" y="${frame.top + 12 + 14 * i}" text-anchor="${nearRight ? 'end' : 'start'}">${name}</text>`
    })
    return markup`${drawn}${lines}`
  })
}
