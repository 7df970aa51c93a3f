/** Tables that a click on a heading sorts: by `data-sort` where a cell has it, else by its text; numbers as numbers. */

export function makeTablesSortable(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) {
    const headings = [...(table.tHead?.rows[0]?.cells ?? [])]
    for (const [column, heading] of headings.entries()) {
      const button = document.createElement('button')
      button.type = 'button'
      button.append(...heading.childNodes)
      heading.append(button)
      button.addEventListener('click', () => {
        const descending = heading.getAttribute('aria-sort') !== 'descending'
        for (const other of headings) other.removeAttribute('aria-sort')
        heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
        const body = table.tBodies[0]
        body?.append(...sortedRows(body, column, descending))
      })
    }
  }
}

function sortedRows(body: HTMLTableSectionElement, column: number, descending: boolean) {
  const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row.cells[column]) }))
  const sign = descending ? -1 : 1
  return keyed
    .sort((a, b) => {
      const order =
        typeof a.key === 'number' && typeof b.key === 'number'
          ? a.key - b.key
          : String(a.key).localeCompare(String(b.key))
      return sign * order
    })
    .map(({ row }) => row)
}

function sortKey(cell: HTMLTableCellElement | undefined): string | number {
  const text = cell?.dataset['sort'] ?? cell?.textContent.trim() ?? ''
  const number = Number(text.replace(/[,\u00a0%]/g, ''))
  return text !== '' && !Number.isNaN(number) ? number : text
}
