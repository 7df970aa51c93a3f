/** Tables of the page: right-aligned numbers, a caption, a scroll box of their own; sortable where script runs. */
import { html, Markup } from './html.ts'

export interface TableColumn {
  readonly title: string | Markup
  /** Right-aligned, tabular figures. */
  readonly numeric?: boolean
  /** Explains the title in a tooltip. */
  readonly hint?: string
  /** The cells name their row. */
  readonly heads?: boolean
}

/** A cell may sort by another value than its text. */
export interface TableCell {
  readonly content: string | Markup
  readonly sort: number | string
}

export interface TableOptions {
  readonly caption: string | Markup
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly (string | Markup | TableCell)[])[]
  readonly sortable?: boolean
}

export function table({ caption, columns, rows, sortable = true }: TableOptions): Markup {
  const name = caption instanceof Markup ? caption.text.replace(/<[^>]*>/g, '') : undefined
  const label = name === undefined ? html`${caption}` : new Markup(name)
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">
<table${sortable && rows.length > 2 ? html` class="sortable"` : undefined}>
<caption>${caption}</caption>
<thead><tr>${columns.map(
    ({ title, numeric, hint }) =>
      html`<th
        scope="col"
        ${numeric === true ? html` class="number"` : undefined}${hint === undefined ? undefined : html` title="${hint}"`}
      >
        ${title}
      </th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr>
      ${row.map((cell, i) => tableCell(cell, columns[i]!))}
    </tr> `,
)}</tbody>
</table>
</div>`
}

function tableCell(cell: string | Markup | TableCell, { numeric, heads }: TableColumn): Markup {
  const plain = typeof cell === 'string' || cell instanceof Markup
  const content = plain ? cell : cell.content
  const sort = plain ? undefined : html` data-sort="${cell.sort}"`
  const style = numeric === true ? html` class="number"` : undefined
  return heads === true
    ? html`<th scope="row" ${style}${sort}>${content}</th>`
    : html`<td${style}${sort}>${content}</td>`
}
