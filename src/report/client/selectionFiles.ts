/** The selection as files: a table of its SIS (TSV), its motif sites (BED), its sequences (FASTA). */
import { shortestReal } from '../../base/format.ts'
import { decodeSequence } from '../../sequence/alphabet.ts'
import { patternOf } from '../../sequence/pattern.ts'
import { sisFlags, strandLetters } from '../columns/explorerIndex.ts'
import type { ExplorerColumns } from './explorerData.ts'
import type { Selection } from './filters.ts'
import { placeOf } from './genomePlace.ts'
import type { DetailColumns } from './rowDetails.ts'

/** @param rows in the order shown */
export interface Shown {
  readonly rows: Uint32Array
  readonly selection: Pick<Selection, 'sis'>
}

const tsvColumns = [
  'model',
  'sequence',
  'chrom',
  'start',
  'end',
  'strand',
  'split',
  'label',
  'score_full',
  'rank',
  'size',
  'positions',
  'pattern',
  'score_sis',
  'score_residual',
  'minimal',
  'certified',
  'recomputed',
  'motif_set',
  'parts',
]

/** One line an SIS, named as in the run's tables; positions are 0-based in the sequence, parts `motif:first-last:strand`. */
export function selectionTsv(columns: ExplorerColumns, details: DetailColumns, shown: Shown): string[] {
  const { index, sequences, rows, sis, parts } = columns
  const lines = [tsvLine(tsvColumns)]
  for (const row of shown.rows) {
    const sequence = rows.sequence[row]!
    const codes = details.letters.codes(sequence)
    const place = placeOf(columns, sequence, 0, codes.length, 0)
    const label = rows.label[row]!
    for (let i = rows.first[row]!; i < rows.first[row + 1]!; i++) {
      if (shown.selection.sis[i] === 0) continue
      const positions = details.positions(i)
      const inParts: string[] = []
      for (let p = sis.first[i]!; p < sis.first[i + 1]!; p++) {
        const motif = index.motifs[parts.motif[p]! - 1]?.name ?? '-'
        const turn = strandLetters[parts.turn[p]!] ?? ''
        inParts.push(
          `${motif}:${parts.first[p]!}-${parts.first[p]! + parts.span[p]!}:${turn === '' ? '.' : turn}`,
        )
      }
      const has = (flag: number): string => String((sis.flags[i]! & flag) > 0)
      lines.push(
        tsvLine([
          index.models[rows.model[row]!]!.name,
          sequences.name[sequence]!,
          place?.chrom ?? '',
          place === undefined ? '' : String(place.start),
          place === undefined ? '' : String(place.end),
          place === undefined ? '' : (strandLetters[sequences.strand[sequence]!] ?? ''),
          index.splits[sequences.split[sequence]!]!,
          label === 2 ? '' : String(label),
          score(rows.score[row]!),
          String(sis.rank[i]!),
          String(sis.size[i]!),
          positions.join(','),
          patternOf(codes, positions),
          score(sis.scoreSis[i]!),
          score(sis.scoreResidual[i]!),
          has(sisFlags.minimal),
          has(sisFlags.certified),
          has(sisFlags.recomputed),
          index.sets[sis.set[i]! - 1]?.name ?? '',
          inParts.join(';'),
        ]),
      )
    }
  }
  return lines
}

/**
 * One line a site of a selected SIS: BED6 (score: tenths of a bit, 0 to 1000), then sequence, model and bits. On the genome
 * where the sequence has coordinates, else in the sequence.
 */
export function selectionBed(columns: ExplorerColumns, shown: Shown): string[] {
  const { index, sequences, rows, sis, parts } = columns
  const lines: string[] = []
  for (const row of shown.rows) {
    const sequence = rows.sequence[row]!
    const length = sequences.length[sequence]!
    const name = sequences.name[sequence]!
    for (let i = rows.first[row]!; i < rows.first[row + 1]!; i++) {
      if (shown.selection.sis[i] === 0) continue
      for (let p = sis.first[i]!; p < sis.first[i + 1]!; p++) {
        const motif = index.motifs[parts.motif[p]! - 1]
        if (motif === undefined) continue
        // A site may hang over an end of its sequence.
        const from = Math.max(0, parts.site[p]!)
        const to = Math.min(length, parts.site[p]! + motif.width)
        const place = placeOf(columns, sequence, from, to, parts.turn[p]!)
        const bits = parts.siteScore[p]! / 100
        const turn = place?.strand ?? strandLetters[parts.turn[p]!] ?? ''
        lines.push(
          tsvLine([
            place?.chrom ?? name,
            String(place?.start ?? from),
            String(place?.end ?? to),
            motif.name,
            String(Math.max(0, Math.min(1000, Math.round(10 * bits)))),
            turn === '' ? '.' : turn,
            name,
            index.models[rows.model[row]!]!.name,
            String(bits),
          ]),
        )
      }
    }
  }
  return lines
}

/** The selected sequences, each once. */
export function selectionFasta(columns: ExplorerColumns, details: DetailColumns, shown: Shown): string[] {
  const { sequences, rows } = columns
  const lines: string[] = []
  const done = new Uint8Array(sequences.count)
  for (const row of shown.rows) {
    const sequence = rows.sequence[row]!
    if (done[sequence] === 1) continue
    done[sequence] = 1
    lines.push(`>${oneLine(sequences.name[sequence]!)}\n`)
    lines.push(`${decodeSequence(details.letters.codes(sequence))}\n`)
  }
  return lines
}

function tsvLine(cells: readonly string[]): string {
  return `${cells.map(oneLine).join('\t')}\n`
}

function oneLine(text: string): string {
  return text.replace(/[\t\r\n]/g, ' ')
}

function score(value: number): string {
  return String(shortestReal(value))
}
