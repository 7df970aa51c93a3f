/** Histograms: bars of equal width over a linear axis, one or two series, and a marked value. */
import { markup, type Markup } from '../markup.ts'
import { coordinate, plot, type PlotOptions } from './plot.ts'

interface HistogramSeries {
  readonly name: string
  /** Index of its colour; undefined is the neutral grey. */
  readonly colour: number | undefined
  /** Heights on the y axis, one a bin. */
  readonly heights: readonly number[]
}

export interface HistogramOptions extends PlotOptions {
  /** Left edge of the first bin, and the width of each, on the x axis. */
  readonly from: number
  readonly binWidth: number
  /** Two series stand side by side in each bin. */
  readonly series: readonly HistogramSeries[]
  /** Tells of one bar, for its tooltip. */
  describe(bin: number, series: HistogramSeries): string
  readonly marker?: { readonly value: number; readonly name: string } | undefined
}

export function histogram(options: HistogramOptions): Markup {
  const { from, binWidth, series, marker } = options
  return plot(options, (frame) => {
    const bars = series.flatMap((one, lane) =>
      one.heights.flatMap((height, bin) => {
        if (height <= 0) return []
        const left = frame.x(from + bin * binWidth)
        const full = frame.x(from + (bin + 1) * binWidth) - left
        const gap = Math.min(1, full * 0.1)
        const width = (full - gap) / series.length
        const top = frame.y(height)
        const colour = one.colour === undefined ? 'neutral' : `c${one.colour}`
        return [
          markup`<rect
            class="bar ${colour}"
            x="${coordinate(left + gap / 2 + lane * width)}"
            y="${top}"
            width="${coordinate(width)}"
            height="${coordinate(frame.bottom - top)}"><title>${options.describe(bin, one)}</title></rect>`,
        ]
      }),
    )
    if (marker === undefined) return markup`${bars}`
    const x = frame.x(marker.value)
    const nearRight = x > (frame.left + frame.right) / 2
    return markup`${bars}<path class="marker" d="M${x} ${frame.top}V${frame.bottom}"><title>${marker.name}</title></path><text
        class="marker-label"
        x="${coordinate(x + (nearRight ? -4 : 4))}"
        y="${frame.top + 9}"
        text-anchor="${nearRight ? 'end' : 'start'}">${marker.name}</text>`
  })
}
