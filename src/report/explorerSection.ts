/** The explorer's place on the page, and the columns that the page's script draws it from. */
import { counted } from '../base/format.ts'
import { inScript } from './clientScript.ts'
import { blockNames } from './columns/explorerIndex.ts'
import type { ExplorerData } from './columns/loadExplorer.ts'
import { markup, trusted, type Markup } from './markup.ts'
import type { Section } from './parts.ts'

export function explorerSection({ index }: ExplorerData): Section {
  const { held, whole, genome } = index
  const every = held.sequences === whole.sequences
  return {
    id: 'sequences',
    title: 'All sequences',
    body: markup`<p>
        ${
          every
            ? `The ${counted(whole.sequences, 'sequence')} that have an SIS with bases, ${counted(whole.sis, 'SIS', 'SIS')} in all.`
            : `A sample of ${counted(held.sequences, 'sequence')} with ${counted(held.sis, 'SIS', 'SIS')}, spread evenly over the ${counted(whole.sequences, 'sequence')} (${counted(whole.sis, 'SIS', 'SIS')}) that have one with bases: more would make the page too large. The database has all.`
        }
        Margin: how far f(x) lies on the decision’s side of τ. Bases: of the smallest SIS.
        ${
          index.chromosomes.length > 0 && genome === null
            ? 'No links to genome browsers: which genome it is, is not known (sis report --assembly tells).'
            : undefined
        }
      </p>
      <div id="explorer-app">
        <p class="empty">Filters and the list of sequences need a browser that runs script; all else on the page does not.</p>
      </div>`,
  }
}

/** Inert elements at the end of the page; the browser reads them as text, once. */
export function explorerColumns({ index, blocks }: ExplorerData): Markup {
  const columns = blockNames.map(
    (name) =>
      markup`<script type="application/octet-stream" id="explorer-${name}">${trusted(blocks[name].text)}</script>`,
  )
  return markup`<script type="application/json" id="explorer-index">${trusted(inScript(JSON.stringify(index)))}</script>${columns}`
}
