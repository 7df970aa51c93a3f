/** The list of sequences: one row a sequence under a model, its parts drawn as a strip. */
import { count, score } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { motifStyle } from '../motifName.ts'
import { rankColours } from '../sequenceTrack.ts'
import { marginOf, strandText, type ExplorerColumns } from './explorerData.ts'
import { placeOf, placeText } from './genomePlace.ts'
import type { RowKey } from './sorting.ts'
import type { ListColumn } from './virtualList.ts'

type RowColumn = ListColumn & {
  readonly key?: RowKey
  readonly cell: (columns: ExplorerColumns, row: number) => Markup | string
}

/** @returns the columns that say something in this run */
export function rowColumns({ index }: ExplorerColumns): readonly RowColumn[] {
  const all: (RowColumn | undefined)[] = [
    {
      title: 'Sequence',
      key: 'name',
      style: 'wide',
      cell: ({ sequences, rows }, row) => sequences.name[rows.sequence[row]!]!,
    },
    index.chromosomes.length === 0
      ? undefined
      : {
          title: 'Position',
          key: 'position',
          style: 'place',
          cell(columns, row) {
            const sequence = columns.rows.sequence[row]!
            const place = placeOf(columns, sequence, 0, columns.sequences.length[sequence]!, 0)
            return place === undefined ? '–' : placeText(place)
          },
        },
    index.models.length < 2
      ? undefined
      : {
          title: 'Model',
          key: 'model',
          style: 'model-name',
          cell: ({ index: { models }, rows }, row) => models[rows.model[row]!]!.name,
        },
    { title: 'f(x)', key: 'score', style: 'number', cell: ({ rows }, row) => score(rows.score[row]!) },
    {
      title: 'Margin',
      key: 'margin',
      style: 'number margin',
      cell: (columns, row) => score(marginOf(columns, row)),
    },
    {
      title: 'SIS',
      key: 'subsets',
      style: 'number few',
      cell: ({ rows }, row) => count(rows.first[row + 1]! - rows.first[row]!),
    },
    { title: 'Bases', key: 'bases', style: 'number few bases', cell: leastBases },
    { title: 'Parts', style: 'strip-cell', cell: strip },
  ]
  return all.filter((column) => column !== undefined)
}

function leastBases({ rows, sis }: ExplorerColumns, row: number): string {
  return count(Math.min(...sis.size.subarray(rows.first[row], rows.first[row + 1])))
}

/** Where the parts lie, in their colours; what it says stands in the details too. */
function strip({ index, sequences, rows, sis, parts }: ExplorerColumns, row: number): Markup {
  const length = sequences.length[rows.sequence[row]!]!
  const { byParts } = index.models[rows.model[row]!]!
  const marks: Markup[] = []
  for (let i = rows.first[row]!; i < rows.first[row + 1]!; i++) {
    for (let p = sis.first[i]!; p < sis.first[i + 1]!; p++) {
      const motif = index.motifs[parts.motif[p]! - 1]
      const single = parts.kept[p] === 1 && motif === undefined
      const style = byParts ? (single ? 'single' : motifStyle(motif)) : `s${sis.rank[i]! % rankColours}`
      const left = ((100 * parts.first[p]!) / length).toFixed(1)
      const width = ((100 * (parts.span[p]! + 1)) / length).toFixed(1)
      marks.push(markup`<i class="${style}" style="left: ${left}%; width: ${width}%"></i>`)
    }
  }
  return markup`<span class="strip" aria-hidden="true">${marks}</span>`
}

/** The columns of a motif's list of sites. */
export const siteColumns: readonly ListColumn[] = [
  { title: 'Quantile', style: 'number few' },
  { title: 'Bits', style: 'number few' },
  { title: 'Site', style: 'letters' },
  { title: 'Sequence', style: 'wide' },
  { title: 'Position', style: 'place' },
  { title: 'f(x)', style: 'number margin' },
]

/** @param letters of the site; '' while they are unpacked */
export function siteCells(
  columns: ExplorerColumns,
  part: number,
  quantile: number,
  letters: string,
): readonly (Markup | string)[] {
  const { index, sequences, rows, sis, parts } = columns
  const row = sis.row[parts.sis[part]!]!
  const sequence = rows.sequence[row]!
  const motif = index.motifs[parts.motif[part]! - 1]
  const from = parts.site[part]!
  const to = from + (motif?.width ?? 0)
  const place = placeOf(columns, sequence, from, to, parts.turn[part]!)
  return [
    quantile.toFixed(2),
    (parts.siteScore[part]! / 100).toFixed(1).replace('-', '−'),
    markup`<code>${letters}</code>`,
    sequences.name[sequence]!,
    place === undefined ? `${from}–${to} (${strandText(parts.turn[part]!)})` : placeText(place),
    score(rows.score[row]!),
  ]
}
