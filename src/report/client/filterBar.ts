/** The controls that set the filters. */
import { counted } from '../../base/format.ts'
import type { ExplorerIndex } from '../columns/explorerIndex.ts'
import { markup, type Markup } from '../markup.ts'
import { changed } from './address.ts'
import { debounced, elementOf, find } from './dom.ts'
import { labelFilters, type Filters, type LabelFilter } from './filters.ts'

export interface FilterBar {
  readonly element: HTMLElement
  /** Shows filters that were set elsewhere. */
  set(filters: Filters): void
}

/** Sets of a model that can be chosen here: the most frequent; a model has thousands. */
const setsOffered = 100

/** What is chosen from a list, and under which word. */
const selects = ['model', 'motif', 'set', 'split', 'chrom', 'subsets'] as const

/** @param labelled whether any sequence has a label */
export function createFilterBar(
  index: ExplorerIndex,
  labelled: boolean,
  onChange: (filters: Filters) => void,
): FilterBar {
  const { models, motifs, splits, chromosomes } = index
  const element = elementOf(
    markup`<form class="filters" role="search" aria-label="Filter the page">
      ${models.length < 2 ? undefined : choice('model', 'Model', 'all', options(models.map(({ name }) => name)))}
      ${motifs.length === 0 ? undefined : choice('motif', 'Motif', 'any', motifOptions(index))}
      ${index.sets.length === 0 ? undefined : choice('set', 'Motif set', 'any', setOptions(index))}
      ${choice('split', 'Split', 'all', options(splits))}
      ${chromosomes.length === 0 ? undefined : choice('chrom', 'Chromosome', 'all', options(chromosomes))}
      ${labelled ? choice('label', 'Label', 'any', labelOptions()) : undefined}
      ${choice(
        'subsets',
        'SIS of a sequence',
        'any number',
        [2, 3, 4, 5].map((n) => markup`<option value="${n}">${n} or more</option>`),
      )}
      <fieldset>
        <legend>Score f(x)</legend>
        <input type="number" name="scoreFrom" step="any" aria-label="Score from" placeholder="from" />
        <input type="number" name="scoreTo" step="any" aria-label="Score to" placeholder="to" />
      </fieldset>
      <label>
        <span>Sequence name</span>
        <input type="search" name="name" autocomplete="off" spellcheck="false" placeholder="holds …" />
      </label>
      <button type="button" name="clear">Clear filters</button>
    </form>`,
  )
  let filters: Filters = {}
  const control = (name: string) =>
    element.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`)
  const read = (): void => {
    const text = (name: string): string => control(name)?.value.trim() ?? ''
    const number = (name: string): number | undefined => {
      const value = text(name)
      return value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value)
    }
    const label = text('label')
    const next = changed(
      {},
      {
        ...Object.fromEntries(selects.map((name) => [name, number(name)])),
        label: labelFilters.find((one) => one === label),
        scoreFrom: number('scoreFrom'),
        scoreTo: number('scoreTo'),
        name: text('name') === '' ? undefined : text('name'),
      },
    )
    // Leaving a field tells of the change a second time.
    if (JSON.stringify(next) === JSON.stringify(changed({}, filters))) return
    filters = next
    onChange(filters)
  }
  const readSoon = debounced(read, 150)
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    read()
  })
  element.addEventListener('change', read)
  element.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement) readSoon()
  })
  find(element, '[name=clear]').addEventListener('click', () => {
    bar.set({})
    onChange({})
  })
  const bar: FilterBar = {
    element,
    set(next) {
      filters = next
      for (const name of [...selects, 'label', 'scoreFrom', 'scoreTo', 'name'] as const) {
        const value = String(filters[name] ?? '')
        const own = control(name)
        if (own === null) continue
        if (name === 'set' && filters.set !== undefined)
          offerSet(own as HTMLSelectElement, index, filters.set)
        own.value = value
      }
    },
  }
  return bar
}

function choice(name: string, title: string, all: string, list: readonly Markup[]): Markup {
  return markup`<label>
    <span>${title}</span>
    <select name="${name}">
      <option value="">${all}</option>
      ${list}
    </select>
  </label>`
}

function options(names: readonly string[]): Markup[] {
  return names.map((name, i) => markup`<option value="${i}">${name}</option>`)
}

/** In groups by model. */
function motifOptions({ models, motifs }: ExplorerIndex): Markup[] {
  const groups = [...models.keys(), -1].map((model) => ({
    title: model < 0 ? 'joint' : models[model]!.name,
    own: motifs.flatMap((motif, i) => (motif.model === model ? [{ motif, i }] : [])),
  }))
  return groups
    .filter(({ own }) => own.length > 0)
    .map(
      ({ title, own }) =>
        markup`<optgroup label="${title}">
          ${own.map(({ motif, i }) => markup`<option value="${i}">${motif.label === motif.name || motif.label.endsWith(`(${motif.name})`) ? motif.label : `${motif.label} (${motif.name})`}</option>`)}
        </optgroup>`,
    )
}

function setOptions({ models, sets }: ExplorerIndex): Markup[] {
  return models.map(({ name }, model) => {
    const own = sets.flatMap((set, i) => (set.model === model ? [{ set, i }] : []))
    const more = own.length - setsOffered
    return markup`<optgroup label="${name}${more > 0 ? `, without ${counted(more, 'rarer set')}` : ''}">
      ${own.slice(0, setsOffered).map(({ set, i }) => markup`<option value="${i}">${setLabel(set.label)}</option>`)}
    </optgroup>`
  })
}

function setLabel(label: string): string {
  return label === '' ? 'no part in a motif' : label
}

/** A set of an address that is rare gets an option of its own. */
function offerSet(select: HTMLSelectElement, { sets }: ExplorerIndex, set: number): void {
  if ([...select.options].some(({ value }) => value === String(set))) return
  const option = document.createElement('option')
  option.value = String(set)
  option.textContent = setLabel(sets[set]!.label)
  select.append(option)
}

const labelTitles: Readonly<Record<LabelFilter, string>> = {
  positive: 'positive',
  negative: 'negative',
  unlabelled: 'none',
  false: 'false positives of the model',
}

function labelOptions(): Markup[] {
  return labelFilters.map((name) => markup`<option value="${name}">${labelTitles[name]}</option>`)
}
