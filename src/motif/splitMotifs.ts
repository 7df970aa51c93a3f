/**
 * Motifs whose sites are of two kinds, taken apart: a model may keep the same few bases of two motifs, A-A of AGATAAG and of
 * AAACCACA, and patterns alone cannot tell them from each other.
 */
import { baseCount } from '../sequence/alphabet.ts'
import { inSequences, isSameMotif, type AlignedPart, type AlignedParts } from './mergeMotifs.ts'
import { likenessOf, type SiteCounts } from './likeness.ts'
import { siteBase, siteFlank, type Place } from './sites.ts'

/** A kind has so many members at least, and this share of them. */
const fewestMembers = 5
const leastShare = 0.05
const mostSweeps = 20
/** Members that a first division is looked for in, at most: at even steps of all. */
const mostSampled = 2000

export interface Split extends AlignedParts {
  /** Index of the motif given that it is, or is a part of. */
  readonly from: number
}

/**
 * Each motif is divided in two by the likelihood of its sites (hard expectation-maximisation, begun from the base and column
 * that divide best), and so on. A division stands where it pays by the Bayesian information criterion (Schwarz, Ann. Statist.
 * 6:461, 1978) and the two are not the same within noise, as motifs are that are made one.
 * @returns in the order of the motifs given, of each the larger kind first
 */
export function splitMotifs(
  motifs: readonly AlignedParts[],
  places: readonly Place[],
  composition: readonly number[],
): Split[] {
  return motifs.flatMap((motif, from) => splitOne({ ...motif, from }, places, composition))
}

function splitOne(motif: Split, places: readonly Place[], composition: readonly number[]): Split[] {
  const kinds = divide(motif, places, composition)
  if (kinds === undefined) return [motif]
  return kinds
    .sort((a, b) => b.members.length - a.members.length)
    .flatMap((kind) => splitOne(kind, places, composition))
}

function divide(
  motif: Split,
  places: readonly Place[],
  composition: readonly number[],
): [Split, Split] | undefined {
  const { members, width, from } = motif
  const n = members.length
  const fewest = Math.max(fewestMembers, Math.ceil(leastShare * n))
  if (n < 2 * fewest) return undefined
  const sites = new Sites(members, places, width, composition)
  const division = sites.settled(sites.bestStart(fewest))
  const counts = [sites.counts(division, 0), sites.counts(division, 1)] as const
  if (Math.min(counts[0].nsites, counts[1].nsites) < fewest) return undefined
  const all = sites.counts(undefined, 0)
  const gain = sites.logLikelihood(counts[0]) + sites.logLikelihood(counts[1]) - sites.logLikelihood(all)
  const mixing = counts.reduce((sum, { nsites }) => sum + nsites * Math.log(nsites / n), 0)
  const parameters = (baseCount - 1) * sites.columns + 1
  if (gain + mixing <= (parameters * Math.log(n)) / 2) return undefined
  const options = { overlap: sites.columns, reverseComplements: false }
  if (isSameMotif(likenessOf(counts[0], counts[1], composition, options))) return undefined
  const kindOf = (kind: 0 | 1): Split => ({
    width,
    from,
    members: members.filter((_, i) => division[i] === kind),
  })
  return [kindOf(0), kindOf(1)]
}

/** The bases at the sites of a motif. */
class Sites {
  readonly columns: number
  readonly #n: number
  readonly #bases: Uint8Array // [n, columns], 4 where there is none
  readonly #composition: readonly number[]

  constructor(
    members: readonly AlignedPart[],
    places: readonly Place[],
    width: number,
    composition: readonly number[],
  ) {
    this.columns = width + 2 * siteFlank
    this.#n = members.length
    this.#composition = composition
    this.#bases = new Uint8Array(this.#n * this.columns)
    for (const [i, site] of inSequences(members, places).entries()) {
      for (let column = 0; column < this.columns; column++) {
        this.#bases[i * this.columns + column] = siteBase(site, column - siteFlank) ?? baseCount
      }
    }
  }

  /** @param division kind of each member; undefined for all members */
  counts(division: Uint8Array | undefined, kind: 0 | 1): SiteCounts {
    const counts = Array.from({ length: this.columns }, () => new Array<number>(baseCount).fill(0))
    let nsites = 0
    for (let i = 0; i < this.#n; i++) {
      if (division !== undefined && division[i] !== kind) continue
      nsites++
      for (let column = 0; column < this.columns; column++) {
        const base = this.#bases[i * this.columns + column]!
        if (base < baseCount) counts[column]![base]!++
      }
    }
    return { counts, nsites }
  }

  /** Of sites with these counts, in nats, under their own frequencies. */
  logLikelihood({ counts }: SiteCounts): number {
    let sum = 0
    for (const row of counts) {
      const n = row[0]! + row[1]! + row[2]! + row[3]!
      for (const count of row) if (count > 0) sum += count * Math.log(count / n)
    }
    return sum
  }

  /** Those with a base in a column, and the others: of all bases and columns the pair that gains most. */
  bestStart(fewest: number): Uint8Array {
    const step = Math.max(1, Math.floor(this.#n / mostSampled))
    let best: { column: number; base: number; likelihood: number } | undefined
    for (let column = 0; column < this.columns; column++) {
      for (let base = 0; base < baseCount; base++) {
        const counts = [
          new Float64Array(this.columns * baseCount),
          new Float64Array(this.columns * baseCount),
        ]
        const sizes = [0, 0]
        for (let i = 0; i < this.#n; i += step) {
          const kind = this.#bases[i * this.columns + column] === base ? 0 : 1
          sizes[kind]!++
          for (let other = 0; other < this.columns; other++) {
            const code = this.#bases[i * this.columns + other]!
            // The column itself differs by choice.
            if (code < baseCount && other !== column) counts[kind]![other * baseCount + code]!++
          }
        }
        if (Math.min(...sizes) * step < fewest) continue
        const likelihood = logLikelihoodOf(counts[0]!) + logLikelihoodOf(counts[1]!)
        if (best === undefined || likelihood > best.likelihood) best = { column, base, likelihood }
      }
    }
    const { column, base } = best ?? { column: 0, base: 0 }
    return Uint8Array.from({ length: this.#n }, (_, i) =>
      this.#bases[i * this.columns + column] === base ? 0 : 1,
    )
  }

  /** Each member to the kind under which its site is likelier, until none moves. */
  settled(start: Uint8Array): Uint8Array {
    let division = start
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      const scores = ([0, 1] as const).map((kind) => this.#logProbabilities(this.counts(division, kind)))
      const next = Uint8Array.from({ length: this.#n }, (_, i) => {
        let lead = 0
        for (let column = 0; column < this.columns; column++) {
          const base = this.#bases[i * this.columns + column]!
          if (base >= baseCount) continue
          lead += scores[1]![column * baseCount + base]! - scores[0]![column * baseCount + base]!
        }
        return lead > 0 ? 1 : 0
      })
      const isSettled = next.every((kind, i) => kind === division[i])
      division = next
      if (isSettled) break
    }
    return division
  }

  #logProbabilities({ counts }: SiteCounts): Float64Array {
    return Float64Array.from(counts.flat(), (count, i) => {
      const row = counts[Math.floor(i / baseCount)]!
      const n = row[0]! + row[1]! + row[2]! + row[3]!
      return Math.log((count + this.#composition[i % baseCount]!) / (n + 1))
    })
  }
}

function logLikelihoodOf(counts: Float64Array): number {
  let sum = 0
  for (let column = 0; column < counts.length; column += baseCount) {
    const n = counts[column]! + counts[column + 1]! + counts[column + 2]! + counts[column + 3]!
    for (let base = 0; base < baseCount; base++) {
      const count = counts[column + base]!
      if (count > 0) sum += count * Math.log(count / n)
    }
  }
  return sum
}
