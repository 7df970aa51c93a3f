/** A page of text as it grows: headings, paragraphs, facts, tables and drawn lines, none wider than the terminal. */
import { formatTable } from './formatTable.ts'
import { paintOf, takesColours, widthOf, type Paint, type Screen } from './palette.ts'
import { fill, harmless, textWidth, wrap } from './textWidth.ts'

export interface SheetTable {
  readonly names: readonly string[]
  /** Cells without colours. */
  readonly rows: readonly (readonly string[])[]
  /** Columns of numbers. */
  readonly numeric?: readonly string[]
  /** Columns whose cells are typed again: they are never cut. */
  readonly whole?: readonly string[]
  readonly paint?: (cell: string, column: string) => string
}

export class Sheet {
  readonly width: number
  readonly paint: Paint
  readonly #cuts: boolean
  readonly #lines: string[] = []

  /** @param cuts whether tables are cut to the width: not where a program reads them */
  constructor(width: number, paint: Paint, cuts = true) {
    this.width = width
    this.paint = paint
    this.#cuts = cuts
  }

  /** For what is written to a stream. */
  static of(stream: Screen, environment: NodeJS.ProcessEnv): Sheet {
    const cuts = stream.isTTY === true || environment['COLUMNS'] !== undefined
    return new Sheet(widthOf(stream, environment), paintOf(takesColours(stream, environment)), cuts)
  }

  heading(text: string): void {
    if (this.#lines.length > 0) this.blank()
    for (const line of wrap(harmless(text), this.width)) this.#lines.push(this.paint('bold', line))
  }

  blank(): void {
    this.#lines.push('')
  }

  /** Wrapped; further lines begin with `indent`. */
  paragraph(text: string, indent = ''): void {
    this.#lines.push(...wrap(harmless(text), this.width, indent))
  }

  quiet(text: string): void {
    for (const line of wrap(harmless(text), this.width)) this.#lines.push(this.paint('dim', line))
  }

  warning(text: string): void {
    for (const line of wrap(harmless(text), this.width)) this.#lines.push(this.paint('yellow', line))
  }

  /** Names and what they are, below each other. */
  facts(facts: readonly (readonly [name: string, text: string])[]): void {
    const widest = facts.reduce((most, [name]) => Math.max(most, textWidth(name)), 0)
    for (const [name, text] of facts) {
      const indent = ' '.repeat(widest + 2)
      // The first line's words stand behind the name, in as much room as the others have.
      const lines = wrap(harmless(text), Math.max(8, this.width - indent.length))
      for (const [i, line] of lines.entries()) {
        this.#lines.push((i === 0 ? this.paint('dim', fill(name, widest + 2)) : indent) + line)
      }
    }
  }

  table({ names, rows, numeric = [], whole = [], paint }: SheetTable): void {
    const text = formatTable(names, rows, {
      numeric: names.map((name) => numeric.includes(name)),
      whole: names.map((name) => whole.includes(name)),
      titled: true,
      width: this.#cuts ? this.width : undefined,
      ...(paint === undefined
        ? {}
        : { paint: (cell: string, column: number) => paint(cell, names[column]!) }),
    })
    this.#lines.push(...text.trimEnd().split('\n'))
  }

  /** A line that is drawn: coloured already, harmless, and fitting. */
  drawn(line: string): void {
    this.#lines.push(line.trimEnd())
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`
  }
}
