/** Pieces of an indexed genome. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGenome } from '../../src/io/regions/genome.ts'
import { bgzip, gziOf } from './packing.ts'
import { fixtures, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const toy = join(fixtures, 'toy.fa')
const [chrA, chrB] = readFileSync(toy, 'utf8')
  .split(/>chr[AB] toy\n/)
  .slice(1)
  .map((lines) => lines.replaceAll('\n', ''))

describe('openGenome', () => {
  it.each(['toy.fa', 'toy.fa.gz'])('fetches any piece of %s, in any order', async (name) => {
    const genome = await openGenome(join(fixtures, name))
    expect([...genome.chromosomes]).toEqual([
      ['chrA', 600],
      ['chrB', 240],
    ])
    const place = fc.tuple(fc.boolean(), fc.nat(600), fc.nat(600))
    await fc.assert(
      fc.asyncProperty(place, async ([first, a, b]) => {
        const letters = first ? chrA! : chrB!
        const [start, end] = [a, b].map((x) => x % (letters.length + 1)).sort((x, y) => x - y)
        expect(await genome.fetch(first ? 'chrA' : 'chrB', start!, end!)).toBe(letters.slice(start, end))
      }),
    )
    await genome.close()
  })

  it('keeps the order of the index, also where names are numbers', async () => {
    const path = write('numbers.fa', '>10\nAC\n>2\nG\n')
    write('numbers.fa.fai', '10\t2\t4\t2\t3\n2\t1\t10\t1\t2\n')
    const genome = await openGenome(path)
    expect([...genome.chromosomes.keys()]).toEqual(['10', '2'])
    expect(await genome.fetch('2', 0, 1)).toBe('G')
  })

  it('refuses places that are not in the genome, telling a naming convention from a missing chromosome', async () => {
    const genome = await openGenome(toy)
    expect(await messageOf(genome.fetch('chrA', 590, 601))).toBe(
      `DataError: ${toy}: chrA:590-601 lies outside the chromosome of 600 bases`,
    )
    expect(await messageOf(genome.fetch('A', 0, 1))).toBe(
      `DataError: chromosome 'A' is called 'chrA' in ${toy}: the two follow different naming conventions; rename one`,
    )
    expect(await messageOf(genome.fetch('chrZ', 0, 1))).toBe(
      `DataError: chromosome 'chrZ' is not in ${toy}, which has 'chrA', 'chrB'; use the genome that the coordinates belong to`,
    )
  })

  it('says how to make a missing index', async () => {
    const path = write('noIndex.fa', '>a\nAC\n')
    expect(await messageOf(openGenome(path))).toBe(
      `DataError: ${path}: has no index ${path}.fai; make it with: samtools faidx ${path}`,
    )
    const packed = write('noGzi.fa.gz', readFileSync(`${toy}.gz`))
    copyFileSync(`${toy}.gz.fai`, `${packed}.fai`)
    expect(await messageOf(openGenome(packed))).toBe(
      `DataError: ${packed}: has no index ${packed}.gzi; make it with: samtools faidx ${packed}`,
    )
  })

  it('refuses what cannot be a genome', async () => {
    expect(await messageOf(openGenome('/nowhere/g.fa'))).toBe(
      'DataError: /nowhere/g.fa: no such file; check the path',
    )
    expect(await messageOf(openGenome(write('empty.fa', '')))).toContain('the file is empty')
    expect(await messageOf(openGenome(write('plain.fa.gz', gzipSync('>a\nAC\n'))))).toContain(
      'is gzip, which cannot be indexed; make it bgzip: gunzip -c',
    )
    const packed = readFileSync(`${toy}.gz`)
    expect(await messageOf(openGenome(write('cut.fa.gz', packed.subarray(0, packed.length - 28))))).toContain(
      'the bgzip end-of-file marker is missing: the file is truncated',
    )
  })

  describe('refuses a file that its index does not fit', () => {
    const text = readFileSync(toy, 'utf8') // lines of 60 bases; chrA's header is 10 bytes
    const index = readFileSync(`${toy}.fai`, 'utf8')

    it.each([
      ['a file cut short', text.slice(0, 700), index, /: 'chrB' reaches beyond the end of the file/],
      ['a chromosome too long', text, 'chrA\t640\t10\t60\t61\n', /: 'chrA': it goes on behind its last base/],
      [
        'a chromosome too short',
        text,
        'chrA\t580\t10\t60\t61\n',
        /: 'chrA': it goes on behind its last base/,
      ],
      ['an offset too large', text, 'chrA\t600\t11\t60\t61\n', /: 'chrA': no line begins at its first base/],
      ['lines too short', text, 'chrA\t600\t10\t50\t51\n', /: 'chrA': (its lines|it goes on)/],
      ['another name', text, 'chrX\t600\t10\t60\t61\n', /: 'chrX': its header is not before/],
      ['a line cut short', text, 'chrA\n', /\.fai:1: .*: it has no name and four numbers/],
      ['a name twice', text, index + index, /\.fai:3: .*: it names 'chrA' twice/],
      [
        'sequences that overlap',
        text,
        'chrA\t600\t10\t60\t61\nchrB\t240\t400\t60\t61\n',
        /'chrA' and 'chrB' overlap/,
      ],
      ['no sequence', text, '\n', /it names no sequence/],
    ])('%s', async (_, fasta, fai, message) => {
      const path = write('unfit.fa', fasta)
      write('unfit.fa.fai', fai)
      const fetchAll = async (): Promise<void> => {
        const genome = await openGenome(path)
        for (const [chrom, length] of genome.chromosomes) await genome.fetch(chrom, 0, length)
      }
      const said = await messageOf(fetchAll())
      expect(said).toMatch(message)
      expect(said).toMatch(/^DataError: .*; make the index again with: samtools faidx /)
    })
  })

  it('reads headers with a space before the name, and one longer than what is looked at', async () => {
    const path = write('space.fa', `> a\nACGT\n>b ${'x'.repeat(5000)}\nGG\n`)
    write('space.fa.fai', 'a\t4\t4\t4\t5\nb\t2\t5013\t2\t3\n')
    const genome = await openGenome(path)
    expect([await genome.fetch('a', 1, 4), await genome.fetch('b', 0, 2)]).toEqual(['CGT', 'GG'])
  })
})

/** Forty lines in five blocks, and an index of them as bgzip writes it. */
describe('a bgzip genome', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${'ACGT'.repeat(14)}${'ACGT'[i % 4]!.repeat(4)}\n`)
  const pieces = ['>chr1\n', ...[0, 1, 2, 3].map((i) => lines.slice(10 * i, 10 * i + 10).join(''))]
  const packed = bgzip(...pieces)
  const letters = lines.join('').replaceAll('\n', '')

  /** Writes the genome and its indexes and fetches all of it. */
  async function fetchAll(bytes: Uint8Array, gzi: Uint8Array): Promise<string> {
    const path = write('packed.fa.gz', bytes)
    write('packed.fa.gz.fai', 'chr1\t2400\t6\t60\t61\n')
    write('packed.fa.gz.gzi', gzi)
    const genome = await openGenome(path)
    return genome.fetch('chr1', 0, 2400)
  }

  it('reads it over the ends of blocks', async () => {
    expect(await fetchAll(packed, gziOf(packed))).toBe(letters)
  })

  it('verifies checksum and length of every block that is read', async () => {
    let unchanged = 0
    for (let at = 0; at < packed.length - 28; at += 5) {
      const damaged = Buffer.from(packed)
      damaged[at]! ^= 1 << (at % 8)
      const result = await fetchAll(damaged, gziOf(packed)).catch((error: unknown) => error as Error)
      if (result === letters) unchanged++
      else expect(String(result)).toMatch(/^DataError: .*packed\.fa\.gz/)
    }
    // What a gzip header says of time, system and level means nothing to the bases.
    expect(unchanged).toBeLessThan(10)
  })

  it('holds its index against it', async () => {
    const gzi = gziOf(packed)
    for (let at = 0; at < gzi.length; at += 3) {
      for (const bit of [0, 3, 7]) {
        const damaged = Buffer.from(gzi)
        damaged[at]! ^= 1 << bit
        const said = await messageOf(fetchAll(packed, damaged))
        expect(said).toMatch(/^DataError: .*samtools faidx|^DataError: .*packed\.fa\.gz: is damaged at byte/)
      }
    }
    for (const cut of [0, 7, 8, gzi.length - 16, gzi.length - 1]) {
      expect(await messageOf(fetchAll(packed, gzi.subarray(0, cut)))).toMatch(
        /packed\.fa\.gz\.gzi: does not fit .*; make the index again with: samtools faidx /,
      )
    }
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('openGenome on real data', () => {
  it('reads pieces with N and lower case, and names the missing index', async () => {
    const folder = join(process.env['SIS_REAL_DATA']!, 'genome')
    const genome = await openGenome(join(folder, 'tangermeme/test.fa'))
    expect(genome.chromosomes.get('chr7')).toBe(2000)
    expect(await genome.fetch('chr5', 24, 27)).toBe('TZC')
    expect(await genome.fetch('chr5', 56, 70)).toBe('ANNNNNNNNCacat')
    const reference = join(folder, 'samtools-1000g/mpileup.ref.fa')
    expect(await messageOf(openGenome(reference))).toBe(
      `DataError: ${reference}: has no index ${reference}.fai; make it with: samtools faidx ${reference}`,
    )
  })
})
