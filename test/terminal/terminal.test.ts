/** What a terminal shows: colours only where it takes them, lines that fit, text that it does not obey. */
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTable } from '../../src/terminal/formatTable.ts'
import { paintBases, paintOf, takesColours, widthOf } from '../../src/terminal/palette.ts'
import { Sheet } from '../../src/terminal/sheet.ts'
import { elide, harmless, textWidth, wrap } from '../../src/terminal/textWidth.ts'

const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 57 })
const pipe = new PassThrough()

describe('colours', () => {
  it.each([
    [terminal, {}, true],
    [pipe, {}, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [pipe, { FORCE_COLOR: '1' }, true],
    [pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [terminal, { FORCE_COLOR: '0' }, false],
  ])('%#', (stream, environment, expected) => {
    expect(takesColours(stream, environment)).toBe(expected)
  })

  it('are those of logos, and none change the text', () => {
    const painted = paintBases('ACGT-acgtN', paintOf(true))
    expect(painted).toContain('\u001b[32mA\u001b[39m\u001b[94mC\u001b[39m\u001b[33mG\u001b[39m\u001b[31mT')
    expect(stripVTControlCharacters(painted)).toBe('ACGT-acgtN')
    expect(paintBases('ACGT', paintOf(false))).toBe('ACGT')
  })
})

it('a width is that of the terminal, of COLUMNS where there is none, else 100', () => {
  expect(widthOf(terminal, { COLUMNS: '12' })).toBe(57)
  expect(widthOf(pipe, { COLUMNS: '44' })).toBe(44)
  expect(widthOf(pipe, { COLUMNS: 'x' })).toBe(100)
  expect(widthOf(pipe, {})).toBe(100)
  expect(widthOf(pipe, { COLUMNS: '3' })).toBe(20)
})

describe('text', () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 120 })

  it('is cut and wrapped to any width, and wrapping loses nothing but spaces', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 60 }), (given, width) => {
        const text = harmless(given)
        expect(textWidth(elide(text, width))).toBeLessThanOrEqual(width)
        const lines = wrap(text, width, '  ')
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Math.max(width, 2))
        expect(lines.join('').replace(/ /g, '')).toBe(text.replace(/ /g, ''))
      }),
      { seed: 5 },
    )
  })

  it('has nothing that a terminal obeys', () => {
    const hostile = 'a\u001b[31mred\u001b]0;title\u0007\r\n\u009b2J\u202eb'
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(harmless(hostile)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(harmless('β-globin 配列')).toBe('β-globin 配列')
  })
})

describe('a table', () => {
  const rows = [
    ['/a/very/long/path/that/is/typed/again', 'some title that may be cut', '12'],
    ['', '▁▂▃', ''],
  ]
  const names = ['run', 'title', 'SIS']

  it('cuts no column that is typed again, and falls into lines where it cannot', () => {
    const layout = { numeric: [false, false, true], whole: [true, false, false], titled: true }
    const wide = formatTable(names, rows, { ...layout, width: 60 })
    expect(wide.split('\n')[2]).toBe('/a/very/long/path/that/is/typed/again  some title that…   12')
    expect(formatTable(names, rows, { ...layout, width: 40 })).toBe(
      [
        `── ${rows[0]![0]!.slice(0, 35)}… `,
        'title  some title that may be cut',
        'SIS    12',
        '       ▁▂▃',
        '',
      ].join('\n'),
    )
  })
})

it('a sheet for a pipe cuts no table', () => {
  const long = 'x'.repeat(150)
  const cells = { names: ['a', 'b'], rows: [[long, long]] }
  const piped = Sheet.of(pipe, {})
  piped.table(cells)
  expect(piped.text()).toContain(`${long}  ${long}`)
  const shown = Sheet.of(terminal, {})
  shown.table(cells)
  for (const line of shown.text().split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(57)
})
