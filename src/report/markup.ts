/** HTML that escapes by default: whatever is put into an `markup` template is text, unless it is markup made by another. */

/** Markup that needs no escaping. Only `markup` and `trusted` make it. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insert = string | number | Markup | readonly Insert[] | undefined

/**
 * Tagged template: strings and numbers are escaped, markup and lists of it are kept, undefined is nothing. Its tag is not
 * `html`, which formatters take as leave to move white space. Indentation in the template does not reach the page.
 */
export function markup(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  let text = unindented(parts[0]!)
  for (let i = 0; i < inserts.length; i++) text += toText(inserts[i]) + unindented(parts[i + 1]!)
  return new Markup(text)
}

/** For markup made elsewhere in this program (logos, style, script), never for what a user wrote. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

/** Escapes for element content and for quoted attributes; control characters that HTML forbids become U+FFFD. */
export function escapeText(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- exactly those are meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/'/g, '&#39;')
  )
}

function toText(insert: Insert): string {
  if (insert === undefined) return ''
  if (insert instanceof Markup) return insert.text
  if (typeof insert === 'object') return insert.map(toText).join('')
  return escapeText(String(insert))
}

function unindented(part: string): string {
  return part.replace(/\n\s+/g, '\n')
}
