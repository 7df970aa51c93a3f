/**
 * Elements anywhere on the page that filter it. The protocol for who draws them:
 *
 * - `data-filter-motif="ID"`, `data-filter-model="ID"` (either or both; ids of the database): a click sets these filters,
 *   and takes them away where they are set already. On a `<button>` or a link-like element of its own that is all; any
 *   other element (a row of a table, a cell of a map) can be clicked anywhere but on its links and buttons, and is
 *   made a button for the keyboard: itself where it is a cell or a drawing (`td`, `g`), else its first `[data-filter-here]`.
 * - `data-count-motif="ID"`: gets the number of selected SIS with that motif while a filter is set, and is emptied after.
 *
 * Elements that the filters name get `aria-pressed="true"` (where they are buttons) and the class `filtered`; those whose
 * motif no selected SIS has get the class `filtered-out`.
 */
import { counted } from '../../base/format.ts'
import type { ExplorerIndex } from '../columns/explorerIndex.ts'
import { changed } from './address.ts'
import type { Filters, Selection } from './filters.ts'

export interface FilterLinks {
  /** Marks the elements that these filters name. */
  show(filters: Filters, selection: Selection): void
}

/** @param onFilter with the filters that a click leaves; `jump`: the reader wants to see the sequences */
export function connectFilterLinks(
  index: ExplorerIndex,
  current: () => Filters,
  onFilter: (filters: Filters, jump: boolean) => void,
): FilterLinks {
  const places = (ids: readonly number[]): ReadonlyMap<string, number> =>
    new Map(ids.map((id, place) => [String(id), place]))
  const motifAt = places(index.motifs.map(({ motifId }) => motifId))
  const modelAt = places(index.models.map(({ modelId }) => modelId))
  const elements = [
    ...document.querySelectorAll<HTMLElement | SVGElement>('[data-filter-motif], [data-filter-model]'),
  ]
  const counters = [...document.querySelectorAll<HTMLElement>('[data-count-motif]')]

  const wanted = ({ dataset }: HTMLElement | SVGElement): Pick<Filters, 'motif' | 'model'> =>
    changed(
      {},
      {
        motif: motifAt.get(dataset['filterMotif'] ?? ''),
        model: modelAt.get(dataset['filterModel'] ?? ''),
      },
    )
  const isSet = (element: HTMLElement | SVGElement, filters: Filters): boolean => {
    const own = wanted(element)
    const keys = Object.keys(own) as (keyof typeof own)[]
    return keys.length > 0 && keys.every((key) => own[key] === filters[key])
  }
  const use = (element: HTMLElement | SVGElement): void => {
    const own = wanted(element)
    if (Object.keys(own).length === 0) return
    const set = isSet(element, current())
    // A set is of one model and may not have the motif.
    const next = set ? { motif: undefined, model: undefined } : { set: undefined, model: undefined, ...own }
    onFilter(changed(current(), next), !set && element.dataset['filterJump'] !== undefined)
  }

  for (const element of elements) {
    element.classList.add('filters-page')
    const button = buttonOf(element)
    if (button !== undefined && button.tagName !== 'BUTTON') {
      button.setAttribute('role', 'button')
      button.setAttribute('tabindex', '0')
      button.addEventListener('keydown', (event) => {
        const { key } = event as KeyboardEvent
        if (key !== 'Enter' && key !== ' ') return
        event.preventDefault()
        use(element)
      })
    }
    element.addEventListener('click', ({ target }) => {
      const inner = (target as Element).closest('a, button, summary, input')
      if (inner === null || inner === element || inner === button) use(element)
    })
  }
  return {
    show(filters, { sisOfMotif }) {
      const any = Object.keys(filters).length > 0
      for (const element of elements) {
        const set = isSet(element, filters)
        element.classList.toggle('filtered', set)
        buttonOf(element)?.setAttribute('aria-pressed', String(set))
        const motif = motifAt.get(element.dataset['filterMotif'] ?? '')
        element.classList.toggle('filtered-out', any && motif !== undefined && sisOfMotif[motif] === 0)
      }
      for (const counter of counters) {
        const motif = motifAt.get(counter.dataset['countMotif'] ?? '')
        counter.textContent =
          any && motif !== undefined ? `${counted(sisOfMotif[motif]!, 'SIS', 'SIS')} selected` : ''
      }
    },
  }
}

function buttonOf(element: Element): Element | undefined {
  if (element.tagName === 'BUTTON' || /^(td|g|rect|path)$/i.test(element.tagName)) return element
  return element.querySelector('[data-filter-here]') ?? undefined
}
