/**
 * Parts in no cluster that lie on a site of a motif all the same: clusters are seeds, of parts that are nearly equal, and a
 * model may keep any bases of a site. What is adopted passes a test against chance.
 */
import { baseCount, complement } from '../sequence/alphabet.ts'
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
    let best: (Adoption & { pValue: number }) | undefined
    for (const [motif, scores] of this.#motifs.entries()) {
      const found = scores.best(part, this.#strands)
      if (found === undefined) continue
      const pValue = Math.min(1, found.pValue * this.#motifs.length)
      if (pValue > falseShare || (best !== undefined && pValue >= best.pValue)) continue
      best = { motif, strand: found.strand, motifOffset: found.motifOffset, pValue }
    }
    return best
  }
}

class MotifScores {
  readonly #width: number
  readonly #offset: number
  readonly #steps: Int32Array // [width, 4]
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
    this.#tailOfSite = this.#newTail(Array.from(ppm.keys()))
  }

  /** @returns the best placement and its p-value, after all placements on all strands */
  best(
    part: KeptPart,
    strands: readonly ('+' | '-')[],
  ): (Placement & { readonly pValue: number }) | undefined {
    const length = part.last - part.first + 1
    const most = part.positions.length
    let tried = 0
    let kept: Scored | undefined
    let whole: Scored | undefined
    for (const strand of strands) {
      for (let start = 1 - length; start < this.#width; start++) {
        const scored = this.#score(part, strand, start)
        if (scored.keptOn < leastOnSite * most) continue
        tried++
        if (kept === undefined || scored.keptSteps > kept.keptSteps) kept = scored
        if (scored.isWhole && (whole === undefined || scored.siteSteps > whole.siteSteps)) whole = scored
      }
    }
    if (kept === undefined) return undefined
    const byKept = this.#tail(kept.columns).of(kept.keptSteps)
    const bySite = whole === undefined ? 1 : this.#tailOfSite.of(whole.siteSteps)
    const { strand, start } = byKept <= bySite ? kept : whole!
    return { strand, motifOffset: start + this.#offset, pValue: 2 * tried * Math.min(byKept, bySite) }
  }

  /** @param start site column of the part's first base as read on this strand */
  #score(part: KeptPart, strand: '+' | '-', start: number): Scored {
    const { codes, first, last, positions } = part
    const columns: number[] = []
    let keptSteps = 0
    for (const position of positions) {
      const column = start + (strand === '+' ? position - first : last - position)
      const code = codes[position]!
      if (column < 0 || column >= this.#width || code >= baseCount) continue
      columns.push(column)
      keptSteps += this.#steps[column * baseCount + (strand === '+' ? code : complement(code))]!
    }
    let siteSteps = 0
    let isWhole = true
    for (let column = 0; column < this.#width; column++) {
      const code = codes[strand === '+' ? first + column - start : last - column + start]
      if (code === undefined || code >= baseCount) {
        isWhole = false
        break
      }
      siteSteps += this.#steps[column * baseCount + (strand === '+' ? code : complement(code))]!
    }
    return { strand, start, columns, keptOn: columns.length, keptSteps, siteSteps, isWhole }
  }

  #tail(columns: readonly number[]): Tail {
    const key = columns.toSorted((a, b) => a - b).join()
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

interface Scored {
  readonly strand: '+' | '-'
  readonly start: number
  /** Site columns that kept bases lie on. */
  readonly columns: readonly number[]
  readonly keptOn: number
  readonly keptSteps: number
  readonly siteSteps: number
  /** Every column of the site has a base in the sequence. */
  readonly isWhole: boolean
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
