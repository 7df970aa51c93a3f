/** A link to what lies in a closed part of the page opens it. */

/** Also at the start, where the page's address names a place. */
export function openWhatLinksName(): void {
  openTarget()
  addEventListener('hashchange', openTarget)
}

function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1))
  const closed = target?.closest<HTMLDetailsElement>('details:not([open])')
  if (target === null || closed == null) return
  closed.open = true
  target.scrollIntoView()
}
