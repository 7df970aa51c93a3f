/** The page's script: sorts tables by a click on a heading and switches the theme. The page is whole without it. */

export const script = `
(() => {
  'use strict'
  const root = document.documentElement
  const theme = document.createElement('button')
  theme.type = 'button'
  theme.className = 'theme'
  theme.textContent = 'Light / dark'
  theme.addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
    root.dataset.theme = dark ? 'light' : 'dark'
  })
  document.querySelector('header').append(theme)

  const valueOf = (row, column) => {
    const cell = row.cells[column]
    const text = cell.dataset.sort ?? cell.textContent.trim()
    const number = Number(text.replace(/[,\\u00a0%]/g, ''))
    return text !== '' && !Number.isNaN(number) ? number : text
  }
  for (const table of document.querySelectorAll('table.sortable')) {
    const headings = [...table.tHead.rows[0].cells]
    headings.forEach((heading, column) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.append(...heading.childNodes)
      heading.append(button)
      button.addEventListener('click', () => {
        const down = heading.getAttribute('aria-sort') !== 'descending'
        for (const other of headings) other.removeAttribute('aria-sort')
        heading.setAttribute('aria-sort', down ? 'descending' : 'ascending')
        const body = table.tBodies[0]
        const rows = [...body.rows].sort((a, b) => {
          const x = valueOf(a, column)
          const y = valueOf(b, column)
          const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y))
          return down ? -order : order
        })
        body.append(...rows)
      })
    })
  }
  for (const details of document.querySelectorAll('details')) {
    addEventListener('beforeprint', () => { details.open = true })
  }
})()
`
