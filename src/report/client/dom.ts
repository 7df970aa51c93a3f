/** Elements from the page's own markup, which escapes whatever is put into it. */
import type { Markup } from '../markup.ts'

export function fill(element: Element, content: Markup): void {
  element.innerHTML = content.text
}

/** @returns the one element that the markup is */
export function elementOf(content: Markup): HTMLElement {
  const template = document.createElement('template')
  template.innerHTML = content.text.trim()
  return template.content.firstElementChild as HTMLElement
}

/** @throws Error where the page has no such element: page and script belong together */
export function find(within: ParentNode, selector: string): HTMLElement {
  const found = within.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return found
}

/** @returns a function that runs `work` once it has not been called for a while */
export function debounced(work: () => void, milliseconds: number): () => void {
  let timer = 0
  return () => {
    clearTimeout(timer)
    timer = window.setTimeout(work, milliseconds)
  }
}

/** @returns once the browser has drawn what waits to be drawn */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve)
  })
}
