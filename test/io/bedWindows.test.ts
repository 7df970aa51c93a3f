/** Windows of one length at the intervals of a BED file. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DataError } from '../../src/base/errors.ts'
import { readBedWindows } from '../../src/io/regions/bedWindows.ts'
import { openGenome } from '../../src/io/regions/genome.ts'
import { reverseComplementLetters } from '../../src/io/sequences/sequenceLetters.ts'
import { collect, fixtures, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const toy = join(fixtures, 'toy.fa')
const genome = await openGenome(toy)

function windows(text: string, length: number, centre: 'summit' | 'middle' = 'middle') {
  return collect(readBedWindows(write('x.bed', text), genome, { length, centre }))
}

describe('readBedWindows', () => {
  it('gives an interval of the window length itself, with its coordinates', async () => {
    for (const length of [10, 11]) {
      const [record] = await windows(`chrA\t20\t${20 + length}\n`, length)
      expect(record).toMatchObject({ chrom: 'chrA', start: 20, end: 20 + length, strand: '+', line: 1 })
      expect(record!.sequence).toBe(await genome.fetch('chrA', 20, 20 + length))
      expect(record!.name).toBe(`chrA:20-${20 + length}`)
    }
  })

  it('centres on the middle or on the summit, and on the middle where no summit was called', async () => {
    const peak = (summit: number) => `chrA\t100\t201\tp\t0\t.\t1\t1\t1\t${summit}\n`
    expect((await windows(peak(90), 21))[0]).toMatchObject({ name: 'p', start: 140, end: 161 })
    expect((await windows(peak(90), 21, 'summit'))[0]).toMatchObject({ start: 180, end: 201 })
    expect((await windows(peak(-1), 21, 'summit'))[0]).toMatchObject({ start: 140, end: 161 })
  })

  it('gives the same windows whatever stands behind the ten columns of a narrowPeak', async () => {
    const peaks = [5, 70, 99].map((offset) => `chrA\t200\t300\tp${offset}\t9\t.\t5.1\t3\t2\t${offset}`)
    const withColumns = (more: string): Promise<{ start?: number | undefined }[]> =>
      windows(peaks.map((peak) => `${peak}${more}\n`).join(''), 20, 'summit')
    const plain = await withColumns('')
    expect(plain.map(({ start }) => start)).toEqual([195, 260, 289])
    const behind = [
      '\t3',
      '\t1\t0',
      '\tchrA\t210\t290\tgene\t0\t+',
      '\t2.46\t2.73\t200\t300\t62\t40\t205\t293\t21\t42',
    ]
    for (const more of behind) expect(await withColumns(more)).toEqual(plain)
  })

  it('tells where column 10 is not taken for a summit, and takes middles', async () => {
    const notes: string[] = []
    const path = write('pairs.bed', 'chrA\t200\t300\tp\t0\t+\tchrA\t210\t290\tq\t0\t-\n')
    const options = { length: 20, centre: 'summit', onNote: (note: string) => notes.push(note) } as const
    const [record] = await collect(readBedWindows(path, genome, options))
    expect(record).toMatchObject({ start: 240, end: 260 })
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain(`${path}: columns 7 to 10 (chrA, 210, 290, q) are not those of a narrowPeak`)
    expect(await collect(readBedWindows(path, genome, { ...options, centre: 'middle' }))).toEqual([record])
    expect(notes).toHaveLength(1)
  })

  it('gives the reverse complement on strand -', async () => {
    const [forward, reverse] = await windows('chrA\t25\t45\ta\t0\t+\nchrA\t25\t45\tb\t0\t-\n', 20)
    expect(reverse).toMatchObject({ start: 25, end: 45, strand: '-' })
    expect(reverse!.sequence).toBe(reverseComplementLetters(forward!.sequence))
    expect(reverseComplementLetters('AcgTNryk')).toBe('mryNAcgT')
  })

  it('leaves out, and tells, windows that hang over an end of the chromosome', async () => {
    const skipped: number[] = []
    const path = write(
      'ends.bed',
      'chrA\t0\t10\nchrA\t45\t55\nchrA\t46\t56\nchrA\t545\t555\nchrA\t546\t556\n',
    )
    const stream = readBedWindows(path, genome, {
      length: 100,
      centre: 'middle',
      onSkip: ({ line }) => skipped.push(line),
    })
    expect((await collect(stream)).map(({ start }) => start)).toEqual([0, 1, 500])
    expect(skipped).toEqual([1, 5])
  })

  it.each([
    [
      'chrA\t0\t10\nchrA\t590\t601\n',
      `:2: chrA:590-601 lies outside the chromosome, which has 600 bases in ${toy}; use the genome that the intervals belong to`,
    ],
    [
      'A\t0\t10\n',
      `:1: chromosome 'A' is called 'chrA' in ${toy}: the two follow different naming conventions; rename one`,
    ],
    [
      'chr9\t0\t10\n',
      `:1: chromosome 'chr9' is not in ${toy}, which has 'chrA', 'chrB'; use the genome that the coordinates belong to`,
    ],
    [
      'chrB\t95\t105\tp\n',
      `:1: sequence 'p': the genome ${toy} has 'Z' at chrB:101, which is not an IUPAC nucleotide letter; correct it, or write N for an unknown base`,
    ],
  ])('refuses %j', async (text, message) => {
    const path = write('bad.bed', text)
    const stream = readBedWindows(path, genome, { length: 10, centre: 'middle' })
    expect(await messageOf(stream)).toBe(`DataError: ${path}${message}`)
  })

  it('goes on without bad intervals where it is asked to', async () => {
    const errors: DataError[] = []
    const path = write('some.bed', 'chrA\t10\t20\nchrA\tx\t20\nchrA\t595\t605\nchrB\t95\t105\nchrA\t30\t40\n')
    const stream = readBedWindows(path, genome, {
      length: 10,
      centre: 'middle',
      onBadRecord: (error) => errors.push(error),
    })
    expect((await collect(stream)).map(({ line }) => line)).toEqual([1, 5])
    expect(errors.map(({ location }) => location.line)).toEqual([2, 3, 4])
  })
})
