/** BED and narrowPeak. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBed } from '../../src/io/regions/bed.ts'
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

  const peak = (offset: number | string, ...more: (number | string)[]): string =>
    `${['chr1', 100, 400, 'p', 900, '.', 5.1, 10.2, 8.3, offset, ...more].join('\t')}\n`
  async function summitsOf(name: string, text: string) {
    const notes: string[] = []
    const records = await collect(readBed(write(name, text), { onNote: (note) => notes.push(note) }))
    return { summits: records.map(({ summit }) => summit), notes }
  }

  it.each([
    ["IDR's twenty columns", 'a.bed', peak(40, 2.4, 2.7, 100, 400, 62.1, 40, 105, 393, 21.3, 42), [140]],
    ['a count behind them', 'a.bed', peak(40, 3) + peak(250, 0), [140, 350]],
    ['two numbers behind them', 'a.bed', peak(1, 3, 4), [101]],
    ['blocks of BED12', 'a.bed', 'chr1\t100\t400\tt\t0\t-\t120\t380\t0\t2\t100,120,\t0,180,\n', [undefined]],
    ['one block', 'a.bed', 'chr1\t100\t400\tt\t0\t-\t120\t380\t0\t1\t300\t0\n', [undefined]],
    [
      'blocks of gappedPeak',
      'a.bed',
      'chr1\t100\t400\tt\t0\t.\t120\t380\t0\t2\t1,1\t0,299\t3.0\t-1\t-1\n',
      [undefined],
    ],
  ])('tells a summit by content: %s', async (_, name, text, summits) => {
    expect(await summitsOf(name, text)).toEqual({ summits, notes: [] })
  })

  it.each([
    [
      'other columns',
      'a.bed',
      'chr1\t1\t9\tp\t0\t.\tchr1\t5\t9\tq\t0\t.\n',
      [undefined],
      'are not those of a narrowPeak',
    ],
    ['a name without summits', 'a.broadPeak', peak(3), [undefined], 'its name says that it has no summits'],
    ['no summit called', 'a.narrowPeak', peak(-1), [undefined], 'no peak has a summit'],
    ['what looks like a count', 'a.bed', peak(3).repeat(20), Array(20).fill(103), 'if it is a count'],
  ])('says what is strange of summits: %s', async (_, name, text, summits, note) => {
    const read = await summitsOf(name, text)
    expect(read.summits).toEqual(summits)
    expect(read.notes).toHaveLength(1)
    expect(read.notes[0]).toContain(note)
  })

  it('does not look at column 10 where summits are not wanted', async () => {
    const [record] = await collect(readBed(write('a.bed', peak(999)), { summits: false }))
    expect(record).not.toHaveProperty('summit')
  })

  it.each([
    ['', ': the file is empty: it has no BED interval'],
    ['# only a comment\n', ': the file is empty: it has no BED interval'],
    [
      'chr\tstart\tend\tlength\tabs_summit\n',
      ":1: is MACS' table of peaks, which counts from 1, not BED; give its .narrowPeak or _summits.bed file",
    ],
    [
      '#h\nchrom\tstart\tend\n',
      ':2: is a line of column names; BED has none: remove it, or write # before it, and make sure that starts count from 0',
    ],
    [
      'chr1\tx\texon\t5\t9\t.\t+\t.\tid "a"\n',
      ':1: is GTF or GFF, which counts from 1, not BED; convert it to BED',
    ],
    ['chr1\t5\n', ':1: has 2 columns; BED needs chromosome, start and end, tab-separated'],
    ['chr1:5-10\n', ':1: has 1 column; BED needs chromosome, start and end, tab-separated'],
    ['chr1\t5\t6\nchr1\tfive\t10\n', ":2: the start 'five' is not a whole number"],
    ['chr1\t5\t10.5\n', ":1: the end '10.5' is not a whole number"],
    ['chr1\t\t10\n', ":1: the start '' is not a whole number"],
    ['chr1\t-5\t10\n', ':1: the start -5 is negative; BED counts from 0'],
    ['chr1\t10\t5\n', ':1: the end 5 lies before the start 10'],
    ['\t10\t50\n', ':1: the chromosome is empty'],
    [
      'chr1\t1\t5\ta\t0\tx\n',
      ":1: the strand (column 6) is 'x'; write +, - or ., or keep the first columns alone: cut -f1-5",
    ],
    [
      'chr1\t1\t5\ta\t0\t.\t1\t1\t1\t4\n',
      ":1: the summit (column 10) at offset 4 lies outside the peak of 4 bases (if it is a place on the chromosome, subtract the start); mend it, or take peaks' middles with --centre middle",
    ],
    [
      'chr1\t1\t5\ta\t0\t.\t1\t1\t1\t.\n',
      ":1: the summit (column 10) is '.'; write its offset from the start, or -1, or take peaks' middles with --centre middle",
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
