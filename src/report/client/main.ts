/** What runs in the reader's browser. The page is whole without it. */
import { markCurrentSection } from './currentSection.ts'
import { readIndex } from './dataBlocks.ts'
import { startExplorer } from './explorer.ts'
import { openWhatLinksName } from './openTarget.ts'
import { addSaveButtons } from './save.ts'
import { makeTablesSortable } from './sortableTables.ts'
import { addThemeButton } from './theme.ts'

addThemeButton()
makeTablesSortable()
addSaveButtons()
markCurrentSection()
openWhatLinksName()
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})

const index = readIndex()
const host = document.getElementById('explorer-app')
if (index !== undefined && host !== null) {
  startExplorer(index, host).catch((error: unknown) => {
    host.textContent = `This browser cannot show the sequences (${String(error)}); one of 2023 or later can.`
    throw error
  })
}
