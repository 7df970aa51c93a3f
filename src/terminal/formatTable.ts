/** Rows of text as an aligned table for a terminal, cut to its width. */
import { elide, fill, harmless, textWidth } from './textWidth.ts'

export interface TableLayout {
  /** Columns of numbers are aligned to the right. */
  readonly numeric: readonly boolean[]
  /** Terminal columns to fit; without it nothing is cut. */
  readonly width?: number | undefined
  /** Columns that are never cut, since their cells are typed again. */
  readonly whole?: readonly boolean[]
  /** Rows are known by their first cell; one that has none goes on with the row above. */
  readonly titled?: boolean
  /** Colours a cell that is cut and aligned already; it must not change what the cell takes. */
  readonly paint?: (cell: string, column: number) => string
}

const nullText = 'NULL'
const gap = '  '
/** Below this a column tells too little. */
const narrowest = 8

/**
 * Names are never cut, since two might become one: where they do not fit beside each other, each row is written as lines of
 * name and value.
 * @param rows cells as text, null for NULL; control characters are shown as spaces
 */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  layout: TableLayout,
): string {
  const cells = [names, ...rows].map((row) => row.map((cell) => harmless(cell ?? nullText)))
  const widest = names.map((_, i) => cells.reduce((widest, row) => Math.max(widest, textWidth(row[i]!)), 0))
  const widths = layout.width === undefined ? widest : fit(cells[0]!, widest, layout)
  const { paint = asIs } = layout
  if (widths === undefined) return asLines(cells[0]!, cells.slice(1), layout, paint)
  const line = (row: readonly string[], paint: (cell: string, column: number) => string): string =>
    row
      .map((cell, i) => paint(fill(elide(cell, widths[i]!), widths[i]!, layout.numeric[i] ?? false), i))
      .join(gap)
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join(gap)
  return [line(cells[0]!, asIs), rule, ...cells.slice(1).map((row) => line(row, paint)), ''].join('\n')
}

/** Narrows the widest columns until all fit; undefined where they cannot. */
function fit(
  names: readonly string[],
  widest: readonly number[],
  { width, whole = [] }: TableLayout,
): number[] | undefined {
  const least = widest.map((columnsOf, i) =>
    whole[i] === true ? columnsOf : Math.max(textWidth(names[i]!), Math.min(columnsOf, narrowest)),
  )
  const widths = [...widest]
  let excess = widths.reduce((sum, columns) => sum + columns, 0) + gap.length * (widths.length - 1) - width!
  while (excess > 0) {
    const slack = widths.map((columns, i) => (columns > least[i]! ? columns : 0))
    const largest = Math.max(...slack)
    if (largest === 0) return undefined
    widths[slack.indexOf(largest)]!--
    excess--
  }
  return widths
}

function asIs(cell: string): string {
  return cell
}

function asLines(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  { titled = false, width: whole }: TableLayout,
  paint: (cell: string, column: number) => string,
): string {
  const width = whole!
  const widestName = names.reduce((widest, name) => Math.max(widest, textWidth(name)), 0)
  const room = Math.max(narrowest, width - widestName - gap.length)
  return rows
    .map((row, i) => {
      const goesOn = titled && row[0] === ''
      const lines = row
        .map((cell, column) => {
          if ((titled && column === 0) || (goesOn && cell === '')) return ''
          const name = fill(goesOn ? '' : names[column]!, widestName)
          return `${name}${gap}${paint(elide(cell, room), column)}\n`
        })
        .join('')
      if (goesOn) return lines
      const head = `── ${titled ? elide(row[0]!, width - 4) : `row ${i + 1}`} `
      return `${head}${'─'.repeat(Math.max(0, width - textWidth(head)))}\n${lines}`
    })
    .join('')
}
