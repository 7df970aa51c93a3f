/** Tables of sequences. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readSequenceTable } from '../../src/io/sequences/sequenceTable.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()

describe('readSequenceTable', () => {
  it('finds its columns by name, in gzip TSV', async () => {
    const path = write(
      'a.gz',
      gzipSync('FoldID\teventid\tSEQ\tBound\r\nA\tp1\tACGT\t1\r\nA\tp2\tacgn\t0\r\n'),
    )
    expect(await collect(readSequenceTable(path))).toEqual([
      { name: 'p1', sequence: 'ACGT', labels: [1], file: path, line: 2 },
      { name: 'p2', sequence: 'acgn', labels: [0], file: path, line: 3 },
    ])
  })

  it('reads CSV with quoted fields, given columns, splits and coordinates', async () => {
    const path = write(
      'a.csv',
      '"dna","t1","t ""2""",fold,chr,start,end,strand\nACGT,1,,validation,chr1,10,14,-\n"AC",0,1,Train,chr2,5,6,+\n',
    )
    const options = { sequenceColumn: 'DNA', labelColumns: ['t1', 't "2"'], splitColumn: 'fold' }
    expect(await collect(readSequenceTable(path, options))).toEqual([
      {
        name: 'a.csv:2',
        sequence: 'ACGT',
        labels: [1, NaN],
        chrom: 'chr1',
        start: 10,
        end: 14,
        strand: '-',
        split: 'valid',
        file: path,
        line: 2,
      },
      {
        name: 'a.csv:3',
        sequence: 'AC',
        labels: [0, 1],
        chrom: 'chr2',
        start: 4,
        end: 6,
        strand: '+',
        split: 'train',
        file: path,
        line: 3,
      },
    ])
  })

  it('takes coordinates from the name, and no labels where none are asked for', async () => {
    const path = write('b.tsv', 'name\tsequence\nchr1:10-14\tACGT\n')
    const [record] = await collect(readSequenceTable(path, { labelColumns: [] }))
    expect(record).toMatchObject({ chrom: 'chr1', start: 10, end: 14 })
    expect(record!.labels).toBeUndefined()
  })

  it.each([
    ['', {}, ': the file is empty: it has no header line'],
    ['seq\tlabel\n', {}, ': the table has a header but no rows'],
    [
      'id\tdna\tlabel\na\tA\t1\n',
      {},
      ":1: no sequence column 'seq' or 'sequence'; the columns are 'id', 'dna', 'label'",
    ],
    [
      'id\tseq\tclass\na\tA\t1\n',
      {},
      ":1: no label column 'bound' or 'label' or 'target'; the columns are 'id', 'seq', 'class'",
    ],
    [
      'id\tseq\tclass\na\tA\t1\n',
      { labelColumns: ['klass'] },
      ":1: no label column 'klass'; the columns are 'id', 'seq', 'class'",
    ],
    ['id\tseq\tlabel\na\tA\t1\nb\tC\n', {}, ':3: has 2 fields where the header has 3'],
    ['id\tseq\tlabel\na\tA\tx\n', {}, ":2: sequence 'a': the label 'x' in column 'label' is neither 0 nor 1"],
    ['id\tseq\tlabel\na\t\t1\n', {}, ":2: sequence 'a': the field 'seq' is empty"],
    [
      'id\tseq\tlabel\na\tAC.T\t1\n',
      {},
      ":2: sequence 'a': '.' (column 3) is not an IUPAC nucleotide letter; correct it, or write N for an unknown base",
    ],
    [
      'id\tseq\tlabel\tfold\na\tA\t1\t7\n',
      { splitColumn: 'fold' },
      ":2: sequence 'a': '7' in column 'fold' is not a split: train, valid or test",
    ],
  ])('refuses %j', async (text, options, message) => {
    const path = write('bad.tsv', text)
    expect(await messageOf(readSequenceTable(path, options))).toBe(`DataError: ${path}${message}`)
  })

  it('goes on without bad rows where it is asked to', async () => {
    const path = write('some.tsv', 'id\tseq\tlabel\na\tA\t1\nb\tC\nc\tZ\t0\nd\tG\t0\n')
    const lines: (number | undefined)[] = []
    const records = await collect(
      readSequenceTable(path, { onBadRecord: ({ location }) => lines.push(location.line) }),
    )
    expect(records.map(({ name }) => name)).toEqual(['a', 'd'])
    expect(lines).toEqual([3, 4])
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('readSequenceTable on real data', () => {
  const data = process.env['SIS_REAL_DATA']!

  it('reads ENCODE peaks: 500 bound, 500 not, 101 bases each', async () => {
    const path = join(data, 'chipseq-101bp/USF1_HepG2_USF-1_HudsonAlpha_B.seq.gz')
    const records = await collect(readSequenceTable(path))
    expect(records).toHaveLength(1000)
    expect(records.filter(({ labels }) => labels![0] === 1)).toHaveLength(500)
    expect(records.every(({ sequence }) => sequence.length === 101)).toBe(true)
    expect(records[0]!.name).toBe('seq_00002_peak')
  })

  it('reads three labels a sequence', async () => {
    const path = join(data, 'tal-gata-simulated/sequences.tsv.gz')
    let rows = 0
    const sums = [0, 0, 0]
    for await (const { labels } of readSequenceTable(path, { labelColumns: ['task1', 'task2', 'task3'] })) {
      rows++
      labels!.forEach((label, i) => (sums[i]! += label))
    }
    expect([rows, ...sums]).toEqual([8000, 2000, 4000, 4000])
    expect(await messageOf(readSequenceTable(path))).toContain(
      "no label column 'bound' or 'label' or 'target'; the columns are 'seqName', 'sequence', 'task1', 'task2', 'task3'",
    )
  })
})
