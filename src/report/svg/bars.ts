/** Distributions as bars of one path: small beside a table's numbers, or with axes; what they say is said in words too. */
import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'
import { coordinate, plot } from './plot.ts'

/** Bars without axes, for a cell of a table. */
export function sparkline(heights: readonly number[], label: string, style: string): Markup {
  const [width, height] = [100, 24]
  const most = heights.reduce((a, b) => Math.max(a, b), 0)
  const step = width / heights.length
  let d = ''
  for (const [i, value] of heights.entries()) {
    if (value <= 0) continue
    d += `M${coordinate(i * step)} ${height}V${coordinate(height - 1 - ((height - 2) * value) / most)}h${coordinate(step * 0.9)}V${height}z`
  }
  return markup`<svg class="sparkline ${style}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}"><path class="base" d="M0 ${height - 0.5}H${width}" /><path d="${d}" /></svg>`
}

interface BarSeries {
  /** Of the style sheet, e.g. c0. */
  readonly style: string
  readonly heights: readonly number[]
}

export interface BarsOptions {
  readonly label: string
  readonly x: Axis
  readonly y: Axis
  /** Left edge of the first bar, and the width of each, on the x axis. */
  readonly from: number
  readonly binWidth: number
  /** Two stand side by side in each bin. */
  readonly series: readonly BarSeries[]
  /** A thin line from side to side: what is expected. */
  readonly level?: number | undefined
  readonly marker?: { readonly value: number; readonly name: string } | undefined
}

export function bars(options: BarsOptions): Markup {
  const { from, binWidth, series, level, marker } = options
  return plot({ ...options, width: 340, height: 190 }, (frame) => {
    const drawn = series.map(({ style, heights }, lane) => {
      let d = ''
      for (const [bin, height] of heights.entries()) {
        if (height <= 0) continue
        const left = frame.x(from + bin * binWidth)
        const full = frame.x(from + (bin + 1) * binWidth) - left
        const width = (full * 0.92) / series.length
        d += `M${coordinate(left + lane * width)} ${frame.bottom}V${frame.y(height)}h${coordinate(width)}V${frame.bottom}z`
      }
      return markup`<path class="solid ${style}" d="${d}" />`
    })
    const line =
      level === undefined
        ? undefined
        : markup`<path class="reference" d="M${frame.left} ${frame.y(level)}H${frame.right}" />`
    if (marker === undefined) return markup`${drawn}${line}`
    const x = frame.x(marker.value)
    const nearRight = x > (frame.left + frame.right) / 2
    return markup`${drawn}${line}<path class="marker" d="M${x} ${frame.top}V${frame.bottom}" /><text class="marker-label" x="${coordinate(x + (nearRight ? -4 : 4))}" y="${frame.top + 9}" text-anchor="${nearRight ? 'end' : 'start'}">${marker.name}</text>`
  })
}
