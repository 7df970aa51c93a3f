/** The frame of a plot: axes, grid and labels around marks. Colours come from the page's style, so it follows the theme. */
import { markup, type Markup } from '../markup.ts'
import type { Axis } from './axis.ts'

export interface Frame {
  x(value: number): number
  y(value: number): number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface PlotOptions {
  /** Read out in place of the picture. */
  readonly label: string
  readonly x: Axis
  readonly y: Axis
  readonly width?: number
  readonly height?: number
}

const margin = { left: 50, right: 12, top: 10, bottom: 40 }

/** @returns an `<svg>`; `marks` are drawn over the grid, in its coordinates */
export function plot(options: PlotOptions, marks: (frame: Frame) => Markup): Markup {
  const { label, x, y, width = 340, height = 240 } = options
  const frame: Frame = {
    left: margin.left,
    right: width - margin.right,
    top: margin.top,
    bottom: height - margin.bottom,
    x: scale(x, margin.left, width - margin.right),
    y: scale(y, height - margin.bottom, margin.top),
  }
  const { left, right, top, bottom } = frame
  const middleY = coordinate((top + bottom) / 2)
  return markup`<svg
    class="plot"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${label}"
  >
    <g class="grid">${y.ticks.map((tick) => markup`<path d="M${left} ${frame.y(tick)}H${right}" />`)}</g>
    <g class="ticks">
      ${x.ticks.map((tick) => markup`<path d="M${frame.x(tick)} ${bottom}v4" /><text x="${frame.x(tick)}" y="${bottom + 16}" text-anchor="middle">${tickText(x, tick)}</text>`)}${y.ticks.map((tick) => markup`<text x="${left - 6}" y="${coordinate(frame.y(tick) + 4)}" text-anchor="end">${tickText(y, tick)}</text>`)}
    </g>
    <path class="axis" d="M${left} ${top}V${bottom}H${right}" />
    <g class="marks">${marks(frame)}</g>
    <text class="axis-label" x="${coordinate((left + right) / 2)}" y="${height - 6}" text-anchor="middle">
      ${x.label}
    </text>
    <text class="axis-label" transform="rotate(-90 12 ${middleY})" x="12" y="${middleY}" text-anchor="middle">
      ${y.label}
    </text>
  </svg>`
}

/** Coordinates with one decimal: a tenth of a pixel, and golden files that do not depend on the last bit. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10 + 0
}

function scale(axis: Axis, from: number, to: number): (value: number) => number {
  const span = axis.high - axis.low
  return (value) => coordinate(from + ((value - axis.low) / span) * (to - from))
}

function tickText(axis: Axis, tick: number): string {
  return axis.format === undefined ? String(tick).replace('-', '−') : axis.format(tick)
}
