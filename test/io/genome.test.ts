/** Pieces of an indexed genome. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGenome } from '../../src/io/genome.ts'
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

  it('refuses a file that its index does not fit', async () => {
    const cut = write('cut.fa', readFileSync(toy).subarray(0, 700))
    copyFileSync(`${toy}.fai`, `${cut}.fai`)
    const message = `DataError: ${cut}: does not fit its index: one of them is truncated or newer; make the index again with: samtools faidx ${cut}`
    expect(await messageOf((await openGenome(cut)).fetch('chrB', 0, 240))).toBe(message)
    writeFileSync(`${cut}.fai`, 'chrA\t640\t10\t70\t71\n') // as if chrA were longer
    expect(await messageOf((await openGenome(cut)).fetch('chrA', 590, 620))).toBe(message)
    writeFileSync(`${cut}.fai`, 'chrA\n')
    expect(await messageOf(openGenome(cut))).toBe(message)
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
