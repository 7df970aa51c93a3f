/** What a benchmark hands on: tables for people, and all of it as JSON from which the tables can be printed again. */
import { machineLine, type Machine } from './machine.ts'
import type { Spread } from './harness.ts'

export type Cell = string | number | undefined

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** How it was measured: what is a fraction, what was scaled. */
  readonly notes: readonly string[]
}

/** One line of the table of goals. */
export interface Verdict {
  readonly work: string
  readonly measured: string
  readonly goal: string
  /** Undefined where nothing could be measured; `measured` says why. */
  readonly met: boolean | undefined
}

/** What one row of `bench` found. */
export interface Section {
  readonly verdicts: readonly Verdict[]
  readonly tables: readonly Table[]
  /** Numbers behind the tables, for other programs. */
  readonly data: unknown
}

export interface Results {
  readonly format: 'sis bench 1'
  readonly date: string
  readonly machine: Machine
  readonly threads: number
  readonly rounds: number
  /** Smaller workloads, for a look; not for the record. */
  readonly quick: boolean
  readonly sections: Readonly<Record<string, Section>>
  readonly seconds: number
}

/** A note that several tables have stands under the first of them. */
export function toMarkdown(results: Results): string {
  const sections = Object.values(results.sections)
  const verdicts: Table = {
    title: 'Goals',
    columns: ['work', 'measured', 'goal', 'met'],
    rows: sections.flatMap((section) =>
      section.verdicts.map(({ work, measured, goal, met }) => [
        work,
        measured,
        goal,
        met === undefined ? '–' : met ? 'yes' : '**no**',
      ]),
    ),
    notes: [
      `${machineLine(results.machine)}. ${results.threads} threads, ${results.rounds} interleaved rounds, medians (least–largest round); ${results.date.slice(0, 10)}, ${Math.round(results.seconds)} s in all.`,
      ...(results.quick ? ['Measured with --quick: small workloads, not for the record.'] : []),
    ],
  }
  const told = new Set<string>()
  return [verdicts, ...sections.flatMap(({ tables }) => tables)]
    .map((table) => {
      const notes = table.notes.filter((note) => !told.has(note))
      for (const note of notes) told.add(note)
      return tableText({ ...table, notes })
    })
    .join('\n')
}

function tableText({ title, columns, rows, notes }: Table): string {
  const lines = [
    `### ${title}`,
    '',
    row(columns),
    row(columns.map(() => '---')),
    ...rows.map((cells) => row(columns.map((_, i) => cells[i]))),
  ]
  return [...lines, '', ...notes.flatMap((note) => [note, ''])].join('\n')
}

function row(cells: readonly Cell[]): string {
  return `| ${cells.map((cell) => (cell === undefined ? '–' : typeof cell === 'number' ? figure(cell) : cell)).join(' | ')} |`
}

/** Three digits; whole numbers in groups of three. */
export function figure(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  return size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

export function spreadText({ median, min, max }: Spread, unit = ''): string {
  return `${figure(median)}${unit} (${figure(min)}–${figure(max)})`
}

/** Seconds in the unit that reads best. */
export function secondsText(seconds: number): string {
  if (seconds >= 0.1) return `${figure(seconds)} s`
  return seconds >= 1e-4 ? `${figure(seconds * 1e3)} ms` : `${figure(seconds * 1e6)} µs`
}

export function shareText(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`
}
