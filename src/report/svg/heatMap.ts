/** A heat map along the sequence: a row a base, darker where more; above it the sum of the rows as bars. */
import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { coordinate } from './plot.ts'

export interface HeatMapOptions {
  /** Read out in place of the picture. */
  readonly label: string
  readonly rows: readonly string[]
  /** In [0, 1]. */
  readonly cells: readonly (readonly number[])[] // [columns][rows]
  /** Heights of the bars, on the y axis. */
  readonly bars: readonly number[] // [columns]
  /** Columns lie side by side over the whole of it. */
  readonly x: Axis
  readonly y: Axis
  /** Index of its colour. */
  readonly colour: number
}

const width = 880
const margin = { left: 50, right: 12, top: 10 }
const barsHeight = 90
const rowHeight = 20
const space = 8
/** Shades: one path for each keeps a long sequence's drawing small. */
const shades = 10

/** Shades are relative to the largest cell. */
export function heatMap({ label, rows, cells, bars, x, y, colour }: HeatMapOptions): Markup {
  const right = width - margin.right
  const column = (right - margin.left) / Math.max(1, cells.length)
  const left = (i: number): number => coordinate(margin.left + i * column)
  const base = margin.top + barsHeight
  const top = base + space
  const bottom = top + rows.length * rowHeight
  const height = bottom + 40
  const toY = (value: number): number => coordinate(base - ((value - y.low) / (y.high - y.low)) * barsHeight)
  const toX = (value: number): number =>
    coordinate(margin.left + ((value - x.low) / (x.high - x.low)) * (right - margin.left))

  const most = cells.flat().reduce((a, b) => Math.max(a, b), 0)
  const paths = Array.from({ length: shades }, () => '')
  for (const [i, column] of cells.entries()) {
    for (const [row, value] of column.entries()) {
      if (value <= 0) continue
      const shade = Math.min(shades - 1, Math.ceil((value / most) * shades) - 1)
      const wide = coordinate(left(i + 1) - left(i))
      paths[shade]! += `M${left(i)} ${top + row * rowHeight}h${wide}v${rowHeight}h${-wide}z`
    }
  }
  let outline = ''
  for (const [i, value] of bars.entries()) {
    if (value <= 0) continue
    outline += `M${left(i)} ${base}V${toY(value)}H${left(i + 1)}V${base}z`
  }
  return markup`<svg
    class="plot heat c${colour}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${label}"
  >
    <g class="grid">${y.ticks.map((tick) => markup`<path d="M${margin.left} ${toY(tick)}H${right}" />`)}</g>
    <g class="ticks">
      ${y.ticks.map((tick) => markup`<text x="${margin.left - 6}" y="${coordinate(toY(tick) + 4)}" text-anchor="end">${tick}</text>`)}${x.ticks.map((tick) => markup`<path d="M${toX(tick)} ${bottom}v4" /><text x="${toX(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`)}${rows.map((name, row) => markup`<text x="${margin.left - 6}" y="${top + row * rowHeight + 14}" text-anchor="end">${name}</text>`)}
    </g>
    <path class="fill" d="${outline}" />
    <path class="axis" d="M${margin.left} ${margin.top}V${base}H${right}" />
    <g class="cells">
      ${paths.flatMap((d, shade) => (d === '' ? [] : [markup`<path fill-opacity="${(shade + 1) / shades}" d="${d}" />`]))}
    </g>
    <path class="axis" d="M${margin.left} ${top}V${bottom}H${right}V${top}z" />
    <text class="axis-label" x="${(margin.left + right) / 2}" y="${height - 6}" text-anchor="middle">${x.label}</text>
    <text class="axis-label" transform="rotate(-90 12 ${margin.top + barsHeight / 2})" x="12" y="${margin.top + barsHeight / 2}" text-anchor="middle">${y.label}</text>
  </svg>`
}
