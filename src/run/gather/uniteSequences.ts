/** The sequences of several runs as one set: the same letters are one sequence, whatever it is called in each. */
import { createHash } from 'node:crypto'
import type { Row } from '../../store/tables.ts'

type SequenceRow = Row<'sequences'>

/** The sequences of one run, in their order. */
export interface SequencesOfRun {
  /** Names of the labels of each row, in order. */
  readonly labelNames: readonly string[]
  readonly rows: AsyncIterable<SequenceRow> | Iterable<SequenceRow>
}

export interface UnitedSequences {
  /** Numbered anew: those of the first run, then those that each other run adds. */
  readonly rows: readonly SequenceRow[]
  /** Of each run: the new id of each of its sequences. */
  readonly idsOf: readonly ReadonlyMap<number, number>[]
  /** Sequences that more than one run has. */
  readonly shared: number
  /** Of them, those that runs label otherwise; their labels are unknown here. */
  readonly otherLabels: number
  /** Of them, those that are in another split of a later run; the first run's is kept. */
  readonly otherSplit: number
  /** Names of the labels; none where those of the runs mean different things, and all labels are left out. */
  readonly labelNames: readonly string[] | undefined
}

/**
 * A sequence that a run has twice is two here, too: its k-th copy is every other run's k-th copy. Name, coordinates, split and
 * parent are those of the first run that has it. A label that a run lacks is another's; one that runs contradict is none.
 */
export async function uniteSequences(runs: readonly SequencesOfRun[]): Promise<UnitedSequences> {
  const rows: SequenceRow[] = []
  const idOf = new Map<string, number>()
  const idsOf: Map<number, number>[] = []
  const shared = new Set<number>()
  const otherLabels = new Set<number>()
  const otherSplit = new Set<number>()
  let labelNames: readonly string[] | undefined
  let sameLabels = true
  for (const run of runs) {
    const ids = new Map<number, number>()
    const copies = new Map<string, number>()
    const added: SequenceRow[] = []
    for await (const row of run.rows) {
      if (row.labels !== null) {
        labelNames ??= run.labelNames
        sameLabels &&= areAlike(run.labelNames, labelNames)
      }
      const letters = createHash('sha256').update(row.sequence).digest('base64')
      const copy = copies.get(letters) ?? 0
      copies.set(letters, copy + 1)
      const key = `${letters} ${copy}`
      const known = idOf.get(key)
      if (known === undefined) {
        const united = { ...row, sequence_id: rows.length }
        idOf.set(key, rows.length)
        ids.set(row.sequence_id, rows.length)
        rows.push(united)
        added.push(united)
        continue
      }
      ids.set(row.sequence_id, known)
      shared.add(known)
      const before = rows[known]!
      if (before.split !== row.split) otherSplit.add(known)
      const labels = uniteLabels(before.labels, row.labels)
      if (labels.contradict) otherLabels.add(known)
      rows[known] = { ...before, labels: labels.labels }
    }
    // A shuffle may come before its parent.
    for (const { sequence_id: id, parent_id: parent } of added) {
      rows[id] = { ...rows[id]!, parent_id: parent === null ? null : (ids.get(parent) ?? null) }
    }
    idsOf.push(ids)
  }
  return {
    rows: rows.map((row) => {
      const labels = sameLabels ? row.labels : null
      return { ...row, labels, label: labels?.[0] ?? null }
    }),
    idsOf,
    shared: shared.size,
    otherLabels: sameLabels ? otherLabels.size : 0,
    otherSplit: otherSplit.size,
    labelNames: sameLabels ? (labelNames ?? runs[0]?.labelNames ?? []) : undefined,
  }
}

/** The one label of a run may be called anything; which of several is which, their names tell. */
function areAlike(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && (a.length === 1 || a.every((name, i) => name === b[i]))
}

function uniteLabels(
  a: SequenceRow['labels'],
  b: SequenceRow['labels'],
): { labels: SequenceRow['labels']; contradict: boolean } {
  if (a === null || b === null) return { labels: a ?? b, contradict: false }
  let contradict = false
  const labels = a.map((one, i) => {
    const other = b[i] ?? null
    if (one === null || other === null || one === other) return one ?? other
    contradict = true
    return null
  })
  return { labels, contradict }
}
