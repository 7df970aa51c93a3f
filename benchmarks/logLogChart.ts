/** A drawing that stands alone: lines over logarithmic axes, in the report's frame, with the colours written into it. */
import { markup, trusted, type Markup } from '../src/report/markup.ts'
import type { Axis } from '../src/report/svg/axis.ts'
import { lineChart, type Point } from '../src/report/svg/lineChart.ts'

export interface LogLogOptions {
  readonly x: string
  readonly y: string
  readonly series: readonly { readonly name: string; readonly points: readonly Point[] }[]
}

const colours = ['#0072b2', '#d55e00', '#008c68']
const [width, height] = [400, 270]

/** @returns the chart and its legend, `width` wide */
export function logLogChart({ x, y, series }: LogLogOptions): Markup {
  const points = series.flatMap((one) => one.points)
  const chart = lineChart({
    label: `${y} against ${x}`,
    width,
    height,
    x: logAxis(
      x,
      points.map((point) => point.x),
    ),
    y: logAxis(
      y,
      points.map((point) => point.y),
    ),
    series: series.map(({ name, points: own }, colour) => ({
      name,
      colour,
      points: own.map((point) => ({ x: Math.log10(point.x), y: Math.log10(point.y) })),
    })),
  })
  const legend = series.map(
    ({ name }, i) => markup`<text x="64" y="${28 + 16 * i}" class="legend c${i}">${name}</text>`,
  )
  return markup`${chart}${legend}`
}

/** @returns a whole SVG file */
export function sideBySide(title: string, charts: readonly Markup[]): string {
  const total = charts.length * width
  const panels = charts.map((chart, i) => markup`<g transform="translate(${i * width} 30)">${chart}</g>`)
  const drawing = markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height + 34}" width="${total}" height="${height + 34}" role="img" aria-label="${title}">
    <style>${trusted(style)}</style>
    <rect width="100%" height="100%" fill="#ffffff" />
    <text x="${total / 2}" y="20" class="title">${title}</text>
    ${panels}
  </svg>`
  return `${drawing.text}\n`
}

const style = `
text { font: 11px system-ui, 'Segoe UI', Roboto, Arial, sans-serif; fill: #59636e; }
.title { font-size: 14px; fill: #1b1f24; text-anchor: middle; }
.axis-label { font-size: 12px; fill: #1b1f24; }
.legend { font-size: 12px; fill: currentColor; }
.plot path { fill: none; }
.plot .grid path { stroke: #d5dae0; stroke-width: .75; }
.plot .axis, .plot .ticks path { stroke: #59636e; }
.plot .line { stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
${colours.map((colour, i) => `.c${i} { color: ${colour}; }`).join('\n')}
`

/** Ticks at 1, 2 and 5 times powers of ten, at powers only where the axis spans more than two of them. */
function logAxis(label: string, values: readonly number[]): Axis {
  const low = Math.log10(Math.min(...values)) - 0.05
  const high = Math.log10(Math.max(...values)) + 0.05
  const leads = high - low > 2.2 ? [1] : [1, 2, 5]
  const ticks: number[] = []
  for (let power = Math.floor(low); power <= high; power++) {
    for (const lead of leads) {
      const tick = power + Math.log10(lead)
      if (tick >= low && tick <= high) ticks.push(tick)
    }
  }
  return { label, low, high, ticks, format: (tick) => String(Number((10 ** tick).toPrecision(1))) }
}
