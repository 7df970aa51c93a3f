/** `sis prepare --genomic-negatives`: what it makes of BED sources, what it goes with, and what it refuses. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { toConfig } from '../../src/run/config/configSchema.ts'
import { readConfigFile } from '../../src/run/config/readConfig.ts'
import { createTally, readSources } from '../../src/run/inputs/sources.ts'
import { readRows } from '../../src/store/tableReader.ts'
import { collect, recordingReporter } from '../io/support.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'

const folder = temporaryDirectory()
const genome = join(folder, 'genome.fa')
const bed = join(folder, 'peaks.bed')
const length = 30
const chromosomes = ['chr1', 'chr2', 'chr3']
const bases = 12_000
let runs = 0

beforeAll(() => {
  const random = new Random(3, 'genome')
  let text = ''
  let index = ''
  for (const chrom of chromosomes) {
    text += `>${chrom}\n`
    index += `${chrom}\t${bases}\t${text.length}\t${bases}\t${bases + 1}\n`
    text += `${Array.from({ length: bases }, () => 'ACGT'[random.below(4)]!).join('')}\n`
  }
  writeFileSync(genome, text)
  writeFileSync(`${genome}.fai`, index)
  const peaks = chromosomes.flatMap((chrom, c) =>
    Array.from({ length: 10 * (c + 1) }, (_, i) => `${chrom}\t${100 + 300 * i}\t${180 + 300 * i}\n`),
  )
  writeFileSync(bed, peaks.join(''))
})

async function prepare(...more: string[]) {
  const run = join(folder, `run${runs++}`)
  const args = ['prepare', run, '--bed', bed, '--genome', genome, '--length', String(length), ...more]
  const { code, stderr } = await runSis(args)
  return { run, code, last: stderr.trimEnd().split('\n').at(-1)! }
}

function sequencesOf(run: string) {
  return readRows(run, 'sequences', ['name', 'chrom', 'start', 'end', 'strand', 'sequence', 'label', 'split'])
}

function gcBin(letters: string): number {
  return Math.floor((letters.replace(/[^GC]/g, '').length * 20) / letters.length)
}

describe('sis prepare --genomic-negatives', () => {
  it('gives each split as many negatives of each GC content as positives', async () => {
    const split = ['--split-by', 'chromosome', '--valid-chromosomes', 'chr1', '--test-chromosomes', 'chr2']
    const { run, code } = await prepare('--genomic-negatives', '1', ...split)
    expect(code).toBe(0)
    const rows = await sequencesOf(run)
    const groups = (label: number): string[] =>
      rows
        .filter((row) => row.label === label)
        .map(({ split, chrom, sequence }) => `${split} ${chrom} ${gcBin(sequence)}`)
        .sort()
    expect(groups(0)).toHaveLength(60)
    expect(groups(0)).toEqual(groups(1))
    for (const { name, chrom, start, end, strand, label } of rows) {
      if (label === 1) continue
      expect({ name, strand }).toEqual({ name: `${chrom}:${start}-${end}`, strand: '+' })
      // Intervals are 100 to 180 of every 300 bases, as far as there are any.
      const last = { chr1: 10, chr2: 20, chr3: 30 }[chrom!]! * 300
      const at = (start! + 200) % 300
      if (start! < last) expect(at >= 80 && at + length <= 300).toBe(true)
    }
  })

  it('draws the same again, and others from another seed', async () => {
    const drawn = async (seed: string): Promise<string[]> => {
      const { run } = await prepare('--genomic-negatives', '2', '--seed', seed)
      return (await sequencesOf(run)).filter(({ label }) => label === 0).map(({ name }) => name)
    }
    const first = await drawn('1')
    expect(first).toHaveLength(120)
    expect(await drawn('1')).toEqual(first)
    expect(await drawn('2')).not.toEqual(first)
  })

  it('keeps clear of every BED source of the genome, and adds to shuffles', async () => {
    const other = join(folder, 'other.bed')
    // Nothing but the first 6000 bases of each chromosome is left.
    writeFileSync(other, chromosomes.map((chrom) => `${chrom}\t6000\t${bases}\n`).join(''))
    const config = join(folder, 'two.yaml')
    const source = (of: string, more: string): string => `    - { bed: ${of}, genome: ${genome}, ${more} }\n`
    const sources = `${source(bed, 'genomic-negatives: 1, shuffles: 1')}${source(other, 'label: 0')}`
    writeFileSync(config, `sequences:\n  length: ${length}\n  sources:\n${sources}`)
    const records = await collect(
      readSources(toConfig(await readConfigFile(config)), createTally(), recordingReporter()),
    )
    const negatives = records.filter(({ labels }) => labels?.[0] === 0)
    expect(negatives).toHaveLength(60)
    expect(Math.max(...negatives.map(({ end }) => end!))).toBeLessThanOrEqual(6000)
    expect(records).toHaveLength(60 + 60 + 3)
    const { run } = await prepare('--genomic-negatives', '1', '--shuffles', '2')
    expect((await sequencesOf(run)).filter(({ label }) => label === 0)).toHaveLength(180)
  })

  it('changes the one source of a run that is there', async () => {
    const { run } = await prepare('--label', '1')
    expect((await runSis(['prepare', run, '--genomic-negatives', '1'])).code).toBe(0)
    expect(await sequencesOf(run)).toHaveLength(120)
  })

  it.each([
    [
      ['--genomic-negatives', '1', '--label', '0'],
      2,
      '--genomic-negatives: genomic-negatives are drawn for positives',
    ],
    [['--genomic-negatives', '100'], 3, 'ask for fewer (--genomic-negatives)'],
  ])('%j is refused', async (flags, exit, message) => {
    const { code, last } = await prepare(...flags)
    expect(code).toBe(exit)
    expect(last).toContain(message)
  })

  it('is for BED sources alone', async () => {
    const args = ['prepare', join(folder, 'fasta'), '--fasta', genome, '--genomic-negatives', '1']
    const { code, stderr } = await runSis(args)
    expect(code).toBe(2)
    expect(stderr).toContain('--genomic-negatives: genomic-negatives is for bed, not for fasta')
  })
})
