/** FASTA as it is found in the wild, and what is wrong with it. */
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DataError } from '../../src/base/errors.ts'
import { readFasta } from '../../src/io/sequences/fasta.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()

describe('readFasta', () => {
  it('joins lines, keeps case, skips blank lines and white space, takes CRLF', async () => {
    const path = write('a.fa', '\n>one first record\r\nACgt\r\n\r\nNN RY\r\n> two\nuuu \n>one\nA')
    expect(await collect(readFasta(path))).toEqual([
      { name: 'one', sequence: 'ACgtNNRY', file: path, line: 2 },
      { name: 'two', sequence: 'uuu', file: path, line: 6 },
      { name: 'one', sequence: 'A', file: path, line: 8 },
    ])
  })

  it('reads gzip', async () => {
    const path = write('b.fa', gzipSync('>a\nAC\nGT\n'))
    expect(await collect(readFasta(path))).toMatchObject([{ name: 'a', sequence: 'ACGT' }])
  })

  it('takes coordinates from names, by the length telling which convention they follow', async () => {
    const path = write(
      'c.fa',
      [
        '>chr1:11-14 samtools',
        '>chr1:10-14',
        '>chr1:11-14_shuf',
        '>chr1:10-14(-)',
        '>peak::chr1:10-14(+)',
        '>HLA-A*01:01:11-14',
        '>chr1:1,000,011-1,000,014',
        '>chr1:10-99',
        '>chr_1_random:10-14(.)',
        '>chr1:0-3',
      ]
        .map((header) => `${header}\nACGT\n`)
        .join(''),
    )
    const found = (await collect(readFasta(path))).map(({ chrom, start, end, strand }) => [
      chrom,
      start,
      end,
      strand,
    ])
    expect(found).toEqual([
      ['chr1', 10, 14, undefined],
      ['chr1', 10, 14, undefined],
      ['chr1', 10, 14, undefined],
      ['chr1', 10, 14, '-'],
      ['chr1', 10, 14, '+'],
      ['HLA-A*01:01', 10, 14, undefined],
      ['chr1', 1_000_010, 1_000_014, undefined],
      [undefined, undefined, undefined, undefined],
      ['chr_1_random', 10, 14, undefined],
      [undefined, undefined, undefined, undefined],
    ])
  })

  it.each([
    ['', ': the file is empty: it has no FASTA record'],
    ['\n\n', ': the file is empty: it has no FASTA record'],
    [
      '\nACGT\n>a\nA\n',
      ":2: found 'ACGT' before the first header; a FASTA record begins with a line '>name'",
    ],
    ['>a\nAC\n>b\n>c\nA\n', ":3: sequence 'b': the header has no sequence below it"],
    ['>a\n\n', ":1: sequence 'a': the header has no sequence below it"],
    ['>a\nAC\n> \nAC\n', ':3: the header has no name; write one behind the >'],
    [
      '>a\nACGT\nACZT\n',
      ":3: sequence 'a': 'Z' (column 3) is not an IUPAC nucleotide letter; correct it, or write N for an unknown base",
    ],
    [
      '>a\nA-GT\n',
      ":2: sequence 'a': '-' (column 2) is not an IUPAC nucleotide letter; correct it, or write N for an unknown base",
    ],
  ])('refuses %j', async (text, message) => {
    const path = write('bad.fa', text)
    expect(await messageOf(readFasta(path))).toBe(`DataError: ${path}${message}`)
  })

  it('goes on without bad records where it is asked to, and tells each', async () => {
    const path = write('some.fa', '>a\nAC\n>b\nAZ\nAC\n>c\n>d\nGT\n>e\n')
    const errors: DataError[] = []
    const records = await collect(readFasta(path, { onBadRecord: (error) => errors.push(error) }))
    expect(records.map(({ name }) => name)).toEqual(['a', 'd'])
    expect(errors.map(({ location }) => [location.line, location.sequence])).toEqual([
      [4, 'b'],
      [6, 'c'],
      [9, 'e'],
    ])
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('readFasta on real data', () => {
  const data = process.env['SIS_REAL_DATA']!

  it('takes the names that samtools faidx takes, until the letter Z', async () => {
    const path = join(data, 'genome/tangermeme/test.fa')
    const names: string[] = []
    const message = messageOf(
      (async () => {
        for await (const { name } of readFasta(path)) names.push(name)
      })(),
    )
    expect(await message).toBe(
      `DataError: ${path}:22: sequence 'chr5': 'Z' (column 26) is not an IUPAC nucleotide letter; correct it, or write N for an unknown base`,
    )
    expect(names).toEqual(['chr1', 'chr2', 'chr3', 'chr4'])
  })

  it('takes half-open coordinates: those of the BED file beside it', async () => {
    const records = await collect(readFasta(join(data, 'chipseq-200bp/Gm12878.CTCF.top500.w200.fa')))
    expect(records).toHaveLength(500)
    expect(records[0]).toMatchObject({ chrom: 'chr11', start: 190037, end: 190237 })
    expect(records.every(({ start, end }) => end! - start! === 200)).toBe(true)
  })
})
