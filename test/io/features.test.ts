/** BED and GFF3 keep apart what differs, whatever names hold, and BED is in the order of `LC_ALL=C sort -k1,1 -k2,2n`. */
import { describe, expect, it } from 'vitest'
import { bedChrom, bedLines, type BedFeature } from '../../src/io/features/bedFeatures.ts'
import { gff3Line, gff3Region } from '../../src/io/features/gff3Features.ts'

describe('BED', () => {
  it.each([
    ['chr1', 'chr1'],
    ['a b\tc%', 'a%20b%09c%25'],
    ['#1', '%231'],
    ['track1', '%74rack1'],
    ['browser', '%62rowser'],
    ['tr', 'tr'],
    ['soundtrack', 'soundtrack'],
    ['chr1:5-9(+)', 'chr1:5-9(+)'],
  ])('the sequence %j is %s', (name, text) => {
    expect(bedChrom(name)).toBe(text)
  })

  it('features of one place are in the order of their lines, across batches', async () => {
    const feature = (chrom: string, start: number, end: number, name: string): BedFeature => ({
      chrom,
      start,
      end,
      name,
      score: 1,
      strand: undefined,
      more: [null, '', 0],
    })
    async function* batches() {
      yield await Promise.resolve([feature('chr1', 5, 9, 'b'), feature('chr1', 5, 10, 'b')])
      yield [feature('chr1', 5, 9, 'a'), feature('chr1', 50, 51, 'é'), feature('chr1', 50, 51, 'z')]
      yield [feature('chr10', 0, 1, 'a b')]
    }
    let text = ''
    for await (const piece of bedLines(batches())) text += piece
    const lines = [
      'chr1 5 10 b',
      'chr1 5 9 a',
      'chr1 5 9 b',
      'chr1 50 51 z',
      'chr1 50 51 é',
      'chr10 0 1 a%20b',
    ]
    expect(text).toBe(lines.map((line) => `${line} 1 . . . 0\n`.replaceAll(' ', '\t')).join(''))
  })

  it('no feature is no line', async () => {
    const pieces: string[] = []
    for await (const piece of bedLines((async function* () {})())) pieces.push(piece)
    expect(pieces.join('')).toBe('')
  })
})

describe('GFF3', () => {
  it('encodes what the format has other uses for', () => {
    expect(gff3Region({ chrom: '>s (1)é', start: 0, end: 9 })).toBe(
      '##sequence-region %3Es%20%281%29%C3%A9 1 9\n',
    )
    const line = gff3Line({
      seqid: 'chr1',
      type: 'region',
      start: 4,
      end: 9,
      score: null,
      strand: '-',
      attributes: [
        ['ID', 'a;b'],
        ['Name', null],
        ['note', 'x=1,2 & 5%\té'],
      ],
    })
    expect(line).toBe('chr1\tsis\tregion\t5\t9\t.\t-\t.\tID=a%3Bb;note=x%3D1%2C2 %26 5%25%09é\n')
  })
})
