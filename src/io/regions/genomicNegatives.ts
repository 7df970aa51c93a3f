/**
 * Negatives of a genome: for each positive, windows of its length and GC content at random places that keep clear of
 * given intervals. They lie on the positive's own chromosome, or where that has no more such windows on another of the
 * same group (split) that has positives. What is drawn depends on the seed and the set of positives, not on their order.
 */
import { setImmediate } from 'node:timers/promises'
import { DataError } from '../../base/errors.ts'
import { Random } from '../../base/random.ts'
import { encodeSequence, unknown } from '../../sequence/alphabet.ts'
import { hash53 } from '../../sequence/hashTable.ts'
import type { SequenceRecord } from '../../sequence/sequenceSet.ts'
import { fetchWindow } from './bedWindows.ts'
import type { Genome } from './genome.ts'
import type { OccupiedPlaces } from './occupiedPlaces.ts'

/** Bins of GC content (of the known bases), each 5 % wide; the last holds 100 % as well. */
export const gcBins = 20

/** Starts of which the letters are read at once, or random places that are tried at once, at most. */
const placesAtOnce = 1 << 16

export interface GenomicNegativeOptions {
  /** Bases in a window. */
  readonly length: number
  readonly perPositive: number
  /** Largest fraction of unknown bases of a window; of a negative also no more than some positive has. */
  readonly maxUnknown: number
  /** Whether windows of the same letters may come again. */
  readonly repeats: boolean
  readonly seed: number
  /** Negatives may come from another chromosome of the same group. */
  readonly groupOf: (chrom: string) => string
  /** Named in errors. */
  readonly file: string
}

/** Windows still wanted, by GC bin. */
type Wanted = number[]

interface Window {
  readonly bin: number
  readonly unknowns: number
  readonly hash: number
}

export class GenomicNegatives {
  readonly #genome: Genome
  readonly #occupied: OccupiedPlaces
  readonly #options: GenomicNegativeOptions
  readonly #wanted = new Map<string, Wanted>()
  /** Hashes of the letters seen, where windows must not repeat. */
  readonly #seen = new Set<number>()
  readonly #found = new Map<string, number[]>()
  #mostUnknown = 0

  /** @param occupied holds what the windows keep clear of; the windows drawn are added to it */
  constructor(genome: Genome, occupied: OccupiedPlaces, options: GenomicNegativeOptions) {
    this.#genome = genome
    this.#occupied = occupied
    this.#options = options
  }

  /** A positive to draw for; one that preparing drops (too many unknown bases, repeated letters) is passed over. */
  add(chrom: string, sequence: string): void {
    const { bin, unknowns, hash } = describe(encodeSequence(sequence))
    if (unknowns > this.#options.maxUnknown * this.#options.length || this.#isRepeat(hash)) return
    this.#seen.add(hash)
    this.#mostUnknown = Math.max(this.#mostUnknown, unknowns)
    const wanted = this.#wanted.get(chrom) ?? noWindows()
    wanted[bin]! += this.#options.perPositive
    this.#wanted.set(chrom, wanted)
  }

  /**
   * @returns windows in the order of the genome's index and of their places, on strand `+`, named `chrom:start-end`
   * @throws DataError where the genome has not enough of them
   */
  async *draw(): AsyncGenerator<SequenceRecord> {
    const chromosomes = [...this.#genome.chromosomes.keys()].filter((chrom) => this.#wanted.has(chrom))
    const asked = sum([...this.#wanted.values()].flat())
    const missing = new Map<string, Wanted>()
    for (const chrom of chromosomes) {
      const wanted = this.#wanted.get(chrom)!
      await this.#drawFrom(chrom, wanted, 'own')
      const group = this.#options.groupOf(chrom)
      const pooled = missing.get(group) ?? noWindows()
      missing.set(
        group,
        pooled.map((count, bin) => count + wanted[bin]!),
      )
    }
    for (const [group, wanted] of missing) {
      const others = chromosomes.filter((chrom) => this.#options.groupOf(chrom) === group)
      for (const chrom of new Random(this.#options.seed, 'genomic-negatives', group).shuffle(others)) {
        await this.#drawFrom(chrom, wanted, 'other')
      }
    }
    this.#refuseMissing([...missing.values()], asked)
    for (const chrom of chromosomes) {
      for (const start of (this.#found.get(chrom) ?? []).sort((a, b) => a - b)) {
        const end = start + this.#options.length
        const name = `${chrom}:${start}-${end}`
        const sequence = await this.#fetch(chrom, start, end)
        yield { name, sequence, chrom, start, end, strand: '+', file: this.#genome.path }
      }
    }
  }

  async #drawFrom(chrom: string, wanted: Wanted, stream: string): Promise<void> {
    const random = new Random(this.#options.seed, 'genomic-negatives', stream, chrom)
    await this.#fromRandomPlaces(chrom, wanted, random)
    await this.#fromAllPlaces(chrom, wanted, random)
  }

  /** Random places are tried as long as they fill a fair share of what is wanted. */
  async #fromRandomPlaces(chrom: string, wanted: Wanted, random: Random): Promise<void> {
    const places = this.#places(chrom)
    for (;;) {
      const open = sum(wanted)
      const count = Math.min(placesAtOnce, 8 * open)
      if (count === 0 || count > places) return
      const starts = Array.from({ length: count }, () => random.below(places))
      if ((await this.#accept(chrom, starts, wanted)) < Math.min(open, count / 8) / 8) return
    }
  }

  /** Windows at every place are looked at, and some of each bin drawn, until nothing more is found. */
  async #fromAllPlaces(chrom: string, wanted: Wanted, random: Random): Promise<void> {
    while (sum(wanted) > 0) {
      const drawn = wanted.map((): number[] => [])
      const seen = noWindows()
      await this.#eachWindow(chrom, (start, bin) => {
        if (wanted[bin] === 0 || !this.#occupied.isFree(chrom, start)) return
        // Reservoir sampling (Vitter 1985, algorithm R): each window of the bin is drawn with the same probability.
        const capacity = Math.max(64, 4 * wanted[bin]!)
        const slot = seen[bin]! < capacity ? seen[bin]! : random.below(seen[bin]! + 1)
        seen[bin]!++
        if (slot < capacity) drawn[bin]![slot] = start
      })
      if ((await this.#accept(chrom, random.shuffle(drawn.flat()), wanted)) === 0) return
    }
  }

  /** @returns how many of the windows were taken, the first first */
  async #accept(chrom: string, starts: readonly number[], wanted: Wanted): Promise<number> {
    const windows = new Map<number, Window>()
    // In order of place, so that the genome is read ahead.
    for (const start of [...starts].sort((a, b) => a - b)) {
      if (windows.size % 1024 === 0) await setImmediate() // lets signals through
      if (!this.#occupied.isFree(chrom, start)) continue
      windows.set(
        start,
        describe(encodeSequence(await this.#fetch(chrom, start, start + this.#options.length))),
      )
    }
    let accepted = 0
    for (const start of starts) {
      const window = windows.get(start)
      if (window === undefined || wanted[window.bin] === 0 || window.unknowns > this.#unknownLimit()) continue
      if (!this.#occupied.isFree(chrom, start) || this.#isRepeat(window.hash)) continue
      this.#occupied.take(chrom, start)
      this.#seen.add(window.hash)
      const found = this.#found.get(chrom)
      if (found === undefined) this.#found.set(chrom, [start])
      else found.push(start)
      wanted[window.bin]!--
      accepted++
    }
    return accepted
  }

  /** @param visit takes the start and the GC bin of each window that has few enough unknown bases */
  async #eachWindow(chrom: string, visit: (start: number, bin: number) => void): Promise<void> {
    const { length } = this.#options
    const places = this.#places(chrom)
    for (let from = 0; from < places; from += placesAtOnce) {
      await setImmediate() // lets signals through
      const to = Math.min(places, from + placesAtOnce)
      const codes = encodeSequence(await this.#fetch(chrom, from, to - 1 + length))
      let gc = 0
      let unknowns = 0
      for (let at = 0; at < codes.length; at++) {
        if (isGc(codes[at]!)) gc++
        if (codes[at] === unknown) unknowns++
        if (at < length - 1) continue
        if (unknowns <= this.#unknownLimit()) visit(from + at - length + 1, gcBin(gc, length - unknowns))
        const first = codes[at - length + 1]!
        if (isGc(first)) gc--
        if (first === unknown) unknowns--
      }
    }
  }

  #refuseMissing(missing: readonly Wanted[], asked: number): void {
    const byBin = noWindows().map((_, bin) => sum(missing.map((wanted) => wanted[bin]!)))
    const lacking = sum(byBin)
    if (lacking === 0) return
    const bins = byBin.flatMap((count, bin) =>
      count === 0 ? [] : [`${count} of ${(bin * 100) / gcBins} to ${((bin + 1) * 100) / gcBins} % GC`],
    )
    throw new DataError(
      `the genome ${this.#genome.path} gave ${asked - lacking} of ${asked} genomic negatives that keep clear of the intervals and of each other; missing are ${bins.join(', ')}: ask for fewer (--genomic-negatives), choose a smaller --length, or make negatives of the positives (--shuffles 1)`,
      { file: this.#options.file },
    )
  }

  #places(chrom: string): number {
    return Math.max(0, this.#genome.chromosomes.get(chrom)! - this.#options.length + 1)
  }

  #fetch(chrom: string, start: number, end: number): Promise<string> {
    const location = { file: this.#genome.path, sequence: `${chrom}:${start}-${end}` }
    return fetchWindow(this.#genome, chrom, start, end, location)
  }

  #unknownLimit(): number {
    return Math.min(this.#mostUnknown, this.#options.maxUnknown * this.#options.length)
  }

  #isRepeat(hash: number): boolean {
    return !this.#options.repeats && this.#seen.has(hash)
  }
}

function noWindows(): Wanted {
  return new Array<number>(gcBins).fill(0)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function isGc(code: number): boolean {
  return code === 1 || code === 2
}

/** @param known bases that are not unknown; a window without any is in the lowest bin */
function gcBin(gc: number, known: number): number {
  return known === 0 ? 0 : Math.min(gcBins - 1, Math.floor((gc * gcBins) / known))
}

function describe(codes: Uint8Array): Window {
  let gc = 0
  let unknowns = 0
  for (const code of codes) {
    if (isGc(code)) gc++
    if (code === unknown) unknowns++
  }
  return { bin: gcBin(gc, codes.length - unknowns), unknowns, hash: hash53(codes) }
}
