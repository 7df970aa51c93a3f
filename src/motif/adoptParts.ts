/**
 * Parts in no cluster that lie on a site of a motif all the same: clusters are seeds, of parts that are nearly equal, and a
 * model may keep any bases of a site. What is adopted passes a test against chance.
 */
import { baseCount, reverseComplement } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import type { Place, Placement } from './sites.ts'

/** Of all parts that are none of a motif's, the share that may be adopted by chance, whatever the number of motifs. */
const falseShare = 0.05
/** Of a part's kept bases, the share that must lie on the motif's columns. */
const leastOnSite = 0.5
/** Log-odds are cut into steps of this many bits for their null distribution. */
const bitsPerStep = 0.1

/** What a motif's sites look like. */
export interface SiteModel {
  /** Probabilities of the sequences' bases at the sites, [columns][4], each above 0. */
  readonly ppm: Matrix
  /** Motif column of the first row. */
  readonly offset: number
}

export interface KeptPart extends Place {
  /** Kept by the SIS, ascending, 0-based. */
  readonly positions: readonly number[]
}

export interface Adoption extends Placement {
  /** Index of the motif. */
  readonly motif: number
}

/**
 * A part is adopted by the motif with the lowest p-value, if that is at most 0.05 after all placements and motifs tried.
 * Two tests, each at half the level: of the log-odds of the kept bases alone, and of all bases that the sequence has at the site.
 * The null draws bases from the composition; its distribution is exact up to steps of a tenth of a bit.
 */
export class PartAdopter {
  readonly #motifs: readonly MotifScores[]
  readonly #strands: readonly ('+' | '-')[]
  /** The largest p-value, before any correction for their number, with which a motif adopts. */
  readonly #most: number

  /** @param composition [4], of the sequences that the sites lie in; each above 0 */
  constructor(motifs: readonly SiteModel[], composition: readonly number[], reverseComplements: boolean) {
    this.#most = falseShare / motifs.length
    this.#motifs = motifs.map((motif) => new MotifScores(motif, composition, this.#most))
    this.#strands = reverseComplements ? ['+', '-'] : ['+']
  }

  /** @returns undefined where no motif passes */
  adopt(part: KeptPart): Adoption | undefined {
    const reads = this.#strands.map((strand) => readOn(part, strand))
    let best: (Adoption & { pValue: number }) | undefined
    for (const [motif, scores] of this.#motifs.entries()) {
      const found = scores.best(reads)
      if (found === undefined) continue
      if (best !== undefined && found.pValue >= best.pValue) continue
      best = { motif, ...found }
    }
    return best
  }
}

/** A part as read on a strand. */
interface Read {
  readonly strand: '+' | '-'
  /** Columns from its first to its last kept base. */
  readonly length: number
  /** Bases kept, unknown ones among them. */
  readonly kept: number
  /** Of the known ones of these: columns from the first kept base on, ascending. */
  readonly offsets: Int32Array
  readonly bases: Uint8Array
  /** The bases of the whole sequence, and which one the part's first is. */
  readonly sequence: Uint8Array
  readonly first: number
}

function readOn({ codes, positions, first, last }: KeptPart, strand: '+' | '-'): Read {
  const isForward = strand === '+'
  const sequence = isForward ? codes : reverseComplement(codes)
  const from = isForward ? first : codes.length - 1 - last
  const known = positions.filter((position) => codes[position]! < baseCount)
  const offsets = Int32Array.from(known, (position) => (isForward ? position - first : last - position))
  if (!isForward) offsets.reverse()
  return {
    strand,
    length: last - first + 1,
    kept: positions.length,
    offsets,
    bases: Uint8Array.from(offsets, (offset) => sequence[from + offset]!),
    sequence,
    first: from,
  }
}

class MotifScores {
  readonly #width: number
  readonly #offset: number
  readonly #steps: Int32Array // [width, 4]
  /** P(a random base's steps >= those of this one). */
  readonly #chances: Float64Array // [width, 4]
  /** Columns, those first in which the steps of bases differ most. */
  readonly #tellingFirst: Int32Array // [width]
  /** The most steps of the columns after so many of these. */
  readonly #mostAfter: Int32Array // [width]
  readonly #composition: readonly number[]
  readonly #tails = new Map<string, Tail>()
  /** Of all columns. */
  readonly #tailOfSite: Tail
  /** Fewer steps of a site pass at no number of placements. */
  readonly #leastOfSite: number
  readonly #most: number

  constructor({ ppm, offset }: SiteModel, composition: readonly number[], most: number) {
    this.#most = most
    this.#width = ppm.length
    this.#offset = offset
    this.#composition = composition
    this.#steps = Int32Array.from(ppm.flat(), (p, i) =>
      Math.round(Math.log2(p / composition[i % baseCount]!) / bitsPerStep),
    )
    this.#chances = Float64Array.from(this.#steps, (step, i) => {
      const row = i - (i % baseCount)
      return composition.reduce((sum, share, base) => sum + (this.#steps[row + base]! >= step ? share : 0), 0)
    })
    const rows = ppm.map((_, column) => this.#steps.subarray(column * baseCount, (column + 1) * baseCount))
    const spreads = rows.map((row) => Math.max(...row) - Math.min(...row))
    this.#tellingFirst = Int32Array.from(rows.keys()).sort((a, b) => spreads[b]! - spreads[a]! || a - b)
    this.#mostAfter = new Int32Array(rows.length)
    for (let i = rows.length - 2; i >= 0; i--) {
      this.#mostAfter[i] = this.#mostAfter[i + 1]! + Math.max(...rows[this.#tellingFirst[i + 1]!]!)
    }
    this.#tailOfSite = this.#newTail(Array.from(ppm.keys()))
    this.#leastOfSite = this.#tailOfSite.leastWithin(most / 2)
  }

  /** @returns the best placement and its p-value, after all placements on all strands; undefined where that is too large */
  best(reads: readonly Read[]): (Placement & { readonly pValue: number }) | undefined {
    const width = this.#width
    const steps = this.#steps
    const most = this.#most
    let tried = 0
    let kept: Placed | undefined
    let keptSteps = -Infinity
    let whole: Placed | undefined
    let wholeSteps = -Infinity
    for (const read of reads) {
      const { offsets, bases, length } = read
      const fewest = leastOnSite * read.kept
      let from = offsets.length // of the bases that lie on the site
      let to = offsets.length
      for (let start = 1 - length; start < width; start++) {
        while (from > 0 && start + offsets[from - 1]! >= 0) from--
        while (to > from && start + offsets[to - 1]! >= width) to--
        if (to - from < fewest) continue
        tried++
        let sum = 0
        for (let i = from; i < to; i++) sum += steps[(start + offsets[i]!) * baseCount + bases[i]!]!
        if (sum > keptSteps) {
          keptSteps = sum
          kept = { read, start }
        }
        const ofSite = this.#siteSteps(read, start, Math.max(this.#leastOfSite, wholeSteps + 1))
        if (ofSite > wholeSteps) {
          wholeSteps = ofSite
          whole = { read, start }
        }
      }
    }
    if (kept === undefined) return undefined
    const bySite = whole === undefined ? 1 : this.#tailOfSite.of(wholeSteps)
    const byKept = this.#byKept(kept, keptSteps, Math.min(bySite, most / (2 * tried)))
    const pValue = 2 * tried * Math.min(byKept, bySite)
    if (pValue > most) return undefined
    const { read, start } = byKept <= bySite ? kept : whole!
    return { strand: read.strand, motifOffset: start + this.#offset, pValue }
  }

  /** @returns of all bases at the site; -Infinity where a column has none, or where it is below `least` */
  #siteSteps({ sequence, first }: Read, start: number, least: number): number {
    const from = first - start
    const width = this.#width
    if (from < 0 || from + width > sequence.length) return -Infinity
    let sum = 0
    for (let i = 0; i < width; i++) {
      const column = this.#tellingFirst[i]!
      const base = sequence[from + column]!
      if (base >= baseCount) return -Infinity
      sum += this.#steps[column * baseCount + base]!
      if (sum + this.#mostAfter[i]! < least) return -Infinity
    }
    return sum
  }

  /** @returns P(a random sequence's bases in the kept columns reach so many steps), or 1 where that is surely above `most` */
  #byKept({ read: { offsets, bases }, start }: Placed, steps: number, most: number): number {
    const columns: number[] = []
    let least = 1 // each base reaches what is there
    for (let i = 0; i < offsets.length; i++) {
      const column = start + offsets[i]!
      if (column < 0 || column >= this.#width) continue
      columns.push(column)
      least *= this.#chances[column * baseCount + bases[i]!]!
    }
    return least > (1 + 1e-9) * most ? 1 : this.#tail(columns).of(steps)
  }

  /** @param columns ascending */
  #tail(columns: readonly number[]): Tail {
    const key = columns.join()
    let tail = this.#tails.get(key)
    if (tail === undefined) {
      tail = this.#newTail(columns)
      this.#tails.set(key, tail)
    }
    return tail
  }

  #newTail(columns: readonly number[]): Tail {
    return new Tail(
      columns.map((column) => this.#steps.subarray(column * baseCount, (column + 1) * baseCount)),
      this.#composition,
    )
  }
}

interface Placed {
  readonly read: Read
  /** Site column of the part's first base. */
  readonly start: number
}

/** P(the sum over columns of a random base's steps >= steps). */
class Tail {
  readonly #least: number
  readonly #tails: Float64Array

  constructor(columns: readonly Int32Array[], composition: readonly number[]) {
    this.#least = columns.reduce((sum, steps) => sum + Math.min(...steps), 0)
    let shares = Float64Array.of(1)
    for (const steps of columns) {
      const least = Math.min(...steps)
      const next = new Float64Array(shares.length + Math.max(...steps) - least)
      for (let base = 0; base < baseCount; base++) {
        const by = steps[base]! - least
        const probability = composition[base]!
        for (let sum = 0; sum < shares.length; sum++) next[sum + by]! += shares[sum]! * probability
      }
      shares = next
    }
    for (let sum = shares.length - 2; sum >= 0; sum--) shares[sum]! += shares[sum + 1]!
    this.#tails = shares
  }

  /** @returns the fewest steps whose probability is not above this */
  leastWithin(most: number): number {
    const at = this.#tails.findIndex((tail) => Math.min(1, tail) <= most)
    return this.#least + (at < 0 ? this.#tails.length : at)
  }

  of(steps: number): number {
    return Math.min(1, this.#tails[steps - this.#least] ?? 0)
  }
}
