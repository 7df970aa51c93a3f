/** Filters, orders, addresses and files of a selection, each against the plain rows that the columns were made of. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { addressOf, firstSort, viewOf, type View } from '../../../src/report/client/address.ts'
import type { ExplorerColumns } from '../../../src/report/client/explorerData.ts'
import { labelFilters, partsOfMotif, selectRows, type Filters } from '../../../src/report/client/filters.ts'
import type { DetailColumns } from '../../../src/report/client/rowDetails.ts'
import { selectionBed, selectionFasta, selectionTsv } from '../../../src/report/client/selectionFiles.ts'
import { RowOrders, rowKeys, sortedBy } from '../../../src/report/client/sorting.ts'
import { loadExplorer } from '../../../src/report/columns/loadExplorer.ts'
import { hostileNames, madeRun, threshold, withMadeRun, type MadeSis } from '../explorerDatabase.ts'
import { unpackedExplorer } from './madeColumns.ts'

const run = madeRun(90)
let columns: ExplorerColumns
let details: DetailColumns

beforeAll(async () => {
  const data = await withMadeRun(run, (database) => loadExplorer(database, { curves: [], genome: 'hg38' }))
  ;({ columns, details } = unpackedExplorer(data!))
})

const perhaps = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined, freq: 2 })
const anyFilters = fc
  .record({
    model: perhaps(fc.integer({ min: 0, max: 1 })),
    motif: perhaps(fc.integer({ min: 0, max: 3 })),
    set: perhaps(fc.integer({ min: 0, max: 5 })),
    split: perhaps(fc.integer({ min: 0, max: 2 })),
    chrom: perhaps(fc.integer({ min: 0, max: 1 })),
    scoreFrom: perhaps(fc.constantFrom(0.6, 0.75)),
    scoreTo: perhaps(fc.constantFrom(0.7, 0.9)),
    label: perhaps(fc.constantFrom(...labelFilters)),
    subsets: perhaps(fc.integer({ min: 2, max: 3 })),
    name: perhaps(fc.constantFrom('SEQ1', '<IMG', 'b', '5')),
  })
  .map((filters) => Object.fromEntries(Object.entries(filters).filter(([, v]) => v !== undefined)) as Filters)

/** The SIS that filters leave, by looking at each. */
function plainly(filters: Filters): readonly MadeSis[] {
  const { index } = columns
  return run.sis.filter((sis) => {
    const { chrom, label, split, name } = run.sequences[sis.sequence]!
    const own = run.sis.filter(({ model, sequence }) => model === sis.model && sequence === sis.sequence)
    const isWrong = label === 0 && sis.scoreFull >= threshold
    return (
      (filters.model === undefined || sis.model === filters.model) &&
      (filters.motif === undefined ||
        sis.parts.some(({ motif, joint }) => motif === filters.motif || joint === filters.motif)) &&
      (filters.set === undefined || index.sets[filters.set]!.name === `set ${sis.set}`) &&
      (filters.split === undefined || split === index.splits[filters.split]) &&
      (filters.chrom === undefined || chrom === index.chromosomes[filters.chrom]) &&
      sis.scoreFull >= (filters.scoreFrom ?? 0) &&
      sis.scoreFull <= (filters.scoreTo ?? 1) &&
      own.length >= (filters.subsets ?? 1) &&
      name.toLowerCase().includes((filters.name ?? '').toLowerCase()) &&
      {
        any: true,
        positive: label === 1,
        negative: label === 0,
        unlabelled: label === null,
        false: isWrong,
      }[filters.label ?? 'any']
    )
  })
}

describe('filters', () => {
  it('leave the SIS that they name, and count them', () => {
    fc.assert(
      fc.property(anyFilters, (filters) => {
        const expected = plainly(filters)
        const selection = selectRows(columns, filters)
        expect(run.sis.filter((_, i) => selection.sis[i] === 1)).toEqual(expected)
        expect(selection.sisCount).toBe(expected.length)
        expect(selection.sequenceCount).toBe(new Set(expected.map(({ sequence }) => sequence)).size)
        const rows = [...new Set(expected.map(({ model, sequence }) => `${model} ${sequence}`))]
        const found = [...selection.rows].map(
          (row) => `${columns.rows.model[row]!} ${columns.rows.sequence[row]!}`,
        )
        expect(found.sort()).toEqual(rows.sort())
        for (let motif = 0; motif < 4; motif++) {
          const having = expected.filter(({ parts }) =>
            parts.some((p) => p.motif === motif || p.joint === motif),
          )
          expect(selection.sisOfMotif[motif]).toBe(having.length)
          expect(partsOfMotif(columns, selection, motif)).toHaveLength(
            having.flatMap(({ parts }) => parts.filter((p) => p.motif === motif || p.joint === motif)).length,
          )
        }
      }),
    )
    expect(plainly({ label: 'false', motif: 0 }).length).toBeGreaterThan(3)
  })
})

describe('orders', () => {
  it.each(rowKeys)('by %s are right and keep ties', (key) => {
    const { rows } = selectRows(columns, {})
    const places = (of: Uint32Array): number[] => [...of]
    const orders = new RowOrders(columns)
    const up = places(orders.sorted(rows, { key, descending: false }))
    const down = places(orders.sorted(rows, { key, descending: true }))
    const some = rows.filter((_, i) => i % 3 === 0)
    expect(places(orders.sorted(some, { key, descending: true }))).toEqual(
      down.filter((row) => some.includes(row)),
    )
    const { sequences, rows: own } = columns
    const name = (row: number): string => sequences.name[own.sequence[row]!]!
    const keyOf = (row: number): number | Buffer => {
      const made = run.sis.filter((s) => s.model === own.model[row] && s.sequence === own.sequence[row])
      const { chrom, start } = run.sequences[made[0]!.sequence]!
      return {
        name: Buffer.from(name(row)),
        position: chrom === null ? -1 : (columns.index.chromosomes.indexOf(chrom) + 1) * 1e9 + start!,
        model: made[0]!.model,
        score: made[0]!.scoreFull,
        margin: made[0]!.scoreFull,
        subsets: made.length,
        bases: Math.min(...made.map(({ positions }) => positions.length)),
      }[key]
    }
    const compare = (a: number, b: number): number => {
      const [x, y] = [keyOf(a), keyOf(b)]
      return x instanceof Buffer ? Buffer.compare(x, y as Buffer) : Number(x) - Number(y)
    }
    expect(up).toEqual([...rows].sort(compare))
    expect(down).toEqual([...rows].sort((a, b) => compare(b, a)))
  })

  it('are stable for any numbers, negative zero and infinities too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1))),
        fc.boolean(),
        (keys, down) => {
          const items = Uint32Array.from(keys.keys())
          const expected = [...items].sort((a, b) => {
            const order = keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : 0
            return down ? -order : order
          })
          expect([...sortedBy(items, Float64Array.from(keys), down)]).toEqual(expected)
        },
      ),
    )
  })
})

describe('the address', () => {
  it('says the whole view, and reads as it was', () => {
    const anySort = fc.record({ key: fc.constantFrom(...rowKeys), descending: fc.boolean() })
    const anyOpen = fc.record({
      name: fc.constantFrom(...hostileNames),
      model: fc.integer({ min: 0, max: 1 }),
    })
    fc.assert(
      fc.property(anyFilters, anySort, perhaps(anyOpen), (filters, sort, open) => {
        const view: View = { filters, sort, ...(open === undefined ? {} : { open }) }
        const address = addressOf(view, columns.index)
        if (address === '') expect(view).toEqual({ filters: {}, sort: firstSort })
        else expect(viewOf(address, columns.index)).toEqual(view)
      }),
    )
  })

  it('of another run or a heading is no fault', () => {
    const { index } = columns
    expect(viewOf('#motifs', index)).toBeUndefined()
    expect(viewOf('', index)).toBeUndefined()
    expect(
      viewOf(
        '#view?model=nobody&motif=x&chrom=chrX&scoreFrom=a&scoreTo=&label=maybe&sort=-colour&open=seq1',
        index,
      ),
    ).toEqual({ filters: {}, sort: firstSort })
  })
})

describe('files', () => {
  const shown = (filters: Filters) => {
    const selection = selectRows(columns, filters)
    return { rows: selection.rows, selection }
  }

  it('TSV: a line an SIS, its columns as the table has them', () => {
    const filters = { motif: 0, label: 'positive' } as const
    const [head, ...lines] = selectionTsv(columns, details, shown(filters)).map((line) =>
      line.trimEnd().split('\t'),
    )
    const expected = plainly(filters)
    expect(lines).toHaveLength(expected.length)
    for (const [i, line] of lines.entries()) {
      const of = (name: string): string => line[head!.indexOf(name)]!
      const sis = expected[i]!
      expect(line).toHaveLength(head!.length)
      expect(of('sequence')).toBe(run.sequences[sis.sequence]!.name.replaceAll('\t', ' '))
      expect(of('positions')).toBe(sis.positions.join(','))
      expect(Math.fround(Number(of('score_sis')))).toBe(sis.scoreSis)
      expect(of('motif_set')).toBe(`set ${sis.set}`)
      expect(of('parts').split(';')).toHaveLength(sis.parts.length)
    }
  })

  it('BED: a line a site, on the genome where the sequence is, cut where the sequence ends', () => {
    const lines = selectionBed(columns, shown({})).map((line) => line.trimEnd().split('\t'))
    const expected = run.sis.flatMap((sis) =>
      sis.parts.flatMap((part) => (part.motif === null ? [] : [{ sis, part }])),
    )
    expect(lines).toHaveLength(expected.length)
    for (const [i, { sis, part }] of expected.entries()) {
      const { name, chrom, start, strand, sequence } = run.sequences[sis.sequence]!
      const [from, to] = [Math.max(0, part.site!), Math.min(sequence.length, part.site! + 8)]
      const flip = strand === '-'
      const bits = Math.round(100 * part.score!) / 100
      expect(lines[i]).toEqual([
        chrom ?? name.replaceAll('\t', ' '),
        String(start === null ? from : flip ? start + sequence.length - to : start + from),
        String(start === null ? to : flip ? start + sequence.length - from : start + to),
        ['cnn_1', 'cnn_2', 'fc_1'][part.motif!],
        String(Math.max(0, Math.round(10 * bits))),
        chrom !== null && flip ? (part.strand === '+' ? '-' : '+') : part.strand,
        name.replaceAll('\t', ' '),
        ['cnn', 'fc <i>'][sis.model],
        String(bits),
      ])
    }
  })

  it('FASTA: each sequence once, unknown bases as N', () => {
    const text = selectionFasta(columns, details, shown({})).join('')
    expect(text.match(/^>/gm)).toHaveLength(columns.sequences.count)
    for (const { name, sequence } of run.sequences.slice(0, -1))
      expect(text).toContain(`>${name.replaceAll('\t', ' ')}\n${sequence}\n`)
  })
})
