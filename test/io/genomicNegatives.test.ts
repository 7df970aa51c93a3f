/** Negatives of a genome against closed forms: their GC bins, places, splits and number follow from the positives. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGenome, type Genome } from '../../src/io/regions/genome.ts'
import {
  gcBins,
  GenomicNegatives,
  type GenomicNegativeOptions,
} from '../../src/io/regions/genomicNegatives.ts'
import { OccupiedPlaces } from '../../src/io/regions/occupiedPlaces.ts'
import { Random } from '../../src/base/random.ts'
import type { SequenceRecord } from '../../src/sequence/sequenceSet.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const length = 20
let genomes = 0

async function genomeOf(chromosomes: Readonly<Record<string, string>>): Promise<Genome> {
  const name = `genome${genomes++}.fa`
  let text = ''
  let index = ''
  for (const [chrom, letters] of Object.entries(chromosomes)) {
    text += `>${chrom}\n`
    index += `${chrom}\t${letters.length}\t${text.length}\t${letters.length}\t${letters.length + 1}\n`
    text += `${letters}\n`
  }
  write(`${name}.fai`, index)
  return openGenome(write(name, text))
}

/** Letters whose GC content rises and falls along the chromosome. */
function wavy(bases: number, seed: number): string {
  const random = new Random(seed, 'wavy')
  return Array.from({ length: bases }, (_, i) => {
    const gc = 0.5 + 0.45 * Math.sin(i / 90)
    return (random.uniform() < gc ? 'GC' : 'AT')[random.below(2)]!
  }).join('')
}

const two = await genomeOf({ chr1: wavy(40_000, 1), chr2: `${'N'.repeat(5000)}${wavy(15_000, 2)}` })

type Place = readonly [chrom: string, start: number]

async function draw(
  genome: Genome,
  positives: readonly Place[],
  options: Partial<GenomicNegativeOptions> = {},
): Promise<SequenceRecord[]> {
  return collect((await negativesOf(genome, positives, options)).draw())
}

async function negativesOf(
  genome: Genome,
  positives: readonly Place[],
  options: Partial<GenomicNegativeOptions>,
  occupied = new OccupiedPlaces(length),
): Promise<GenomicNegatives> {
  for (const [chrom, start] of positives) occupied.avoid(chrom, start, start + length)
  const negatives = new GenomicNegatives(genome, occupied, {
    length,
    perPositive: 1,
    maxUnknown: 1,
    repeats: false,
    seed: 7,
    groupOf: () => 'all',
    file: 'peaks.bed',
    ...options,
  })
  for (const [chrom, start] of positives) {
    negatives.add(chrom, await genome.fetch(chrom, start, start + length))
  }
  return negatives
}

function gcBin(letters: string): number {
  return Math.min(gcBins - 1, Math.floor((letters.replace(/[^GC]/g, '').length * gcBins) / letters.length))
}

/** Windows by chromosome and GC bin. */
async function binCounts(genome: Genome, places: readonly Place[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [chrom, start] of places) {
    const key = `${chrom} ${gcBin(await genome.fetch(chrom, start, start + length))}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

function placesOf(records: readonly SequenceRecord[]): Place[] {
  return records.map(({ chrom, start }) => [chrom!, start!] as const)
}

function overlaps(a: Place, b: Place): boolean {
  return a[0] === b[0] && Math.abs(a[1] - b[1]) < length
}

const peaks: Place[] = [
  ...Array.from({ length: 60 }, (_, i) => ['chr1', 200 + 300 * i] as const),
  ...Array.from({ length: 25 }, (_, i) => ['chr2', 5100 + 250 * i] as const),
]

describe('genomic negatives', () => {
  it.each([1, 3])(
    'are, %i of each positive, as many in every GC bin of every chromosome',
    async (perPositive) => {
      const negatives = placesOf(await draw(two, peaks, { perPositive }))
      const expected = Object.entries(await binCounts(two, peaks)).map(([key, n]) => [key, n * perPositive])
      expect(expected.length).toBeGreaterThan(20)
      expect(await binCounts(two, negatives)).toEqual(Object.fromEntries(expected))
    },
  )

  it('overlap no interval and not each other, and have no unknown base where no positive has', async () => {
    const records = await draw(two, peaks, { perPositive: 3 })
    const places = placesOf(records)
    for (const [i, place] of places.entries()) {
      expect([...peaks, ...places.slice(0, i)].filter((other) => overlaps(place, other))).toEqual([])
    }
    expect(records.filter(({ sequence }) => sequence.includes('N'))).toEqual([])
    expect(new Set(records.map(({ sequence }) => sequence)).size).toBe(records.length)
  })

  it('say where they are', async () => {
    const records = await draw(two, peaks)
    for (const { name, chrom, start, end, strand, sequence } of records) {
      expect(name).toBe(`${chrom}:${start}-${end}`)
      expect([end, strand]).toEqual([start! + length, '+'])
      expect(sequence).toBe(await two.fetch(chrom!, start!, end!))
    }
    expect(placesOf(records)).toEqual(
      placesOf(records).sort((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1]),
    )
  })

  it('depend on the seed, not on the order of the positives', async () => {
    const first = await draw(two, peaks)
    expect(await draw(two, [...peaks].reverse())).toEqual(first)
    const other = new Set(placesOf(await draw(two, peaks, { seed: 8 })).map(String))
    expect(placesOf(first).filter((place) => other.has(String(place))).length).toBeLessThan(10)
  })

  it('are drawn once for repeated positives, and none for those with too many unknown bases', async () => {
    const given: Place[] = [
      ['chr1', 500],
      ['chr1', 500],
      ['chr2', 4990],
    ]
    expect(await draw(two, given, { maxUnknown: 0.1 })).toHaveLength(1)
    expect(await draw(two, given, { maxUnknown: 0.1, repeats: true })).toHaveLength(2)
  })

  it('have no more unknown bases than max-unknown, nor than a positive', async () => {
    const scattered = await genomeOf({ c: wavy(20_000, 3).replace(/(.{9})./g, '$1N') })
    const given = Array.from({ length: 20 }, (_, i) => ['c', 100 + 500 * i] as const)
    for (const { sequence } of await draw(scattered, given)) expect(sequence.replace(/[^N]/g, '')).toBe('NN')
    expect(await draw(scattered, given, { maxUnknown: 0.05 })).toEqual([])
  })

  it('keep clear of the negatives drawn before at the same occupied places', async () => {
    const occupied = new OccupiedPlaces(length)
    const first = await collect((await negativesOf(two, peaks, {}, occupied)).draw())
    const second = await collect((await negativesOf(two, peaks, {}, occupied)).draw())
    const places = placesOf(first)
    expect(placesOf(second).filter((a) => places.some((b) => overlaps(a, b)))).toEqual([])
    expect(second).toHaveLength(first.length)
  })

  it('come from another chromosome with positives, of the same split, where their own has no more', async () => {
    const genome = await genomeOf({ small: wavy(30, 4), train: wavy(20_000, 5), test: wavy(20_000, 6) })
    const given: Place[] = [
      ['small', 5],
      ['train', 100],
      ['test', 100],
    ]
    const groupOf = (chrom: string): string => (chrom === 'test' ? 'test' : 'train')
    const chromosomes = (await draw(genome, given, { groupOf })).map(({ chrom }) => chrom)
    expect(chromosomes).toEqual(['train', 'train', 'test'])
  })

  it('are found at the only places there are', async () => {
    // In poly-A the one window of GC content 1 that is free, beside the peak's, is at 1500.
    const island = 'GC'.repeat(length / 2)
    const letters = `${'A'.repeat(400)}${island}${'A'.repeat(1080)}${'CG'.repeat(length / 2)}${'A'.repeat(1480)}`
    const genome = await genomeOf({ c: letters })
    const drawn = async (perPositive: number): Promise<SequenceRecord[]> => {
      const occupied = new OccupiedPlaces(length)
      for (const start of [390, 1490, 1520]) occupied.avoid('c', start, start + (start === 390 ? 40 : 10))
      return collect((await negativesOf(genome, [['c', 400]], { perPositive }, occupied)).draw())
    }
    expect(placesOf(await drawn(1))).toEqual([['c', 1500]])
    expect(await messageOf(drawn(3))).toBe(
      `DataError: peaks.bed: the genome ${genome.path} gave 1 of 3 genomic negatives that keep clear of the intervals and of each other; missing are 2 of 95 to 100 % GC: ask for fewer (--genomic-negatives), choose a smaller --length, or make negatives of the positives (--shuffles 1)`,
    )
  })
})

describe('occupied places', () => {
  it('are those that overlap an interval or a window taken', () => {
    const interval = fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 30 }))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), fc.array(fc.nat(150)), (intervals, starts) => {
        const occupied = new OccupiedPlaces(10)
        for (const [start, size] of intervals) occupied.avoid('c', start, start + size)
        const taken: number[] = []
        for (const start of starts) {
          const free =
            intervals.every(([from, size]) => from + size <= start || from >= start + 10) &&
            taken.every((other) => Math.abs(other - start) >= 10)
          expect(occupied.isFree('c', start)).toBe(free)
          if (!free) continue
          occupied.take('c', start)
          taken.push(start)
        }
      }),
    )
  })
})
