/** The explorer: filters that the whole page is linked to, lists of sequences and of a motif's sites, details, files. */
import { count, counted, percent } from '../../base/format.ts'
import type { ExplorerIndex } from '../columns/explorerIndex.ts'
import { markup, type Markup } from '../markup.ts'
import { motifName } from '../motifName.ts'
import { addressOf, changed, firstSort, viewOf, type View } from './address.ts'
import { loadBlock } from './dataBlocks.ts'
import { elementOf, fill, find, nextTask } from './dom.ts'
import { copyText, downloadText } from './download.ts'
import { readColumns } from './explorerData.ts'
import { createFilterBar } from './filterBar.ts'
import { connectFilterLinks } from './filterLinks.ts'
import { partsOfMotif, selectRows, type Filters, type Selection } from './filters.ts'
import { detailsOf, readDetails, siteLetters, type DetailColumns } from './rowDetails.ts'
import { rowColumns, siteCells, siteColumns } from './rowList.ts'
import { selectionBed, selectionFasta, selectionTsv } from './selectionFiles.ts'
import { readLetters } from './sequenceLetters.ts'
import { RowOrders, rowKeys, sortedBy, type SortOrder } from './sorting.ts'
import { createVirtualList } from './virtualList.ts'

/** Motifs of the selection that are listed. */
const motifsListed = 14

export async function startExplorer(index: ExplorerIndex, host: HTMLElement): Promise<void> {
  const columns = readColumns(index, await loadBlock(index, 'core'))
  const { rows, sequences, sis, parts } = columns
  const orders = new RowOrders(columns)
  await nextTask()
  orders.sorted(new Uint32Array(0), firstSort)
  await nextTask()

  let filters: Filters = {}
  let sort: SortOrder = firstSort
  let selection: Selection = selectRows(columns, filters)
  let shownRows: Uint32Array = new Uint32Array(0)
  let shownSites: Uint32Array = new Uint32Array(0)
  let sitesSorted = false
  let openRow = -1
  let details: DetailColumns | undefined

  const section = host.closest('section') ?? host
  const bar = createFilterBar(
    index,
    rows.label.some((label) => label !== 2),
    setFilters,
  )
  const links = connectFilterLinks(
    index,
    () => filters,
    (next, jump) => {
      bar.set(next)
      setFilters(next)
      if (jump) showSequences()
    },
  )
  const shown = rowColumns(columns)
  const list = createVirtualList({
    id: 'sequence-list',
    label: 'Sequences of the selection; Enter shows details',
    columns: shown,
    cells: (place) => shown.map(({ cell }) => cell(columns, shownRows[place]!)),
    onChoose: (place) => openSoon(shownRows[place]!),
    onOpen: focusDetails,
    onSort(key) {
      const known = rowKeys.find((name) => name === key)
      if (known === undefined) return
      sort = {
        key: known,
        descending: sort.key === known ? !sort.descending : known !== 'name' && known !== 'position',
      }
      showRows(true)
      writeAddress()
    },
  })
  const sites = createVirtualList({
    id: 'site-list',
    label: 'Sites of the motif by their score; Enter shows details',
    columns: siteColumns,
    cells: (place) =>
      siteCells(
        columns,
        shownSites[place]!,
        shownSites.length < 2 ? 1 : 1 - place / (shownSites.length - 1),
        details === undefined ? '' : siteLetters(columns, details.letters, shownSites[place]!),
      ),
    onChoose: (place) => openSoon(sis.row[parts.sis[shownSites[place]!]!]!),
    onOpen: focusDetails,
  })
  const app = elementOf(
    markup`<div class="explorer">
      <p class="counts" role="status" aria-live="polite"></p>
      <div class="in-selection" aria-label="Motifs of the selection" role="group"></div>
      <p class="files" role="group" aria-label="The selection as a file">
        <button type="button" data-file="tsv">TSV of SIS</button>
        <button type="button" data-file="bed">BED of sites</button>
        <button type="button" data-file="fasta">FASTA of sequences</button>
        <button type="button" data-file="copy">Copy TSV</button>
        <button type="button" data-file="link">Copy link to this view</button>
        <span class="told quiet" role="status"></span>
      </p>
      <div class="lists">
        <div class="list-pane">
          <div class="tabs" role="tablist" aria-label="Lists">
            <button type="button" role="tab" id="tab-sequences" aria-controls="sequence-list" aria-selected="true">
              Sequences
            </button>
            <button type="button" role="tab" id="tab-sites" aria-controls="site-list" aria-selected="false" tabindex="-1" hidden>
              Sites
            </button>
            <label class="quantile" hidden>
              from quantile
              <input type="number" min="0" max="1" step="0.1" value="1" aria-label="Show sites from this quantile of their score" />
            </label>
          </div>
        </div>
        <div class="details" role="region" aria-label="Details of the sequence" tabindex="-1">
          <p class="empty">Choose a sequence to see its bases.</p>
        </div>
      </div>
      <div class="filter-note" role="group" aria-label="Filters that are set" hidden>
        <span></span> <button type="button" data-note="show">Show sequences</button>
        <button type="button" data-note="clear">Clear filters</button>
      </div>
    </div>`,
  )
  app.prepend(bar.element)
  find(app, '.list-pane').append(list.element, sites.element)
  const detailPane = find(app, '.details')
  const tabSequences = find(app, '#tab-sequences')
  const tabSites = find(app, '#tab-sites')
  const quantile = find(app, '.quantile')
  const told = find(app, '.told')
  const note = find(app, '.filter-note')
  host.replaceChildren(app)

  async function loadDetails(): Promise<DetailColumns> {
    if (details !== undefined) return details
    const [bases, positions, truth, curves] = await Promise.all([
      loadBlock(index, 'bases'),
      loadBlock(index, 'positions'),
      loadBlock(index, 'truth'),
      loadBlock(index, 'curves'),
    ])
    details ??= readDetails(columns, readLetters(sequences, bases), positions, truth, curves)
    return details
  }

  function setFilters(next: Filters): void {
    filters = next
    selection = selectRows(columns, filters)
    showSelection()
    writeAddress()
  }

  function showSelection(): void {
    const { sequenceCount, sisCount, falsePositives } = selection
    fill(
      find(app, '.counts'),
      markup`${counted(sequenceCount, 'sequence')}, ${counted(sisCount, 'SIS', 'SIS')}${
        isFiltered() ? ` (of ${count(index.held.sequences)} and ${count(index.held.sis)})` : ''
      }${falsePositives === 0 ? '' : `; ${counted(falsePositives, 'false positive')} among them`}.`,
    )
    fill(find(app, '.in-selection'), motifsInSelection())
    links.show(filters, selection)
    for (const button of app.querySelectorAll<HTMLElement>('.in-selection button')) {
      button.addEventListener('click', () => {
        const motif = Number(button.dataset['place'])
        const next = changed(filters, { motif: filters.motif === motif ? undefined : motif, set: undefined })
        bar.set(next)
        setFilters(next)
        // The buttons are new ones.
        app.querySelector<HTMLElement>(`.in-selection [data-place="${motif}"]`)?.focus()
      })
    }
    showRows(true)
    showSites()
    showNote()
  }

  function isFiltered(): boolean {
    return Object.keys(filters).length > 0
  }

  function motifsInSelection(): Markup {
    const found = index.motifs
      .map((motif, place) => ({ motif, place, has: selection.sisOfMotif[place]! }))
      .filter(({ motif, has, place }) => (motif.model >= 0 || place === filters.motif) && has > 0)
      .sort((a, b) => b.has - a.has)
      .slice(0, motifsListed)
    return markup`${found.map(
      ({ motif, place, has }) =>
        markup`<button type="button" data-place="${place}" aria-pressed="${String(place === filters.motif)}">
          ${motifName(motif)} ${index.models.length > 1 && motif.model >= 0 ? markup`<span class="quiet">${index.models[motif.model]!.name}</span> ` : undefined}${count(has)} SIS
          <span class="quiet">(${percent(has, selection.sisCount)})</span>
        </button> `,
    )}`
  }

  function showRows(fromTop: boolean): void {
    shownRows = orders.sorted(selection.rows, sort)
    list.sortedBy(sort.key, sort.descending)
    list.show(shownRows.length, openRow < 0 ? -1 : shownRows.indexOf(openRow))
    if (fromTop) list.scrollTo(0)
  }

  function showSites(): void {
    const { motif } = filters
    tabSites.hidden = motif === undefined
    if (motif === undefined) {
      shownSites = new Uint32Array(0)
      chooseTab(tabSequences)
      return
    }
    shownSites = partsOfMotif(columns, selection, motif)
    sitesSorted = false
    tabSites.textContent = `Sites of ${index.motifs[motif]!.label} (${count(shownSites.length)})`
    if (!sites.element.hidden) sortSites()
  }

  /** Only where they are looked at: it takes longer than all else that a filter does. */
  function sortSites(): void {
    if (!sitesSorted) {
      const scores = new Float64Array(shownSites.length)
      for (let i = 0; i < scores.length; i++) scores[i] = parts.siteScore[shownSites[i]!]!
      shownSites = sortedBy(shownSites, scores, true)
      sitesSorted = true
    }
    sites.show(shownSites.length, -1)
    sites.scrollTo(0)
  }

  function chooseTab(tab: HTMLElement): void {
    const isSites = tab === tabSites
    for (const one of [tabSequences, tabSites]) {
      one.setAttribute('aria-selected', String(one === tab))
      one.tabIndex = one === tab ? 0 : -1
    }
    list.element.hidden = isSites
    sites.element.hidden = !isSites
    quantile.hidden = !isSites
    if (!isSites) return
    void loadDetails().then(sortSites)
  }

  let opening = false
  function openSoon(row: number): void {
    openRow = row
    if (opening) return
    opening = true
    requestAnimationFrame(() => {
      opening = false
      void showDetails()
      writeAddress()
    })
  }

  async function showDetails(): Promise<void> {
    const loaded = await loadDetails()
    if (openRow >= 0) fill(detailPane, detailsOf(columns, loaded, openRow))
  }

  function focusDetails(): void {
    void showDetails().then(() => detailPane.querySelector('h4')?.focus())
  }

  function showSequences(): void {
    section.scrollIntoView()
    list.focus()
  }

  function showNote(): void {
    note.hidden = !isFiltered()
    const { sequenceCount, sisCount } = selection
    fill(find(note, 'span'), markup`Filtered: ${counted(sequenceCount, 'sequence')}, ${count(sisCount)} SIS.`)
  }

  function view(): View {
    if (openRow < 0) return { filters, sort }
    return {
      filters,
      sort,
      open: { name: sequences.name[rows.sequence[openRow]!]!, model: rows.model[openRow]! },
    }
  }

  function writeAddress(): void {
    const address = addressOf(view(), index)
    history.replaceState(null, '', address === '' ? location.pathname + location.search : address)
  }

  /** @returns whether the address is of a view */
  function readAddress(): boolean {
    const next = viewOf(location.hash, index)
    if (next === undefined) return false
    ;({ filters, sort } = next)
    const { open } = next
    openRow = -1
    if (open !== undefined) {
      const sequence = sequences.name.indexOf(open.name)
      openRow = rows.sequence.findIndex((own, row) => own === sequence && rows.model[row] === open.model)
    }
    bar.set(filters)
    selection = selectRows(columns, filters)
    showSelection()
    if (openRow >= 0) {
      list.scrollTo(Math.max(0, shownRows.indexOf(openRow)))
      void showDetails()
    }
    section.scrollIntoView()
    return true
  }

  async function giveFile(kind: string): Promise<void> {
    const chosen = { rows: shownRows, selection }
    if (kind === 'link') {
      told.textContent = (await copyText(location.href))
        ? 'Copied.'
        : 'The browser forbids copying; copy the address instead.'
      return
    }
    if (kind === 'bed') return downloadText('selection.bed', selectionBed(columns, chosen))
    const loaded = await loadDetails()
    if (kind === 'fasta') return downloadText('selection.fa', selectionFasta(columns, loaded, chosen))
    const lines = selectionTsv(columns, loaded, chosen)
    if (kind === 'tsv') return downloadText('selection.tsv', lines)
    told.textContent = (await copyText(lines.join('')))
      ? `Copied ${counted(lines.length - 1, 'SIS', 'SIS')}.`
      : 'The browser forbids copying; use the file instead.'
  }

  for (const button of app.querySelectorAll<HTMLElement>('[data-file]')) {
    button.addEventListener('click', () => {
      told.textContent = ''
      void giveFile(button.dataset['file']!)
    })
  }
  for (const tab of [tabSequences, tabSites]) {
    tab.addEventListener('click', () => chooseTab(tab))
    tab.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return
      const other = tab === tabSites || tabSites.hidden ? tabSequences : tabSites
      chooseTab(other)
      other.focus()
    })
  }
  find(quantile, 'input').addEventListener('input', ({ target }) => {
    const from = Math.max(0, Math.min(1, Number((target as HTMLInputElement).value)))
    const place = Math.round((1 - from) * (shownSites.length - 1))
    // To the end first, so that the place comes to the top.
    sites.scrollTo(shownSites.length - 1)
    sites.scrollTo(Math.max(0, place))
  })
  detailPane.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') (list.element.hidden ? sites : list).focus()
  })
  find(note, '[data-note=show]').addEventListener('click', showSequences)
  find(note, '[data-note=clear]').addEventListener('click', () => {
    bar.set({})
    setFilters({})
  })
  // Where the reader sees the filters themselves, the note says nothing new.
  new IntersectionObserver(([seen]) => {
    note.classList.toggle('seen', seen?.isIntersecting === true)
  }).observe(app.querySelector('.lists') ?? app)
  addEventListener('hashchange', () => readAddress())

  chooseTab(tabSequences)
  if (!readAddress()) showSelection()
  document.documentElement.dataset['explorer'] = 'ready'
}
