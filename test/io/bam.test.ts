/** Windows where the reads of a BAM file lie. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DataError } from '../../src/base/errors.ts'
import { readBamWindows, type SkippedWindow } from '../../src/io/alignments/bam.ts'
import { openGenome } from '../../src/io/regions/genome.ts'
import { reverseComplementLetters } from '../../src/io/sequences/sequenceLetters.ts'
import { collect, fixtures, messageOf, recordingReporter, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const toy = join(fixtures, 'toy.bam')
const genome = await openGenome(join(fixtures, 'toy.fa'))

describe('readBamWindows without peaks', () => {
  it('puts a window on the summit of a short region and tiles a long one', async () => {
    const reporter = recordingReporter()
    const skipped: SkippedWindow[] = []
    const errors: DataError[] = []
    const records = await collect(
      readBamWindows(toy, genome, {
        length: 30,
        reporter,
        onSkip: (window) => skipped.push(window),
        onBadRecord: (error) => errors.push(error),
      }),
    )
    expect(records.map(({ chrom, start, end }) => [chrom, start, end])).toEqual([
      ['chrA', 100, 130], // of 100-160
      ['chrA', 130, 160],
      ['chrA', 194, 224],
      ['chrA', 274, 304],
      ['chrA', 339, 369], // the region 340-370 is no longer than a window: around its summit 354
      ['chrA', 399, 429],
      ['chrB', 10, 40], // of 10-160, but for the Z at 100
      ['chrB', 40, 70],
      ['chrB', 70, 100],
      ['chrB', 130, 160],
    ])
    expect(skipped).toEqual([
      { chrom: 'chrA', start: -6, end: 24, reason: 'beyond the chromosome' },
      { chrom: 'chrB', start: 294, end: 324, reason: 'beyond the chromosome' },
    ])
    expect(errors.map(({ location }) => location.sequence)).toEqual(['chrB:100-130'])
    expect(reporter.warnings).toEqual([
      `${toy}: 1 of its 3 chromosomes are not in ${genome.path} (e.g. chrC); their reads are left out`,
      `${toy}: chromosome chrB has 400 bases in its header but 240 in ${genome.path}; make sure that the reads were aligned to this genome`,
      `${toy}: 2 windows left out: beyond the chromosome`,
    ])
    const first = records[0]!
    expect(first).toMatchObject({ name: 'chrA:100-130', strand: '+', file: toy })
    expect(first.sequence).toBe(await genome.fetch('chrA', 100, 130))
    expect(first.coverage).toBeCloseTo((10 + 2 * 5 + 3 * 5 + 4 * 10) / 30, 12)
  })

  it('keeps the strand of most reads where it is asked to', async () => {
    const options = { length: 20, minCoverage: 2, onBadRecord: () => undefined }
    const stranded = await collect(readBamWindows(toy, genome, { ...options, stranded: true }))
    const plain = await collect(readBamWindows(toy, genome, options))
    expect(plain.map(({ strand }) => strand)).toEqual(plain.map(() => '+'))
    const reversed = stranded.filter(({ strand }) => strand === '-')
    expect(reversed.map(({ start }) => start)).toEqual([404])
    const same = plain.find(({ start }) => start === 404)!
    expect(reversed[0]!.sequence).toBe(reverseComplementLetters(same.sequence))
    expect(reversed[0]!.coverage).toBe(same.coverage)
  })

  it('refuses a coverage below 1', async () => {
    expect(await messageOf(readBamWindows(toy, genome, { length: 20, minCoverage: 0 }))).toBe(
      'ConfigError: minCoverage is 0; without peaks it must be at least 1',
    )
  })

  it('refuses a genome that shares no chromosome with it', async () => {
    const path = write('other.fa', '>A\nACGT\n')
    write('other.fa.fai', 'A\t4\t3\t4\t5\n')
    expect(await messageOf(readBamWindows(toy, await openGenome(path), { length: 2 }))).toBe(
      `DataError: ${toy}: chromosome 'chrA' is called 'A' in ${path}: the two follow different naming conventions; rename one`,
    )
  })
})

describe('readBamWindows at peaks', () => {
  it('gives each peak its read coverage, strand kept', async () => {
    const peaks = write('p.bed', 'chrA\t100\t120\tpeak1\nchrA\t500\t520\tbare\t0\t-\nchrA\t405\t425\tpeak2\n')
    const records = await collect(readBamWindows(toy, genome, { length: 20, peaks, stranded: true }))
    expect(records.map(({ name, strand, coverage, line }) => [name, strand, coverage, line])).toEqual([
      ['peak1', '+', (10 + 5 * 2 + 5 * 3) / 20, 1],
      ['bare', '-', 0, 2],
      ['peak2', '-', 2, 3],
    ])
  })

  it('leaves out, and tells, peaks with too few reads', async () => {
    const peaks = write('p.bed', 'chrA\t100\t120\nchrA\t500\t520\n')
    const reporter = recordingReporter()
    const records = await collect(
      readBamWindows(toy, genome, { length: 20, peaks, minCoverage: 1, reporter }),
    )
    expect(records.map(({ start }) => start)).toEqual([100])
    expect(reporter.warnings.at(-1)).toBe(`${toy}: 1 window left out: too few reads`)
  })

  it('refuses peaks outside the genome', async () => {
    const peaks = write('p.bed', 'chrA\t100\t120\nchrA\t590\t620\n')
    expect(await messageOf(readBamWindows(toy, genome, { length: 20, peaks }))).toBe(
      `DataError: ${peaks}:2: chrA:590-620 lies outside the chromosome, which has 600 bases in ${genome.path}; use the genome that the intervals belong to`,
    )
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('readBamWindows on real data', () => {
  const folder = join(process.env['SIS_REAL_DATA'] ?? '', 'genome')

  /** The data folder's FASTA has no index: an indexed copy. */
  async function indexed(file: string, index: string) {
    const path = write(file.replaceAll('/', '-'), '')
    copyFileSync(join(folder, file), path)
    write(`${file.replaceAll('/', '-')}.fai`, index)
    return openGenome(path)
  }

  it('reads 1000 Genomes reads whose header has a longer chromosome than the FASTA', async () => {
    const reference = await indexed('samtools-1000g/mpileup.ref.fa', '17\t4200\t14\t60\t61\n')
    const reporter = recordingReporter()
    const bam = join(folder, 'samtools-1000g/mpileup.1.bam')
    const records = await collect(readBamWindows(bam, reference, { length: 101, reporter }))
    expect(records).toHaveLength(40)
    expect(reporter.warnings).toEqual([
      `${bam}: 85 of its 86 chromosomes are not in ${reference.path} (e.g. 1); their reads are left out`,
      `${bam}: chromosome 17 has 81195210 bases in its header but 4200 in ${reference.path}; make sure that the reads were aligned to this genome`,
      `${bam}: 1 window left out: beyond the chromosome`,
    ])
    const bases = records.reduce((sum, { coverage }) => sum + coverage! * 101, 0)
    expect(bases).toBeGreaterThan(50_000) // of 54,337 aligned bases
    expect(bases).toBeLessThan(54_337)
  })

  it('reads volvox, whose header has a malformed line', async () => {
    const reference = await indexed(
      'volvox/volvox.fa',
      'ctgA\t50001\t6\t60\t61\nctgB\t6079\t50847\t100\t101\n',
    )
    const bam = join(folder, 'volvox/volvox-sorted.bam')
    const records = await collect(readBamWindows(bam, reference, { length: 101 }))
    expect(records).toHaveLength(494)
    expect(records.every(({ sequence }) => sequence.length === 101)).toBe(true)
  })
})
