/** Distances between two sites: observed bars, the line of what random placement gives, and marks over what is preferred. */
import { count, counted, fixed } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { axisFromZero, roundTicks } from './axis.ts'
import { coordinate, plot } from './plot.ts'

export interface SpacingPlotOptions {
  /** Read out in place of the picture. */
  readonly label: string
  /** Ascending, without a hole. */
  readonly distances: readonly {
    readonly gap: number
    readonly observed: number
    readonly expected: number
  }[]
  /** Gaps marked, the most important first. */
  readonly preferred: readonly number[]
  /** Distances of a bar; 1 where single ones matter. */
  readonly binWidth: number
  /** A style of the bars. */
  readonly colour: number
}

/** Marks whose numbers would touch go without. */
const labelSpace = 22

export function spacingPlot({ label, distances, preferred, binWidth, colour }: SpacingPlotOptions): Markup {
  const first = distances[0]!.gap
  const bins = Array.from({ length: Math.ceil(distances.length / binWidth) }, (_, i) => {
    const own = distances.slice(i * binWidth, (i + 1) * binWidth)
    return {
      from: own[0]!.gap,
      to: own.at(-1)!.gap,
      observed: own.reduce((sum, { observed }) => sum + observed, 0),
      expected: own.reduce((sum, { expected }) => sum + expected, 0),
    }
  })
  const highest = bins.reduce((most, bin) => Math.max(most, bin.observed, bin.expected), 0)
  // Room for the marks over the bars.
  const y = axisFromZero(binWidth === 1 ? 'Pairs' : `Pairs per ${binWidth} bases`, highest * 1.12)
  const whole = { ...y, ticks: y.ticks.filter(Number.isInteger) }
  const low = first - 0.5
  const high = Math.max(first + bins.length * binWidth - 0.5, low + 6)
  const ticks = roundTicks(Math.ceil(low), Math.floor(high)).filter(Number.isInteger)
  const x = { label: 'Bases between the sites', low, high, ticks }
  return plot({ label, x, y: whole }, (frame) => {
    const edge = (i: number): number => frame.x(low + i * binWidth)
    const bars = bins.flatMap(({ from, to, observed, expected }, i) => {
      if (observed === 0) return []
      const space = Math.min(1, (edge(i + 1) - edge(i)) * 0.15)
      const which =
        from === to ? `${counted(from, 'base')} apart` : `${count(from)} to ${count(to)} bases apart`
      return [
        markup`<rect class="bar c${colour}" x="${coordinate(edge(i) + space / 2)}" y="${frame.y(observed)}" width="${coordinate(edge(i + 1) - edge(i) - space)}" height="${coordinate(frame.bottom - frame.y(observed))}"><title>${counted(observed, 'pair')} ${which}; ${fixed(expected, 1)} expected</title></rect>`,
      ]
    })
    const line = bins
      .map(({ expected }, i) => `${i === 0 ? 'M' : 'L'}${edge(i)} ${frame.y(expected)}H${edge(i + 1)}`)
      .join('')
    const labelled: number[] = []
    const marks = preferred.map((gap) => {
      const bin = Math.floor((gap - first) / binWidth)
      const at = coordinate((edge(bin) + edge(bin + 1)) / 2)
      const above = frame.y(bins[bin]!.observed)
      const isFree = labelled.every((other) => Math.abs(other - at) >= labelSpace)
      if (isFree) labelled.push(at)
      return markup`<path class="preferred" d="M${at} ${coordinate(above - 2)}l-3.5 -6h7z" />${isFree ? markup`<text class="marker-label" x="${at}" y="${coordinate(above - 11)}" text-anchor="middle">${gap}</text>` : undefined}`
    })
    return markup`${bars}<path class="expected" d="${line}" />${marks}`
  })
}
