/** The scorecard in the terminal: one table for each model. */
import { Sheet } from '../../terminal/sheet.ts'
import { count, fixed } from '../../base/format.ts'
import { scorecardOrder } from '../../report/loadScorecard.ts'
import { readRows } from '../../store/tableReader.ts'
import type { Row } from '../../store/tables.ts'
import { tables } from '../../store/tables.ts'
import type { RunContext } from '../record/context.ts'

type CardRow = Row<'scorecard'>

/** Told on stdout. */
export async function showScorecard({ directory, config, stdout }: RunContext): Promise<void> {
  const columns = Object.keys(tables.scorecard.columns) as (keyof CardRow)[]
  const rows = await readRows(directory.path, 'scorecard', columns, { orderBy: scorecardOrder })
  const sheet = Sheet.of(stdout, process.env)
  for (const [id, { name }] of config.models.entries()) {
    const own = rows.filter((row) => row.model_id === id)
    if (own.length > 0) modelTable(sheet, name, own)
  }
  sheet.quiet(
    'enough: how many of its best bases a method needs for the decision, all else masked, as median and quartiles; kept: share of sequences for which as many as the first SIS has are enough; F1 and AP against planted positions; KL: nats to the known motif, of as many bases as the first SIS has, the better strand.',
  )
  stdout.write(sheet.text())
}

function modelTable(sheet: Sheet, model: string, rows: readonly CardRow[]): void {
  const [first] = rows
  const known = rows.some(({ f1 }) => f1 !== null)
  const motif = first!.target_id
  const same = rows.every(({ sequences }) => sequences === first!.sequences)
  sheet.heading(
    `${model}: ${count(first!.sequences)} sequences${motif === null ? '' : `, known motif ${motif}`}`,
  )
  const cell = (value: number | null, digits: number): string => (value === null ? '-' : fixed(value, digits))
  const columns: [name: string, text: (row: CardRow) => string][] = [
    ['method', ({ method }) => method],
    // Some methods may have been asked of fewer sequences.
    ...(same ? [] : [['n', (row: CardRow) => count(row.sequences)] as [string, (row: CardRow) => string]]),
    [
      'enough',
      (row) =>
        `${cell(row.sufficient_median, 0)} (${cell(row.sufficient_q1, 0)} to ${cell(row.sufficient_q3, 0)})`,
    ],
    ['never', ({ never }) => `${fixed(100 * never, 1)} %`],
    ['kept', ({ kept_share }) => `${fixed(100 * kept_share, 1)} %`],
    ['insertion', ({ insertion_area }) => cell(insertion_area, 3)],
    ['deletion', ({ deletion_area }) => cell(deletion_area, 3)],
  ]
  if (known) {
    columns.push(['F1', ({ f1 }) => cell(f1, 3)], ['AP', (row) => cell(row.average_precision, 3)])
  }
  if (motif !== null) columns.push(['KL', (row) => cell(row.divergence_equal_both, 1)])
  columns.push(['ms', ({ seconds }) => cell(seconds === null ? null : 1000 * seconds, 2)])
  const names = columns.map(([name]) => name)
  sheet.table({
    names,
    rows: rows.map((row) => columns.map(([, text]) => text(row))),
    numeric: names.slice(1),
    whole: ['method'],
  })
}
