/** Tables of the page: right-aligned numbers, a caption, a scroll box of their own; sortable where script runs. */
import { markup, Markup } from './markup.ts'

interface TableColumn {
  readonly title: string | Markup
  /** Right-aligned, tabular figures. */
  readonly numeric?: boolean
  /** Explains the title in a tooltip. */
  readonly hint?: string
  /** The cells name their row. */
  readonly heads?: boolean
}

/** A cell may sort by another value than its text. */
interface TableCell {
  readonly content: string | Markup
  readonly sort: number | string
  /** In [0, 1]: how dark it is. */
  readonly heat?: number
}

export interface TableOptions {
  readonly caption: string | Markup
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly (string | Markup | TableCell)[])[]
  readonly sortable?: boolean
  /** Formats that the reader's browser offers to save it in, and what the files are called. */
  readonly save?: {
    readonly formats: string
    readonly name: string
    /** motif_id of those whose matrices `meme` saves. */
    readonly motifs?: readonly number[]
  }
  readonly className?: string
}

export function table({
  caption,
  columns,
  rows,
  sortable = true,
  save,
  className = '',
}: TableOptions): Markup {
  const classes = [className, sortable && rows.length > 2 ? 'sortable' : ''].filter((name) => name !== '')
  const style = classes.length === 0 ? undefined : markup` class="${classes.join(' ')}"`
  const saved =
    save === undefined
      ? markup` data-save="tsv"`
      : markup` data-save="${save.formats}" data-name="${save.name}"${save.motifs === undefined ? undefined : markup` data-motifs="${save.motifs.join(' ')}"`}`
  const spoken = caption instanceof Markup ? caption.text.replace(/<[^>]*>/g, '') : undefined
  const label = spoken === undefined ? markup`${caption}` : new Markup(spoken)
  const head = columns.map(({ title, numeric, hint }) => {
    const tooltip = hint === undefined ? undefined : markup` title="${hint}"`
    return markup`<th scope="col"${numberStyle(numeric)}${tooltip}>${title}</th>`
  })
  // Not a <caption>: that would be as narrow as the table and scroll away with it.
  return markup`<p class="caption">${caption}</p>
    <div class="scroll" role="region" tabindex="0" aria-label="${label}">
    <table${style}${saved}>
      <thead><tr>${head}</tr></thead>
      <tbody>
        ${rows.map((row) => markup`<tr>${row.map((cell, i) => tableCell(cell, columns[i]!))}</tr>\n`)}
      </tbody>
    </table>
  </div>`
}

function tableCell(cell: string | Markup | TableCell, { numeric, heads }: TableColumn): Markup {
  const plain = typeof cell === 'string' || cell instanceof Markup
  const content = plain ? cell : cell.content
  const sort = plain ? undefined : markup` data-sort="${cell.sort}"`
  return heads === true
    ? markup`<th scope="row"${numberStyle(numeric)}${sort}>${content}</th>`
    : plain || cell.heat === undefined
      ? markup`<td${numberStyle(numeric)}${sort}>${content}</td>`
      : markup`<td class="number heat" style="--heat:${Math.round(100 * cell.heat)}%"${sort}>${content}</td>`
}

function numberStyle(numeric: boolean | undefined): Markup | undefined {
  return numeric === true ? markup` class="number"` : undefined
}
