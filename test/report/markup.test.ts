/** Whatever is put into a template is text, unless it is markup. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText, markup, trusted } from '../../src/report/markup.ts'

describe('markup', () => {
  it('escapes strings, keeps markup and lists, and drops undefined', () => {
    const items = ['<a>', '&'].map((text) => markup`<li>${text}</li>`)
    expect(markup`<ul title="${'"x"'}">${items}${undefined}${3}</ul>`.text).toBe(
      '<ul title="&quot;x&quot;"><li>&lt;a&gt;</li><li>&amp;</li>3</ul>',
    )
    expect(markup`${trusted('<b>')}`.text).toBe('<b>')
  })

  it('drops its own indentation but not that of what is put in', () => {
    expect(
      markup`<p>
        ${'a\n   b'}
      </p>`.text,
    ).toBe('<p>\na\n   b\n</p>')
  })

  it('leaves no character that ends text or an attribute, and loses none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        const escaped = escapeText(text)
        expect(escaped).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/)
        const back = escaped
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&amp;', '&')
        expect(back).toHaveLength(text.length)
      }),
      { numRuns: 50 },
    )
  })
})
