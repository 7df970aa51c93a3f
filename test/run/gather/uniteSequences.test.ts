/** Sequences of several runs as one set: by their letters, copies apart, shuffles by their parents, labels where runs agree. */
import { describe, expect, it } from 'vitest'
import { uniteSequences, type SequencesOfRun } from '../../../src/run/gather/uniteSequences.ts'
import type { Row } from '../../../src/store/tables.ts'

type SequenceRow = Row<'sequences'>

const bare = { chrom: null, start: null, end: null, strand: null, parent_id: null }

function run(
  labelNames: string[],
  rows: (Pick<SequenceRow, 'sequence' | 'labels'> & Partial<SequenceRow>)[],
): SequencesOfRun {
  return {
    labelNames,
    rows: rows.map((row, sequence_id) => ({
      ...bare,
      sequence_id,
      name: `${row.sequence}${sequence_id}`,
      label: row.labels?.[0] ?? null,
      split: 'test',
      ...row,
    })),
  }
}

describe('sequences of several runs', () => {
  it('are one where their letters are; the first run names them', async () => {
    const { rows, idsOf, shared } = await uniteSequences([
      run(
        ['bound'],
        [
          { sequence: 'AC', labels: [1], chrom: 'chr1' },
          { sequence: 'GT', labels: [0] },
        ],
      ),
      run(
        ['bound'],
        [
          { sequence: 'TT', labels: [1] },
          { sequence: 'AC', labels: [1], chrom: 'chr2' },
        ],
      ),
    ])
    expect(rows.map(({ sequence_id, name, chrom }) => [sequence_id, name, chrom])).toEqual([
      [0, 'AC0', 'chr1'],
      [1, 'GT1', null],
      [2, 'TT0', null],
    ])
    expect(idsOf.map((ids) => [...ids])).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      [
        [0, 2],
        [1, 0],
      ],
    ])
    expect(shared).toBe(1)
  })

  it('that a run has twice stay two, each with its copy in the other', async () => {
    const twice = run(
      ['bound'],
      [
        { sequence: 'AC', labels: null },
        { sequence: 'AC', labels: null },
      ],
    )
    const { rows, idsOf } = await uniteSequences([
      twice,
      run(['bound'], [{ sequence: 'AC', labels: null }]),
      twice,
    ])
    expect(rows).toHaveLength(2)
    expect(idsOf.map((ids) => [...ids.values()])).toEqual([[0, 1], [0], [0, 1]])
  })

  it('keep their parents, whichever comes first', async () => {
    const { rows } = await uniteSequences([
      run(['bound'], [{ sequence: 'AC', labels: [1] }]),
      run(
        ['bound'],
        [
          { sequence: 'TG', labels: [0], parent_id: 2 },
          { sequence: 'CA', labels: [0], parent_id: 3 },
          { sequence: 'GT', labels: [1] },
          { sequence: 'AC', labels: [1] },
        ],
      ),
    ])
    expect(rows.map(({ sequence, parent_id }) => [sequence, parent_id])).toEqual([
      ['AC', null],
      ['TG', 3],
      ['CA', 0],
      ['GT', null],
    ])
  })

  it('have the labels that some run knows and none contradicts', async () => {
    const { rows, otherLabels, otherSplit, labelNames } = await uniteSequences([
      run(
        ['a', 'b'],
        [
          { sequence: 'AC', labels: [1, null] },
          { sequence: 'GT', labels: null },
          { sequence: 'TT', labels: [1, 0] },
        ],
      ),
      run(
        ['a', 'b'],
        [
          { sequence: 'AC', labels: [1, 0] },
          { sequence: 'GT', labels: [0, 1], split: 'train' },
          { sequence: 'TT', labels: [0, 0] },
        ],
      ),
    ])
    expect(rows.map(({ label, labels }) => [label, labels])).toEqual([
      [1, [1, 0]],
      [0, [0, 1]],
      [null, [null, 0]],
    ])
    expect({ otherLabels, otherSplit, labelNames }).toEqual({
      otherLabels: 1,
      otherSplit: 1,
      labelNames: ['a', 'b'],
    })
  })

  it('have none where several labels mean different things; one label may be called anything', async () => {
    const of = (names: string[], labels: number[]) => run(names, [{ sequence: 'AC', labels }])
    const different = await uniteSequences([of(['a', 'b'], [1, 0]), of(['b', 'a'], [1, 0])])
    expect(different).toMatchObject({ labelNames: undefined, otherLabels: 0 })
    expect(different.rows[0]).toMatchObject({ label: null, labels: null })
    const one = await uniteSequences([of(['bound'], [1]), of(['label'], [1])])
    expect(one).toMatchObject({ labelNames: ['bound'], rows: [{ label: 1, labels: [1] }] })
    const unlabelled = run(['label'], [{ sequence: 'AC', labels: null }])
    const mixed = await uniteSequences([unlabelled, of(['a', 'b'], [1, 0])])
    expect(mixed).toMatchObject({ labelNames: ['a', 'b'], rows: [{ label: 1, labels: [1, 0] }] })
  })
})
