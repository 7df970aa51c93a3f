/** The filters of a first convolution as SVG: their weights as letters, what speaks for a site upwards, against it down. */
import { baseCount } from '../sequence/alphabet.ts'
import { escapeText, letterOutline, letterPaths, lowestLetter } from './logo.ts'

const columnWidth = 14
/** Pixels from the largest weight of a filter to its axis. */
const halfHeight = 36
const titleHeight = 16
const gap = 18
const widestSheet = 1200

/**
 * One sheet of all filters. At each position the mean over the four bases is taken away: exactly one base is there, so the
 * mean is the same as a part of the bias. Each filter has its own scale; its title gives the largest weight.
 * @param kernel Float32Array [kernelSize, 4, filters]
 * @returns one `<svg>` element
 */
export function filterLogos(
  kernel: Float32Array,
  kernelSize: number,
  filters: number,
  title: string,
): string {
  const width = kernelSize * columnWidth
  const height = titleHeight + 2 * halfHeight
  const columns = Math.max(1, Math.floor((widestSheet + gap) / (width + gap)))
  const rows = Math.ceil(filters / columns)
  const sheetWidth = Math.min(filters, columns) * (width + gap) + gap
  const sheetHeight = rows * (height + gap) + gap
  const sheet = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sheetWidth}" height="${sheetHeight}" viewBox="0 0 ${sheetWidth} ${sheetHeight}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${sheetWidth}" height="${sheetHeight}" fill="#fff"/>`,
  ]
  for (let filter = 0; filter < filters; filter++) {
    const x = gap + (filter % columns) * (width + gap)
    const y = gap + Math.floor(filter / columns) * (height + gap)
    sheet.push(filterLogo(centredWeights(kernel, kernelSize, filters, filter), filter, x, y))
  }
  return [...sheet, '</svg>', ''].join('\n')
}

/** @returns [kernelSize][4], each row without its mean */
export function centredWeights(
  kernel: Float32Array,
  kernelSize: number,
  filters: number,
  filter: number,
): number[][] {
  return Array.from({ length: kernelSize }, (_, position) => {
    const row = Array.from({ length: baseCount }, (__, base) => {
      return kernel[(position * baseCount + base) * filters + filter]!
    })
    const mean = row.reduce((sum, weight) => sum + weight, 0) / baseCount
    return row.map((weight) => weight - mean)
  })
}

function filterLogo(weights: readonly (readonly number[])[], filter: number, x: number, y: number): string {
  const heightOf = (row: readonly number[], sign: 1 | -1): number =>
    row.reduce((sum, weight) => sum + Math.max(0, sign * weight), 0)
  // Positive and negative weights of a centred row add up to the same.
  const tallest = Math.max(...weights.map((row) => heightOf(row, 1)))
  const scale = tallest === 0 ? 0 : halfHeight / tallest
  const axis = y + titleHeight + halfHeight
  const paths = ['', '', '', '']
  for (const [position, row] of weights.entries()) {
    const left = x + (position + 0.02) * columnWidth
    const bases = [0, 1, 2, 3].sort((a, b) => Math.abs(row[a]!) - Math.abs(row[b]!) || b - a)
    let top = axis
    let bottom = axis
    for (const base of bases) {
      const height = Math.abs(row[base]!) * scale
      if (height < lowestLetter) continue
      if (row[base]! > 0) top -= height
      paths[base]! += letterOutline(base, left, row[base]! > 0 ? top : bottom, 0.96 * columnWidth, height)
      if (row[base]! < 0) bottom += height
    }
  }
  const right = x + weights.length * columnWidth
  const largest = Math.max(...weights.flat().map(Math.abs))
  return [
    `<g><text x="${x}" y="${y + 11}" font-family="sans-serif" font-size="11" fill="#444">filter ${filter} · ${largest.toPrecision(2)}</text>`,
    `<path d="M${x} ${axis}H${right}" stroke="#999" fill="none"/>`,
    ...letterPaths(paths),
    '</g>',
  ].join('')
}
