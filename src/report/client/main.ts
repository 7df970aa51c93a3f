/** What runs in the reader's browser. The page is whole without it. */
import { makeTablesSortable } from './sortableTables.ts'
import { addThemeButton } from './theme.ts'

addThemeButton()
makeTablesSortable()
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})
