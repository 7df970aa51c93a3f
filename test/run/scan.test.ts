/** `sis scan`: planted words at their places, whatever the sequences come in; sorted BED; what cannot be scanned is said. */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { Random } from '../../src/base/random.ts'
import { writeMemeMotifs } from '../../src/io/motifs/memeMotifs.ts'
import { reverseComplementLetters } from '../../src/io/sequences/sequenceLetters.ts'
import { scanRun, type ScanRunOptions } from '../../src/run/scan/scanRun.ts'
import { lettersOf, modiscoBytes } from '../io/modiscoPatterns.ts'

/** So long that chance has none. */
const word = 'TGACTCAGGTCCAT'
const uniform = [0.25, 0.25, 0.25, 0.25]

/** `chr10` is longer than a piece, and the word lies across the first piece's end. */
const lengths = { chr2: 5000, chr10: 2 ** 20 + 3000 }
const planted = [
  { chrom: 'chr10', start: 2 ** 20 - 4, strand: '-' },
  { chrom: 'chr10', start: 2 ** 20 + 2986, strand: '+' },
  { chrom: 'chr2', start: 0, strand: '+' },
  { chrom: 'chr2', start: 2000, strand: '-' },
] as const

describe('sis scan', () => {
  let folder: string
  let motifs: string
  let genome: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sis-scan-'))
    motifs = join(folder, 'known.meme')
    const ppm = lettersOf(word)
    writeFileSync(
      motifs,
      writeMemeMotifs([
        { id: 'm1', alternateName: 'AP1', ppm, nsites: 100 },
        { id: 'short', ppm: lettersOf('TGAC'), nsites: 100 },
      ]),
    )
    const random = new Random(3, 'genome')
    genome = join(folder, 'genome.fa')
    let text = ''
    let index = ''
    for (const chrom of ['chr2', 'chr10'] as const) {
      const letters = Array.from({ length: lengths[chrom] }, () => 'ACGT'[random.below(4)]!)
      for (const site of planted.filter((one) => one.chrom === chrom)) {
        const there = site.strand === '+' ? word : reverseComplementLetters(word)
        letters.splice(site.start, word.length, ...Array.from({ length: word.length }, (_, i) => there[i]!))
      }
      text += `>${chrom}\n`
      index += `${chrom}\t${lengths[chrom]}\t${text.length}\t${lengths[chrom]}\t${lengths[chrom] + 1}\n`
      text += `${letters.join('')}\n`
    }
    writeFileSync(genome, text)
    writeFileSync(`${genome}.fai`, index)
    writeFileSync(join(folder, 'plain.fa'), text)
  })

  afterAll(() => rm(folder, { recursive: true }))

  async function scanned(options: Partial<ScanRunOptions>): Promise<string[]> {
    const output = join(folder, 'hits.bed')
    const environment = {
      reporter: { ...silentReporter, warnings: [], close: () => undefined },
      signal: new AbortController().signal,
      stdout: process.stdout,
    }
    const rest = {
      motifs,
      sequences: genome,
      p: 1e-8,
      background: uniform,
      qValues: true,
      threads: 1,
      output,
    }
    await scanRun({ ...rest, ...options }, environment)
    return readFileSync(output, 'utf8').trimEnd().split('\n')
  }

  it('finds words across the pieces of an indexed genome, in the order of LC_ALL=C sort', async () => {
    const lines = await scanned({})
    const places = lines.map((line) => line.split('\t').slice(0, 6))
    expect(places).toEqual(
      planted.map(({ chrom, start, strand }) => [
        chrom,
        `${start}`,
        `${start + word.length}`,
        'm1',
        '1000',
        strand,
      ]),
    )
    // log2(100.025 / 100.1 / 0.25) for each base, in hundredths; P = 4^-14; four hits among the windows of both strands.
    const windows = 2 * (lengths.chr2 + lengths.chr10 - 2 * (word.length - 1))
    const [p, q] = [4 ** -14, (4 ** -14 * windows) / 4].map((value) => value.toExponential(3))
    for (const line of lines) {
      expect(line.split('\t').slice(6)).toEqual(['AP1', '28.00', p, q, '.', word])
    }
    const bare = await scanned({ qValues: false })
    expect(bare).toEqual(lines.map((line) => line.split('\t').with(9, '.').join('\t')))
  })

  it('writes the same with any number of threads', async () => {
    const records = join(folder, 'records.fa')
    const letters = readFileSync(genome, 'utf8').split('\n')[3]!
    const pieces = Array.from({ length: 300 }, (_, i) => letters.slice(3000 * i, 3000 * (i + 1)))
    writeFileSync(records, pieces.map((piece, i) => `>r${i}\n${piece}\n`).join(''))
    for (const options of [{ p: 0.01 }, { p: 0.01, sequences: records }]) {
      const alone = await scanned({ ...options, threads: 1 })
      expect(alone.length).toBeGreaterThan(1000)
      for (const threads of [2, 3]) expect(await scanned({ ...options, threads })).toEqual(alone)
    }
  }, 60_000)

  it("finds the words of modisco-lite's patterns, cut to what contributes", async () => {
    const path = join(folder, 'patterns.h5')
    const sequence = lettersOf(`AC${word}A`)
    const contributions = sequence.map((row, i) => (i < 2 || i > word.length + 1 ? row.map(() => 0) : row))
    const pattern = { path: 'pos_patterns/pattern_0', sequence, contributions, seqlets: [100] }
    writeFileSync(path, await modiscoBytes([pattern]))
    const places = (lines: readonly string[]) =>
      lines.map((line) => line.split('\t').toSpliced(3, 1).slice(0, 5))
    const lines = await scanned({ motifs: path })
    expect(places(lines)).toEqual(places(await scanned({ names: ['m1'] })))
    expect(new Set(lines.map((line) => line.split('\t')[3]))).toEqual(new Set(['pos_patterns.pattern_0']))
  })

  it('finds the same in a FASTA file without an index, which names the record', async () => {
    const bare = (line: string): string[] => line.split('\t').toSpliced(10, 1)
    const lines = await scanned({ sequences: join(folder, 'plain.fa') })
    expect(lines.map(bare)).toEqual((await scanned({})).map(bare))
    expect(lines.map((line) => line.split('\t')[10])).toEqual(planted.map(({ chrom }) => chrom))
  })

  it('places hits of records whose names say where they lie, on either strand, and of intervals', async () => {
    const fasta = join(folder, 'peaks.fa')
    writeFileSync(fasta, `>chr9:100-118(-)\nA${word}AAA\n>chr1:50-66\nAA${word}\n`)
    const lines = await scanned({ sequences: fasta })
    expect(lines.map((line) => line.split('\t').slice(0, 6).join(' '))).toEqual([
      'chr1 52 66 m1 1000 +',
      'chr9 103 117 m1 1000 -',
    ])
    const bed = join(folder, 'peaks.bed')
    writeFileSync(bed, 'chr2\t1990\t2020\tpeak_1\nchr10\t1048000\t1049000\nchr2\t1\t200\n')
    const inPeaks = await scanned({ sequences: bed, genome })
    expect(inPeaks.map((line) => line.split('\t').filter((_, i) => [0, 1, 5, 10].includes(i)))).toEqual([
      ['chr10', `${2 ** 20 - 4}`, '-', 'chr10:1048000-1049000'],
      ['chr2', '2000', '-', 'peak_1'],
    ])
  })

  it('says which motifs are too short for p, and what it does not know', async () => {
    await expect(scanned({ names: ['short'] })).rejects.toThrow(
      'short: even the best window is more frequent by chance than p 1e-8',
    )
    await expect(scanned({ names: ['nobody'] })).rejects.toThrow('--motif nobody: ')
    await expect(scanned({ sequences: join(folder, 'peaks.bed') })).rejects.toThrow('--genome')
    expect(await scanned({ names: ['AP1'] })).toHaveLength(planted.length)
  })
})
