/** Motifs as circles on a plane: near where their sites are alike, large where they have many parts. */
import { markup, type Markup } from '../markup.ts'
import { coordinate } from './plot.ts'

export interface MapCircle {
  readonly x: number
  readonly y: number
  /** The area goes with it. */
  readonly size: number
  readonly name: string
  /** What a resting pointer is told. */
  readonly note: string
  /** Of the model, of the style sheet. */
  readonly style: string
  /** Where a click leads; undefined where it has no card. */
  readonly href: string | undefined
}

const width = 720
const height = 420
const margin = { x: 90, y: 40 }
const largest = 26
const smallest = 4
const letterWidth = 6.4

/** @param label read out before the circles, which are links */
export function motifMap(label: string, circles: readonly MapCircle[]): Markup {
  const spread = (values: readonly number[]): { low: number; high: number } => ({
    low: Math.min(...values),
    high: Math.max(...values),
  })
  const xs = spread(circles.map(({ x }) => x))
  const ys = spread(circles.map(({ y }) => y))
  // One scale for both axes: distances are distances in any direction.
  const scale = Math.min(
    (width - 2 * margin.x) / Math.max(xs.high - xs.low, 1e-9),
    (height - 2 * margin.y) / Math.max(ys.high - ys.low, 1e-9),
  )
  const most = Math.max(...circles.map(({ size }) => size))
  const placed = circles.map((circle) => ({
    ...circle,
    cx: width / 2 + (circle.x - (xs.low + xs.high) / 2) * Math.min(scale, width),
    cy: height / 2 - (circle.y - (ys.low + ys.high) / 2) * Math.min(scale, width),
    r: Math.max(smallest, largest * Math.sqrt(circle.size / most)),
  }))
  const taken: { left: number; right: number; top: number; bottom: number }[] = []
  // The largest are named first; a name that would lie on another is left to the table and the pointer.
  const named = placed.map(({ cx, cy, r, name }, own) => {
    const half = (name.length * letterWidth) / 2
    for (const y of [cy + r + 12, cy - r - 5]) {
      const box = { left: cx - half, right: cx + half, top: y - 10, bottom: y + 3 }
      const circlesBoxes = placed
        .filter((_, i) => i !== own)
        .map((other) => ({
          left: other.cx - other.r,
          right: other.cx + other.r,
          top: other.cy - other.r,
          bottom: other.cy + other.r,
        }))
      const free = [...taken, ...circlesBoxes].every(
        (other) =>
          box.right < other.left ||
          box.left > other.right ||
          box.bottom < other.top ||
          box.top > other.bottom,
      )
      if (!free || y < 12 || y > height - 4) continue
      taken.push(box)
      return markup`<text x="${coordinate(cx)}" y="${coordinate(y)}" text-anchor="middle">${name}</text>`
    }
    return undefined
  })
  const drawn = placed.map(({ cx, cy, r, style, note, href }) => {
    const circle = markup`<circle class="${style}" cx="${coordinate(cx)}" cy="${coordinate(cy)}" r="${coordinate(r)}"><title>${note}</title></circle>`
    return href === undefined ? circle : markup`<a href="${href}" aria-label="${note}">${circle}</a>`
  })
  return markup`<svg
    class="motif-map"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="group"
    aria-label="${label}"
  >${drawn}${named}</svg>`
}
