/** A strict reader of the HTML that the page is made of: balanced tags, quoted attributes, no stray angle brackets. */

const voidTags = new Set(['meta', 'br'])
/** Their content is not markup. */
const rawTags = new Set(['style', 'script'])

export interface Element {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
}

export interface Document {
  readonly elements: readonly Element[]
  /** Everything a reader sees, entities decoded. */
  readonly text: string
}

/** Throws with the place of the first fault. */
export function parseStrictly(page: string): Document {
  const elements: Element[] = []
  const open: string[] = []
  let text = ''
  let at = page.startsWith('<!doctype html>') ? '<!doctype html>'.length : fail(page, 0, 'no doctype')
  while (at < page.length) {
    if (page[at] !== '<') {
      const end = page.indexOf('<', at)
      const part = page.slice(at, end < 0 ? undefined : end)
      if (/>|&(?!(amp|lt|gt|quot|#39);)/.test(part)) fail(page, at, 'a stray > or &')
      text += decode(part)
      at += part.length
      continue
    }
    const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][\w:-]*(?:="[^"<>]*")?)*)\s*(\/?)>/y
    tag.lastIndex = at
    const match = tag.exec(page) ?? fail(page, at, 'not a tag')
    at = tag.lastIndex
    const [, closing, name, attributes, selfClosing] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ]
    if (closing === '/') {
      if (open.pop() !== name) fail(page, at, `</${name}> closes another element`)
      continue
    }
    const found = [...attributes.matchAll(/([a-zA-Z][\w:-]*)(?:="([^"]*)")?/g)]
    const map = new Map(found.map(([, key, value]) => [key!, decode(value ?? '')]))
    if (map.size !== found.length) fail(page, at, 'an attribute occurs twice')
    elements.push({ tag: name, attributes: map })
    if (rawTags.has(name)) {
      at = page.indexOf(`</${name}>`, at) + name.length + 3
    } else if (!voidTags.has(name) && selfClosing !== '/') {
      open.push(name)
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`)
  return { elements, text }
}

function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

function fail(page: string, at: number, what: string): never {
  throw new Error(`${what}: …${page.slice(Math.max(0, at - 60), at + 60)}…`)
}
