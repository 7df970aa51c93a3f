/** The columns that reach the page say what the database says: read back, row by row. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ExplorerColumns } from '../../../src/report/client/explorerData.ts'
import { exampleOf, type DetailColumns } from '../../../src/report/client/rowDetails.ts'
import { strandLetters } from '../../../src/report/columns/explorerIndex.ts'
import { loadExplorer, type ExplorerData } from '../../../src/report/columns/loadExplorer.ts'
import { unpackedExplorer } from '../client/madeColumns.ts'
import { madeRun, withMadeRun } from '../explorerDatabase.ts'

const run = madeRun(60)
const curve = {
  modelId: 1,
  sequenceId: 2,
  positions: Int32Array.of(3, 1, 2),
  scores: Float32Array.of(0.75, NaN, 0.125),
}
let data: ExplorerData
let columns: ExplorerColumns
let details: DetailColumns

beforeAll(async () => {
  data = (await withMadeRun(run, (database) => loadExplorer(database, { curves: [curve], genome: 'hg38' })))!
  ;({ columns, details } = unpackedExplorer(data))
})

describe('the columns of a run', () => {
  it('hold every sequence that is explained, and no other', () => {
    expect(columns.sequences.name).toEqual(
      run.sequences.slice(0, -1).map(({ name }) => name.replaceAll('\0', '\ufffd')),
    )
    expect(data.index.whole).toEqual({ sequences: 59, sis: run.sis.length })
    expect(data.index.held).toEqual(data.index.whole)
    for (const [i, { chrom, start, strand, split, sequence }] of run.sequences.slice(0, -1).entries()) {
      const { sequences, index } = columns
      expect(index.chromosomes[sequences.chrom[i]! - 1] ?? null).toBe(chrom)
      expect(sequences.start[i]).toBe(start ?? 0)
      expect(strandLetters[sequences.strand[i]!]).toBe(strand ?? '')
      expect(index.splits[sequences.split[i]!]).toBe(split)
      expect(sequences.length[i]).toBe(sequence.length)
    }
  })

  it('rank sequences by name', () => {
    const names = columns.sequences.name
    const byRank = [...names.keys()].sort((a, b) => columns.sequences.order[a]! - columns.sequences.order[b]!)
    const sorted = byRank.map((i) => Buffer.from(names[i]!))
    for (let i = 1; i < sorted.length; i++) expect(Buffer.compare(sorted[i - 1]!, sorted[i]!)).toBeLessThan(0)
  })

  it('hold every SIS with its scores, flags, set, parts and positions', () => {
    const { index, rows, sis, parts } = columns
    expect(sis.count).toBe(run.sis.length)
    for (const [i, made] of run.sis.entries()) {
      const row = sis.row[i]!
      expect(rows.model[row]).toBe(made.model)
      expect(rows.sequence[row]).toBe(made.sequence)
      expect(rows.score[row]).toBe(made.scoreFull)
      expect(rows.label[row]).toBe(run.sequences[made.sequence]!.label ?? 2)
      expect([sis.rank[i], sis.size[i]]).toEqual([made.rank, made.positions.length])
      expect([sis.scoreSis[i], sis.scoreResidual[i]]).toEqual([made.scoreSis, made.scoreResidual])
      expect(sis.flags[i]).toBe(
        Number(made.minimal) + 2 * Number(made.certified) + 4 * Number(made.recomputed),
      )
      expect(index.sets[sis.set[i]! - 1]!.name).toBe(`set ${made.set}`)
      expect(details.positions(i)).toEqual(made.positions)
      const own = made.parts.map((_, p) => sis.first[i]! + p)
      expect(sis.first[i + 1]! - sis.first[i]!).toBe(own.length)
      for (const [p, part] of made.parts.entries()) {
        const at = own[p]!
        expect(parts.first[at]).toBe(part.first)
        expect(parts.first[at]! + parts.span[at]!).toBe(part.last)
        expect(parts.kept[at]).toBe(part.size)
        expect(index.motifs[parts.motif[at]! - 1]?.motifId ?? null).toBe(part.motif)
        expect(index.motifs[parts.joint[at]! - 1]?.motifId ?? null).toBe(part.joint)
        expect(strandLetters[parts.turn[at]!]).toBe(part.strand ?? '')
        if (part.site === null) continue
        expect(parts.site[at]).toBe(part.site)
        expect(parts.siteScore[at]! / 100).toBeCloseTo(part.score!, 10)
      }
    }
  })

  it('give letters, unknown ones too, and planted sites', () => {
    for (let row = 0; row < columns.rows.count; row++) {
      const { sequence, planted } = run.sequences[columns.rows.sequence[row]!]!
      const example = exampleOf(columns, details, row)
      expect(example.sequence).toBe(sequence)
      expect(example.planted).toEqual(planted)
    }
  })

  it('hold the ordering of the one row that has one', () => {
    const rows = Array.from({ length: columns.rows.count }, (_, row) => details.ordering(row))
    const held = rows.findIndex((ordering) => ordering !== undefined)
    expect([columns.rows.model[held], columns.rows.sequence[held]]).toEqual([1, 2])
    expect([...rows[held]!.positions]).toEqual([...curve.positions])
    expect([...rows[held]!.scores]).toEqual([...curve.scores])
    expect(rows.filter((ordering) => ordering !== undefined)).toHaveLength(1)
  })
})

it('of a run too large a page holds whole sequences, spread over all, and says how many', async () => {
  const large = madeRun(400)
  const limits = { sis: 200, bases: 1e9 }
  const part = (await withMadeRun(large, (database) =>
    loadExplorer(database, { curves: [], genome: undefined, limits }),
  ))!
  const { held, whole } = part.index
  expect(whole).toEqual({ sequences: 399, sis: large.sis.length })
  expect(held.sis).toBeLessThanOrEqual(200)
  expect(held.sis).toBeGreaterThan(190)
  const read = unpackedExplorer(part).columns
  expect(read.sis.count).toBe(held.sis)
  expect(read.sequences.count).toBe(held.sequences)
  const ids = read.sequences.name.flatMap((name) => (/^seq(\d+)$/.exec(name) ?? []).slice(1).map(Number))
  for (let from = 0; from < 400; from += 100) {
    expect(ids.filter((id) => id >= from && id < from + 100).length).toBeGreaterThan(held.sequences / 10)
  }
})

it('without an SIS there is nothing to explore', async () => {
  const none = { sequences: run.sequences, sis: [] }
  expect(
    await withMadeRun(none, (database) => loadExplorer(database, { curves: [], genome: undefined })),
  ).toBe(undefined)
})
