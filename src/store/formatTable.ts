/** Rows of text as an aligned table for a terminal, cut to its width. */

export interface TableLayout {
  /** Columns of numbers are aligned to the right. */
  readonly numeric: readonly boolean[]
  /** Terminal columns to fit; without it nothing is cut. */
  readonly width?: number | undefined
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
  const cells = [names, ...rows].map((row) => row.map((cell) => oneLine(cell ?? nullText)))
  const widest = names.map((_, i) => cells.reduce((widest, row) => Math.max(widest, columns(row[i]!)), 0))
  const widths = layout.width === undefined ? widest : fit(cells[0]!, widest, layout.width)
  if (widths === undefined) return asLines(cells[0]!, cells.slice(1), layout.width!)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => align(elide(cell, widths[i]!), widths[i]!, layout.numeric[i] ?? false))
      .join(gap)
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join(gap)
  return [line(cells[0]!), rule, ...cells.slice(1).map(line), ''].join('\n')
}

/** Narrows the widest columns until all fit; undefined where they cannot. */
function fit(names: readonly string[], widest: readonly number[], width: number): number[] | undefined {
  const least = widest.map((columnsOf, i) => Math.max(columns(names[i]!), Math.min(columnsOf, narrowest)))
  const widths = [...widest]
  let excess = widths.reduce((sum, columns) => sum + columns, 0) + gap.length * (widths.length - 1) - width
  while (excess > 0) {
    const slack = widths.map((columns, i) => (columns > least[i]! ? columns : 0))
    const largest = Math.max(...slack)
    if (largest === 0) return undefined
    widths[slack.indexOf(largest)]!--
    excess--
  }
  return widths
}

function asLines(names: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const widestName = names.reduce((widest, name) => Math.max(widest, columns(name)), 0)
  const room = Math.max(narrowest, width - widestName - gap.length)
  return rows
    .map((row, i) => {
      const head = `── row ${i + 1} `
      const lines = row.map(
        (cell, column) => `${align(names[column]!, widestName, false)}${gap}${elide(cell, room)}`,
      )
      return `${head}${'─'.repeat(Math.max(0, width - head.length))}\n${lines.join('\n')}\n`
    })
    .join('')
}

function elide(cell: string, width: number): string {
  if (columns(cell) <= width) return cell
  let kept = ''
  for (const { segment } of graphemes(cell)) {
    if (columns(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

function align(cell: string, width: number, right: boolean): string {
  const padding = ' '.repeat(Math.max(0, width - columns(cell)))
  return right ? padding + cell : cell + padding
}

function oneLine(cell: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal must not obey what a cell holds
  return cell.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}

function graphemes(text: string): Iterable<{ segment: string }> {
  return new Intl.Segmenter().segment(text)
}

/** Terminal columns that a text takes: East Asian wide characters and emoji take two. */
function columns(text: string): number {
  // eslint-disable-next-line no-control-regex -- plain ASCII needs no segmenting
  if (/^[\u0000-\u007e…]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) {
    width +=
      /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u.test(
        segment,
      )
        ? 2
        : 1
  }
  return width
}
