/** Marks the section that is being read in the page's navigation. */

export function markCurrentSection(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('nav a[href^="#"]')].map((link) => [
      link.hash.slice(1),
      link,
    ]),
  )
  const visible = new Set<string>()
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) visible.add(target.id)
        else visible.delete(target.id)
      }
      // The first of those in view, in the order of the page.
      const current = [...links.keys()].find((id) => visible.has(id))
      if (current === undefined) return
      for (const [id, link] of links) {
        if (id === current) link.setAttribute('aria-current', 'true')
        else link.removeAttribute('aria-current')
      }
    },
    // What stands in the upper part of the window is what is read.
    { rootMargin: '-10% 0px -70% 0px' },
  )
  for (const section of document.querySelectorAll('main > section')) observer.observe(section)
}
