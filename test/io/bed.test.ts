/** BED and narrowPeak. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBed } from '../../src/io/bed.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()

describe('readBed', () => {
  it('reads BED3 to BED12, skipping what is not an interval', async () => {
    const path = write(
      'a.bed',
      'browser position chr1\ntrack name=x\n# note\n\nchr1\t0\t10\r\nchr2 5 5 point\n' +
        'tracker\t1\t2\t.\t9.5\t-\nchr1\t10\t90\tgene\t0\t+\t10\t90\t0\t2\t5,5\t0,75\n',
    )
    expect(await collect(readBed(path))).toEqual([
      { chrom: 'chr1', start: 0, end: 10, file: path, line: 5 },
      { chrom: 'chr2', start: 5, end: 5, name: 'point', file: path, line: 6 },
      { chrom: 'tracker', start: 1, end: 2, strand: '-', file: path, line: 7 },
      { chrom: 'chr1', start: 10, end: 90, name: 'gene', strand: '+', file: path, line: 8 },
    ])
  })

  it('takes the summit of a narrowPeak, where it was called', async () => {
    const row = (summit: number) => `chr1\t100\t200\tp\t0\t.\t1.5\t-1\t-1\t${summit}\n`
    const peaks = await collect(readBed(write('a.narrowPeak', row(0) + row(99) + row(-1))))
    expect(peaks.map(({ summit }) => summit)).toEqual([100, 199, undefined])
  })

  it.each([
    ['', ': the file is empty: it has no BED interval'],
    ['# only a comment\n', ': the file is empty: it has no BED interval'],
    ['chr1\t5\n', ':1: has 2 columns; BED needs chromosome, start and end, tab-separated'],
    ['chr1:5-10\n', ':1: has 1 column; BED needs chromosome, start and end, tab-separated'],
    ['chr1\t5\t6\nchr1\tfive\t10\n', ":2: the start 'five' is not a whole number"],
    ['chr1\t5\t10.5\n', ":1: the end '10.5' is not a whole number"],
    ['chr1\t\t10\n', ":1: the start '' is not a whole number"],
    ['chr1\t-5\t10\n', ':1: the start -5 is negative; BED counts from 0'],
    ['chr1\t10\t5\n', ':1: the end 5 lies before the start 10'],
    ['\t10\t50\n', ':1: the chromosome is empty'],
    ['chr1\t1\t5\ta\t0\tx\n', ":1: the strand (column 6) is 'x'; write +, - or ."],
    [
      'chr1\t1\t5\ta\t0\t.\t1\t1\t1\t4\n',
      ':1: the summit (column 10) at offset 4 lies outside the peak of 4 bases',
    ],
    [
      'chr1\t1\t5\ta\t0\t.\t1\t1\t1\t.\n',
      ":1: the summit (column 10) is '.'; write its offset from the start, or -1",
    ],
  ])('refuses %j', async (text, message) => {
    const path = write('bad.bed', text)
    expect(await messageOf(readBed(path))).toBe(`DataError: ${path}${message}`)
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('readBed on real data', () => {
  it('reads the 49,622 gzip ChIP tags', async () => {
    const path = join(process.env['SIS_REAL_DATA']!, 'genome/macs-ctcf-chr22/CTCF_SE_ChIP_chr22_50k.bed.gz')
    let tags = 0
    for await (const { chrom, start, end, strand } of readBed(path)) {
      tags++
      if (chrom !== 'chr22' || end - start !== 101 || strand === undefined) expect.fail(`tag ${tags}`)
    }
    expect(tags).toBe(49_622)
  })
})
