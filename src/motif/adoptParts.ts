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

  /** @param composition [4], of the sequences that the sites lie in; each above 0 */
  constructor(motifs: readonly SiteModel[], composition: readonly number[], reverseComplements: boolean) {
    this.#motifs = motifs.map((motif) => new MotifScores(motif, composition))
    this.#strands = reverseComplements ? ['+', '-'] : ['+']
  }

  /** @returns undefined where no motif passes */
  adopt(part: KeptPart): Adoption | undefined {
    const reads = this.#strands.map((strand) => readOn(part, strand))
    let best: (Adoption & { pValue: number }) | undefined
    for (const [motif, scores] of this.#motifs.entries()) {
      const found = scores.best(reads, falseShare / this.#motifs.length)
      if (found === undefined) continue
      const pValue = Math.min(1, found.pValue * this.#motifs.length)
      if (pValue > falseShare || (best !== undefined && pValue >= best.pValue)) continue
      best = { motif, strand: found.strand, motifOffset: found.motifOffset, pValue }
    }
    return best
  }
}

/** A part as read on a strand. */
interface Read {
  readonly strand: '+' | '-'
  /** Of the kept bases from the first one so read on, by ascending position. */
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
  const offsets = Int32Array.from(positions, (position) => (isForward ? position - first : last - position))
  return {
    strand,
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
  readonly #composition: readonly number[]
  readonly #tails = new Map<string, Tail>()
  /** Of all columns. */
  readonly #tailOfSite: Tail

  constructor({ ppm, offset }: SiteModel, composition: readonly number[]) {
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
    this.#tailOfSite = this.#newTail(Array.from(ppm.keys()))
  }

  /** @returns the best placement and its p-value, after all placements on all strands; undefined where that is above `most` */
  best(reads: readonly Read[], most: number): (Placement & { readonly pValue: number }) | undefined {
    let tried = 0
    let kept: Placed | undefined
    let keptSteps = -Infinity
    let whole: Placed | undefined
    let wholeSteps = -Infinity
    for (const read of reads) {
      const { offsets } = read
      const length = Math.max(offsets[0]!, offsets[offsets.length - 1]!) + 1
      const fewest = leastOnSite * offsets.length
      for (let start = 1 - length; start < this.#width; start++) {
        const steps = this.#keptSteps(read, start, fewest)
        if (steps === undefined) continue
        tried++
        if (steps > keptSteps) {
          keptSteps = steps
          kept = { read, start }
        }
        const ofSite = this.#siteSteps(read, start)
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

  /**
   * @param start site column of the part's first base
   * @returns of the kept bases on the site; undefined where there are fewer of them
   */
  #keptSteps({ offsets, bases }: Read, start: number, fewest: number): number | undefined {
    const width = this.#width
    let on = 0
    let steps = 0
    for (let i = 0; i < offsets.length; i++) {
      const column = start + offsets[i]!
      const base = bases[i]!
      if (column < 0 || column >= width || base >= baseCount) continue
      on++
      steps += this.#steps[column * baseCount + base]!
    }
    return on < fewest ? undefined : steps
  }

  /** @returns of all bases at the site; -Infinity where a column has none */
  #siteSteps({ sequence, first }: Read, start: number): number {
    const from = first - start
    if (from < 0 || from + this.#width > sequence.length) return -Infinity
    let steps = 0
    for (let column = 0; column < this.#width; column++) {
      const base = sequence[from + column]!
      if (base >= baseCount) return -Infinity
      steps += this.#steps[column * baseCount + base]!
    }
    return steps
  }

  /** @returns P(a random sequence's bases in the kept columns reach so many steps), or 1 where that is surely above `most` */
  #byKept({ read, start }: Placed, steps: number, most: number): number {
    const columns: number[] = []
    let least = 1 // each base reaches what is there
    for (const [i, offset] of read.offsets.entries()) {
      const column = start + offset
      const base = read.bases[i]!
      if (column < 0 || column >= this.#width || base >= baseCount) continue
      columns.push(column)
      least *= this.#chances[column * baseCount + base]!
    }
    return least > (1 + 1e-9) * most ? 1 : this.#tail(columns).of(steps)
  }

  #tail(columns: readonly number[]): Tail {
    const ascending = columns.toSorted((a, b) => a - b)
    const key = ascending.join()
    let tail = this.#tails.get(key)
    if (tail === undefined) {
      tail = this.#newTail(ascending)
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
      for (const [base, step] of steps.entries()) {
        for (const [sum, share] of shares.entries()) next[sum + step - least]! += share * composition[base]!
      }
      shares = next
    }
    for (let sum = shares.length - 2; sum >= 0; sum--) shares[sum]! += shares[sum + 1]!
    this.#tails = shares
  }

  of(steps: number): number {
    return Math.min(1, this.#tails[steps - this.#least] ?? 0)
  }
}
