/** Lines over two axes: ROC and precision–recall curves, losses over epochs. */
import { markup, type Markup } from '../markup.ts'
import { plot, type Frame, type PlotOptions } from './plot.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

interface Series {
  readonly name: string
  /** Index of its colour; lines that share a colour are told apart by `dashed`. */
  readonly colour: number
  readonly points: readonly Point[]
  readonly dashed?: boolean
}

export interface LineChartOptions extends PlotOptions {
  readonly series: readonly Series[]
  /** A thin line to compare with, from one point to another. */
  readonly reference?: { readonly name: string; readonly from: Point; readonly to: Point } | undefined
}

/** Series lie over one another, the first on top: the order of the legend. */
export function lineChart(options: LineChartOptions): Markup {
  const { series, reference } = options
  return plot(
    options,
    (frame) =>
      markup`${
        reference === undefined
          ? undefined
          : markup`<path class="reference" d="${pathOf([reference.from, reference.to], frame)}"><title>${reference.name}</title></path>`
      }${series
        .toReversed()
        .filter(({ points }) => points.length > 0)
        .map(
          ({ name, colour, points, dashed }) =>
            markup`<path class="line c${colour}${dashed === true ? ' dashed' : ''}" d="${pathOf(points, frame)}"><title>${name}</title></path>`,
        )}`,
  )
}

function pathOf(points: readonly Point[], frame: Frame): string {
  // A single point would be invisible; a line of no length with round caps is a dot.
  if (points.length === 1) return `M${frame.x(points[0]!.x)} ${frame.y(points[0]!.y)}h0`
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${frame.x(x)} ${frame.y(y)}`).join('')
}
