/**
 * A list of any length of which only the rows in view are elements. One stop of the Tab key: arrows, Page Up and Down,
 * Home and End choose a row, Enter opens it; headings with a key sort.
 */
import { markup, type Markup } from '../markup.ts'
import { elementOf, fill, find } from './dom.ts'

export interface ListColumn {
  readonly title: string
  /** Sorts by it. */
  readonly key?: string
  /** Class of its cells. */
  readonly style?: string
}

export interface ListOptions {
  readonly id: string
  readonly label: string
  readonly columns: readonly ListColumn[]
  /** Cells of the item in this place, one a column. */
  cells(place: number): readonly (Markup | string)[]
  /** A row was chosen. */
  onChoose(place: number): void
  /** Enter, or a click on the row that is chosen. */
  onOpen(): void
  onSort?(key: string): void
}

export interface VirtualList {
  readonly element: HTMLElement
  /** Shows items anew; keeps the place of scrolling unless told otherwise. */
  show(count: number, chosen: number): void
  /** Chooses without telling. */
  choose(place: number): void
  /** Marks the column that is sorted by. */
  sortedBy(key: string, descending: boolean): void
  scrollTo(place: number): void
  focus(): void
}

/** Pixels; as `.list-row` of the style sheet. */
const rowHeight = 36
/** Rows drawn above and below what is seen, so that a short scroll shows no gap. */
const spare = 6

export function createVirtualList(options: ListOptions): VirtualList {
  const { id, label, columns } = options
  const element = elementOf(
    markup`<div class="list" id="${id}" role="grid" tabindex="0" aria-label="${label}">
      <div class="list-head" role="rowgroup">
        <div class="list-row" role="row" aria-rowindex="1">
          ${columns.map(
            ({ title, key, style }) =>
              markup`<span role="columnheader" class="${style ?? ''}" data-key="${key ?? ''}">${
                key === undefined ? title : markup`<button type="button" tabindex="-1">${title}</button>`
              }</span>`,
          )}
        </div>
      </div>
      <div class="list-scroll" role="rowgroup" tabindex="-1"><div class="list-space"></div></div>
    </div>`,
  )
  const scroller = find(element, '.list-scroll')
  const space = find(element, '.list-space')
  const heads = [...element.querySelectorAll<HTMLElement>('[role=columnheader]')]
  let count = 0
  let chosen = -1
  let drawnFrom = -1
  let drawnTo = -1
  /** Rows that are elements, by place. Where they lie is a matter of style, not of order. */
  const drawn = new Map<number, Element>()
  let waiting = false

  function draw(): void {
    waiting = false
    const seen = Math.ceil(scroller.clientHeight / rowHeight)
    const top = Math.floor(scroller.scrollTop / rowHeight)
    const from = Math.max(0, top - spare)
    const to = Math.min(count, top + seen + spare)
    if (from === drawnFrom && to === drawnTo) return
    drawnFrom = from
    drawnTo = to
    for (const [place, row] of drawn) {
      if (place >= from && place < to) continue
      row.remove()
      drawn.delete(place)
    }
    const missing: number[] = []
    for (let place = from; place < to; place++) if (!drawn.has(place)) missing.push(place)
    const template = document.createElement('template')
    fill(template, markup`${missing.map(rowOf)}`)
    for (const [i, row] of [...template.content.children].entries()) drawn.set(missing[i]!, row)
    space.append(template.content)
  }

  function rowOf(place: number): Markup {
    const cells = options.cells(place)
    return markup`<div class="list-row" role="row" id="${id}-${place}" aria-rowindex="${place + 2}" aria-selected="${String(place === chosen)}" style="top: ${place * rowHeight}px">${cells.map(
      (cell, i) => markup`<span role="gridcell" class="${columns[i]!.style ?? ''}">${cell}</span>`,
    )}</div>`
  }

  function drawSoon(): void {
    if (waiting) return
    waiting = true
    requestAnimationFrame(draw)
  }

  function choose(place: number): void {
    drawn.get(chosen)?.setAttribute('aria-selected', 'false')
    chosen = place
    drawn.get(place)?.setAttribute('aria-selected', 'true')
    if (place >= 0) element.setAttribute('aria-activedescendant', `${id}-${place}`)
    else element.removeAttribute('aria-activedescendant')
  }

  function bringIntoView(place: number): void {
    const top = place * rowHeight
    const { scrollTop, clientHeight } = scroller
    if (top < scrollTop) scroller.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight) scroller.scrollTop = top + rowHeight - clientHeight
    draw()
  }

  function step(place: number): void {
    if (count === 0) return
    const next = Math.max(0, Math.min(count - 1, place))
    bringIntoView(next)
    choose(next)
    options.onChoose(next)
  }

  scroller.addEventListener('scroll', drawSoon, { passive: true })
  new ResizeObserver(drawSoon).observe(scroller)
  scroller.addEventListener('click', ({ target, clientY }) => {
    if ((target as Element).closest('a, button') !== null) return
    // By where it was: leaving a field that filters may have drawn the rows anew under the pointer.
    const place = Math.floor(
      (clientY - scroller.getBoundingClientRect().top + scroller.scrollTop) / rowHeight,
    )
    if (place >= count) return
    const again = place === chosen
    step(place)
    if (again) options.onOpen()
  })
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || (event.target as Element).closest('button, a'))
      return
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: count - 1,
    }
    const to = steps[event.key]
    if (to !== undefined) step(to)
    else if (event.key === 'Enter' && chosen >= 0) options.onOpen()
    else return
    event.preventDefault()
  })
  for (const head of heads) {
    const button = head.querySelector('button')
    if (button === null) continue
    button.tabIndex = 0
    button.addEventListener('click', () => options.onSort?.(head.dataset['key']!))
  }

  return {
    element,
    show(items, place) {
      count = items
      element.setAttribute('aria-rowcount', String(items + 1))
      space.style.height = `${items * rowHeight}px`
      drawnFrom = -1
      drawn.clear()
      space.replaceChildren()
      choose(place)
      draw()
    },
    choose,
    sortedBy(key, descending) {
      for (const head of heads) {
        if (head.dataset['key'] === key)
          head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
        else head.removeAttribute('aria-sort')
      }
    },
    scrollTo: bringIntoView,
    focus: () => element.focus(),
  }
}
